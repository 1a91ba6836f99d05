"""A run that ends, or loses an answer, at any request: the next run completes, and nothing is there twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orthgen.deployment.model import Deployment
from orthgen.realm.admin.api import OutcomeUnknown
from tests.realm.fake_keycloak import FakeKeycloak
from tests.support.builders import example, make_deployment
from tests.support.provisioning import plan, provision


class Killed(Exception):
    """The process was ended."""


def before_first(fake: FakeKeycloak, deployment: Deployment) -> None:
    """A realm that is there and empty."""
    fake.post("admin/realms", {"realm": deployment.profile.identity.realm, "enabled": True})


def before_change(fake: FakeKeycloak, deployment: Deployment) -> None:
    """A realm as another profile wanted it, with an account of somebody's and a second factor that is optional now."""
    older = make_deployment(
        identity="{sign-in: [accounts: {otp: required}, oidc: {issuer: 'https://old.example.org/realms/x', client-id: x, "
        "client-secret: {secret: old-secret}}], api-keys: true}",
        roles="{old: {can: [view], collections: all, granted-by: [{oidc: a}, {oidc: b}, {group: /x/y}]}}",
        viewers="{ohif: {reports: signed-in}}",
    )
    assert older.profile.identity.realm == deployment.profile.identity.realm
    provision(older, fake)


SCENARIOS = [
    pytest.param("paradim.yaml", before_first, id="paradim-first"),
    pytest.param("teaching-hospital.yaml", before_first, id="teaching-hospital-first"),
    pytest.param("research-platform.yaml", before_first, id="research-platform-first"),
    pytest.param("paradim.yaml", before_change, id="paradim-after-another-profile"),
    pytest.param("minimal.yaml", before_change, id="minimal-after-another-profile"),
]
Prepare = Callable[[FakeKeycloak, Deployment], None]
Shape = dict[str, list[str]]


def shape(fake: FakeKeycloak, deployment: Deployment) -> Shape:
    """The realm's objects by name, as often as they are there."""
    realm = fake.realms[deployment.profile.identity.realm]
    flows = {flow["id"]: flow["alias"].rpartition(" v")[0] or flow["alias"] for flow in realm.flows.values()}
    return {
        "roles": sorted(role["name"] for role in realm.roles.values()),
        "clients": sorted(client["clientId"] for client in realm.clients.values()),
        "mappers": sorted(
            f"{client['clientId']}/{mapper['name']}"
            for client in realm.clients.values()
            for mapper in client["protocolMappers"]
        ),
        "provider mappers": sorted(
            f"{mapper['identityProviderAlias']}/{mapper['name']}" for mapper in realm.mappers.values()
        ),
        "groups": sorted(group["path"] for group in realm.groups.values()),
        "components": sorted(component["name"] for component in realm.components.values()),
        "users": sorted(user["username"] for user in realm.users.values()),
        "flows": sorted(alias for alias in flows.values() if not alias.endswith("forms")),
    }


# Every request is tried in tests/real/test_keycloak_interruption.py, which takes minutes.
SAMPLED = 48


def positions(prepare: Prepare, deployment: Deployment, api: str = "POST PUT DELETE") -> list[int]:
    """
    The number of each request of an undisturbed run that changes something.

    A run that is killed at a request that reads leaves what the change before it left.
    """
    fake = FakeKeycloak()
    prepare(fake, deployment)
    fake.log.clear()
    provision(deployment, fake, prune=True)
    return [number for number, (verb, _) in enumerate(fake.log) if verb in api.split()]


def undisturbed(prepare: Prepare, deployment: Deployment) -> Shape:
    """The realm after a run that nothing disturbed."""
    fake = FakeKeycloak()
    prepare(fake, deployment)
    provision(deployment, fake, prune=True)
    return shape(fake, deployment)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("name", "prepare"), SCENARIOS)
def test_a_run_that_is_killed_at_any_request_is_completed_by_the_next(
    name: str, *, prepare: Prepare, after: bool
) -> None:
    """Killed before or after a request, one more run without faults ends in the same realm."""
    deployment = example(name)
    wanted = undisturbed(prepare, deployment)
    for position in positions(prepare, deployment)[after::SAMPLED]:
        assert_a_killed_run_is_completed(deployment, prepare, wanted, position, after=after)


def assert_a_killed_run_is_completed(
    deployment: Deployment, prepare: Prepare, wanted: Shape, position: int, *, after: bool
) -> None:
    """A run that ends before or after the request at `position` is completed by the next."""
    fake = FakeKeycloak()
    prepare(fake, deployment)
    fake.log.clear()

    def kill(number: int, verb: str, path: str, done: bool) -> None:  # noqa: FBT001
        if number == position and done == after:
            raise Killed(f"{verb} {path}")

    fake.hook = kill
    with pytest.raises(Killed):
        provision(deployment, fake, prune=True)
    fake.hook = FakeKeycloak().hook
    provision(deployment, fake, prune=True)

    assert plan(deployment, fake, prune=True).is_empty, position
    assert shape(fake, deployment) == wanted, position


@pytest.mark.parametrize("after", [False, True], ids=["not-carried-out", "carried-out"])
@pytest.mark.parametrize(("name", "prepare"), SCENARIOS)
def test_a_lost_answer_does_not_stop_the_run(name: str, *, prepare: Prepare, after: bool) -> None:
    """Where nobody knows whether a POST was carried out, the same run looks, and goes on to the same realm."""
    deployment = example(name)
    wanted = undisturbed(prepare, deployment)
    for position in positions(prepare, deployment, "POST")[after::SAMPLED]:
        assert_a_lost_answer_is_looked_up(deployment, prepare, wanted, position, after=after)


def assert_a_lost_answer_is_looked_up(
    deployment: Deployment, prepare: Prepare, wanted: Shape, position: int, *, after: bool
) -> None:
    """A run that hears no answer to the POST at `position`, carried out or not, goes on."""
    fake = FakeKeycloak()
    prepare(fake, deployment)
    fake.log.clear()

    def lose(number: int, verb: str, path: str, done: bool) -> None:  # noqa: FBT001
        if number == position and done == after and verb == "POST":
            raise OutcomeUnknown(f"{verb} {path}")

    fake.hook = lose
    provision(deployment, fake, prune=True)
    fake.hook = FakeKeycloak().hook
    # A flow that was begun twice leaves a version that the next plan takes away.
    provision(deployment, fake, prune=True)

    assert plan(deployment, fake, prune=True).is_empty, position
    assert shape(fake, deployment) == wanted, position
