"""
Who somebody is: people of two providers, their names and addresses, told on two real Keycloaks.

One Keycloak is the deployment's, the other has the realms of two institutions, whose people sign in here; then the
two change places, so that each story is told on the newest and on the oldest version.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from orthgen.deployment.model import Deployment
from orthgen.realm.import_secrets import vault_files
from tests.support.builders import make_deployment
from tests.support.provisioning import in_realm, labels, plan, provision, reached_at
from tests.support.real.identity_providers import SECRET
from tests.support.real.institutions import Institution
from tests.support.real.keycloak import RunningKeycloak
from tests.support.real.visitor import HOME, Visitor, question, sign_in

OURS = ("newest", "oldest")

STORIES = (
    "apart",
    "joined",
    "moved",
    "roleless",
    "passwords",
    "ended",
    "with-accounts",
    "without-accounts",
    "signed",
    "namespaced",
)


@pytest.fixture(scope="module")
def servers(
    keycloak: RunningKeycloak, oldest_keycloak: RunningKeycloak, vault: Path
) -> dict[str, RunningKeycloak]:
    """The newest and the oldest Keycloak, with the providers' secret in their vault."""
    for story in STORIES:
        (vault / f"{story}_provider-secret").write_text(SECRET)
    return dict(zip(OURS, (keycloak, oldest_keycloak), strict=True))


@pytest.fixture(params=OURS)
def pair(
    request: pytest.FixtureRequest, servers: dict[str, RunningKeycloak]
) -> tuple[RunningKeycloak, RunningKeycloak]:
    """The deployment's Keycloak, and the institutions'."""
    other = next(name for name in OURS if name != request.param)
    return servers[request.param], servers[other]


Pair = tuple[RunningKeycloak, RunningKeycloak]


def institutions(pair: Pair, realm: str) -> tuple[Institution, Institution]:
    """The campus, and a partner of its."""
    ours, theirs = pair
    made = Institution(theirs, "campus", ours, realm), Institution(theirs, "partner", ours, realm)
    for institution in made:
        institution.make()
    return made


def provisioned(pair: Pair, realm: str, identity: str, roles: str) -> Deployment:
    """The deployment, provisioned, with nothing left to do."""
    institution = {
        "name": "Lakeside",
        "url": HOME.removesuffix("/ui/app/"),
        "languages": ["fr", "en", "de", "nl"],
        "contact": "imaging@lakeside.example",
    }
    made = make_deployment(institution=institution, deployment=None, identity=identity, roles=roles)
    deployment = reached_at(in_realm(made, realm), pair[0].url)
    admin_client = pair[0].admin_client()
    provision(deployment, admin_client)
    assert labels(plan(deployment, admin_client)) == []
    return deployment


def way(institution: Institution, **more: str) -> str:
    """The institution as a way of signing in."""
    settings = {
        "alias": institution.name,
        "issuer": institution.issuer,
        "client-id": "orthanc-app",
        "client-secret": "{secret: provider-secret}",
        "claim": "roles",
        "trust-email": "true",
        **more,
    }
    return f"{{oidc: {{{', '.join(f'{name}: {value}' for name, value in settings.items())}}}}}"


ROLES = """
  admin: {can: [everything], collections: all, granted-by: [{campus: bosses}]}
  reader: {can: [view], collections: all, granted-by: [{campus: staff}]}
  guest: {can: [view], collections: all, granted-by: [{partner: staff}]}
"""


