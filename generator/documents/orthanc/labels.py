"""labels.lua: puts the collections' labels on studies by their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.documents.header import header
from generator.documents.jinja import render_template

if TYPE_CHECKING:
    from generator.deployment.model import Deployment


def labels_script(deployment: Deployment) -> str:
    """The Lua script; only where tags gather studies."""
    return render_template(
        "orthanc/labels.lua.j2",
        header=header(deployment.source, "-- "),
    )
