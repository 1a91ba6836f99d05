"""
The lock of image digests: `orthgen.lock` beside the profiles, one line `image:tag: sha256:…` each.

An image that the lock names is rendered as `image:tag@sha256:…`, so that what was tested is what runs. Where there is
a lock it names every image of the deployment. `orthgen lock` writes it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.catalogue.release import load, releases
from orthgen.errors import InputError, system_reason
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.yaml_io import Document, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LOCK = "orthgen.lock"
_DIGEST = r"sha256:[0-9a-f]{64}"
_PINNED = r"""(?P<image>[A-Za-z0-9][\w./-]*(?::\d+/[\w./-]+)?:[\w][\w.-]*)["']?(?:@|:[ ]+["']?)(?P<digest>sha256:[0-9a-f]{64})"""
_HEADER = """\
# Digests of the container images, written by `orthgen lock`. Each stands for the image on every platform.
"""


INVALID_LOCK = Rule(
    "invalid-lock",
    Severity.ERROR,
    summary="`orthgen.lock` beside the profile cannot be read, or a line of it has no digest.",
    remedy="Write one line `image:tag: sha256:…` for each image, or delete the file and run `orthgen lock PROFILE`.",
    file="orthgen.lock",
    example="""
        - sha256:
        + sha512:
    """,
)
IMAGE_WITHOUT_DIGEST = Rule(
    "image-without-digest",
    Severity.ERROR,
    summary="There is an `orthgen.lock`, and it does not name an image of the deployment.",
    remedy="Run `orthgen lock PROFILE`, or add the line that the finding names.",
    file="orthgen.lock",
    example="""
        - nginx:
        + ngnix:
    """,
)
STALE_LOCK_LINE = Rule(
    "stale-lock-line",
    Severity.WARNING,
    summary="`orthgen.lock` names an image that the release does not have.",
    remedy="Run `orthgen lock --prune` with every profile of the folder: it removes lines that no profile needs.",
    file="orthgen.lock",
    example="""
        + ngnix:1.30.6: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    """,
)


class Lock(Struct, frozen=True):
    """A lock as it was read: image to digest, and the document for its places."""

    digests: Mapping[str, str]
    document: Document

    def check(self, images: Iterable[str], release: str) -> tuple[Finding, ...]:
        """
        Warnings for lines that pin no image of the release; raises InputError for images that no line pins.

        `images` are those of the deployment, `release` is its release.
        """
        missing = [image for image in dict.fromkeys(images) if image not in self.digests]
        if missing:
            file = self.document.file
            findings = [
                Finding(
                    IMAGE_WITHOUT_DIGEST,
                    f"`{image}` has no digest",
                    Location(file, 1, 1),
                    _how_to_pin(image),
                )
                for image in missing
            ]
            raise InputError(f"`{file}` does not name every image of release {release}", findings)
        used = set(load(release).images.values())
        return tuple(self._stale(image, release) for image in self.digests if image not in used)

    def _stale(self, image: str, release: str) -> Finding:
        other_releases = [name for name in releases() if image in load(name).images.values()]
        hint = (
            f"remove the line, unless a profile beside it is on release {' or '.join(other_releases)}"
            if other_releases
            else "remove the line, or correct the name: no release has such an image"
        )
        place = self.document.locate((image,), key=True)
        return Finding(STALE_LOCK_LINE, f"`{image}` is not an image of release {release}", place, hint)


def _how_to_pin(image: str) -> str:
    return f"run `orthgen lock` with the profile, or add the line `{image}: sha256:…`"


def is_digest(text: object) -> bool:
    """Whether the text is a digest as a lock has it."""
    return isinstance(text, str) and re.fullmatch(_DIGEST, text) is not None


def digests_in(text: str) -> dict[str, str]:
    """
    Every digest that a text gives an image: `image:tag@sha256:…` or `image:tag: sha256:…`.

    So it reads a lock, a Compose file with digests, and lists that registries' tools print.
    """
    return {match["image"]: match["digest"] for match in re.finditer(_PINNED, text)}


def read_lock(folder: Path) -> Lock | None:
    """The lock in `folder`; None without one. Raises InputError where it is malformed."""
    path = folder / LOCK
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(
            f"cannot read `{path}`", [Finding(INVALID_LOCK, reason, Location(str(path), 1, 1))]
        ) from error
    document, findings = parse_yaml(text, str(path))
    if not findings and not isinstance(document.value, dict):
        findings = [
            Finding(
                INVALID_LOCK, "a lock is a mapping", Location(str(path), 1, 1), "write `image:tag: sha256:…`"
            )
        ]
    for image, digest in (document.value or {}).items() if not findings else ():
        if not is_digest(digest):
            hint = "a digest is `sha256:` and 64 hexadecimal digits"
            findings.append(
                Finding(INVALID_LOCK, f"`{image}` has no digest", document.locate((image,)), hint)
            )
    if findings:
        raise InputError(f"`{path}` is not a lock of image digests", findings, texts={str(path): text})
    return Lock({str(image): str(digest) for image, digest in document.value.items()}, document)


def with_digests(lock: Lock | None, digests: Mapping[str, str]) -> str:
    """The text of a lock with exactly these digests; lines that stay keep their order and comments."""
    if lock is None:
        return _HEADER + "".join(f"{image}: {digest}\n" for image, digest in sorted(digests.items()))
    lines = lock.document.text.splitlines(keepends=True)
    dropped = set()
    for image, digest in lock.digests.items():
        place = lock.document.locate((image,))
        if image not in digests:
            dropped |= {lock.document.locate((image,), key=True).line - 1, place.line - 1}
        else:
            line = lines[place.line - 1]
            lines[place.line - 1] = line[: place.column - 1] + line[place.column - 1 :].replace(
                digest, digests[image], 1
            )
    text = "".join(line for number, line in enumerate(lines) if number not in dropped)
    added = sorted(set(digests) - set(lock.digests))
    return (
        text
        + ("" if text.endswith("\n") or not text else "\n")
        + "".join(f"{image}: {digests[image]}\n" for image in added)
    )
