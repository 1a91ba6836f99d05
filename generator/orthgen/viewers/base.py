"""
What a viewer is: its options in the profile, and what it adds to a deployment.

A viewer never appears by name outside its own module: Orthanc's sections, nginx's routes, the compose
services and the Keycloak client are built from contributions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from pydantic import Field

from orthgen.field_types import Model, Text

if TYPE_CHECKING:
    from orthgen.viewers.context import ViewerContext


class ViewerOptions(Model):
    """What every viewer has in the profile."""

    icon: Text | None = Field(None, description="The CSS class of its icon in Orthanc Explorer 2.")


class Contribution(Struct, frozen=True):
    """
    What one viewer adds to a deployment.

    `buttons` are Orthanc Explorer 2's names for it, in order, with their icons; `sections` are merged into
    orthanc.json; `standard_configurations` go to the authorization plugin, and so do `unchecked_folders`: folders
    of the viewer's program, and of nothing else, that open without a token; `tokenless` are paths below Orthanc's
    root that its pages ask for without the token that stands in their own address; `share_type` is the token type of a
    share link that it opens; `folders` are the first segments of the paths below Orthanc's root that its plugin
    serves; `features` are the catalogue's names for what it needs of a release.
    """

    name: str
    buttons: tuple[tuple[str, str], ...]
    sections: dict[str, Any] = field(default_factory=dict)
    ui_options: dict[str, Any] = field(default_factory=dict)
    standard_configurations: tuple[str, ...] = ()
    unchecked_folders: tuple[str, ...] = ()
    tokenless: tuple[str, ...] = ()
    share_type: str | None = None
    folders: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    needs_isolation: bool = False
    """Whether its pages want COOP and COEP (SharedArrayBuffer)."""


class Viewer(Struct, frozen=True):
    """One kind of viewer: its key in the profile, its options, and the function that makes its contribution."""

    name: str
    options: type[ViewerOptions]
    contribute: Any  # Callable[[options, ViewerContext], Contribution]; the options differ by viewer
    fetches_files: bool = False
    """Whether it fetches whole studies as files, which takes `download`."""

    def contribution(self, options: ViewerOptions, context: ViewerContext) -> Contribution:
        """What the viewer adds, with these options, to a deployment with this context."""
        result: Contribution = self.contribute(options, context)
        return result
