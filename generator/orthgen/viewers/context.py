"""What a viewer may know of the deployment that it joins."""

from __future__ import annotations

from msgspec import Struct


class ViewerContext(Struct, frozen=True):
    """Public paths, each ending in `/`, on the deployment's one origin."""

    orthanc_path: str
    dicomweb_path: str
    ohif_path: str
