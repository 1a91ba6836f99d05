"""A plan as Markdown. tests/real renders it with GitHub's own renderer."""

from __future__ import annotations

from orthgen.changes.model import Create, Delete, FieldChange, Plan, Update
from orthgen.report.plan_markdown import plan_markdown

ROLE = ("realm role", "", "reader")


def test_changes_are_a_diff_block() -> None:
    """`+` and `-` at the beginning of a line would be bullets; a table has the counts."""
    change = Update(
        ROLE, (FieldChange("description", "old", "new"), FieldChange("secret", 1, 2, sensitive=True))
    )
    plan = Plan("realm `orthanc`", (Create(("client", "", "ohif")), change, Delete(ROLE)), existing=3)

    text = plan_markdown(plan, where=lambda key: f"site.yaml:1 {key}")

    assert text.startswith(
        "### realm \\`orthanc\\`\n\n| create | update | delete |\n|---|---|---|\n| 1 | 1 | 1 |\n"
    )
    block = text[text.index("```diff\n") :]
    assert "\n+ client ohif\n" in block
    assert "\n    description: old -> new\n" in block
    assert "(sensitive value)" in block
    assert block.endswith("\n```")


def test_a_value_with_backticks_does_not_end_the_block() -> None:
    """A person's own text can be anything."""
    change = Create(ROLE, (FieldChange("description", None, ["a", "```", "# heading " * 20]),))

    text = plan_markdown(Plan("r", (change,)))

    assert "````diff\n" in text
    assert text.endswith("\n````")


def test_a_realm_in_sync_is_one_sentence() -> None:
    """No empty table and no empty block."""
    assert (
        plan_markdown(Plan("r", (), existing=7)) == "### r\n\nr: in sync; 7 objects compared, nothing to do"
    )


def test_reported_differences_are_shown_without_changes() -> None:
    """They give more access than the profile, so a review needs them."""
    text = plan_markdown(Plan("r", (), reported=(Update(ROLE, (FieldChange("composite", False, True),)),)))

    assert "| reported |" in text
    assert "~ realm role reader" in text
