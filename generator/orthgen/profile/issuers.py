"""
Endpoints of well-known OpenID Connect providers, so that a profile names the issuer only.

`render` reads no network, so it cannot ask a provider. What stands here is what the makers document, and what their
discovery documents say.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from orthgen.profile.identity import OidcEndpoints

_KEYCLOAK = r"(?:/[^/]+)*/realms/[^/]+"
# Okta's own domains; an issuer of Okta's under a domain of the institution's looks like any other.
_OKTA = r"[a-z0-9-]+\.(?:okta|oktapreview|okta-emea)\.com"
_OKTA_SERVER = r"(?:/oauth2/[A-Za-z0-9]+)?"


def _endpoints(
    authorization: str, token: str, jwks: str, userinfo: str | None = None, logout: str | None = None
) -> OidcEndpoints:
    return OidcEndpoints.model_construct(
        authorization=authorization, token=token, jwks=jwks, userinfo=userinfo, logout=logout
    )


GOOGLE = "https://accounts.google.com"
GOOGLES_ENDPOINTS = _endpoints(
    "https://accounts.google.com/o/oauth2/v2/auth",
    "https://oauth2.googleapis.com/token",
    "https://www.googleapis.com/oauth2/v3/certs",
    "https://openidconnect.googleapis.com/v1/userinfo",
)


def known_endpoints(issuer: str) -> OidcEndpoints | None:
    """The endpoints of a provider that the issuer's form gives away; None for any other."""
    parts = urlsplit(issuer)
    host, path, base = parts.hostname or "", parts.path.rstrip("/"), issuer.rstrip("/")
    if issuer == GOOGLE:
        return GOOGLES_ENDPOINTS
    if is_keycloak(issuer):
        below = f"{base}/protocol/openid-connect"
        return _endpoints(
            f"{below}/auth", f"{below}/token", f"{below}/certs", f"{below}/userinfo", f"{below}/logout"
        )
    if re.fullmatch(_OKTA, host) and re.fullmatch(_OKTA_SERVER, path):
        below = f"{base}/v1" if path else f"{base}/oauth2/v1"
        return _endpoints(
            f"{below}/authorize", f"{below}/token", f"{below}/keys", f"{below}/userinfo", f"{below}/logout"
        )
    if path == "/adfs":
        # ADFS's userinfo endpoint says nothing but `sub`.
        below = f"{base}/oauth2"
        return _endpoints(
            f"{below}/authorize", f"{below}/token", f"{base}/discovery/keys", None, f"{below}/logout"
        )
    return None


def is_keycloak(issuer: str) -> bool:
    """Whether an issuer is a realm of a Keycloak."""
    return re.fullmatch(_KEYCLOAK, urlsplit(issuer).path) is not None


def of_another_kind(issuer: str) -> str | None:
    """The hint for an issuer that belongs to another kind of provider than `oidc`."""
    host = urlsplit(issuer).hostname or ""
    if host in {"login.microsoftonline.com", "sts.windows.net"}:
        return "write `entra-id: {tenant: …}`: its endpoints and claims are known"
    if host in {"github.com", "api.github.com"}:
        return (
            "write `github: {client-id: …, client-secret: …}`: GitHub speaks OAuth 2.0 without OpenID Connect"
        )
    return None
