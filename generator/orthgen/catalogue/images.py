"""
Facts about container images that a compose file needs, read off Dockerfiles and entrypoints.

`images.json` holds them, each with its source; an image may have several entries where a version changed
something. Commands are written as a shell would read them: a compose file has to double their `$`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.catalogue import data
from orthgen.catalogue.versions import at_least

if TYPE_CHECKING:
    from collections.abc import Mapping


class WritablePath(Struct, frozen=True):
    """A directory that has to be writable below a read-only root, in memory: `size` as Docker writes it."""

    path: str
    size: str
    mode: str
    executable: bool
    why: str

    def option(self, user: str) -> str:
        """The entry of a compose file's `tmpfs` list, for a container that runs as `user` (`uid:gid`)."""
        # Docker mounts a tmpfs noexec unless told otherwise, and gives it to root.
        options = [f"size={self.size}", f"mode={self.mode}"]
        if self.mode != "1777":
            uid, _, gid = user.partition(":")
            options += [f"uid={uid}", f"gid={gid or uid}"]
        if self.executable:
            options.append("exec")
        return f"{self.path}:{','.join(options)}"


class HealthCheck(Struct, frozen=True):
    """
    A check of a container's health.

    `test` works inside the image and is written as compose takes it, `start_period` as Docker writes it. `port` and `path` are
    the same check as a request from outside; 0 where the service speaks no http.
    """

    test: tuple[str, ...]
    start_period: str
    why: str
    port: int = 0
    path: str = ""


class Secrets(Struct, frozen=True):
    """
    The form in which the image reads a secret from a file.

    `how` is `named-file` (a file in `directory` named as `names` says), `file-variable` (a variable that
    `names` gives, holding the file's path), `wrapper` (the image's entry point of ours exports each file
    under its name), `file` (named in a configuration file) or `none`. `names` leads from a setting to the
    name that carries it; `value` says what becomes of the text.
    """

    how: str
    directory: str
    pattern: str
    names: Mapping[str, str]
    value: str
    why: str


class Image(Struct, frozen=True):
    """
    An image of a release.

    `user` is the `uid:gid` to run as, `capabilities` those that are left to add after dropping all,
    `volume` the path of the data to keep, `mounted` files that the deployment has to supply (path to the
    reason), `paths` where the image looks for what we give it, `entrypoint` ours where the image's own
    does not serve, `environment` what to set always, `never` what not to set (name to the reason).
    """

    name: str
    reference: str
    shipped_user: str
    user: str
    capabilities: tuple[str, ...]
    ports: Mapping[str, int]
    volume: str | None
    writable: tuple[WritablePath, ...]
    mounted: Mapping[str, str]
    paths: Mapping[str, str]
    health: HealthCheck | None
    secrets: Secrets
    entrypoint: tuple[str, ...]
    environment: Mapping[str, str]
    never: Mapping[str, str]
    notes: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def tag(self) -> str:
        """The part of the reference after the colon."""
        return tag_of(self.reference)

    @property
    def tmpfs(self) -> tuple[str, ...]:
        """The entries of a compose file's `tmpfs` list, for a container that runs as `user`."""
        return tuple(path.option(self.user) for path in self.writable)


def tag_of(reference: str) -> str:
    """The tag in a reference of the catalogue, `NAME:TAG`."""
    return reference.rpartition(":")[2]


def image(name: str, reference: str) -> Image:
    """
    The facts of image `name` (`orthanc`, `ohif`, …) at the tag of `reference`.

    Raises LookupError where the catalogue knows nothing of the name or only of newer tags.
    """
    tag = tag_of(reference)
    entries = [entry for entry in data.read("images").get(name, ()) if at_least(tag, entry["since"])]
    if not entries:
        raise LookupError(f"no facts about image `{name}` at `{reference}`")
    return _image(name, reference, entries[-1])


def _image(name: str, reference: str, entry: dict[str, Any]) -> Image:
    health, secrets = entry["health"], entry["secrets"]
    return Image(
        name=name,
        reference=reference,
        shipped_user=entry["user"]["shipped"],
        user=entry["user"]["run-as"],
        capabilities=tuple(entry["capabilities"]),
        ports=entry["ports"],
        volume=entry["volume"]["path"] if entry["volume"] else None,
        writable=tuple(
            WritablePath(path["path"], path["size"], path["mode"], path["exec"], path["why"])
            for path in entry["writable"]
        ),
        mounted={file["path"]: file["why"] for file in entry["mounted"]},
        paths=entry["paths"],
        health=_health(health) if health else None,
        secrets=Secrets(**secrets),
        entrypoint=tuple(entry.get("entrypoint", ())),
        environment=entry["environment"],
        never=entry["never"],
        notes=tuple(entry["notes"]),
        sources=tuple(entry["sources"]),
    )


def _health(entry: dict[str, Any]) -> HealthCheck:
    return HealthCheck(
        tuple(entry["test"]), entry["start-period"], entry["why"], entry.get("port", 0), entry.get("path", "")
    )
