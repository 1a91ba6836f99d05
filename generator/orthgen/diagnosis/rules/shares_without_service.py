"""Shares without a service that makes links."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "shares-without-service",
    Severity.ERROR,
    summary="Shares are on in Orthanc Explorer 2, and Orthanc knows no service that makes links.",
    consequence="The button for sharing is missing, or the dialog shows an error.",
    remedy="Configure `Authorization.WebServiceRootUrl` (or `WebServiceTokenCreationBaseUrl`) with the address of an auth-service.",
    file="orthanc.json",
    example='{"AuthenticationEnabled": true, "RegisteredUsers": {"reception": "a-long-password-1"}, "OrthancExplorer2": {"UiOptions": {"EnableShares": true}}}',
    counterexample='{"AuthenticationEnabled": true, "RegisteredUsers": {"reception": "a-long-password-1"}, "OrthancExplorer2": {"UiOptions": {"EnableShares": false}}}',
)
_KEYS = ("WebServiceRootUrl", "WebServiceTokenCreationBaseUrl")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Shares have a service that makes links."""
    for orthanc in deployment.orthancs:
        if not orthanc.is_complete or not orthancs.is_on(
            orthanc, "OrthancExplorer2", "UiOptions", "EnableShares", default=False
        ):
            continue
        values = orthancs.section(orthanc, "Authorization")
        if not any(values.get(key) for key in _KEYS):
            yield Finding(
                RULE,
                "shares are on, and no service makes links: `Authorization` has no `WebServiceRootUrl`",
                orthanc.settings.locate(("OrthancExplorer2", "UiOptions", "EnableShares")),
                "configure the auth-service, or write `false`",
            )
