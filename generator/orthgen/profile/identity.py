"""The `identity` part of the profile: sign-in, in Keycloak's and Entra ID's terms."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from orthgen.field_types import (
    DistinguishedName,
    Email,
    FilePath,
    HostName,
    Matching,
    Model,
    Name,
    Port,
    Secret,
    ShortText,
    Text,
    WebUrl,
    invalid_value,
    names_a_host,
)
from orthgen.profile.keycloak import Keycloak
from orthgen.profile.time_spans import PositiveDuration

Tenant = Annotated[
    str,
    Matching(
        r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "a tenant of Entra ID",
        "write the directory (tenant) id, a GUID in small letters: tokens name their issuer by it, so that with a domain "
        "every token would be refused, and `common` would admit every tenant",
        example="00000000-0000-0000-0000-000000000000",
    ),
]

# Keycloak compares it with the claim `hd` letter by letter, and takes a comma for the end of a domain.
Domain = Annotated[
    str,
    Matching(
        r"[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)+",
        "a domain",
        "write one domain in small letters: `clinic.example`",
        example="clinic.example",
    ),
]

NAME_ID = "name-id"


class Provider(Model):
    """What every brokered identity provider has."""

    alias: Name | None = Field(
        None, description="Its name in `granted-by` and in Keycloak; by default the kind's name."
    )
    title: ShortText | None = Field(None, description="The text of the button on the sign-in page.")
    trust_email: bool = Field(
        False, description="Whether the e-mail addresses that the provider sends count as verified."
    )
    link_by_email: bool = Field(
        False,
        description="Whether a first sign-in joins an existing account with the same verified e-mail address. It is "
        "for a move from one sign-in method to another, and every provider needs `trust-email`.",
    )

    @model_validator(mode="after")
    def _links_only_verified_addresses(self) -> Self:
        if self.link_by_email and not self.trust_email:
            raise invalid_value(
                "`link-by-email` without `trust-email`",
                "anybody who may type an address could take an account over",
            )
        return self


class OpenIdProvider(Provider):
    """What every provider has that speaks OpenID Connect."""

    client_id: Text = Field(
        description="The client id, as the provider shows it (Entra ID: the application id)."
    )
    client_secret: Secret | None = Field(None, description="The client secret, by its name.")
    client_authentication: Literal["client-secret", "private-key-jwt"] = Field(
        "client-secret",
        description="How Keycloak signs in to the provider: with the client secret, or with the key of its realm. "
        "The provider then needs the certificate of this key (docs/keycloak.md).",
    )

    @model_validator(mode="after")
    def _has_one_authentication(self) -> Self:
        if self.client_authentication == "client-secret" and self.client_secret is None:
            raise invalid_value(
                "`client-secret` is missing",
                "write where it is found, `client-secret: {secret: NAME}`; or `client-authentication: private-key-jwt`",
            )
        if self.client_authentication == "private-key-jwt" and self.client_secret is not None:
            raise invalid_value(
                "`client-secret` beside `private-key-jwt`", "leave the secret out: nothing would read it"
            )
        return self


class EntraId(OpenIdProvider):
    """Microsoft Entra ID, brokered by Keycloak as an OpenID Connect provider."""

    tenant: Tenant = Field(description="The directory (tenant) id.")
    claim: Literal["roles", "groups"] = Field(
        "roles",
        description="The kind of values in `granted-by`: names of app roles (`roles`), or object ids of groups "
        "(`groups`).",
    )


class OidcEndpoints(Model):
    """The endpoints of a discovery document. `provision-keycloak` reads that document; `render` uses no network."""

    authorization: WebUrl = Field(description="`authorization_endpoint`.")
    token: WebUrl = Field(description="`token_endpoint`.")
    jwks: WebUrl = Field(description="`jwks_uri`.")
    userinfo: WebUrl | None = Field(None, description="`userinfo_endpoint`.")
    logout: WebUrl | None = Field(None, description="`end_session_endpoint`.")


class Oidc(OpenIdProvider):
    """Any other OpenID Connect provider."""

    issuer: WebUrl = Field(description="The issuer, exactly as in its discovery document.")
    claim: Text = Field(
        "groups",
        description="The claim whose values are in `granted-by`. A dot leads into a claim (`realm_access.roles`), unless the "
        "claim is a web address.",
    )
    scopes: list[Text] = Field(["openid", "profile", "email"], description="The scopes to ask for.")
    endpoints: OidcEndpoints | None = Field(
        None,
        description="The provider's endpoints. orthgen derives those of Google, Okta, ADFS and another Keycloak from "
        "the issuer. With the institution's own Keycloak, `provision-keycloak` reads them from the provider.",
    )


class SocialProvider(Provider):
    """What every provider has that Keycloak knows by name, with its endpoints."""

    client_id: Text = Field(description="The client id, as the provider shows it.")
    client_secret: Secret = Field(description="The client secret, by its name.")


class Google(SocialProvider):
    """Google accounts: those of one domain (Google Workspace), or all."""

    hosted_domain: Domain | None = Field(
        None,
        description="The institution's domain at Google, as Google writes it. Only its people can sign in, and "
        "`granted-by: [{google: DOMAIN}]` gives a role to all of them. Without this key, everybody with a Google "
        "account gets an account without a role.",
    )

    @model_validator(mode="after")
    def _vouches_for_its_own_domain(self) -> Self:
        if self.trust_email and self.hosted_domain is None:
            raise invalid_value(
                "`trust-email` without `hosted-domain`",
                "Google vouches for addresses of domains that it hosts; another address may belong to somebody else by now. "
                "Write `hosted-domain: clinic.example`, or leave `trust-email` out",
            )
        return self


class GitHub(SocialProvider):
    """Accounts of github.com. Everybody can sign in, so an account has no role until an administrator grants one."""

    @model_validator(mode="after")
    def _vouches_for_no_address(self) -> Self:
        if self.trust_email:
            raise invalid_value(
                "`trust-email` for GitHub",
                "Keycloak takes an address from GitHub without asking whether it is verified: leave `trust-email` out",
            )
        return self


# DER in base64: a sequence of more than 255 bytes begins with `MII`.
_CERTIFICATE = "MII[A-Za-z0-9+/]+={0,2}"
Certificate = Annotated[
    str,
    Matching(
        rf"{_CERTIFICATE}(?:,{_CERTIFICATE})*",
        "a certificate in one line",
        "write the lines between `BEGIN` and `END` of the PEM file as one, without blanks: `MIIC…`",
        example="MIIB",
    ),
]
"""Keycloak (26.7) finds no certificate in a line that has the words `BEGIN` and `END` too."""


class Saml(Provider):
    """A SAML 2.0 identity provider: ADFS, Shibboleth and others."""

    entity_id: Text = Field(description="The provider's entity id.")
    sign_on_url: WebUrl = Field(description="The provider's single sign-on service.")
    logout_url: WebUrl | None = Field(None, description="The provider's single logout service.")
    metadata_url: WebUrl | None = Field(
        None, description="The address from which Keycloak reads the provider's signing keys."
    )
    signing_certificate: Certificate | None = Field(
        None,
        description="The provider's signing certificate, if there is no `metadata-url`: the lines between `BEGIN` and `END` of "
        "its PEM file as one. Several certificates are separated by commas.",
    )
    attribute: Text = Field(
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
        description="The attribute whose values are in `granted-by`.",
    )
    principal: Text = Field(
        NAME_ID,
        description="The permanent identifier of a person: `name-id`, or an attribute whose value is never given to "
        "another person.",
    )

    @model_validator(mode="after")
    def _has_a_key_to_check_signatures_with(self) -> Self:
        if self.metadata_url is None and self.signing_certificate is None:
            raise invalid_value(
                "nothing says which key signs the assertions",
                "give `metadata-url` (better, because new keys are found automatically) or `signing-certificate`",
            )
        return self


class Ldap(Model):
    """A directory whose people sign in with their directory password (Keycloak user federation)."""

    alias: Name | None = Field(None, description="Its name in `granted-by`; by default `ldap`.")
    url: Annotated[
        str,
        Matching(
            r"ldaps?://[A-Za-z0-9.-]+(?::[0-9]+)?",
            "an LDAP address",
            "write `ldaps://dc1.example.org`",
            example="ldaps://dc1.example.org",
        ),
        AfterValidator(names_a_host),
    ] = Field(description="The directory server; `ldaps://`, or `ldap://` with `start-tls`.")
    start_tls: bool = Field(False, description="Whether an `ldap://` connection uses StartTLS.")
    vendor: Literal["ad", "rhds", "other"] = Field(
        "ad", description="The product, in Keycloak's words (`ad`: Active Directory)."
    )
    bind_dn: Text = Field(description="The account with which Keycloak searches the directory.")
    bind_password: Secret = Field(description="The password of this account, by its name.")
    users_dn: DistinguishedName = Field(description="The DN below which people are.")
    groups_dn: DistinguishedName | None = Field(
        None, description="The DN below which groups are; needed if `granted-by` names groups."
    )
    user_name: Text | None = Field(
        None, description="The attribute with which people sign in; by default the vendor's."
    )


class Person(Model):
    """A first account. orthgen creates it once and never changes it again."""

    name: ShortText = Field(description="First name and family name.")
    email: Email = Field(description="The e-mail address.")
    roles: list[Name] = Field([], description="The roles of the account when it is created.")
    password: Secret | None = Field(
        None,
        description="A first, temporary password, by its name; by default `orthgen secrets` makes one.",
    )


class Accounts(Model):
    """Keycloak's own accounts, with a password."""

    otp: Literal["required", "optional"] = Field(
        "required", description="A second factor (time-based one-time password)."
    )
    password_length: int = Field(
        12, ge=8, le=128, description="The least number of characters of a password."
    )
    self_registration: bool = Field(
        False, description="Whether anybody may create an account; it has no role."
    )
    people: dict[Name, Person] = Field(
        {},
        description="First accounts, by user name. orthgen adds the account `admin` with the widest role if accounts "
        "are the only sign-in method, the profile names no account, and no rule grants a role.",
    )


