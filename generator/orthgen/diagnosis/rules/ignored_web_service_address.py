"""Single addresses of the auth-service beside the root, which replaces them."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "ignored-web-service-address",
    Severity.WARNING,
    summary="`WebServiceRootUrl` is set beside single addresses of the auth-service, which the plugin then ignores.",
    consequence="A change of the single address has no effect.",
    remedy="Remove the single addresses.",
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "WebServiceTokenValidationUrl": "http://other:8000/tokens/validate",
            "CheckedLevel": "studies"
          }
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "CheckedLevel": "studies"
          }
        }
    """,
)
_KEYS = (
    "WebServiceTokenValidationUrl",
    "WebServiceUserProfileUrl",
    "WebServiceTokenCreationBaseUrl",
    "WebServiceTokenDecoderUrl",
    "WebServiceSettingsRolesUrl",
    "WebService",
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The root stands alone."""
    for orthanc in deployment.orthancs:
        values = orthancs.section(orthanc, "Authorization")
        if not values.get("WebServiceRootUrl"):
            continue
        root = (orthancs.place(orthanc, "Authorization", "WebServiceRootUrl"), "WebServiceRootUrl")
        for key in _KEYS:
            if values.get(key):
                yield Finding(
                    RULE,
                    f"`{key}` is ignored, because `WebServiceRootUrl` is set",
                    orthancs.place(orthanc, "Authorization", key),
                    "remove it",
                    related=(root,),
                )
