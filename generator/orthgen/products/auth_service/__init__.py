"""The auth-service: its start script, its environment and its permissions."""
