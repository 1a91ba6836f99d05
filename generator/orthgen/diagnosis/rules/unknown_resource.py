"""An answer of Orthanc's that it knows no such path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.recording_model import Exchange

RULE = Rule(
    "unknown-resource",
    Severity.ERROR,
    summary="Orthanc answered 404 for a path that a plugin would serve, or that begins with a folder of the reverse proxy.",
    consequence="The page or the viewer does not open, or shows no study.",
    remedy="Load the plugin that serves the path, or let the reverse proxy remove the folder.",
    file="request.http",
    example="""
        {
          "HttpError": "Not Found",
          "HttpStatus": 404,
          "Message": "Unknown resource",
          "Method": "GET",
          "OrthancError": "Unknown resource",
          "OrthancStatus": 17,
          "Uri": "/dicom-web/studies"
        }
    """,
    counterexample="""
        {
          "HttpError": "Not Found",
          "HttpStatus": 404,
          "Message": "Unknown resource",
          "Method": "GET",
          "OrthancError": "Unknown resource",
          "OrthancStatus": 17,
          "Uri": "/studies/0a1b2c3d-0a1b2c3d-0a1b2c3d-0a1b2c3d-0a1b2c3d"
        }
    """,
)
# The plugins that serve the first part of a path, and how the image orthancteam/orthanc (26.8.1) loads each.
_PLUGINS = {
    "dicom-web": ("DICOMweb", 'set `DICOM_WEB_PLUGIN_ENABLED: "true"`, or write a section `DicomWeb`'),
    "wado": ("DICOMweb", 'set `DICOM_WEB_PLUGIN_ENABLED: "true"`, or write a section `DicomWeb`'),
    "ui": ("Orthanc Explorer 2", "remove `ORTHANC_EXPLORER_2_ENABLED`, or take an image with this plugin"),
    "ohif": ("OHIF", 'set `OHIF_PLUGIN_ENABLED: "true"`'),
    "stone-webviewer": ("Stone Web Viewer", 'set `STONE_WEB_VIEWER_PLUGIN_ENABLED: "true"`'),
    "volview": ("VolView", 'set `VOLVIEW_PLUGIN_ENABLED: "true"`'),
    "worklists": ("worklists", 'set `WORKLISTS_PLUGIN_ENABLED: "true"`'),
    "transfers": ("transfers accelerator", 'set `TRANSFERS_PLUGIN_ENABLED: "true"`'),
}
_STATUS = 404
_UNKNOWN = re.compile(r'"OrthancError"\s*:\s*"Unknown resource"')


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc knows the paths that were asked for."""
    for exchange, problem in addresses.distinct_problems(deployment, _problem):
        first = _first(exchange)
        remedy = _PLUGINS[first][1] if first in _PLUGINS else f"let the reverse proxy remove `/{first}/`"
        yield Finding(RULE, problem, exchange.response_location or exchange.location, remedy)


def _problem(exchange: Exchange) -> str:
    first = _first(exchange)
    if exchange.status != _STATUS or not first or _UNKNOWN.search(exchange.response_body) is None:
        return ""
    if first in _PLUGINS and exchange.target.count("/") <= _MAX_SLASHES.get(first, 9):
        return f"Orthanc serves nothing below `/{first}/`: its plugin {_PLUGINS[first][0]} is not loaded, or has another root"
    if first not in orthancs.SERVED:
        return f"Orthanc got the path `{exchange.target}`, whose folder `/{first}/` is the reverse proxy's"
    return ""


# Deeper paths of DICOMweb name a study, which may not be there.
_MAX_SLASHES = {"dicom-web": 2}


def _first(exchange: Exchange) -> str:
    return exchange.target.partition("?")[0].strip("/").partition("/")[0]
