"""Facts that several consistency checks look up in a rendered deployment, and their findings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.consistency.parsed_files import ORTHANC, REALM
from orthgen.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthgen.consistency.parsed_files import ParsedFiles
    from orthgen.findings import Location

_NGINX_SERVER = re.compile(r"^\s*server\s+(?P<host>[a-z0-9-]+):(?P<port>[0-9]+)", re.MULTILINE)
_REMEDY = (
    "Nothing was written. Undo what was changed in `templates/`; where nothing was, report it with the profile: it is a bug "
    "of orthgen."
)
OHIF_FILES = ("ohif/app-config.js", "orthanc/ohif-app-config.js")


def consistency_rule(
    identifier: str, summary: str, *, file: str, example: str, also: tuple[str, ...] = ()
) -> Rule:
    """A rule about rendered files; the example is a difference in a file of the deployment of profiles/paradim.yaml."""
    return Rule(
        identifier, Severity.ERROR, summary=summary, remedy=_REMEDY, example=example, file=file, also=also
    )


def disagreement(rule: Rule, message: str, location: Location, *related: tuple[Location, str]) -> Finding:
    """A finding about two files that say different things; `related` is the other side."""
    return Finding(rule, message, location, related=related)


def section(files: ParsedFiles, *path: str | int) -> Any:
    """A value of orthanc.json."""
    return files.get(ORTHANC, *path)


def client(files: ParsedFiles, client_id: str) -> tuple[int, dict[str, Any]] | None:
    """A client of the realm, with its position."""
    clients: Sequence[dict[str, Any]] = files.get(REALM, "clients") or ()
    return next(
        ((index, item) for index, item in enumerate(clients) if item.get("clientId") == client_id), None
    )


def upstreams(files: ParsedFiles) -> Iterator[tuple[str, int, Location]]:
    """Every service that nginx passes requests to: host, port, place."""
    for path in files.matching("nginx/"):
        for match in _NGINX_SERVER.finditer(files.texts[path]):
            yield match["host"], int(match["port"]), files.locate_text(path, match[0].strip())


def ohif_file(files: ParsedFiles) -> str | None:
    """The configuration that OHIF reads, where there is one."""
    return next((path for path in OHIF_FILES if path in files.texts), None)
