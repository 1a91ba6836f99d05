"""Settings of oauth2-proxy with which it does not start, or signs nobody in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers, keycloak
from orthgen.diagnosis.facts.secrets import is_known
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Service

_FILES = """
    services:
      oauth2-proxy:
        image: quay.io/oauth2-proxy/oauth2-proxy:v7.15.3
        environment:
          OAUTH2_PROXY_PROVIDER: keycloak-oidc
          OAUTH2_PROXY_OIDC_ISSUER_URL: https://sso.example.org/realms/hospital
          OAUTH2_PROXY_CLIENT_ID: pacs
          OAUTH2_PROXY_CLIENT_SECRET: ${CLIENT_SECRET:?}
          OAUTH2_PROXY_COOKIE_SECRET: ${COOKIE_SECRET:?}
          OAUTH2_PROXY_UPSTREAMS: http://orthanc.example.org:8042/
          MORE
"""
RULE = Rule(
    "oauth2-proxy-setting",
    Severity.ERROR,
    summary="The service oauth2-proxy has a cookie secret of a wrong length, no list of those who may sign in, or an issuer that Keycloak does not "
    "write into its tokens.",
    consequence="It does not start: `cookie_secret must be 16, 24, or 32 bytes`, `missing setting for email validation`, "
    "`issuer did not match the issuer returned by provider`.",
    remedy="Make the cookie secret by `openssl rand -hex 16`. Set `OAUTH2_PROXY_EMAIL_DOMAINS`. Write Keycloak's public address into "
    "`OAUTH2_PROXY_OIDC_ISSUER_URL`.",
    file="docker-compose.yml",
    example=_FILES.replace("MORE", "OAUTH2_PROXY_HTTP_ADDRESS: 0.0.0.0:4180"),
    counterexample=_FILES.replace("MORE", 'OAUTH2_PROXY_EMAIL_DOMAINS: "*"'),
)
_LENGTHS = frozenset({16, 24, 32})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """oauth2-proxy 7.15 starts (pkg/validation, pkg/cookies: a secret that is base64 counts by its bytes)."""
    for service in deployment.services:
        if containers.repository(service).rpartition("/")[2] != "oauth2-proxy":
            continue
        secret = _option(service, "cookie-secret")
        if secret is not None and is_known(secret) and _length(secret) not in _LENGTHS:
            yield Finding(
                RULE,
                f"the cookie secret has {_length(secret)} bytes; oauth2-proxy takes 16, 24 or 32",
                _place(service, "cookie-secret"),
                "make it by `openssl rand -hex 16`",
                is_sensitive=True,
            )
        if not _has_configuration(service) and not any(
            _option(service, name)
            for name in ("email-domain", "email-domains", "authenticated-emails-file", "htpasswd-file")
        ):
            yield Finding(
                RULE,
                "oauth2-proxy has no list of those who may sign in",
                _place(service, "email-domains"),
                'set `OAUTH2_PROXY_EMAIL_DOMAINS: "*"`: everybody of the realm, or name a domain',
            )
        yield from _issuer_findings(deployment, service)


def _issuer_findings(deployment: ObservedDeployment, service: Service) -> Iterator[Finding]:
    issuer = _option(service, "oidc-issuer-url")
    skips = (
        _option(service, "skip-oidc-discovery"),
        _option(service, "insecure-oidc-skip-issuer-verification"),
    )
    if not addresses.is_absolute(issuer) or "true" in skips:
        return
    for _, server in keycloak.servers(deployment):
        public = keycloak.hostname(server)
        is_same_server = containers.service_at(deployment, addresses.host(issuer)) is server
        if (
            is_same_server
            and addresses.is_absolute(public)
            and addresses.host(public) != addresses.host(issuer)
        ):
            yield Finding(
                RULE,
                f"the issuer is `{issuer}`, and Keycloak writes `{public.rstrip('/')}/realms/…` into tokens",
                _place(service, "oidc-issuer-url"),
                "write the public address of the realm; for another way inside, skip the discovery and name each address",
                related=((keycloak.place_of(server, "hostname"), "Keycloak's public address"),),
            )


def _variable(name: str) -> str:
    return f"OAUTH2_PROXY_{name.replace('-', '_').upper()}"


def _option(service: Service, name: str) -> str | None:
    """The value of an option: of the command line, else of the variable."""
    words = keycloak.arguments(service)
    if f"--{name}" in words:
        following = words[words.index(f"--{name}") + 1 :]
        return following[0] if following and not following[0].startswith("--") else "true"
    return service.variable(_variable(name))


def _place(service: Service, name: str) -> Location:
    return service.locate_variable(_variable(name))


def _has_configuration(service: Service) -> bool:
    """Whether a file of settings is read, too."""
    return any(_option(service, name) is not None for name in ("config", "alpha-config"))


def _length(secret: str) -> int:
    """The bytes of a secret: those that base64 stands for where they are a length of a key, else its characters."""
    text = secret.rstrip("=")
    if {"+", "/"} & set(text):
        return len(secret)
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except (binascii.Error, ValueError):
        return len(secret)
    return len(decoded) if len(decoded) in _LENGTHS else len(secret)
