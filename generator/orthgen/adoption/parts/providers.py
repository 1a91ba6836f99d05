"""One item of `identity.sign-in` for a provider that Keycloak brokers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import name_like, plain_text
from orthgen.adoption.references import realm_reference
from orthgen.deployment import naming
from orthgen.formats.loose_values import mappings
from orthgen.profile.issuers import known_endpoints

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Document, Path

_ENTRA = re.compile(r"https://login\.microsoftonline\.com/(?P<tenant>[^/]+)/")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ROLE_ATTRIBUTE = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"
_SOME_TENANT = "00000000-0000-0000-0000-000000000000"
_SCOPES = ["openid", "profile", "email"]
# What the button says where the profile has no title.
_TITLES = {"entra-id": "Microsoft", "google": "Google", "github": "GitHub"}
_ENDPOINTS = {
    "authorization": "authorizationUrl",
    "token": "tokenUrl",
    "jwks": "jwksUrl",
    "userinfo": "userInfoUrl",
    "logout": "logoutUrl",
}


class _Provider:
    """A provider of the realm, with the places of its settings."""

    def __init__(self, realm: Document, index: int) -> None:
        self.realm, self.index = realm, index
        self.value: dict[str, Any] = realm.value["identityProviders"][index]
        config = self.value.get("config")
        self.config: dict[str, Any] = config if isinstance(config, dict) else {}
        self.alias = str(self.value.get("alias", ""))

    def at(self, *path: str) -> Location:
        return self.realm.locate(("identityProviders", self.index, *path))

    def setting(self, key: str) -> str:
        """A text of the configuration; empty where there is none."""
        value = self.config.get(key)
        return value if isinstance(value, str) else ""


def state_provider(draft: Draft, path: Path, realm: Document, index: int) -> bool:
    """State the provider at `index` of the realm; False where the profile has no word for its kind."""
    provider = _Provider(realm, index)
    kind = _kind(provider)
    if kind is None:
        draft.note(
            NoteKind.LEFT_OUT,
            f"people sign in through `{provider.alias}`, a provider of the kind `{provider.value.get('providerId')}`",
            "the profile knows Entra ID, Google, GitHub, OpenID Connect and SAML: its people need another way of signing in",
            provider.at(),
        )
        return False
    below = (*path, kind)
    alias = name_like(provider.alias)
    if alias != kind:
        draft.state((*below, "alias"), alias, provider.at("alias"))
    if alias != provider.alias:
        what = f"the provider `{provider.alias}`"
        outcome = f"is called `{alias}`: people who signed in through it are linked to the old name, and have to be linked again"
        draft.note(NoteKind.CHANGED, what, outcome, provider.at("alias"))
    title = plain_text(provider.value.get("displayName"))
    if title and title != _TITLES.get(kind, alias):
        draft.state((*below, "title"), title, provider.at("displayName"))
    if provider.value.get("trustEmail") is True and kind != "github":
        draft.state((*below, "trust-email"), True, provider.at("trustEmail"))
    if str(provider.value.get("firstBrokerLoginFlowAlias", "")).startswith(naming.LINKING_FLOW):
        draft.state((*below, "link-by-email"), True, provider.at("firstBrokerLoginFlowAlias"))
    if kind == "saml":
        _state_saml(draft, below, provider)
    else:
        _state_client(draft, below, provider, kind)
        _STATED_BY[kind](draft, below, provider)
    _state_claim(draft, below, provider, kind)
    return True


def _kind(provider: _Provider) -> str | None:
    kind = str(provider.value.get("providerId"))
    if kind in {"oidc", "keycloak-oidc"}:
        return "entra-id" if _ENTRA.match(provider.setting("authorizationUrl")) else "oidc"
    return {"google": "google", "github": "github", "saml": "saml", "microsoft": "entra-id"}.get(kind)


def _state_client(draft: Draft, path: Path, provider: _Provider, kind: str) -> None:
    draft.state((*path, "client-id"), provider.setting("clientId"), provider.at("config", "clientId"))
    if provider.setting("clientAuthMethod") == "private_key_jwt" and kind in {"entra-id", "oidc"}:
        draft.state(
            (*path, "client-authentication"), "private-key-jwt", provider.at("config", "clientAuthMethod")
        )
        return
    name = f"{name_like(provider.alias)}-client-secret"
    place = provider.at("config", "clientSecret")
    realm_reference(draft, (*path, "client-secret"), provider.config.get("clientSecret"), name, place)


def _state_entra_id(draft: Draft, path: Path, provider: _Provider) -> None:
    match = _ENTRA.match(provider.setting("authorizationUrl"))
    tenant = match["tenant"] if match else provider.setting("tenantId")
    key = "authorizationUrl" if match else "tenantId"
    if _GUID.fullmatch(tenant.lower()):
        draft.state((*path, "tenant"), tenant.lower(), provider.at("config", key))
    else:
        needed = f"the directory (tenant) id, a GUID, in place of `{tenant or 'common'}`"
        draft.fill_in((*path, "tenant"), needed, provider.at("config", key), stand_in=_SOME_TENANT)


def _state_google(draft: Draft, path: Path, provider: _Provider) -> None:
    if domain := provider.setting("hostedDomain"):
        draft.state((*path, "hosted-domain"), domain, provider.at("config", "hostedDomain"))
    elif draft.get((*path, "trust-email")):
        draft.remove((*path, "trust-email"))
        what = "addresses from Google are trusted, of any domain"
        draft.note(
            NoteKind.CHANGED,
            what,
            "they are not, because Google vouches only for domains that it hosts",
            provider.at("trustEmail"),
        )


def _state_github(draft: Draft, path: Path, provider: _Provider) -> None:
    """GitHub has no further settings."""


def _state_oidc(draft: Draft, path: Path, provider: _Provider) -> None:
    issuer = provider.setting("issuer")
    if issuer:
        draft.state((*path, "issuer"), issuer, provider.at("config", "issuer"))
    else:
        draft.fill_in(
            (*path, "issuer"),
            "the issuer, as the provider's discovery document spells it",
            provider.at("config"),
            stand_in="https://accounts.google.com",
        )
    scopes = provider.setting("defaultScope").split()
    if scopes and scopes != _SCOPES:
        draft.state((*path, "scopes"), scopes, provider.at("config", "defaultScope"))
    endpoints = {name: value for name, key in _ENDPOINTS.items() if (value := provider.setting(key))}
    if provider.setting("disableUserInfo") == "true":
        endpoints.pop("userinfo", None)
    known = known_endpoints(issuer) if issuer else None
    if known is not None and all(endpoints.get(name) in (None, getattr(known, name)) for name in _ENDPOINTS):
        return
    for name, value in endpoints.items():
        draft.state((*path, "endpoints", name), value, provider.at("config", _ENDPOINTS[name]))


_STATED_BY = {
    "entra-id": _state_entra_id,
    "google": _state_google,
    "github": _state_github,
    "oidc": _state_oidc,
}


def _state_saml(draft: Draft, path: Path, provider: _Provider) -> None:
    for name, key in (("entity-id", "idpEntityId"), ("sign-on-url", "singleSignOnServiceUrl")):
        if provider.setting(key):
            draft.state((*path, name), provider.setting(key), provider.at("config", key))
        else:
            draft.fill_in(
                (*path, name),
                f"what the provider's metadata say of `{name}`",
                provider.at("config"),
                stand_in="https://idp.example.org/",
            )
    keys = (("logout-url", "singleLogoutServiceUrl"), ("metadata-url", "metadataDescriptorUrl"))
    for name, key in keys:
        if provider.setting(key):
            draft.state((*path, name), provider.setting(key), provider.at("config", key))
    if not provider.setting("metadataDescriptorUrl") and (
        certificate := provider.setting("signingCertificate")
    ):
        draft.state(
            (*path, "signing-certificate"),
            "".join(certificate.split()),
            provider.at("config", "signingCertificate"),
        )
    if provider.setting("principalType") == "ATTRIBUTE" and (
        attribute := provider.setting("principalAttribute")
    ):
        draft.state((*path, "principal"), attribute, provider.at("config", "principalAttribute"))


def _state_claim(draft: Draft, path: Path, provider: _Provider, kind: str) -> None:
    """The claim or attribute by which the realm's mappers grant roles; a second one is noted."""
    default = {"entra-id": "roles", "oidc": "groups", "saml": _ROLE_ATTRIBUTE}.get(kind)
    if default is None:
        return
    names: dict[str, Location] = {}
    for index, mapper in mappings(provider.realm.value.get("identityProviderMappers")):
        config = mapper.get("config")
        if (
            not isinstance(config, dict)
            or mapper.get("identityProviderAlias") != provider.alias
            or not config.get("role")
        ):
            continue
        name = config.get("claim", config.get("attribute.name"))
        text = str(config.get("claims", config.get("attributes", "")))
        name = name or next(iter(re.findall(r'"key"\s*:\s*"([^"]+)"', text)), None)
        if isinstance(name, str):
            names.setdefault(name, provider.realm.locate(("identityProviderMappers", index)))
    for name, place in list(names.items())[1:]:
        draft.note(
            NoteKind.LEFT_OUT,
            f"roles of `{provider.alias}` come from a second claim, `{name}`",
            "a provider grants roles by one claim: grants by this one are below `granted-by` as if the first had the value",
            place,
        )
    key = "attribute" if kind == "saml" else "claim"
    for name, place in list(names.items())[:1]:
        if name != default:
            draft.state((*path, key), name, place)