def test_people_of_two_providers_never_share_an_account(pair: Pair) -> None:
    """A name or an address that somebody else had before opens nothing, and keeps nobody out."""
    campus, partner = institutions(pair, "apart")
    provisioned(pair, "apart", f"{{sign-in: [{way(campus)}, {way(partner)}]}}", ROLES)
    boss = campus.hire("boss", "bosses", email="boss@campus.example").sign_in()
    zed = campus.hire("zed", "staff", email="zed@campus.example")

    same_name = partner.hire("boss", "staff", email="boss@partner.example").sign_in()
    same_address = partner.hire("eve", "staff", email="boss@campus.example").sign_in()
    unverified = partner.hire("joe", "staff", email="zed@campus.example", verified=False).sign_in()
    first = zed.sign_in()
    zed.change_address("zed.new@campus.example")
    changed = zed.sign_in()
    zed.change_address("boss@partner.example")
    taken = zed.sign_in()
    zed.leave()
    made_anew = campus.hire("zed", "staff", email="zed.new@campus.example").sign_in()

    assert boss.roles == ["admin"]
    assert [found.roles for found in (same_name, same_address, unverified)] == [["guest"]] * 3
    assert first.who == changed.who == taken.who
    assert made_anew.roles == ["reader"]
    everybody = [boss, same_name, same_address, unverified, first, made_anew]
    assert len({found.who for found in everybody}) == len(everybody)
    pair[0].delete_realm("apart")


def test_a_claim_may_be_a_web_address(pair: Pair) -> None:
    """Auth0 adds claims under web addresses only. Keycloak would read the dots in one as a path."""
    ours, theirs = pair
    campus = Institution(theirs, "campus", ours, "namespaced", claim=r"https://lakeside\.example/roles")
    campus.make()
    identity = f"{{sign-in: [{way(campus, claim='https://lakeside.example/roles')}]}}"
    provisioned(
        pair,
        "namespaced",
        identity,
        """
      admin: {can: [everything], collections: all, granted-by: [{campus: bosses}]}
      reader: {can: [view], collections: all, granted-by: [{campus: staff}, {campus: bosses}]}
    """,
    )

    boss = campus.hire("grace", "bosses", email="grace@campus.example")
    reader = campus.hire("ada", "staff", email="ada@campus.example")

    assert (sorted(boss.sign_in().roles), reader.sign_in().roles) == (["admin", "reader"], ["reader"])


def test_a_first_sign_in_joins_an_account_by_verified_address_only(pair: Pair) -> None:
    """With `link-by-email` the address decides, the name never; who has no verified address is told so."""
    campus, partner = institutions(pair, "joined")
    ways = f"{way(campus)}, {way(partner, **{'link-by-email': 'true'})}"
    provisioned(pair, "joined", f"{{sign-in: [{ways}]}}", ROLES)
    boss = campus.hire("boss", "bosses", email="boss@campus.example").sign_in()
    zed = campus.hire("zed", "staff", email="zed@campus.example")
    first = zed.sign_in()

    same_name = partner.hire("boss", "staff", email="boss@partner.example").sign_in()
    unverified = partner.hire("joe", "staff", email="zed@campus.example", verified=False).sign_in()
    same_person = partner.hire("boss-elsewhere", "staff", email="boss@campus.example").sign_in()
    zed.change_address("zed.new@campus.example")
    changed = zed.sign_in()
    zed.change_address("boss@partner.example")
    taken = zed.sign_in()
    zed.leave()
    made_anew = campus.hire("zed", "staff", email="zed.new@campus.example").sign_in()

    assert (same_name.who == boss.who, same_name.roles) == (False, ["guest"])
    assert (unverified.tokens, "essential claim" in unverified.page.words) == (None, True)
    assert (same_person.who, same_person.roles) == (boss.who, ["admin", "guest"])
    assert changed.who == first.who
    assert (taken.tokens, made_anew.tokens) == (None, None)
    pair[0].delete_realm("joined")


