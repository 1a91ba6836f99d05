"""Container registries: the digests and platforms of images, by the OCI distribution API."""
