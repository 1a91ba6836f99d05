"""The vocabulary of change: what is there, what should be, and the steps between. Knows no Keycloak and no files."""
