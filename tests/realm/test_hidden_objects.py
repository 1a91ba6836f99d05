"""Fine-grained permissions of a realm: objects that Keycloak does not list are not missing."""

from __future__ import annotations

import pytest

from orthgen.errors import KeycloakRefused
from tests.realm.fake_keycloak import FakeKeycloak, empty_realm
from tests.support.builders import make_deployment
from tests.support.provisioning import labels, plan, provision

SHARED = '{keycloak: {server: "https://sso.example.org", manage: clients-and-roles}}'


@pytest.mark.parametrize(
    ("hidden", "objects", "right"),
    [
        pytest.param("orthanc", "clients", "view-clients", id="one client"),
        pytest.param("groups", "users and groups", "view-users", id="groups"),
    ],
)
def test_an_administrator_for_single_objects_gets_no_plan(hidden: str, objects: str, right: str) -> None:
    """The plan would create what is there, and fail after its first changes."""
    fake, deployment = FakeKeycloak(), make_deployment(identity=SHARED)
    empty_realm(fake, "orthanc")
    provision(deployment, fake)
    realm = fake.realms["orthanc"]
    realm.settings["adminPermissionsEnabled"], realm.hidden = True, frozenset({hidden})
    fake.log.clear()

    with pytest.raises(KeycloakRefused, match=f"may hide {objects}") as refused:
        plan(deployment, fake)

    assert f"`{right}`" in refused.value.hint
    assert fake.writes == []


def test_an_administrator_of_the_whole_realm_gets_a_plan() -> None:
    """Fine-grained permissions of others are no hindrance, and a realm without them costs no request."""
    fake, deployment = FakeKeycloak(), make_deployment(identity=SHARED)
    empty_realm(fake, "orthanc")
    provision(deployment, fake)
    fake.log.clear()
    assert labels(plan(deployment, fake)) == []
    requests = len(fake.log)
    fake.realms["orthanc"].settings["adminPermissionsEnabled"] = True
    fake.log.clear()

    assert labels(plan(deployment, fake)) == []
    assert len(fake.log) == requests + 2
