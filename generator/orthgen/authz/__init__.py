"""Who may do what, and why: a model of Orthanc's authorization plugin and of its auth-service. Pure."""
