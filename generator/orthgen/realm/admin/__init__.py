"""Connection to a Keycloak server: sign-in, requests, retries, representations."""
