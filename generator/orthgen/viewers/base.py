"""
What a viewer is: its options in the profile, and what it adds to a deployment.

A viewer's words stand in its own module: Orthanc's sections, nginx's routes, the checks and the agreements read them
there. OHIF is a container and a Keycloak client as well; a test lists the files that speak of it.
"""

from __future__ import annotations

from collections.abc import Callable
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
    root that its pages ask for without the token that stands in their own address; `folders` are the first segments of the paths below Orthanc's root that its plugin
    serves; `features` are the catalogue's names for what it needs of a release.
    """

    name: str
    buttons: tuple[tuple[str, str], ...]
    sections: dict[str, Any] = field(default_factory=dict)
    ui_options: dict[str, Any] = field(default_factory=dict)
    standard_configurations: tuple[str, ...] = ()
    unchecked_folders: tuple[str, ...] = ()
    tokenless: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    needs_isolation: bool = False
    """Whether its pages want COOP and COEP (SharedArrayBuffer)."""


def _no_features(_: Any) -> tuple[tuple[str, str], ...]:
    return ()


class Viewer(Struct, frozen=True):
    """One kind of viewer: its key in the profile, its options, and the function that makes its contribution."""

    name: str
    options: type[ViewerOptions]
    contribute: Any  # Callable[[options, ViewerContext], Contribution]; the options differ by viewer
    button: str = ""
    """Orthanc Explorer 2's name for its first button."""
    pages: str = ""
    """The folder of its pages, below Orthanc's root."""
    section: str | None = None
    """Its plugin's section of orthanc.json, which has to be there; None where a container may serve it instead."""
    plugin_variable: tuple[str, str] | None = None
    """A section, and the variable by which the orthancteam image enables a plugin that its section alone does not."""
    standard_folder: str = ""
    """The folder that the plugin's standard configuration named like the button opens (authorization 0.10.2 to 0.11.4)."""
    share_type: str | None = None
    """The token type of a share link that it opens (auth-service 25.8 to 26.4.1)."""
    needed_features: Callable[[Any], tuple[tuple[str, str], ...]] = _no_features
    """The catalogue's features that its options ask for, each with the key of the option."""
    fetches_files: bool = False
    """Whether it fetches whole studies as files, which takes `download`."""

    def contribution(self, options: ViewerOptions, context: ViewerContext) -> Contribution:
        """What the viewer adds, with these options, to a deployment with this context."""
        result: Contribution = self.contribute(options, context)
        return result