def test_people_keep_their_account_when_a_provider_takes_passwords_place(pair: Pair) -> None:
    """An account of Keycloak's own is joined by its address, and stays the account that it was."""
    campus = institutions(pair, "moved")[0]
    ours, password = pair[0], secrets.token_urlsafe(12)
    identity = f"{{sign-in: [{way(campus, **{'link-by-email': 'true'})}, accounts: {{otp: optional}}]}}"
    roles = "{reader: {can: [view], collections: all, granted-by: [{campus: staff}]}}"
    provisioned(pair, "moved", identity, roles)
    ours.add_user(
        "moved", "ann", email="ann@campus.example", credentials=[{"type": "password", "value": password}]
    )
    account = ours.admin("GET", "/moved/users?exact=true&username=ann").json()[0]

    found = campus.hire("a.smith", "staff", email="ann@campus.example").sign_in()

    assert (found.who, found.roles) == (account["id"], ["reader"])
    assert found.claims["preferred_username"] == "ann"
    ours.delete_realm("moved")


WORDS = {
    "fr": "aucun rôle dans l’archive d’images de Lakeside",
    "en": "no role in the image archive of Lakeside",
    "de": "keine Rolle im Bildarchiv von Lakeside",
    "nl": "geen rol in het beeldarchief van Lakeside",
}


def test_who_has_no_role_is_told_whom_to_ask(pair: Pair) -> None:
    """The sign-in ends on a page in the person's language, at the first time and when the last role is taken away."""
    campus = institutions(pair, "roleless")[0]
    ours = pair[0]
    roles = """
      reader: {can: [view], collections: all, granted-by: [{campus: staff}]}
      admin: {can: [everything], collections: all, granted-by: [{campus: bosses}]}
    """
    provisioned(pair, "roleless", f"{{sign-in: [{way(campus)}]}}", roles)
    # A person for each language: a second refusal within a second locks an account for a minute.
    nobody = {
        language: campus.hire(f"nobody-{language}", email=f"{language}@campus.example") for language in WORDS
    }
    reader = campus.hire("reader", "staff", email="reader@campus.example")

    refused = {
        language: sign_in(
            ours,
            "roleless",
            f"nobody-{language}",
            person.password,
            through="campus",
            visitor=Visitor(language),
        )
        for language, person in nobody.items()
    }
    browser = Visitor()
    first = sign_in(ours, "roleless", "reader", reader.password, through="campus", visitor=browser)
    again = sign_in(ours, "roleless", "", "", visitor=browser)
    role = ours.admin("GET", "/roleless/roles/reader").json()
    ours.admin("DELETE", f"/roleless/users/{first.who}/role-mappings/realm", [role])
    taken_away = sign_in(ours, "roleless", "", "", visitor=browser)

    for language, found in refused.items():
        assert found.tokens is None
        assert WORDS[language] in found.page.words, found.page.words
        assert "imaging@lakeside.example" in found.page.words
    assert (first.roles, again.roles) == (["reader"], ["reader"])
    assert (taken_away.tokens, WORDS["en"] in taken_away.page.words) == (None, True)
    ours.delete_realm("roleless")


def test_people_of_a_provider_sign_in_by_no_password_of_keycloaks_own(pair: Pair) -> None:
    """Whatever password such an account has, only the provider opens it; accounts of Keycloak's own keep theirs."""
    campus = institutions(pair, "passwords")[0]
    ours, value = pair[0], secrets.token_urlsafe(12)
    credentials = [{"type": "password", "value": value}]
    roles = "{reader: {can: [view], collections: all, granted-by: [{campus: staff}]}}"
    smtp = "smtp: {host: mail.lakeside.example, sender: pacs@lakeside.example}"
    provisioned(
        pair, "passwords", f"{{sign-in: [{way(campus)}, accounts: {{otp: optional}}], {smtp}}}", roles
    )
    person = campus.hire("ann", "staff", email="ann@campus.example").sign_in()
    name = person.claims["preferred_username"]
    ours.admin("PUT", f"/passwords/users/{person.who}/reset-password", {**credentials[0], "temporary": False})
    ours.add_user("passwords", "lee", roles=["reader"], credentials=credentials)

    by_password = sign_in(ours, "passwords", name, value)
    own = sign_in(ours, "passwords", "lee", value)

    assert person.roles == ["reader"]
    assert (by_password.tokens, "not with a password here" in by_password.page.words) == (None, True)
    assert own.roles == ["reader"]
    ours.delete_realm("passwords")


