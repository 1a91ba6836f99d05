"""A plan as data: a plan that was reviewed stands for itself and for no other."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from orthgen.changes.model import ChangeAction, Create, Delete, FieldChange, Plan, Update, plan_content
from orthgen.report.json_text import json_text

ROLE = ("realm role", "", "reader")
PLAN = Plan(
    "realm orthanc at https://keycloak.example.org/",
    (
        Create(ROLE, because="roles.reader"),
        Update(("client", "", "orthanc"), (FieldChange("enabled", before=False, after=True),)),
        Update(("client", "", "admin-cli"), (FieldChange("secret", None, None, sensitive=True),)),
        Delete(("protocol mapper", "ohif", "audience"), note="held by 2 people", people=2),
    ),
    reported=(Update(("realm", "", "orthanc"), (FieldChange("sslRequired", "none", "external"),)),),
    leftover=(("realm role", "", "old"),),
    released=(("realm role", "", "theirs"),),
)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"where": "realm other at https://keycloak.example.org/"}, id="another-realm"),
        pytest.param({"changes": PLAN.changes[1:]}, id="fewer-changes"),
        pytest.param({"reported": ()}, id="nothing-reported"),
        pytest.param({"leftover": ()}, id="nothing-left-over"),
        pytest.param({"released": ()}, id="nothing-released"),
    ],
)
def test_another_plan_has_another_fingerprint(other: dict[str, object]) -> None:
    """A plan that a person approved is not taken for one that does something else, or does it elsewhere."""
    assert replace(PLAN, **other).fingerprint != PLAN.fingerprint


def test_the_same_plan_has_the_same_fingerprint() -> None:
    """The number of objects that were compared changes nothing about what is done."""
    assert replace(PLAN, existing=7).fingerprint == PLAN.fingerprint


def test_programs_read_every_part_of_a_plan() -> None:
    """Each change has its action, address, reason and fields; a sensitive field has no values."""
    assert json.loads(json_text(plan_content(PLAN))) == {
        "where": "realm orthanc at https://keycloak.example.org/",
        "changes": [
            {
                "action": "create",
                "kind": "realm role",
                "key": "reader",
                "fields": [],
                "because": "roles.reader",
            },
            {
                "action": "update",
                "kind": "client",
                "key": "orthanc",
                "fields": [{"path": "enabled", "before": False, "after": True}],
            },
            {
                "action": "update",
                "kind": "client",
                "key": "admin-cli",
                "fields": [{"path": "secret", "sensitive": True}],
            },
            {
                "action": "delete",
                "kind": "protocol mapper",
                "parent": "ohif",
                "key": "audience",
                "fields": [],
                "note": "held by 2 people",
                "people": 2,
            },
        ],
        "reported": [
            {
                "action": "update",
                "kind": "realm",
                "key": "orthanc",
                "fields": [{"path": "sslRequired", "before": "none", "after": "external"}],
            }
        ],
        "leftover": [["realm role", "", "old"]],
        "released": [["realm role", "", "theirs"]],
    }


def test_a_plan_is_empty_where_nothing_is_to_be_done() -> None:
    """Differences that are told and not changed leave nothing to do; objects that are left over do not."""
    assert replace(PLAN, changes=(), leftover=(), released=()).is_empty
    assert not replace(PLAN, changes=(), released=()).is_empty
    assert not replace(PLAN, changes=(), leftover=()).is_empty
    assert not replace(PLAN, leftover=(), released=()).is_empty


def test_changes_are_counted_by_their_kind() -> None:
    """A summary tells how many objects are made, changed and deleted."""
    assert [
        PLAN.count(action) for action in (ChangeAction.CREATE, ChangeAction.UPDATE, ChangeAction.DELETE)
    ] == [1, 2, 1]


def test_a_change_is_named_by_kind_and_key() -> None:
    """An object below another one is named with it."""
    assert [change.label for change in (PLAN.changes[0], PLAN.changes[3])] == [
        "realm role reader",
        "protocol mapper ohif/audience",
    ]
