"""
Asks OpenID Connect providers where their endpoints are (OpenID Connect Discovery 1.0), for provisioning only.

`render` reads no network: where a profile names an issuer and no endpoints, realm.json has them where Keycloak has
them below an issuer. A provider of another make says otherwise, and provisioning puts that right.
"""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from generator.errors import OrthgenError
from generator.profile.identity import OidcEndpoints

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.deployment.model import Deployment
    from generator.profile.identity import Oidc, SignIn

_PATIENCE = 10
_LONGEST = 1_000_000


def _fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - the profile admits http and https only
        return json.loads(answer.read(_LONGEST))


def with_discovered_endpoints(
    deployment: Deployment, fetch: Callable[[str], Any] = _fetch
) -> tuple[Deployment, tuple[str, ...]]:
    """
    The deployment with every provider's endpoints, and a line for each provider that did not say.

    Raises OrthgenError where a provider calls itself by another name than the profile does: no token of its would
    be accepted.
    """
    notes: list[str] = []
    ways = [_discovered(way, fetch, notes) for way in deployment.profile.identity.sign_in]
    identity = deployment.profile.identity.model_copy(update={"sign_in": ways})
    return replace(deployment, profile=deployment.profile.model_copy(update={"identity": identity})), tuple(
        notes
    )


def _discovered(way: SignIn, fetch: Callable[[str], Any], notes: list[str]) -> SignIn:
    provider = way.oidc
    if provider is None or provider.endpoints is not None:
        return way
    url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    try:
        said = fetch(url)
        endpoints = _endpoints(said, provider)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = getattr(error, "reason", None) or error
        notes.append(
            f"`{url}` says nothing of use ({reason}); its endpoints are taken to be where Keycloak has them. "
            "`endpoints:` in the profile names others"
        )
        return way
    return way.model_copy(update={"oidc": provider.model_copy(update={"endpoints": endpoints})})


def _endpoints(said: dict[str, Any], provider: Oidc) -> OidcEndpoints:
    if said["issuer"] != provider.issuer:
        raise OrthgenError(
            f"the provider at `{provider.issuer}` calls itself `{said['issuer']}`",
            hint="write its name as `issuer`, letter by letter: Keycloak compares it with that of each token",
        )
    return OidcEndpoints.model_construct(
        authorization=said["authorization_endpoint"],
        token=said["token_endpoint"],
        jwks=said["jwks_uri"],
        userinfo=said.get("userinfo_endpoint"),
        logout=said.get("end_session_endpoint"),
    )
