"""Raw settings of a profile: their place in it, and their place in Orthanc's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orthgen.profile.root import Profile

    Path = tuple[str, ...]

INTERFACE = ("OrthancExplorer2", "UiOptions")


def raw_settings(profile: Profile) -> tuple[tuple[Path, Path, dict[str, Any]], ...]:
    """The profile's raw settings: their place, the keys of orthanc.json below which they are merged, and they."""
    return (
        (("archive", "settings"), (), profile.archive.settings),
        (("interface", "settings"), INTERFACE, profile.interface.settings),
    )
