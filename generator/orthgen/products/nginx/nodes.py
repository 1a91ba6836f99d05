"""
Split of the requests to Orthanc between the ingest node and the readers.

`ROUTES` is the whole table: the first row that fits decides, and the ingest node answers what no row names. docs/replicas.md
shows the table, with the reasons. Facts: Orthanc 1.12.9 to 1.13.0, DICOMweb 1.21 to 1.24, authorization 0.10.1 to 0.11.4.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.deployment import naming
from orthgen.products.nginx.paths import page_folders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment


class Nodes(StrEnum):
    """The Orthancs that answer a request, by the name of their upstream in nginx."""

    READERS = "orthanc-readers"
    """A reader; the ingest node where no reader answers."""
    EITHER = "orthanc-or-reader"
    """The ingest node; a reader where it does not answer."""
    INGEST = naming.ORTHANC


class Route(Struct, frozen=True):
    """Requests that the same nodes answer: methods, the path below Orthanc's root as a regular expression, the reason."""

    nodes: Nodes
    methods: str
    path: str
    reason: str
    is_audited: bool = False
    """Whether the audit log of the authorization plugin has these requests."""


_READ = "GET|HEAD"

ROUTES = (
    Route(
        Nodes.READERS,
        _READ,
        "dicom-web/(?:studies|series|instances)(?:/|$)",
        "DICOMweb: searches, metadata, images, files.",
    ),
    Route(
        Nodes.READERS,
        _READ,
        "instances(?!/[^/]+/(?:patient|study|series)(?:/|$))(?:/|$)",
        "Images, files and tags of instances.",
    ),
    Route(
        Nodes.READERS,
        _READ,
        "(?:patients|studies|series)/[^/]+/(?:archive|media)/?$",
        "Archives, which a job of the same Orthanc builds while the answer waits.",
        is_audited=True,
    ),
    Route(
        Nodes.READERS,
        _READ,
        "tools/create-(?:archive|media|media-extended)/?$",
        "Archives of many resources.",
        is_audited=True,
    ),
    Route(
        Nodes.READERS,
        _READ,
        "(?:patients|studies|series)/[^/]+/(?:attachments|instances|instances-tags|labels|metadata|module|module-patient|numpy|"
        "ordered-slices|shared-tags|statistics)(?:/|$)",
        "Parts of patients, studies and series, without `IsStable`.",
    ),
    Route(
        Nodes.EITHER,
        _READ,
        "(?:patients|studies|series)(?:/[^/]+(?:/(?:patient|study|studies|series))?)?/?$",
        "Patients, studies and series: only the ingest node knows whether they are complete (`IsStable`).",
    ),
    Route(Nodes.EITHER, _READ, "instances/[^/]+/(?:patient|study|series)/?$", "The same, from an instance."),
    Route(
        Nodes.EITHER,
        "POST",
        "tools/(?:bulk-content|count-resources|find|lookup)/?$",
        "Searches, which change nothing. Results have `IsStable`.",
    ),
    Route(
        Nodes.EITHER,
        _READ,
        "(?:changes|exports|plugins|statistics|system|auth/settings/[^/]+|auth/user/profile|tools/dicom-conformance|tools/labels|"
        "tools/now|tools/now-local)/?$",
        "The database's own tables, and questions about the server and the user.",
    ),
    Route(
        Nodes.EITHER,
        _READ,
        "(?:modalities|peers|dicom-web/servers)(?:/[^/]+)?/?$",
        "The names of other archives, from the configuration.",
    ),
    Route(Nodes.EITHER, "POST|PUT", "auth/tokens/[^/]+/?$", "Links: the auth-service makes and reads them."),
)


def routes(deployment: Deployment) -> Iterator[Route]:
    """The rows for a deployment: the table, and the pages of its viewers."""
    has_audit_log = deployment.profile.archive.audit_log
    for route in ROUTES:
        # The ingest node alone writes to the audit log.
        if not (route.is_audited and has_audit_log):
            yield route
    folders = "|".join(re.escape(folder.strip("/")) for folder in page_folders(deployment))
    yield Route(
        Nodes.EITHER,
        _READ,
        f"(?:{folders})/",
        "The web application and the viewers: files, and their options.",
    )


def node_patterns(deployment: Deployment) -> list[dict[str, str]]:
    """The rows as nginx's map has them: method and path as one text, after the path of Orthanc's root is removed."""
    return [
        {
            "pattern": f"^(?:{route.methods}) /{route.path}",
            "nodes": route.nodes.value,
            "reason": route.reason,
        }
        for route in routes(deployment)
    ]
