"""Context of a check: the profile, its tree and its positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.catalogue import load, releases
from orthgen.findings import Finding, Location
from orthgen.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.catalogue import Release
    from orthgen.findings import Rule
    from orthgen.formats.yaml_io import Path
    from orthgen.profile.root import Profile


class CheckContext(Struct, frozen=True):
    """A profile, the plain tree that it was read from, and where each part of that tree stands."""

    profile: Profile
    tree: dict[str, Any]
    locate: Callable[..., Location]
    is_whole: bool = True
    """False where malformed parts were set aside: then what is absent may merely be malformed."""

    malformed: tuple[Path, ...] = ()
    """Where malformed parts were set aside."""

    @property
    def release(self) -> Release | None:
        """The release of the profile, by default the newest; None where the catalogue does not have it."""
        name = self.profile.release or releases()[0]
        return load(name) if name in releases() else None

    def is_uncertain(self, section: str) -> bool:
        """Whether a top-level part, or a part of it, was set aside: what it lacks may merely be malformed."""
        return any(path[:1] in {(), (section,)} for path in self.malformed)

    def is_known_otherwise(self, section: str, name: str) -> bool:
        """Whether `name` may be defined in a part that was set aside: the section, or a malformed name in it."""
        places = [path[1:] for path in self.malformed if path[:1] in {(), (section,)}]
        return any(not place or (len(place) == 1 and nearest(name, [str(place[0])])) for place in places)

    def finding(  # noqa: PLR0913 - all that a finding says
        self,
        rule: Rule,
        path: Path,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        is_sensitive: bool = False,
    ) -> Finding:
        """A finding about the value at `path`, or about its key."""
        place = self.locate(path, key=key)
        return Finding(rule, message, place, hint, is_sensitive=is_sensitive, path=path)

    def names(self, section: str) -> list[str]:
        """The keys of a top-level mapping as written, malformed entries included."""
        value = self.tree.get(section)
        return [str(key) for key in value] if isinstance(value, dict) else []
