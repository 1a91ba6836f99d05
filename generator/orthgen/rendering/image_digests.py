"""Digests of images from their registries or from a file, with every failure at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.catalogue.digest_lock import digests_in
from orthgen.errors import OrthgenError, RegistryError
from orthgen.registry.client import Registry
from orthgen.registry.credentials import credentials_for
from orthgen.registry.reference import DOCKER_HUB, ImageReference, parse_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# The images of a deployment are few, and registries limit the requests of one client.
_MAX_THREADS = 4


class RegistryDigests(Struct, frozen=True):
    """
    Digests from the images' own registries, or of Docker Hub's images from a mirror.

    `platforms` are those that every image must have. `token` is for Docker Hub or its mirror.
    """

    platforms: tuple[str, ...] = ()
    mirror: str = ""
    token: str = ""
    ca_file: Path | None = None

    def __repr__(self) -> str:
        """Without the token."""
        return f"RegistryDigests({self.mirror or 'the registries of the images'})"

    def __call__(self, images: Sequence[str]) -> Mapping[str, str]:
        """The digest of each image; raises the gravest error with the failures of all."""
        references = {image: parse_reference(image) for image in images}
        registries = {host: self._registry(host) for host in {each.registry for each in references.values()}}

        def ask(image: str) -> str | OrthgenError:
            reference = references[image]
            try:
                return self._digest(registries[reference.registry], image, reference)
            except OrthgenError as error:
                return error

        with ThreadPoolExecutor(_MAX_THREADS) as pool:
            answers = dict(zip(images, pool.map(ask, images), strict=True))
        failures = [answer for answer in answers.values() if isinstance(answer, OrthgenError)]
        if failures:
            raise _together(failures)
        return {image: answer for image, answer in answers.items() if isinstance(answer, str)}

    def _registry(self, host: str) -> Registry:
        if host == DOCKER_HUB and self.mirror:
            name = self.mirror.partition("//")[2].strip("/")
            credentials = credentials_for(name)
            return Registry(
                name, address=self.mirror, credentials=credentials, token=self.token, ca_file=self.ca_file
            )
        # A token is for one registry, so no other gets it.
        token = self.token if host == DOCKER_HUB else ""
        return Registry(host, credentials=credentials_for(host), token=token, ca_file=self.ca_file)

    def _digest(self, registry: Registry, image: str, reference: ImageReference) -> str:
        if not self.platforms:
            return registry.digest(reference)
        answer = registry.platforms(reference)
        missing = [
            platform
            for platform in self.platforms
            if not any(name == platform or name.startswith(f"{platform}/") for name in answer.names)
        ]
        if missing:
            raise OrthgenError(
                f"`{image}` has no {' and no '.join(missing)}: it is for {', '.join(answer.names) or 'no platform'}",
                hint="choose a release whose images are for these machines, or leave out the `--platform`",
            )
        return answer.digest


def _together(failures: Sequence[OrthgenError]) -> OrthgenError:
    """One error for all failures; its exit code is that of the first registry's failure, if there is one."""
    first = next((failure for failure in failures if isinstance(failure, RegistryError)), failures[0])
    messages = list(dict.fromkeys(failure.message for failure in failures))
    if len(messages) == 1:
        return first
    lines = "".join(f"\n  {message}" for message in messages)
    return type(first)(f"the digests of {len(failures)} images are not known:{lines}", hint=first.hint)


def file_digests(path: Path, read: Callable[[Path], str]) -> Callable[[Sequence[str]], Mapping[str, str]]:
    """Digests from a file: each `image:tag@sha256:…` and each `image:tag: sha256:…` in it."""
    digests = digests_in(read(path))

    def ask(images: Sequence[str]) -> Mapping[str, str]:
        missing = [image for image in images if image not in digests]
        if missing:
            raise OrthgenError(
                f"`{path}` has no digest of {', '.join(f'`{image}`' for image in missing)}",
                hint="write one line `image:tag@sha256:…` for each; `docker buildx imagetools inspect IMAGE` shows a digest",
            )
        return {image: digests[image] for image in images}

    return ask
