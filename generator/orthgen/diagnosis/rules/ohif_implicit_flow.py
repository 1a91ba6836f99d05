"""A sign-in of OHIF by the implicit flow."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import ObservedDeployment

_FILE = """
    window.config = {
      routerBasename: '/ohif',
      oidc: [
        {
          authority: 'https://sso.example.org/realms/orthanc',
          client_id: 'ohif',
          redirect_uri: '/callback',
          response_type: 'TYPE',
          scope: 'openid',
        },
      ],
    };
"""
RULE = Rule(
    "ohif-implicit-flow",
    Severity.WARNING,
    summary="`response_type` of OHIF's sign-in is not `code`.",
    consequence="OHIF uses the implicit flow: Keycloak refuses it (`unauthorized_client`), or writes the token into the address, where "
    "logs and the browser's history keep it.",
    remedy="Write `response_type: 'code'`: OHIF uses PKCE with it.",
    file="app-config.js",
    example=_FILE.replace("TYPE", "id_token token"),
    counterexample=_FILE.replace("TYPE", "code"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """OHIF signs people in by a code."""
    for ohif in deployment.ohifs:
        entry = mapping(next(iter(as_list(ohif.settings.get("oidc"))), None))
        if not entry:
            continue
        kind = entry.get("response_type")
        if isinstance(kind, str) and kind != "code":
            yield Finding(
                RULE,
                f"`response_type` is `{kind}`: the sign-in uses the implicit flow",
                ohif.settings.locate(("oidc", 0, "response_type")),
                "write `code`",
                replacement="'code'",
            )
