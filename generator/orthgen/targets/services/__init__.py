"""The services of a deployment, with their files, secrets, volumes and limits: what every target runs."""
