"""Keys of groups: a slash in a name is not the slash between names."""

from __future__ import annotations

from orthgen.changes.model import RoleHolder
from orthgen.realm.provision import make_plan, with_undeclared_holders
from tests.realm.fake_keycloak import FakeKeycloak, empty_realm
from tests.support.builders import make_deployment
from tests.support.provisioning import SERVER, labels, plan, provision

LDAP = """
sign-in:
  - ldap:
      url: ldaps://directory.example.org
      vendor: other
      bind-dn: cn=keycloak,dc=example
      bind-password: {secret: bind}
      users-dn: ou=people,dc=example
      groups-dn: ou=groups,dc=example
"""


def _deployment(**grant: str) -> dict[str, object]:
    return {"reader": {"can": ["view"], "collections": "all", "granted-by": [grant]}}


def test_a_directorys_group_with_a_slash_is_one_group() -> None:
    """Keycloak makes a group of this name below the directory's; `b` below `a` is another group, which nobody is in."""
    deployment = make_deployment(identity=LDAP, roles=_deployment(ldap="CT/MR"))
    whole, steps = FakeKeycloak(), FakeKeycloak()
    empty_realm(steps, "orthanc")
    for fake in (whole, steps):
        provision(deployment, fake)
        groups = fake.realms["orthanc"].groups.values()

        assert [(item["name"], item["path"]) for item in groups] == [
            ("ldap", "/ldap"),
            ("CT/MR", "/ldap/CT/MR"),
        ]
        assert [item["realmRoles"] for item in groups] == [[], ["reader"]]
        assert labels(plan(deployment, fake)) == []


def test_a_group_of_others_with_a_slash_is_not_taken_for_the_profiles() -> None:
    """Keycloak gives both the same path; a role of the other one is shown."""
    deployment = make_deployment(roles=_deployment(group="/chiefs/heads"))
    fake = FakeKeycloak()
    provision(deployment, fake)
    realm = fake.realms["orthanc"]
    fake.post("admin/realms/orthanc/groups", {"name": "chiefs/heads"})
    realm.groups[next(reversed(realm.groups))]["realmRoles"] = ["reader"]

    planned = with_undeclared_holders(deployment, fake, make_plan(deployment, fake, SERVER)).plan

    assert labels(planned) == []
    assert planned.holders == (RoleHolder("group", "/chiefs~/heads", ("reader",)),)
