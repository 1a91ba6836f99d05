"""
Discovery of identity providers' endpoints, for provisioning only (OpenID Connect Discovery 1.0).

`render` uses no network: it knows the endpoints of Google, Okta, ADFS and Keycloak, and needs those of any other
provider in the profile where it writes a realm.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec.structs import replace

from orthgen.errors import OrthgenError
from orthgen.http_client import HttpClient, NoReply
from orthgen.profile.identity import OidcEndpoints
from orthgen.profile.issuers import known_endpoints
from orthgen.realm.admin.representations import ProviderMetadata, Unreadable, read_answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthgen.deployment.model import Deployment
    from orthgen.profile.identity import Oidc, SignIn

_TIMEOUT_SECONDS = 10.0
_WELL_KNOWN = ".well-known/openid-configuration"


def _fetch(ca_file: Path | None, issuer: str) -> bytes:
    client = HttpClient(issuer.rstrip("/") + "/", ca_file=ca_file)
    reply = client.send("GET", _WELL_KNOWN, seconds=_TIMEOUT_SECONDS)
    if reply.status != 200:
        raise Unreadable(f"status {reply.status}")
    return reply.body


def with_discovered_endpoints(
    deployment: Deployment, *, ca_file: Path | None = None, fetch: Callable[[str], bytes] | None = None
) -> tuple[Deployment, tuple[str, ...]]:
    """
    The deployment with every provider's endpoints, and a note for each provider without a usable document.

    `fetch` reads the document of an issuer; the default is the network, with the authority in `ca_file`.

    Raises OrthgenError where a provider's `issuer` is not the profile's, because Keycloak would accept none of its
    tokens; and where a provider has no usable document and the issuer implies no endpoints.
    """
    notes: list[str] = []
    fetch = fetch or partial(_fetch, ca_file)
    methods = [_discovered(method, fetch, notes) for method in deployment.profile.identity.sign_in]
    identity = deployment.profile.identity.model_copy(update={"sign_in": methods})
    return replace(deployment, profile=deployment.profile.model_copy(update={"identity": identity})), tuple(
        notes
    )


def _discovered(method: SignIn, fetch: Callable[[str], bytes], notes: list[str]) -> SignIn:
    provider = method.oidc
    if provider is None or provider.endpoints is not None:
        return method
    try:
        endpoints = _endpoints(read_answer(fetch(provider.issuer), ProviderMetadata), provider)
    except (NoReply, Unreadable) as error:
        reason = error.reason if isinstance(error, NoReply) else str(error)
        url = f"{provider.issuer.rstrip('/')}/{_WELL_KNOWN}"
        if known_endpoints(provider.issuer) is None:
            raise OrthgenError(
                f"`{url}` has no usable answer ({reason})",
                hint="write the provider's endpoints as `endpoints:`",
            ) from error
        notes.append(
            f"`{url}` has no usable answer ({reason}); its endpoints are taken to be where its maker has them. "
            "`endpoints:` in the profile names others"
        )
        return method
    return method.model_copy(update={"oidc": provider.model_copy(update={"endpoints": endpoints})})


def _endpoints(metadata: ProviderMetadata, provider: Oidc) -> OidcEndpoints:
    if metadata["issuer"] != provider.issuer:
        name = (
            f"`{metadata['issuer']}`" if _is_web(metadata["issuer"]) else "by a value that is not an address"
        )
        raise OrthgenError(
            f"the provider at `{provider.issuer}` calls itself {name}",
            hint="write its name as `issuer`, letter by letter: Keycloak compares it with that of each token",
        )
    for member, address in metadata.items():
        if member in ProviderMetadata.__annotations__ and address is not None:
            _check(member, str(address), provider)
    return OidcEndpoints.model_construct(
        authorization=metadata["authorization_endpoint"],
        token=metadata["token_endpoint"],
        jwks=metadata["jwks_uri"],
        userinfo=metadata.get("userinfo_endpoint"),
        logout=metadata.get("end_session_endpoint"),
    )


def _check(member: str, address: str, provider: Oidc) -> None:
    """Raise Unreadable where an endpoint is no address, or would receive codes and secrets without TLS."""
    if not _is_web(address):
        raise Unreadable(f"`{member}` is not an http or https address")
    if provider.issuer.startswith("https:") and not address.startswith("https:"):
        raise Unreadable(f"`{member}` is plain http")


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and address.isprintable()
        and not set(address) & set(' "<>`')
    )
