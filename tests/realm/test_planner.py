"""Plans of a realm: what is compared, and how a plan reads."""

from __future__ import annotations

import io
import json
import re

import msgspec

from orthgen.changes.model import Create, Delete, FieldChange, Plan, Update, plan_content
from orthgen.report.json_text import json_text
from orthgen.report.plan import plan_form, plan_text
from orthgen.report.plan_forms import PlanForm
from tests.realm.fake_keycloak import FakeKeycloak
from tests.support.builders import make_deployment
from tests.support.provisioning import plan as plan_in_memory

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
    data = json.loads(json_text(plan_form(PLAN, applied=False)))

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
        change for change in plan_content(plan).changes if change.key == "orthanc" and change.kind == "client"
    )
    fields = {item.path: item.after for item in client.fields if item.after is not msgspec.UNSET}

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
