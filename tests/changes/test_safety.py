"""Plans that are carried out only with an option of their own."""

from __future__ import annotations

import pytest

from orthgen.changes.model import Adopt, Change, Create, Delete, FieldChange, Plan, Update
from orthgen.changes.safety import raise_if_unadopted, raise_if_unsafe
from orthgen.errors import UnsafePlan


def plan_of(*changes: Change, existing: int = 20) -> Plan:
    """A plan with these changes."""
    return Plan("realm r at http://kc/", changes, existing=existing)


def test_deleting_what_people_use_has_to_be_asked_for_twice() -> None:
    """A client goes only with its own flag, and so does a role that somebody holds; one that nobody holds without."""
    client = Delete(("client", "", "ohif"), note="no longer in the profile")
    role = Delete(("realm role", "", "x"))
    held = Delete(("realm role", "", "y"), note="held by 2 people", people=2)

    with pytest.raises(UnsafePlan, match=r"realm role y \(held by 2 people"):
        raise_if_unsafe(plan_of(held), precious=(), allow_destroy=False, allow_many=False)
    raise_if_unsafe(plan_of(held), precious=(), allow_destroy=True, allow_many=False)
    with pytest.raises(UnsafePlan, match=r"the plan deletes client ohif$"):
        raise_if_unsafe(plan_of(client), precious={"client"}, allow_destroy=False, allow_many=False)
    raise_if_unsafe(plan_of(client), precious={"client"}, allow_destroy=True, allow_many=False)
    raise_if_unsafe(plan_of(role), precious={"client"}, allow_destroy=False, allow_many=False)


def test_a_role_whose_holders_cannot_be_counted_counts_as_held() -> None:
    """A server that does not tell how many people hold a role may hide some."""
    role = Delete(("realm role", "", "x"), note="its holders cannot be counted", people=None)

    with pytest.raises(UnsafePlan, match=r"realm role x \(its holders cannot be counted\)$"):
        raise_if_unsafe(plan_of(role), precious=(), allow_destroy=False, allow_many=False)


@pytest.mark.parametrize(
    ("touched", "existing", "is_safe"),
    [(3, 1, True), (4, 5, False), (6, 20, True), (7, 20, False), (7, 24, True)],
)
def test_a_plan_that_touches_much_has_to_be_asked_for_twice(
    touched: int, existing: int, *, is_safe: bool
) -> None:
    """More than 30 % of what exists, and at least three; what is created again does not count."""
    field, role = (FieldChange("description", "old", "new"),), "realm role"
    changes = [Update((role, "", str(number)), field) for number in range(touched)]
    made = [Create(("realm role", "", f"new {number}")) for number in range(50)]
    plan = plan_of(*made, *changes, existing=existing)

    if is_safe:
        raise_if_unsafe(plan, precious=(), allow_destroy=False, allow_many=False)
    else:
        with pytest.raises(UnsafePlan, match=f"{touched} of {existing}"):
            raise_if_unsafe(plan, precious=(), allow_destroy=False, allow_many=False)
        raise_if_unsafe(plan, precious=(), allow_destroy=False, allow_many=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, "new", id="text"),
        pytest.param([], ["a"], id="first-of-a-list"),
        pytest.param("", "new", id="text-in-place-of-none"),
        pytest.param(["a"], ["a", "b"], id="another-of-a-list"),
    ],
)
def test_what_is_only_added_does_not_count_as_touched(before: object, after: object) -> None:
    """Twenty groups that get a role lose nothing; twenty that get one instead of another do."""
    fields = (FieldChange("realmRoles", before, after),)
    giving = [Update(("group", "", f"/{number}"), fields) for number in range(20)]
    fields = (FieldChange("realmRoles", ["b"], ["a"]),)
    changing = [Update(("group", "", f"/{number}"), fields) for number in range(20)]

    raise_if_unsafe(plan_of(*giving), precious=(), allow_destroy=False, allow_many=False)
    with pytest.raises(UnsafePlan, match="20 of 20"):
        raise_if_unsafe(plan_of(*changing), precious=(), allow_destroy=False, allow_many=False)


def test_a_first_run_touches_nothing_that_was_declared_before() -> None:
    """Where no plan was carried out before, there is nothing that a wrong profile could undo."""
    changing = [
        Update(("group", "", f"/{number}"), (FieldChange("realmRoles", ["b"], ["a"]),))
        for number in range(20)
    ]
    plan = Plan("realm r at http://kc/", tuple(changing), existing=20, is_repeated=False)

    raise_if_unsafe(plan, precious=(), allow_destroy=False, allow_many=False)


def test_what_others_made_is_used_only_on_request() -> None:
    """A role of the same name that was there before stops a run; the message says who holds it."""
    role = Adopt(("realm role", "", "reader"), note="it exists and was made by others; held by 12 people")
    group = Adopt(("group", "", "/staff"), note="it exists and was made by others")

    with pytest.raises(UnsafePlan, match=r"realm role reader: it exists .* held by 12 people$"):
        raise_if_unadopted(plan_of(role, group), kinds={"realm role"}, adopt=False)
    raise_if_unadopted(plan_of(role, group), kinds={"realm role"}, adopt=True)
    raise_if_unadopted(plan_of(group), kinds={"realm role"}, adopt=False)
