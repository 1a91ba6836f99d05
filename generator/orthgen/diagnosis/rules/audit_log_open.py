"""An audit log that people without a right to it read at the database plugin's own address."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import identity, routing
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

_FILES = """
    ==> orthanc.json <==
    {
      "AuthenticationEnabled": false,
      "PostgreSQL": {"Host": "orthanc-db", "EnableStorage": false},
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "EnableAuditLogs": true
      }
    }
    ==> permissions.json <==
    {
      "roles": {
        "doctor": {"authorized-labels": ["*"], "permissions": ["view"]},
        "admin": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}
      },
      "available-labels": []
    }
    ==> nginx.conf <==
    server {
      listen 80;
      large_client_header_buffers 8 32k;
      client_max_body_size 0;
      location / {
        proxy_pass http://orthanc:8042;
        proxy_set_header Host $http_host;
      }
      REFUSED
    }
"""
RULE = Rule(
    "audit-log-open",
    Severity.WARNING,
    summary="The audit log is also at `/plugins/postgresql/audit-logs` (PostgreSQL plugin 9.0 to 10.3), and the table of the "
    "authorization plugin (to 0.11.4) gives everything below `/plugins/` to everybody who may view.",
    consequence="Everybody who may view reads who did what with which study, and the names of patients before a modification.",
    remedy="Let the reverse proxy refuse `/plugins/postgresql/audit-logs`, or put the row "
    '`["get", "^/plugins/postgresql/audit-logs.*", "audit-logs"]` first in a full `Permissions` list. People with a right to the log '
    "read it at `/auth/audit-logs`.",
    file="orthanc.json",
    example=_FILES.replace("REFUSED", ""),
    counterexample=_FILES.replace("REFUSED", "location /plugins/postgresql/ { return 404; }"),
    is_about_absence=True,
)
_OPEN, _PROTECTED = "/plugins/postgresql/audit-logs", "/auth/audit-logs"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Only people with a right to the audit log read it."""
    if not routing.may_pass(deployment, _OPEN):
        return
    for orthanc in deployment.orthancs:
        if not (_keeps_log(orthanc) and orthancs.knows_users(orthanc)):
            continue
        role, place = _reader(deployment, orthanc)
        if role:
            yield Finding(
                RULE,
                f"{role} reads the audit log at `{_OPEN}`",
                orthanc.settings.locate(("Authorization", "EnableAuditLogs")),
                f"let the reverse proxy refuse `{_OPEN}`, or put a row for it first in `Permissions`",
                related=((place, role),) if place is not None else (),
            )


def _keeps_log(orthanc: Orthanc) -> bool:
    has = orthancs.component_version(orthanc, "postgresql")
    return (
        orthancs.is_on(orthanc, "Authorization", "EnableAuditLogs", default=False)
        and orthanc.settings.has("PostgreSQL")
        and orthancs.is_on(orthanc, "PostgreSQL", "EnableIndex", default=True)
        and orthancs.loads(orthanc, "PostgreSQL")
        and (not has or at_least(has, "9.0"))
    )


def _reader(deployment: ObservedDeployment, orthanc: Orthanc) -> tuple[str, Location | None]:
    """A role that reads the log without the right to; where no roles are known, everybody whom the row lets in."""
    named = [
        (auth_service, role)
        for auth_service in deployment.auth_services
        for role in identity.permission_roles(auth_service)
    ]
    for auth_service, role in named:
        held = set(identity.permissions_of(auth_service, role))
        if orthancs.may(orthanc, "get", _OPEN, held) and not orthancs.may(orthanc, "get", _PROTECTED, held):
            document = auth_service.permissions
            return f"role `{role}`", document.locate(("roles", role)) if document is not None else None
    if not named and orthancs.may(orthanc, "get", _OPEN, {"view"}):
        return "everybody with `view`", None
    return "", None
