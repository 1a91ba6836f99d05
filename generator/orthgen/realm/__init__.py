"""The realm: declared once, rendered as realm.json and provisioned through Keycloak's admin API."""
