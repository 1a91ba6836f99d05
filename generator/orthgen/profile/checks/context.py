"""What a check is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.findings import Finding, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.formats.yaml_io import Path
    from orthgen.profile.root import Profile


class Subject(Struct, frozen=True):
    """A profile, the plain tree that it was read from, and where each part of that tree stands."""

    profile: Profile
    tree: dict[str, Any]
    locate: Callable[..., Location]
    is_whole: bool = True
    """False where malformed parts were set aside: then what is absent may merely be malformed."""

    def error(self, path: Path, message: str, hint: str = "", *, rule: str, key: bool = False) -> Finding:
        """An error about the value at `path`, or about its key."""
        return Finding(rule, message, self.locate(path, key=key), hint)

    def warning(self, path: Path, message: str, hint: str = "", *, rule: str, key: bool = False) -> Finding:
        """A warning about the value at `path`, or about its key."""
        return Finding(rule, message, self.locate(path, key=key), hint, Severity.WARNING)

    def names(self, section: str) -> list[str]:
        """The keys of a top-level mapping as written, malformed entries included."""
        value = self.tree.get(section)
        return [str(key) for key in value] if isinstance(value, dict) else []


def is_local(host: str) -> bool:
    """Whether a host is this machine, where nothing crosses a network."""
    return host in {"localhost", "127.0.0.1", "::1"} or host.endswith(".localhost")
