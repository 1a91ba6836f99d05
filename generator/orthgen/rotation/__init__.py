"""Rotation of secrets in a running deployment: what happens for each, in which order, and who notices."""