BrokeredProvider = EntraId | Google | GitHub | Oidc | Saml
SignInKind = Literal["entra-id", "google", "github", "oidc", "saml", "ldap", "accounts"]


class SignIn(Model):
    """A sign-in method: exactly one of the keys."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    entra_id: EntraId | None = Field(None, description="Microsoft Entra ID.")
    google: Google | None = Field(None, description="Google.")
    github: GitHub | None = Field(None, description="GitHub.")
    oidc: Oidc | None = Field(None, description="Another OpenID Connect provider.")
    saml: Saml | None = Field(None, description="A SAML 2.0 provider, such as ADFS.")
    ldap: Ldap | None = Field(None, description="A directory.")
    accounts: Accounts | None = Field(None, description="Keycloak's own accounts.")

    @model_validator(mode="before")
    @classmethod
    def _is_one_method(cls, value: Any) -> Any:
        if value == "accounts":
            return {"accounts": {}}
        if isinstance(value, dict) and len(value) != 1:
            raise invalid_value(
                "a sign-in method is one key with its settings",
                "write one list item each: `- entra-id: {…}`, `- accounts: {}`",
            )
        return value

    @property
    def kind(self) -> SignInKind:
        """Which of the keys is set."""
        kinds: tuple[tuple[SignInKind, object], ...] = (
            ("entra-id", self.entra_id),
            ("google", self.google),
            ("github", self.github),
            ("oidc", self.oidc),
            ("saml", self.saml),
            ("ldap", self.ldap),
            ("accounts", self.accounts),
        )
        return next((kind for kind, settings in kinds if settings is not None), "accounts")

    @property
    def brokered(self) -> BrokeredProvider | None:
        """The settings of a provider that Keycloak sends people to."""
        return self.entra_id or self.google or self.github or self.oidc or self.saml

    @property
    def alias(self) -> str:
        """Its name in `granted-by` and, for a brokered provider, in Keycloak."""
        settings = self.brokered or self.ldap
        return (settings.alias if settings is not None else None) or self.kind


class Smtp(Model):
    """The mail server for invitations and password resets."""

    host: HostName = Field(description="The mail server.")
    port: Port = Field(587, description="Its port.")
    sender: Email = Field(description="The address that mails come from.")
    user: ShortText | None = Field(None, description="The user name, if the server needs one.")
    password: Secret | None = Field(None, description="The password, by its name.")
    encryption: Literal["start-tls", "tls", "none"] = Field(
        "start-tls", description="How the connection is protected."
    )


class Sessions(Model):
    """How long a sign-in lasts."""

    access_token: PositiveDuration = Field(300, description="The lifetime of an access token.")
    idle: PositiveDuration = Field(1800, description="A sign-in ends after this time without use.")
    longest: PositiveDuration = Field(36000, description="Every sign-in ends after this time.")


def _sign_in_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class Identity(Model):
    """How people sign in, and for how long."""

    realm: Name = Field("orthanc", description="The Keycloak realm.")
    keycloak: Keycloak = Field(
        Keycloak.model_construct(),
        description="The Keycloak server, and the objects that orthgen may change there.",
    )
    sign_in: Annotated[list[SignIn], BeforeValidator(_sign_in_list)] = Field(
        [],
        description="The sign-in methods, in the order of the sign-in page. Empty only for an existing realm.",
    )
    api_keys: bool = Field(
        False, description="Whether programs may use API keys (a user attribute, header `api-key`)."
    )
    permission_editor: bool = Field(
        False,
        description="Whether Orthanc Explorer 2 may edit roles and permissions. Its edits are in no profile and not in "
        "`ACCESS.md`. Later changes of the profile are added to them.",
    )
    trust: list[FilePath] = Field(
        [],
        description="Certificates (PEM, paths on the host) of the authorities that Keycloak trusts besides the "
        "public ones, for example the institution's own for a directory or ADFS. With `keycloak.server`: the "
        "authorities that the auth-service trusts for connections to that server.",
    )
    sessions: Sessions = Field(Sessions.model_construct(), description="How long a sign-in lasts.")
    smtp: Smtp | None = Field(None, description="The mail server for invitations and password resets.")
