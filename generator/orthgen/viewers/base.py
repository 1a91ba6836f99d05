"""
Interface of a viewer: its options in the profile, and its contribution to a deployment.

A viewer's names stand in its own module. Orthanc's sections, nginx's routes, the realm, the auth-service and the checks
read them there. A test lists the few other files that name a viewer, and why.
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
    """Options that every viewer has in the profile."""

    icon: Text | None = Field(None, description="The CSS class of its icon in Orthanc Explorer 2.")

    @property
    def in_container(self) -> bool:
        """Whether the viewer runs in a container of its own; Orthanc's plugins serve the others."""
        return False

    @property
    def saves_as_user(self) -> bool:
        """Whether the viewer signs people in by itself, and saves reports in their name."""
        return False

    @property
    def saves_by_link(self) -> bool:
        """Whether the link that the viewer is opened with may add reports to its study."""
        return False


class ViewerClient(Struct, frozen=True):
    """The Keycloak client of a viewer that signs people in by itself; `home` and the redirect URIs are whole URLs."""

    id: str
    home: str
    redirect_uris: tuple[str, ...]
    logout_uris: tuple[str, ...]


class Contribution(Struct, frozen=True):
    """The additions of one viewer to a deployment."""

    name: str
    title: str
    """Its name for people."""
    buttons: tuple[tuple[str, str], ...]
    """Orthanc Explorer 2's names for it, in order, with their icons."""
    sections: dict[str, Any] = field(default_factory=dict)
    """Sections that are merged into orthanc.json."""
    ui_options: dict[str, Any] = field(default_factory=dict)
    """Orthanc Explorer 2's `UiOptions`."""
    standard_configurations: tuple[str, ...] = ()
    """The authorization plugin's `StandardConfigurations`."""
    unchecked_folders: tuple[str, ...] = ()
    """Folders of the viewer's program, and of nothing else, that open without a token."""
    tokenless: tuple[str, ...] = ()
    """Paths below Orthanc's root that its pages ask for without the token in the pages' own address."""
    folders: tuple[str, ...] = ()
    """The first segments of the paths below Orthanc's root that its plugin serves."""
    features: tuple[str, ...] = ()
    """The catalogue's features that it needs of a release."""
    path: str = ""
    """The public path of its pages; empty where it is one of `folders`."""
    container: str = ""
    """The name of its service and of its image; empty where Orthanc serves it."""
    client: ViewerClient | None = None
    share_environment: dict[str, str] = field(default_factory=dict)
    """The auth-service's variables for share links that open it."""
    saves_by_link: bool = False
    """Whether the link that it is opened with may add reports to its study."""
    needs_isolation: bool = False
    """Whether its pages need COOP and COEP (SharedArrayBuffer)."""


def _no_features(_: Any) -> tuple[tuple[str, str], ...]:
    return ()


class Viewer(Struct, frozen=True):
    """A kind of viewer: its key in the profile, its options, and the function of its contribution."""

    name: str
    title: str
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
    share_variable: str | None = None
    """The auth-service's variable with the public root of such a link, without which it makes none (25.8 to 26.4.1)."""
    client_id: str | None = None
    """Its own Keycloak client, where its options have it sign people in."""
    container_path: str = ""
    """The public path that its container's image is built for; empty where it has no container."""
    explorer_switches: tuple[str, ...] = ()
    """Orthanc Explorer 2's options that show its buttons; written out as false where the viewer is not enabled."""
    needed_features: Callable[[Any], tuple[tuple[str, str], ...]] = _no_features
    """The catalogue's features that its options ask for, each with the key of the option."""
    fetches_files: bool = False
    """Whether it fetches whole studies as files, which takes `download`."""

    def contribution(self, options: ViewerOptions, context: ViewerContext) -> Contribution:
        """The viewer's contribution, with these options, to a deployment with this context."""
        result: Contribution = self.contribute(options, context)
        return result
