"""Names of container images, in Docker's spelling."""

from __future__ import annotations

from msgspec import Struct

from orthgen.errors import OrthgenError

DOCKER_HUB = "docker.io"


class ImageReference(Struct, frozen=True):
    """An image by registry, repository and tag; an image without a registry is on Docker Hub."""

    registry: str
    repository: str
    tag: str


def split_registry(image: str) -> tuple[str, str]:
    """The registry of an image, and its name there with what follows it."""
    first, slash, rest = image.partition("/")
    # Docker's own rule: the part before the first slash is a host if a dot or a port shows it.
    has_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return (first, rest) if has_host else (DOCKER_HUB, image)


def parse_reference(image: str) -> ImageReference:
    """The parts of `[HOST[:PORT]/]NAME[:TAG]`; raises OrthgenError for a name without its parts."""
    registry, path = split_registry(image)
    name, colon, tag = path.rpartition(":")
    repository = name if colon else path
    if not repository or not registry.strip(":") or "@" in path:
        raise OrthgenError(f"`{image}` is not the name of an image", hint="write `name:tag`")
    if registry == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    return ImageReference(registry, repository, tag if colon else "latest")
