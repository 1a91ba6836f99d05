"""orthgen: one YAML profile of an institution becomes a whole, consistent Orthanc deployment."""

__version__ = "0.1.0"
