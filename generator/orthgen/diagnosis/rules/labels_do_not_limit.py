"""Labels that do not limit a role as one expects."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from orthgen.diagnosis.facts import identity, routing
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    ==> orthanc.json <==
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
    }
    ==> permissions.json <==
    {
      "roles": {
        "external": {"authorized-labels": ["LABEL"], "permissions": ["view"]},
        "admin": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}
      },
      "available-labels": ["cardio"]
    }
"""
RULE = Rule(
    "labels-do-not-limit",
    Severity.WARNING,
    summary="A role is limited to labels, and the authorization plugin (to 0.11.4) checks labels on studies only.",
    consequence="People of this role read whole patients, the list of changes and counts of the archive, and make links to studies of "
    "other labels. With `upload`, `modify` or `anonymize` they add objects to studies of other labels, or replace them.",
    remedy="Put rows for `/patients`, `/changes` and `/statistics` first in `Permissions`, for a permission that the role lacks, and a "
    "guard for links and searches in the reverse proxy. `orthgen render` writes both.",
    file="permissions.json",
    example=_FILES.replace("LABEL", "cardio"),
    counterexample=_FILES.replace("LABEL", "*"),
    is_about_absence=True,
)


class _Hole(Struct, frozen=True):
    """A request that a role can send beyond its labels, and what it reveals."""

    method: str
    path: str
    reveals: str


_HOLES = (
    _Hole("get", "/patients/0-0/studies", "whole patients"),
    _Hole("get", "/changes", "the list of all changes"),
    _Hole("get", "/statistics", "counts of the whole archive"),
    _Hole("get", "/studies/0-0/patient", "the list of a patient's other studies"),
    _Hole("post", "/tools/find", "series and tags of any patient, by a search"),
    _Hole("post", "/studies/0-0/modify", "other studies, by a change of identifiers"),
    _Hole("post", "/instances", "any study, by an upload"),
    _Hole("post", "/modalities/pacs/store", "any study, by sending it"),
    _Hole("get", "/worklists", "all worklists"),
    _Hole("put", "/auth/tokens/viewer-instant-link", "any study, by a link"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Labels limit what a role sees."""
    if any(routing.is_guarded(server) for proxy in deployment.proxies for server in proxy.servers):
        return  # the guard decides by rules that are not read here
    filtering = [orthanc for orthanc in deployment.orthancs if orthancs.knows_users(orthanc)]
    for auth_service in deployment.auth_services:
        for role in identity.limited_roles(auth_service):
            held = set(identity.permissions_of(auth_service, role))
            orthanc = filtering[0] if filtering else None
            revealed = [
                hole.reveals for hole in _HOLES if orthancs.may(orthanc, hole.method, hole.path, held)
            ]
            if revealed and auth_service.permissions is not None and (filtering or not deployment.orthancs):
                yield Finding(
                    RULE,
                    f"role `{role}` reaches beyond its labels: {', '.join(revealed)}",
                    auth_service.permissions.locate(("roles", role, "authorized-labels")),
                    "tighten `Permissions`, and put a guard into the reverse proxy",
                )
