"""Facts about the deployment that a viewer's contribution depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class ViewerContext(Struct, frozen=True):
    """The public origin and its paths; each path ends in `/`."""

    origin: str
    orthanc_path: str
    container_paths: Mapping[str, str]
    """The path of each viewer that can have a container, by the viewer's name."""

    @property
    def orthanc_root(self) -> str:
        """The public URL of Orthanc, ending in `/`."""
        return self.origin + self.orthanc_path
