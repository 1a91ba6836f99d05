"""A list of plugins that leaves out the folder in which the image has them."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.observed.service_model import Service

_FILES = """
    ==> docker-compose.yml <==
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
        volumes: ["./orthanc.json:/etc/orthanc/orthanc.json:ro", "orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
    ==> orthanc.json <==
    {"Name": "archive", PLUGINS"DicomWeb": {"Enable": true}}
"""
RULE = Rule(
    "plugins-not-listed",
    Severity.ERROR,
    summary="`Plugins` of the configuration leaves out the folder in which the image has its plugins, as the sample configuration with an "
    "empty list does.",
    consequence="No plugin loads, and Orthanc does not say so: no DICOMweb, no viewer, no Orthanc Explorer 2. Without the authorization "
    "plugin nothing asks who sends a request.",
    remedy='Remove `Plugins` for the image `orthancteam/orthanc`. In plain images write `["/usr/share/orthanc/plugins", '
    '"/usr/local/share/orthanc/plugins"]`.',
    file="orthanc.json",
    example=_FILES.replace("PLUGINS", '"Plugins": [], '),
    counterexample=_FILES.replace("PLUGINS", ""),
)
_OF_TEAM = ("/run/orthanc/plugins", "/usr/share/orthanc/plugins")
# Orthanc Book, "jodogne/orthanc Docker images": the plugins, and the file that a mounted one replaces.
_PLAIN = "jodogne/orthanc-plugins"
_OF_PLAIN = ("/usr/local/share/orthanc/plugins",)
_SECTIONS = (
    "Authorization",
    "DicomWeb",
    "OrthancExplorer2",
    "PostgreSQL",
    "StoneWebViewer",
    "WebViewer",
    "Worklists",
)
_PLAIN_FILE = "/etc/orthanc/orthanc.json"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The plugins of the image load (orthancteam/orthanc 26.8.1: orthanc-defaults.json has the list that a written one replaces)."""
    for orthanc in deployment.orthancs:
        service, listed = orthanc.service, orthanc.settings.get("Plugins")
        if service is None:
            continue
        paths = [str(path).rstrip("/") for path in listed] if isinstance(listed, list) else None
        if orthancs.is_orthancteam_image(orthanc) and paths is not None and not _has(paths, _OF_TEAM):
            yield Finding(
                RULE,
                "`Plugins` leaves out the folders in which the image has its plugins: none loads",
                orthancs.place(orthanc, "Plugins"),
                "remove `Plugins`",
            )
        place = _place_in_plain_image(orthanc, service)
        if place is not None and not _has(paths or [], _OF_PLAIN):
            yield Finding(
                RULE,
                "`Plugins` does not name the folder in which the image has its plugins: none loads",
                place,
                f'write `"Plugins": ["/usr/share/orthanc/plugins", "{_OF_PLAIN[0]}"]`',
            )


def _has(paths: list[str], folders: tuple[str, ...]) -> bool:
    return any(
        "$" in path or path == folder or path.startswith(f"{folder}/") for path in paths for folder in folders
    )


def _place_in_plain_image(orthanc: Orthanc, service: Service) -> Location | None:
    """The place of `Plugins` where the whole configuration of the plain image was replaced; None elsewhere."""
    is_replaced = any(mount.target == _PLAIN_FILE and mount.kind == "bind" for mount in service.mounts)
    is_plain = containers.repository(service) == _PLAIN and not service.definition.get("command")
    needs = any(orthanc.settings.has(section) for section in _SECTIONS)
    return (
        orthancs.place(orthanc, "Plugins")
        if is_plain and is_replaced and needs and orthanc.is_complete
        else None
    )
