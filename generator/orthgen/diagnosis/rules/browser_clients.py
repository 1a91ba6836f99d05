"""Clients of browsers with settings that break or endanger the sign-in."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment


class ClientRule(Struct, frozen=True):
    """A rule about a client: the setting that is wrong, and the right value as JSON."""

    rule: Rule
    key: str
    better: str
    why: str


def _example(change: str) -> str:
    return f"""
        ==> orthanc.json <==
        {{
          "AuthenticationEnabled": false,
          "Authorization": {{"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}},
          "OrthancExplorer2": {{"Keycloak": {{"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}}}
        }}
        ==> realm.json <==
        {{
          "realm": "orthanc",
          "enabled": true,
          "clients": [
            {{
              "clientId": "orthanc",
              {change}
            }}
          ]
        }}
    """


_GOOD = (
    '"publicClient": true, "standardFlowEnabled": true, "directAccessGrantsEnabled": false, "fullScopeAllowed": true, '
    '"redirectUris": ["https://pacs.example.org/ui/app/*"], "webOrigins": ["https://pacs.example.org"], '
    '"attributes": {"pkce.code.challenge.method": "S256"}'
)


def _rule(identifier: str, severity: Severity, old: str, new: str, *texts: str) -> Rule:
    summary, consequence, remedy = texts
    return Rule(
        identifier,
        severity,
        summary=summary,
        consequence=consequence,
        remedy=remedy,
        file="realm.json",
        example=_example(_GOOD.replace(old, new)),
        counterexample=_example(_GOOD),
        is_about_absence=identifier == "client-without-pkce",
    )


CONFIDENTIAL = _rule(
    "confidential-browser-client",
    Severity.ERROR,
    '"publicClient": true',
    '"publicClient": false',
    "The client of Orthanc Explorer 2 or OHIF asks for a secret, which a browser cannot keep.",
    "The sign-in fails after the password: `invalid_client_credentials` at `CODE_TO_TOKEN`.",
    'Turn client authentication off for this client (`"publicClient": true`), with PKCE S256.',
)
NO_STANDARD_FLOW = _rule(
    "client-without-standard-flow",
    Severity.ERROR,
    '"standardFlowEnabled": true',
    '"standardFlowEnabled": false',
    "The standard flow is off for the client of Orthanc Explorer 2 or OHIF.",
    "Keycloak answers `Client is not allowed to initiate browser login`: nobody can sign in.",
    'Write `"standardFlowEnabled": true`.',
)
WILDCARD = _rule(
    "wildcard-redirect",
    Severity.WARNING,
    '"redirectUris": ["https://pacs.example.org/ui/app/*"]',
    '"redirectUris": ["*"]',
    "The client of a browser may be redirected to every address, or be used from every site.",
    "A link that looks like the hospital's sign-in sends the session of the person who follows it to a foreign site.",
    "Write the addresses of Orthanc Explorer 2, and its origin in `webOrigins`.",
)
NO_PKCE = _rule(
    "client-without-pkce",
    Severity.WARNING,
    '"pkce.code.challenge.method": "S256"',
    '"pkce.code.challenge.method": "plain"',
    "The client of a browser does not have to use PKCE with S256.",
    "A program that sees the address after the sign-in (a log, an extension) can take the session over.",
    "Set the attribute `pkce.code.challenge.method` to `S256`: Orthanc Explorer 2 and OHIF use it.",
)
DIRECT_GRANTS = _rule(
    "direct-access-grants",
    Severity.WARNING,
    '"directAccessGrantsEnabled": false',
    '"directAccessGrantsEnabled": true',
    "The client of a browser accepts passwords directly.",
    "Programs try passwords without the sign-in page, its second factor and the identity provider behind it.",
    'Write `"directAccessGrantsEnabled": false`.',
)
RULES = (CONFIDENTIAL, NO_STANDARD_FLOW, WILDCARD, NO_PKCE, DIRECT_GRANTS)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Clients of browsers are public, with PKCE, exact addresses and the standard flow only."""
    for used, client in identity.browser_clients(deployment):
        related = ((used.location, used.user),)
        name = f"client `{used.name}`"
        if client.get("publicClient", False) is False and not client.get("bearerOnly"):
            yield Finding(
                CONFIDENTIAL,
                f"{name} asks for a secret, which {used.user} does not have",
                client.place("publicClient"),
                'write `"publicClient": true`',
                related=related,
                replacement="true",
            )
        if client.get("standardFlowEnabled", True) is False:
            yield Finding(
                NO_STANDARD_FLOW,
                f"{name} does not allow the sign-in of {used.user}",
                client.place("standardFlowEnabled"),
                'write `"standardFlowEnabled": true`',
                related=related,
                replacement="true",
            )
        for key in ("redirectUris", "webOrigins"):
            for index, uri in enumerate(client.listed(key)):
                if uri in ("*", "http://*", "https://*", "/*") and not (
                    uri == "/*" and client.get("rootUrl")
                ):
                    yield Finding(
                        WILDCARD,
                        f"`{key}` of {name} allows every address",
                        client.place(key, index),
                        "write the addresses of the deployment",
                        related=related,
                    )
        if client.get("publicClient") and client.attribute("pkce.code.challenge.method") != "S256":
            yield Finding(
                NO_PKCE,
                f"{name} does not require PKCE with S256",
                client.place("attributes", "pkce.code.challenge.method"),
                'write `"pkce.code.challenge.method": "S256"`',
                related=related,
                replacement="" if client.attribute("pkce.code.challenge.method") is None else '"S256"',
            )
        if client.get("directAccessGrantsEnabled", False) is True:
            yield Finding(
                DIRECT_GRANTS,
                f"{name} accepts passwords without the sign-in page",
                client.place("directAccessGrantsEnabled"),
                'write `"directAccessGrantsEnabled": false`',
                related=related,
                replacement="false",
            )
