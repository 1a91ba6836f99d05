"""Rows of permissions that the plugin does not read, that nobody can pass, or that never decide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from orthgen.authz.plugin_releases import default_rows
from orthgen.authz.plugin_releases import releases as permission_releases
from orthgen.diagnosis.facts import identity
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.spelling import nearest

_FILE = """
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [ROW]
      }
    }
"""
_GOOD = _FILE.replace("ROW", '["post", "^/my-plugin/run$", "all|upload"]')
INVALID = Rule(
    "invalid-permission-row",
    Severity.ERROR,
    summary="A row of `Permissions` or `ExtraPermissions` is not a list of method, expression and permissions, or its expression is not "
    "valid.",
    consequence="Orthanc stops at its start.",
    remedy='Write `["get", "^/path$", "all|view"]`: a method (`get`, `post`, `put`, `delete`), an expression, permissions with `|` between '
    "them.",
    file="orthanc.json",
    example=_FILE.replace("ROW", '["post", "^/my-plugin/run$"]'),
    counterexample=_GOOD,
)
UNKNOWN = Rule(
    "unknown-permission-in-row",
    Severity.ERROR,
    summary="A row asks for a permission that the auth-service does not know. The plugin takes blanks for a part of the name.",
    consequence="Nobody has the permission: requests that fit the row answer 403.",
    remedy="Write permissions of the auth-service, with `|` and without blanks between them.",
    file="orthanc.json",
    example=_FILE.replace("ROW", '["post", "^/my-plugin/run$", "all | upload"]'),
    counterexample=_GOOD,
)
INEFFECTIVE = Rule(
    "ineffective-permission-row",
    Severity.WARNING,
    summary="A row of `ExtraPermissions` has the method and the expression of a row above it, and the first row that fits decides.",
    consequence="The row has no effect: who may send the request stays as it was.",
    remedy="To change a row of the plugin, copy its whole list into `Permissions` and change it there.",
    file="orthanc.json",
    example=_FILE.replace("ROW", '["post", "^/tools/find$", "admin-permissions"]'),
    counterexample=_GOOD,
)
RULES = (INVALID, UNKNOWN, INEFFECTIVE)
_METHODS = frozenset({"get", "post", "put", "delete"})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The plugin reads each row, and each row decides about something."""
    for orthanc in deployment.orthancs:
        above = [] if orthanc.settings.has("Authorization", "Permissions") else _defaults(orthanc)
        for key in ("Permissions", "ExtraPermissions"):
            rows = orthancs.setting(orthanc, "Authorization", key)
            for index, row in enumerate(rows if isinstance(rows, list) else ()):
                place = orthancs.place(orthanc, "Authorization", key, index)
                problem = _problem(row)
                if problem:
                    yield Finding(INVALID, problem, place, 'write `["get", "^/path$", "all|view"]`')
                    continue
                yield from _unknown(str(row[2]), place)
                own = (str(row[0]).lower(), str(row[1]))
                if key == "ExtraPermissions" and own in above:
                    yield Finding(
                        INEFFECTIVE,
                        f"a row above has the same method and expression: `{own[0]} {own[1]}`",
                        place,
                        "change the row in `Permissions`, with all others",
                        confidence=Confidence.CERTAIN
                        if orthancs.permission_release(orthanc)
                        else Confidence.LIKELY,
                    )
                above.append(own)


def _defaults(orthanc: Orthanc) -> list[tuple[str, str]]:
    release = orthancs.permission_release(orthanc) or permission_releases()[-1]
    return [(str(row[0]), str(row[1])) for row in default_rows(release)]


def _problem(row: object) -> str:
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) < 3:
        return "the row is not a list of method, expression and permissions"
    if str(row[0]).lower() not in _METHODS:
        return f"the plugin knows no method `{row[0]}`"
    try:
        re.compile(str(row[1]))
    except re.error as error:
        # Boost and Python agree on what is no expression at all, as a bracket without its end.
        return f"`{row[1]}` is not a valid expression: {error.msg}" if "unterminated" in error.msg else ""
    return ""


def _unknown(permissions: str, place: Location) -> Iterator[Finding]:
    for word in permissions.split("|") if permissions else ():
        if word not in identity.PERMISSIONS and "$" not in word:
            stripped = word.strip()
            close = stripped if stripped in identity.PERMISSIONS else nearest(stripped, identity.PERMISSIONS)
            message = (
                f"blanks belong to the name: `{word}` is not a permission"
                if stripped in identity.PERMISSIONS
                else f"the auth-service knows no permission `{word}`"
            )
            yield Finding(
                UNKNOWN, message, place, f"write `{close}`" if close else "write a known permission"
            )
            return
