"""The vocabulary of change: what counts as different, what is unsafe, how a plan reads."""

from __future__ import annotations

import io
import json
import re

import msgspec
import pytest

from orthgen.changes.diff import differences
from orthgen.changes.model import Adopt, Change, Create, Delete, FieldChange, Plan, Update, plan_data
from orthgen.changes.safety import raise_if_unadopted, raise_if_unsafe
from orthgen.errors import UnsafePlan
from orthgen.report.json_forms import PlanForm
from orthgen.report.plan import plan_json, plan_text
from tests.realm.fake_keycloak import FakeKeycloak
from tests.support.builders import make_deployment
from tests.support.provisioning import plan as plan_in_memory


@pytest.mark.parametrize(
    ("declared", "existing"),
    [
        pytest.param({"a": False}, {}, id="off-and-absent"),
        pytest.param({"a": ""}, {"a": None}, id="empty-and-null"),
        pytest.param({"a": []}, {}, id="no-list-and-absent"),
        pytest.param({"a": ["x", "y"]}, {"a": ["y", "x"]}, id="order-of-a-set"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}, id="what-is-not-declared"),
    ],
)
def test_what_means_the_same_is_no_difference(
    declared: dict[str, object], existing: dict[str, object]
) -> None:
    """Servers leave out what is off and add what is theirs; neither is a change."""
    assert differences(declared, existing) == ()


@pytest.mark.parametrize(
    ("declared", "existing", "path"),
    [
        pytest.param({"a": True}, {}, "a", id="on-and-absent"),
        pytest.param({"a": 0}, {}, "a", id="zero-is-a-number"),
        pytest.param({"a": ["x"]}, {"a": ["x", "x"]}, "a", id="twice-in-a-list"),
        pytest.param({"a": {"b.c": "1"}}, {"a": {"b.c": "2"}}, "a.b.c", id="below"),
        pytest.param({"a": {"b": {"c": 1}}}, {"a": "text"}, "a.b.c", id="another-shape"),
        pytest.param({"a": []}, {"a": ["*"]}, "a", id="no-list-and-a-list"),
    ],
)
def test_what_differs_is_named_by_its_path(
    declared: dict[str, object], existing: dict[str, object], path: str
) -> None:
    """A declared field that is otherwise is one change."""
    assert [change.path for change in differences(declared, existing)] == [path]


def plan_of(*changes: Change, existing: int = 20) -> Plan:
    """A plan with these changes."""
    return Plan("realm r at http://kc/", changes, existing=existing)


def test_deleting_what_people_use_has_to_be_asked_for_twice() -> None:
    """A client goes only with its own flag, and so does a role that somebody holds; one that nobody holds without."""
    client, role = Delete(("client", "", "ohif")), Delete(("realm role", "", "x"))
    held = Delete(("realm role", "", "y"), note="held by 2 people", people=2)

    with pytest.raises(UnsafePlan, match=r"realm role y \(held by 2 people"):
        raise_if_unsafe(plan_of(held), precious=(), allow_destroy=False, allow_many=False)
    raise_if_unsafe(plan_of(held), precious=(), allow_destroy=True, allow_many=False)
    with pytest.raises(UnsafePlan, match="client ohif"):
        raise_if_unsafe(plan_of(client), precious={"client"}, allow_destroy=False, allow_many=False)
    raise_if_unsafe(plan_of(client), precious={"client"}, allow_destroy=True, allow_many=False)
    raise_if_unsafe(plan_of(role), precious={"client"}, allow_destroy=False, allow_many=False)


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


PLAN = Plan(
    "realm r at http://kc/",
    (
        Create(("realm role", "", "reader"), (FieldChange("description", None, "Reader"),), "roles.reader"),
        Update(
            ("client", "", "orthanc"),
            (
                FieldChange("redirectUris", ["*", "https://a/"], ["https://a/"]),
                FieldChange("enabled", None, True),
                FieldChange("name", "evil\x1b[2J", "x" * 200),
                FieldChange("secret", None, None, sensitive=True),
            ),
        ),
        Delete(("flow version", "", "f v1"), note="`f v2` takes its place"),
    ),
    reported=(
        Delete(("identity provider", "", "another"), note="its people can sign in"),
        Update(("client", "", "orthanc"), (FieldChange("attributes.access.token.lifespan", "9", None),)),
    ),
    leftover=(("realm role", "", "old"),),
    released=(("realm role", "", "theirs"),),
    foreign=(("client", "", "theirs"),),
    existing=9,
)


