"""The executor: what it records, what it repeats after a lost answer, and when it writes secrets."""

from __future__ import annotations

import pytest

from orthgen.changes.model import Adopt
from orthgen.errors import OrthgenError
from orthgen.realm.admin.api import OutcomeUnknown
from orthgen.realm.executor import Executor
from orthgen.realm.planner import PlanOptions
from orthgen.realm.provision import carry_out, make_plan
from tests.realm.fake_keycloak import FakeKeycloak, empty_realm
from tests.support.builders import make_deployment
from tests.support.provisioning import QUICK, SERVER, plan, provision, secret

OTHER_KEYCLOAK = (
    "{keycloak: {server: 'https://sso.example.org', manage: everything}, sign-in: [accounts, oidc: {issuer: "
    "'https://idp.example.org/realms/x', client-id: x, client-secret: {secret: provider-secret}}]}"
)


def test_an_adopted_object_that_is_made_again_is_ours() -> None:
    """Somebody deletes the role that was there before; the one that provisioning makes instead is pruned as its own."""
    fake = FakeKeycloak()
    realm = empty_realm(fake, "orthanc")
    realm.add_role({"name": "reader"})
    both = make_deployment()
    provision(both, fake)
    role = realm.role_named("reader")
    assert make_plan(both, fake, SERVER).snapshot.adopted == {("realm role", "", "reader")}

    fake.delete("admin/realms/orthanc/roles-by-id/" + role["id"])
    provision(both, fake)

    snapshot = make_plan(both, fake, SERVER).snapshot
    assert snapshot.adopted == frozenset()
    assert ("realm role", "", "reader") in snapshot.owned


def test_the_record_names_only_what_is_there() -> None:
    """What Keycloak deletes together with a pruned object leaves the record with it."""
    fake = FakeKeycloak()
    provision(
        make_deployment(
            identity="{sign-in: [accounts, oidc: {issuer: 'https://old.example.org/realms/x', client-id: x, "
            "client-secret: {secret: old-secret}}]}",
            roles="{old: {can: [view], collections: all, granted-by: [{oidc: a}, {group: /x/y}]}}",
        ),
        fake,
    )
    newer = make_deployment()
    provision(newer, fake, prune=True)

    snapshot = make_plan(newer, fake, SERVER).snapshot
    assert snapshot.owned <= snapshot.objects.keys()


def test_an_object_that_is_there_after_a_lost_answer_is_not_written_again() -> None:
    """The answer to the creation of a role is lost; the role is as declared, so it is read and nothing more."""
    fake, deployment = FakeKeycloak(), make_deployment()
    empty_realm(fake, "orthanc")
    roles = "admin/realms/orthanc/roles"

    def lose(_number: int, verb: str, path: str, done: bool) -> None:  # noqa: FBT001
        if done and (verb, path) == ("POST", roles):
            raise OutcomeUnknown(f"{verb} {path}")

    fake.hook = lose
    provision(deployment, fake)

    written = [
        (verb, path)
        for verb, path in fake.log
        if verb != "GET" and path.startswith("admin/realms/orthanc/roles")
    ]
    assert {verb for verb, path in written if path == roles} == {"POST"}
    assert [entry for entry in written if entry[0] == "PUT"] == []


def test_a_missing_secret_is_told_before_anything_changes() -> None:
    """A client whose secret is nowhere to be read leaves the realm as it was, and the roles that come before it too."""
    fake = FakeKeycloak()
    provision(make_deployment(), fake)
    wanted = make_deployment(
        identity="{sign-in: [accounts], api-keys: true}",
        roles="{other: {can: [view], collections: all}}",
    )
    prepared = make_plan(wanted, fake, SERVER)
    fake.log.clear()

    def missing(name: str) -> str:
        raise OrthgenError(f"the secret `{name}` is missing")

    with pytest.raises(OrthgenError, match="keycloak-client-secret"):
        Executor(fake, "orthanc", prepared, missing).apply()

    assert fake.writes == []


def test_an_update_without_an_answer_is_an_error_at_last() -> None:
    """A change whose answer is lost each time is sent again some times, and then told."""
    fake, deployment = FakeKeycloak(), make_deployment()
    provision(deployment, fake)
    client = fake.realms["orthanc"].client("orthanc")
    client["redirectUris"] = ["*"]
    sent = []

    def lose(_number: int, verb: str, path: str, done: bool) -> None:  # noqa: FBT001
        if not done and verb == "PUT" and path.endswith(client["id"]):
            sent.append(path)
            raise OutcomeUnknown(f"{verb} {path}")

    fake.hook = lose
    with pytest.raises(OutcomeUnknown):
        provision(deployment, fake)

    assert len(sent) == 4


def test_the_secret_of_an_adopted_provider_is_written_on_request() -> None:
    """A provider that was there before gets the profile's secret at once, where `--write-secrets` says so."""
    fake, deployment = FakeKeycloak(), make_deployment(identity=OTHER_KEYCLOAK)
    realm = empty_realm(fake, "orthanc")
    realm.providers["oidc"] = {
        "alias": "oidc",
        "providerId": "oidc",
        "enabled": True,
        "internalId": "p",
        "config": {"clientSecret": "of-others"},
    }

    made = provision(deployment, fake, write_secrets=True)

    assert "identity provider oidc" in [change.label for change in made.changes if isinstance(change, Adopt)]
    assert realm.providers["oidc"]["config"]["clientSecret"] == secret("provider-secret")


def test_a_secret_that_was_written_is_not_awaited_in_the_next_plan() -> None:
    """With `--write-secrets` every plan writes them; the check afterwards does not take that for a change that is left."""
    fake, deployment = FakeKeycloak(), make_deployment(identity=OTHER_KEYCLOAK)
    provision(deployment, fake)
    prepared = make_plan(deployment, fake, SERVER, PlanOptions(write_secrets=True))
    assert not prepared.plan.is_empty

    carry_out(deployment, fake, prepared, secret, lambda _: None, QUICK)


def test_a_secret_that_keycloak_has_lost_is_written_without_a_request() -> None:
    """A secret is never compared, but one that is not there is written."""
    fake, deployment = FakeKeycloak(), make_deployment(identity=OTHER_KEYCLOAK)
    provision(deployment, fake)
    provider = fake.realms["orthanc"].providers["oidc"]
    del provider["config"]["clientSecret"]

    provision(deployment, fake)

    config = fake.realms["orthanc"].providers["oidc"]["config"]
    assert config["clientSecret"] == secret("provider-secret")
    assert plan(deployment, fake).is_empty
