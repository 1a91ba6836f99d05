"""OHIF: its app-config.js, its messages, and the server of its container."""
