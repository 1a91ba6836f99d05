"""From profiles to the files of their deployments."""
