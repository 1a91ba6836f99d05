"""Rendering of profiles into the files of their deployments."""
