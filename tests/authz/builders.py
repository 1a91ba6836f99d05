"""Configurations, auth-services and requests for the tests of the model; a test states only what differs."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orthgen.authz.auth_service import AuthService
from orthgen.authz.decide import decide
from orthgen.authz.model import Decision, Request, Token, TokenKind
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.request_log import RecordedRequestReader
from orthgen.authz.stored_studies import StoredStudies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ORACLE = Path(__file__).parent / "oracle"
CONFIGURATIONS = tuple(sorted(path.stem for path in (ORACLE / "configs").glob("*.json")))
RESOURCES = StoredStudies.read(json.loads((ORACLE / "resources.json").read_text()))

_SECTION: dict[str, Any] = {
    "WebServiceRootUrl": "http://auth-service:8000/",
    "TokenHttpHeaders": ["api-key"],
    "StandardConfigurations": ["orthanc-explorer-2", "ohif", "stone-webviewer"],
    "CheckedLevel": "studies",
}
ROLES: dict[str, Any] = {
    "all": {"permissions": ["all"], "authorized-labels": ["*"]},
    "reader": {"permissions": ["view"], "authorized-labels": ["external"]},
    "writer": {"permissions": ["view", "upload"], "authorized-labels": ["external"]},
    "eraser": {"permissions": ["delete"], "authorized-labels": ["external"]},
    "nobody": {"permissions": [], "authorized-labels": []},
}
EMPTY: dict[str, Any] = {"permissions": [], "authorized-labels": []}


def configuration(name: str) -> dict[str, Any]:
    """One of the recorded configurations, whole."""
    content: dict[str, Any] = json.loads((ORACLE / "configs" / f"{name}.json").read_text())
    return content


def recorded_lines() -> Iterator[str]:
    """Every recorded decision as its line."""
    with gzip.open(ORACLE / "decisions.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from lines


def orthanc(
    *, without: tuple[str, ...] = (), core: Mapping[str, Any] | None = None, **section: Any
) -> dict[str, Any]:
    """An Orthanc configuration; keywords replace keys of its `Authorization` section."""
    merged = {key: value for key, value in (_SECTION | section).items() if key not in without}
    return {
        "AuthenticationEnabled": False,
        "DicomWeb": {"Root": "/dicom-web/"},
        "Authorization": merged,
    } | dict(core or {})


def plugin(release: str | None = None, **changes: Any) -> PluginConfiguration:
    """The compiled plugin configuration of `orthanc(**changes)`."""
    return PluginConfiguration.compile(orthanc(**changes), release)


def service(
    roles: Mapping[str, Any] | None = None,
    anonymous: Mapping[str, Any] | None = None,
    *,
    reachable: bool = True,
) -> AuthService:
    """An auth-service with the test roles, or others, and an empty anonymous profile, or another."""
    return AuthService.compile({"roles": {**ROLES, **(roles or {})}}, anonymous or EMPTY, reachable=reachable)


def user(*roles: str, header: str = "token") -> Token:
    """A user's token."""
    return Token(header, TokenKind.USER, roles=roles)


def link(study: str, *, header: str = "Authorization", decodable: bool = False) -> Token:
    """A link to one of the recorded studies; a share link where it is decodable."""
    stored = RESOURCES.studies[study][1]
    return Token(
        header, TokenKind.LINK, studies=frozenset({stored.orthanc_id, stored.uid}), decodable=decodable
    )


def orthanc_id(study: str, level: str = "study") -> str:
    """The Orthanc id of a recorded study, or of its patient, series or instance."""
    return next(one.orthanc_id for one in RESOURCES.studies[study] if one.level == level)


def uid(study: str) -> str:
    """The StudyInstanceUID of a recorded study."""
    return RESOURCES.studies[study][1].uid


def request(line: str, *tokens: Token, body: Mapping[str, Any] | None = None, override: str = "") -> Request:
    """A request such as `GET /system`; `{A}` in the line is the Orthanc id of study A, `{A.uid}` its UID."""
    method, target = line.split(" ", 1)
    for name in RESOURCES.studies:
        target = target.replace(f"{{{name}.uid}}", uid(name))
        for level in ("patient", "series", "instance"):
            target = target.replace(f"{{{name}.{level}}}", orthanc_id(name, level))
        target = target.replace(f"{{{name}}}", orthanc_id(name))
    return Request(method, target, tokens, RESOURCES.all, body, override)


def ask(
    line: str,
    *tokens: Token,
    of: PluginConfiguration | None = None,
    at: AuthService | None = None,
    body: Mapping[str, Any] | None = None,
    override: str = "",
) -> Decision:
    """The decision on a request, by default in the test configuration with the test roles."""
    return decide(of or plugin(), at or service(), request(line, *tokens, body=body, override=override))


def reader() -> RecordedRequestReader:
    """A reader of recorded lines."""
    return RecordedRequestReader(RESOURCES)
