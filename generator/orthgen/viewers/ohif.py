"""
OHIF: in its own container, or as Orthanc's plugin.

Reports are saved through STOW-RS with the user's own access token, so OHIF signs in by itself
(`reports: signed-in`); a share link's guest gets a read-only viewer. The reasons are in docs/reports.md.
"""

from typing import Any, Literal

from pydantic import Field

from orthgen.viewers.base import Contribution, Viewer, ViewerClient, ViewerOptions
from orthgen.viewers.context import ViewerContext

Mode = Literal["viewer", "volume", "tmtv", "segmentation", "microscopy"]

# The id of its Keycloak client, which app-config.js and the realm name.
OHIF_CLIENT = "ohif"

# Orthanc Explorer 2's name and default icon for each mode (Plugin/DefaultConfiguration.json, 1.9.0 to 1.14.1).
_BUTTONS: dict[str, tuple[str, str]] = {
    "viewer": ("ohif", "bi bi-grid"),
    "volume": ("ohif-vr", "bi bi-grid-1x2"),
    "tmtv": ("ohif-tmtv", "bi bi-grid-3x3-gap"),
    "segmentation": ("ohif-seg", "fa-solid fa-shapes fa-button"),
    "microscopy": ("ohif-micro", "fa-solid fa-microscope fa-button"),
}


class OhifOptions(ViewerOptions):
    """OHIF, the web viewer that can save measurements and segmentations."""

    reports: Literal["signed-in", "instant-link", "off"] = Field(
        "off",
        description="`signed-in`: people who sign in and may `report` can save measurements and segmentations. "
        "`instant-link`: anybody who opens the viewer can save them without a sign-in in OHIF, and no name is "
        "recorded.",
    )
    modes: list[Mode] = Field(
        ["viewer"], min_length=1, description="The modes that have a button, in their order."
    )
    serve: Literal["container", "plugin"] = Field(
        "container",
        description="`container`: the orthancteam/ohif-v3 image. `plugin`: Orthanc serves it itself.",
    )

    @property
    def in_container(self) -> bool:
        """Whether OHIF runs in its own container."""
        return self.serve == "container"

    @property
    def saves_as_user(self) -> bool:
        """Whether OHIF is a Keycloak client of its own, and saves reports in the name of the user."""
        return self.reports == "signed-in"

    @property
    def saves_by_link(self) -> bool:
        """Whether the link that OHIF is opened with may add reports to its study."""
        return self.reports == "instant-link"


def _contribute(options: OhifOptions, context: ViewerContext) -> Contribution:
    path = context.container_paths["ohif"] if options.in_container else f"{context.orthanc_path}ohif/"
    sections: dict[str, Any] = {}
    if not options.in_container:
        sections["OHIF"] = {
            "DataSource": "dicom-web",
            "RouterBasename": path,
            "UserConfiguration": "/etc/orthanc/ohif-app-config.js",
        }
    buttons = tuple(_BUTTONS[mode] for mode in options.modes)
    if options.icon is not None:
        buttons = ((buttons[0][0], options.icon), *buttons[1:])
    return Contribution(
        name="ohif",
        title="OHIF",
        buttons=buttons,
        sections=sections,
        ui_options={"EnableOpenInOhifViewer3": True, "OhifViewer3PublicRoot": path},
        standard_configurations=("ohif",),
        features=("ohif",),
        path=path,
        container="ohif" if options.in_container else "",
        client=_client(options, context.origin + path) if options.saves_as_user else None,
        share_environment={"PUBLIC_OHIF_ROOT": context.origin + path, "OHIF_DATA_SOURCE": "dicom-web"},
        saves_by_link=options.saves_by_link,
        needs_isolation=True,
    )


def _client(options: OhifOptions, root: str) -> ViewerClient:
    # Orthanc's plugin answers only OHIF's own pages, so OHIF comes back to its root there.
    callback = f"{root}callback" if options.in_container else root
    return ViewerClient(OHIF_CLIENT, root, redirect_uris=(callback,), logout_uris=(f"{root}*",))


def _needed_features(options: OhifOptions) -> tuple[tuple[str, str], ...]:
    features = (
        (options.saves_as_user, "reports", "ohif-sign-in"),
        (not options.in_container, "serve", "ohif-plugin"),
        ("microscopy" in options.modes, "modes", "ohif-microscopy"),
    )
    return tuple((key, feature) for is_needed, key, feature in features if is_needed)


OHIF = Viewer(
    "ohif",
    "OHIF",
    OhifOptions,
    _contribute,
    button="ohif",
    pages="/ohif/",
    plugin_variable=("OHIF", "OHIF_PLUGIN_ENABLED"),
    standard_folder="/ohif/",
    share_type="ohif-viewer-publication",
    share_variable="PUBLIC_OHIF_ROOT",
    client_id=OHIF_CLIENT,
    container_path="/ohif/",
    # OHIF 3, and OHIF 2 before it.
    explorer_switches=("EnableOpenInOhifViewer3", "EnableOpenInOhifViewer"),
    needed_features=_needed_features,
)
