"""One real realm goes from profile to profile: at each, Keycloak's export is that of a realm made for this profile alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from orthgen.deployment.model import Deployment
from orthgen.realm.admin.client import AdminClient, Administrator
from tests.support.builders import make_deployment
from tests.support.provisioning import in_realm, labels, plan, provision
from tests.support.real.keycloak import RunningKeycloak

KEYCLOAK = "keycloak: {local-port: 8081}"
SAML = "{alias: campus, entity-id: 'urn:x', sign-on-url: 'https://idp.example.org/sso', signing-certificate: MIICmzCCAYMCBgF}"
OIDC = "{alias: city, issuer: 'https://login.example.org/realms/x', client-id: a, client-secret: {secret: s}}"
GOOGLE = "{client-id: a, client-secret: {secret: g}, hosted-domain: clinic.example}"
LDAP = (
    "{url: 'ldaps://ldap.example.org', vendor: ad, bind-dn: 'cn=k', bind-password: {secret: b}, "
    "users-dn: 'ou=people', groups-dn: 'ou=groups'}"
)
SMTP = "{host: mail.example.org, sender: a@example.org, user: a, password: {secret: m}}"
BOSS = "boss: {can: [everything], collections: all, granted-by: [{group: /bosses}]}"
SEQUENCE: dict[str, dict[str, str]] = {
    "accounts, mail, API keys and reports": {
        "identity": f"{{{KEYCLOAK}, sign-in: [accounts: {{otp: required}}], api-keys: true, smtp: {SMTP}}}",
        "viewers": "{ohif: {reports: signed-in}}",
    },
    "a directory": {
        "identity": f"{{{KEYCLOAK}, sign-in: [ldap: {LDAP}]}}",
        "roles": f"{{reader: {{can: [view], collections: all, granted-by: [{{ldap: readers}}]}}, {BOSS}}}",
    },
    "people register": {
        "identity": f"{{{KEYCLOAK}, sign-in: [accounts: {{self-registration: true}}], smtp: {SMTP}}}",
    },
    "a SAML provider": {
        "identity": f"{{{KEYCLOAK}, sign-in: [saml: {SAML}]}}",
        "roles": f"{{reader: {{can: [view], collections: all, granted-by: [{{campus: a}}, {{campus: b}}]}}, {BOSS}}}",
    },
    "a provider of OpenID Connect": {
        "identity": f"{{{KEYCLOAK}, sign-in: [oidc: {OIDC}], permission-editor: true}}",
        "roles": f"{{reader: {{can: [view], collections: all, granted-by: [{{city: a}}]}}, {BOSS}}}",
    },
    "Google, and no editor": {
        "identity": f"{{{KEYCLOAK}, sign-in: [google: {GOOGLE}]}}",
        "roles": f"{{guest: {{can: [view], collections: all, granted-by: [{{google: clinic.example}}]}}, {BOSS}}}",
    },
    "accounts alone": {"identity": f"{{{KEYCLOAK}, sign-in: [accounts: {{otp: optional}}]}}"},
}
# Ids and versions; texts of pages and the accounts that were made once stay; Keycloak's import and its admin API write other
# defaults of these.
IGNORED = re.compile(
    r"/(id|internalId|containerId|keycloakVersion|secret|description|localizationTexts|orthgen\.(owned|revision)|"
    r"krbPrincipalAttribute|kc\.user\.profile\.config|backchannel\.logout\.[a-z.]+|userinfo\.token\.claim|"
    r"client\.secret\.creation\.time|createdTimestamp|parentId)$"
)


# A service account that was switched on has the default role; a user profile that was changed stays a component, and its
# content is compared by itself.
OF_THE_ADMIN_API = {
    '/users[]/realmRoles[]: "default-roles-REALM"',
    '/components/org.keycloak.userprofile.UserProfileProvider[]/providerId: "declarative-user-profile"',
}


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """Each value of an export with its place; lists by their content, in which order they ever are."""
    if IGNORED.search(path):
        return
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, f"{path}/{name}")
    elif isinstance(value, list):
        for item in value:
            name = (
                item.get("name") or item.get("alias") or item.get("clientId")
                if isinstance(item, dict)
                else ""
            )
            yield from leaves(item, f"{path}[{name or ''}]")
    else:
        yield f"{path}: {json.dumps(value)}"


def exported(keycloak: RunningKeycloak, realm: str) -> set[str]:
    """The realm as an auditor reads it, without its name and the versions of flows."""
    whole = {**keycloak.export(realm), "profile": keycloak.admin("GET", f"/{realm}/users/profile").json()}
    texts = {text.replace(realm, "REALM") for text in leaves(whole)} - OF_THE_ADMIN_API
    return {re.sub(r"(orthgen [a-z -]+) v\d+", r"\1 vN", text) for text in texts}


def deployment(name: str, realm: str) -> Deployment:
    """The deployment of one profile of the sequence."""
    return in_realm(make_deployment(**SEQUENCE[name]), realm)


def test_a_realm_is_as_its_profile_whatever_was_before(keycloak: RunningKeycloak) -> None:
    """With `--prune`, nothing of an earlier profile is left that gives somebody a right; without it, each run succeeds."""
    admin_client = AdminClient(keycloak.url, Administrator(user="admin", password=keycloak.admin_password))
    for name in SEQUENCE:
        provision(deployment(name, "in-sequence"), admin_client, mark=name)
        assert labels(plan(deployment(name, "in-sequence"), admin_client)) == [], name
        provision(deployment(name, "in-sequence"), admin_client, prune=True, mark=f"{name}, pruned")
        assert plan(deployment(name, "in-sequence"), admin_client, prune=True).is_empty, name
        provision(deployment(name, "made-for-it"), admin_client)
        found, fresh = exported(keycloak, "in-sequence"), exported(keycloak, "made-for-it")
        keycloak.delete_realm("made-for-it")
        assert (sorted(found - fresh), sorted(fresh - found)) == ([], []), name
    keycloak.delete_realm("in-sequence")
