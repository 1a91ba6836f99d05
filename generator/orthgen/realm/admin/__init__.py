"""The connection to a Keycloak server: sign-in, requests, retries, and the representations that it answers."""
