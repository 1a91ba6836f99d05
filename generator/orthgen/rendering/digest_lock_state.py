"""
Locks of image digests for profiles: missing, outdated and stale entries, and the text that a lock should have.

Reads the profiles and their locks; writes nothing. The caller says where new digests come from.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.catalogue import load as load_release
from orthgen.catalogue import releases
from orthgen.catalogue.digest_lock import LOCK, read_lock, with_digests
from orthgen.deployment.resolve import resolve
from orthgen.profile.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from orthgen.catalogue.digest_lock import Lock

    Digests = Callable[[Sequence[str]], Mapping[str, str]]


class ImageState(StrEnum):
    """The state of an image in a lock."""

    ADDED = "added"
    """The lock did not have it."""
    UPDATED = "updated"
    """The tag has another digest now."""
    KEPT = "kept"
    MISSING = "missing"
    """The lock does not have it, and no digest was asked for."""
    STALE = "stale"
    """No release of the profiles has the image; `--prune` removes it."""
    REMOVED = "removed"


class LockedImage(Struct, frozen=True):
    """One image of a lock: the digest that it should have, and the digest that it had."""

    image: str
    state: ImageState
    digest: str
    before: str


class LockPlan(Struct, frozen=True):
    """One lock: its images, its text and the text that it should have."""

    path: Path
    images: tuple[LockedImage, ...]
    before: str
    after: str

    @property
    def is_current(self) -> bool:
        """Whether the file needs no change."""
        return self.before == self.after and all(
            image.state is not ImageState.MISSING for image in self.images
        )


def lock_plans(
    profiles: Iterable[str], digests: Digests | None, *, update: bool, prune: bool
) -> tuple[LockPlan, ...]:
    """
    One plan for the lock of each folder with profiles.

    `digests` gives the digests of images: with `update` of all, else of those that the lock does not have. Without it
    such images are missing.
    """
    folders: dict[Path, list[str]] = {}
    for profile in profiles:
        folders.setdefault(Path(profile).parent, []).append(profile)
    return tuple(
        _plan(folder, paths, digests, update=update, prune=prune) for folder, paths in folders.items()
    )


def _plan(
    folder: Path, profiles: Sequence[str], digests: Digests | None, *, update: bool, prune: bool
) -> LockPlan:
    lock = read_lock(folder)
    before = dict(lock.digests) if lock is not None else {}
    used, known = _images(profiles)
    asked = [image for image in used if update or image not in before]
    new = dict(digests(asked)) if digests is not None and asked else {}
    stale = [image for image in before if image not in known]
    after = {image: digest for image, digest in (before | new).items() if not (prune and image in stale)}
    images = [
        LockedImage(image, _state(image, before, after, stale), after.get(image, ""), before.get(image, ""))
        for image in sorted({*used, *before})
    ]
    return LockPlan(
        folder / LOCK, tuple(images), _text(lock), with_digests(lock, after) if after or lock else ""
    )


def _text(lock: Lock | None) -> str:
    return lock.document.text if lock is not None else ""


def _state(
    image: str, before: Mapping[str, str], after: Mapping[str, str], stale: Sequence[str]
) -> ImageState:
    if image not in after:
        return ImageState.REMOVED if image in before else ImageState.MISSING
    if image in stale:
        return ImageState.STALE
    if image not in before:
        return ImageState.ADDED
    return ImageState.KEPT if before[image] == after[image] else ImageState.UPDATED


def _images(profiles: Sequence[str]) -> tuple[list[str], set[str]]:
    """The images of the profiles' deployments, and every image of their releases."""
    used: dict[str, None] = {}
    known: set[str] = set()
    for path in profiles:
        loaded = load(path)
        release = load_release(loaded.profile.release or releases()[0])
        # The name has no part in the images, and a lock is made before a deployment has one.
        used |= dict.fromkeys(resolve(loaded.profile, release, loaded.name, name="lock").images)
        known |= set(release.images.values())
    return list(used), known
