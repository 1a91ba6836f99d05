"""Model of Orthanc's authorization plugin and of its auth-service: decisions with their reasons. Pure."""