def test_a_plan_reads_object_by_object_and_ends_with_a_count() -> None:
    """Each field before and after, no secret, nothing that a terminal would obey, and the profile's line."""
    text = plan_text(PLAN, io.StringIO(), where=lambda key: f"p.yaml:7 {key}", with_foreign=True)

    assert text.splitlines() == [
        "+ realm role reader  # p.yaml:7 roles.reader",
        "    description: Reader",
        "~ client orthanc",
        "    redirectUris:",
        "      - *",
        "    enabled: (none) -> true",
        f"    name: evil\\x1b[2J -> {'x' * 200}",
        "    secret: (sensitive value)",
        "- flow version f v1",
        "    (`f v2` takes its place)",
        "reported, and left as it is (`--reset-undeclared` corrects it):",
        "  - identity provider another",
        "      (its people can sign in)",
        "  ~ client orthanc",
        "      attributes.access.token.lifespan: 9 -> (none)",
        "made by orthgen and no longer in the profile (`--prune` deletes them):",
        "  realm role old",
        "adopted, no longer in the profile (`--prune` stops managing them; they stay):",
        "  realm role theirs",
        "other objects, not managed:",
        "  client theirs",
        "realm r at http://kc/: 1 to create, 1 to update, 1 to delete; 2 no longer wanted; 2 reported",
    ]


def test_a_plan_for_programs_has_its_fingerprint_and_no_secret() -> None:
    """The JSON says what the text says; the same plan has the same fingerprint, another one another."""
    data = json.loads(plan_json(PLAN, applied=False))

    assert data["counts"] == {
        "create": 1,
        "update": 1,
        "delete": 1,
        "adopt": 0,
        "release": 0,
        "reported": 2,
        "leftover": 1,
        "compared": 9,
    }
    assert data["changes"][1]["fields"][-1] == {"path": "secret", "sensitive": True}
    assert data["fingerprint"] == PLAN.fingerprint
    assert data["fingerprint"] != Plan(PLAN.where, PLAN.changes[:2]).fingerprint
    msgspec.convert(data, PlanForm)
    assert data["in_sync"] is False


def roles_and_mappers(count: int) -> Plan:
    """A first plan with many roles, each granted by a mapper of its own, and one mapper that grants to everybody."""
    roles = [
        Create(
            ("realm role", "", f"r{number}"),
            (FieldChange("description", None, f"Role {number}"),),
            f"roles.r{number}",
        )
        for number in range(count)
    ]
    mappers = [
        Create(
            ("identity provider mapper", "campus", f"role r{number}"),
            (
                FieldChange("config.syncMode", None, "FORCE"),
                FieldChange(
                    "config.claim.value", None, "everybody" if number == count // 2 else f"staff-{number}"
                ),
                FieldChange("config.role", None, f"r{number}"),
            ),
            f"roles.r{number}.granted-by",
        )
        for number in range(count)
    ]
    scope = Create(
        ("scope mapping", "orthanc", "realm roles"),
        (FieldChange("roles", None, [f"r{number}" for number in range(count)]),),
    )
    return Plan("realm r", (*roles, *mappers, scope), creates_realm=True)


def test_a_plan_of_many_is_short_and_hides_no_grant() -> None:
    """What many have in common is said once; who gets which role is said for each; `full` shows each by itself."""
    plan = roles_and_mappers(300)

    short, full = plan_text(plan, io.StringIO()), plan_text(plan, io.StringIO(), full=True)

    assert len(short.splitlines()) < 360
    assert len(full.splitlines()) > 300 * 6
    assert short.count("config.syncMode: FORCE") == 1
    assert "      role r150: config.claim.value: everybody; config.role: r150" in short.splitlines()
    assert "+ 300 realm roles  # roles" in short.splitlines()
    assert all(f"r{number}" in short for number in range(300))
    assert "and 280 more (`--full` shows them)" in short
    assert "Role 77" in full
    assert "Role 77" not in short


def test_what_is_off_or_empty_is_shown() -> None:
    """A reviewer looks for what is switched off: false, nothing and empty lists stand in a plan as they are."""
    wanted = make_deployment(identity="{sign-in: [accounts: {otp: required}]}")
    plan = plan_in_memory(wanted, FakeKeycloak())

    text = plan_text(plan, io.StringIO())
    client = next(
        change
        for change in plan_data(plan)["changes"]
        if change["key"] == "orthanc" and change["kind"] == "client"
    )
    fields = {item["path"]: item["after"] for item in client["fields"] if "after" in item}

    for line in ("fullScopeAllowed: false", "directAccessGrantsEnabled: false", "optionalClientScopes: []"):
        assert f"    {line}" in text.splitlines()
    assert (fields["fullScopeAllowed"], fields["optionalClientScopes"]) == (False, [])
    assert "        password: alternative" in text.splitlines()
    assert "          auth-otp-form: required" in text.splitlines()
    # What Keycloak fills in stands in its texts as `{0}`.
    assert "{" not in re.sub(r"\{[0-9]\}", "", text)


def test_a_first_account_is_shown_with_its_roles() -> None:
    """Who gets which role by the plan itself stands in it; the first password does not."""
    people = "{people: {ada: {name: Ada L, email: ada@example.org, roles: [reader]}}}"
    wanted = make_deployment(
        identity=f"{{sign-in: [accounts: {people}]}}", roles="{reader: {can: [view], collections: all}}"
    )

    text = plan_text(plan_in_memory(wanted, FakeKeycloak()), io.StringIO()).splitlines()

    assert "    realmRoles: [reader]" in text
    assert "    credentials: (sensitive value)" in text