def test_a_provider_ends_the_sessions_of_somebody_whom_it_signs_out(pair: Pair) -> None:
    """A provider with back-channel logout (OpenID Connect) that knows the realm's address ends the session there."""
    campus = institutions(pair, "ended")[0]
    ours, theirs = pair
    roles = "{reader: {can: [view], collections: all, granted-by: [{campus: staff}]}}"
    provisioned(pair, "ended", f"{{sign-in: [{way(campus)}]}}", roles)
    client = theirs.admin("GET", f"/{campus.at}/clients?clientId=orthanc-app").json()[0]
    address = f"{ours.url}/realms/ended/protocol/openid-connect/logout/backchannel-logout"
    told = {"backchannel.logout.url": address, "backchannel.logout.session.required": "true"}
    client["attributes"] = {**client["attributes"], **told}
    theirs.admin("PUT", f"/{campus.at}/clients/{client['id']}", client)
    person = campus.hire("ann", "staff", email="ann@campus.example").sign_in()
    sessions = f"/ended/users/{person.who}/sessions"
    before = len(ours.admin("GET", sessions).json())

    theirs.admin("POST", f"/{campus.at}/users/{campus.account('ann')['id']}/logout")

    assert (before, len(ours.admin("GET", sessions).json())) == (1, 0)
    ours.delete_realm("ended")


@pytest.mark.parametrize(("accounts", "offered"), [("", False), (", accounts: {otp: optional}", True)])
def test_a_password_can_be_made_only_where_accounts_are_kept(
    pair: Pair, accounts: str, *, offered: bool
) -> None:
    """Explorer 2's question for a new password is answered where there are accounts with one."""
    realm = "with-accounts" if offered else "without-accounts"
    campus = institutions(pair, realm)[0]
    ours = pair[0]
    roles = "{reader: {can: [view], collections: all, granted-by: [{campus: staff}]}}"
    provisioned(pair, realm, f"{{sign-in: [{way(campus)}{accounts}]}}", roles)
    person = campus.hire("ann", "staff", email="ann@campus.example")
    browser = Visitor()
    sign_in(ours, realm, "ann", person.password, through="campus", visitor=browser)

    asked, _ = question(kc_action="UPDATE_PASSWORD")
    page = browser.open(f"{ours.url}/realms/{realm}/protocol/openid-connect/auth?{asked}")

    assert ("password-new" in page.text) is offered, page.url
    ours.delete_realm(realm)


def test_keycloak_proves_itself_by_the_key_of_its_realm(pair: Pair) -> None:
    """With `private-key-jwt` no secret is anywhere, and the provider checks a signature by the realm's public key."""
    campus = institutions(pair, "signed")[0]
    ours = pair[0]
    client = campus.server.admin("GET", f"/{campus.at}/clients?clientId=orthanc-app").json()[0]
    signed = {
        "clientAuthenticatorType": "client-jwt",
        "secret": None,
        "attributes": {
            "use.jwks.url": "true",
            "jwks.url": f"{ours.url}/realms/signed/protocol/openid-connect/certs",
            "token.endpoint.auth.signing.alg": "RS256",
        },
    }
    campus.server.admin("PUT", f"/{campus.at}/clients/{client['id']}", {**client, **signed})
    settings = way(campus, **{"client-authentication": "private-key-jwt"})
    settings = settings.replace("client-secret: {secret: provider-secret}, ", "")
    roles = "{reader: {can: [view], collections: all, granted-by: [{campus: staff}]}}"
    deployment = provisioned(pair, "signed", f"{{sign-in: [{settings}]}}", roles)

    found = campus.hire("ann", "staff", email="ann@campus.example").sign_in()

    assert found.roles == ["reader"]
    assert vault_files(deployment) == ()
    ours.delete_realm("signed")
