"""Providers of an institution for the tests of brokering: one that speaks as Entra ID does, one of SAML, a directory."""

from __future__ import annotations

from typing import Any

from tests.support.real import web
from tests.support.real.keycloak import RunningKeycloak

TENANT = "6f2c1c1e-0d2b-4a55-9a53-2d1f0c7a9b10"
GROUP = "0b8f6d1e-4a3c-4f0e-9c57-d3f5b0a1c2e4"
SECRET = "a-secret-that-only-the-vault-knows"


def entra_like(server: RunningKeycloak) -> None:
    """A provider that says what Entra ID says: app roles in `roles`, object ids in `groups`, the tenant in the issuer."""
    everywhere = {"id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true"}
    many = {"multivalued": "true", "jsonType.label": "String", **everywhere}
    mappers = {
        "roles": ("oidc-usermodel-realm-role-mapper", {"claim.name": "roles", **many}),
        "groups": (
            "oidc-group-membership-mapper",
            {"claim.name": "groups", "full.path": "false", **everywhere},
        ),
    }
    client = {
        "clientId": "orthanc-app",
        "secret": SECRET,
        "redirectUris": [f"{server.url}/realms/by-oidc/broker/entra/endpoint"],
        "attributes": {"pkce.code.challenge.method": "S256"},
        "protocolMappers": [
            {"name": name, "protocol": "openid-connect", "protocolMapper": mapper, "config": config}
            for name, (mapper, config) in mappers.items()
        ],
    }
    realm = {
        "realm": TENANT,
        "enabled": True,
        "roles": {
            "realm": [{"name": name} for name in ("Orthanc.Radiologist", "Orthanc.Head", "Orthanc.Admin")]
        },
        "groups": [{"name": GROUP}],
        # The provider lets people be without an address, and asks them for none.
        "requiredActions": [
            {"alias": "VERIFY_PROFILE", "name": "x", "providerId": "VERIFY_PROFILE", "enabled": False}
        ],
        "clients": [client],
    }
    server.import_realm(realm)


def described_client(server: RunningKeycloak, metadata: str) -> dict[str, Any]:
    """The client that a service provider's metadata describes."""
    token = server.password_token("master", "admin-cli", "admin", server.admin_password)["access_token"]
    answer = web.request(
        "POST",
        f"{server.url}/admin/realms/idp/client-description-converter",
        body=metadata,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/xml"},
    )
    assert answer.status == 200, answer.text
    return dict(answer.json())


def trust(server: RunningKeycloak, realm: str) -> None:
    """Make the provider trust the deployment as an administrator does: by the metadata that Keycloak publishes."""
    metadata = web.get(f"{server.url}/realms/{realm}/broker/saml/endpoint/descriptor").text
    client = described_client(server, metadata)
    claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
    names = {"email": "emailaddress", "firstName": "givenname", "lastName": "surname"}
    client["protocolMappers"] = [
        {
            "name": "roles",
            "protocol": "saml",
            "protocolMapper": "saml-role-list-mapper",
            "config": {
                "attribute.name": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
                "attribute.nameformat": "Basic",
                "single": "true",
            },
        },
        *(
            {
                "name": name,
                "protocol": "saml",
                "protocolMapper": "saml-user-property-mapper",
                "config": {"attribute.name": f"{claims}/{claim}", "user.attribute": name},
            }
            for name, claim in names.items()
        ),
    ]
    client["defaultClientScopes"] = []
    client["attributes"] |= {
        "saml.assertion.signature": "true",
        "saml.encrypt": "true",
        "saml_name_id_format": "username",
    }
    server.admin("POST", "/idp/clients", client)


PEOPLE = """
dn: dc=hospital,dc=example
objectClass: dcObject
objectClass: organization
o: hospital
dc: hospital

dn: ou=people,dc=hospital,dc=example
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=hospital,dc=example
objectClass: organizationalUnit
ou: groups

dn: uid=joan,ou=people,dc=hospital,dc=example
objectClass: inetOrgPerson
uid: joan
cn: Joan Clarke
givenName: Joan
sn: Clarke
mail: joan@hospital.example
userPassword: a password of the directory

dn: cn=pacs-readers,ou=groups,dc=hospital,dc=example
objectClass: groupOfNames
cn: pacs-readers
member: uid=joan,ou=people,dc=hospital,dc=example

dn: cn=CT/MR & US,ou=groups,dc=hospital,dc=example
objectClass: groupOfNames
cn: CT/MR & US
member: uid=joan,ou=people,dc=hospital,dc=example

dn: cn=unrelated,ou=groups,dc=hospital,dc=example
objectClass: groupOfNames
cn: unrelated
member: uid=joan,ou=people,dc=hospital,dc=example
"""
