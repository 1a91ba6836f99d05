"""The steps of a change of the release, as an operator follows them."""

from __future__ import annotations

from orthgen.catalogue import load
from orthgen.deployment.upgrade import Step, Upgrade, upgrade
from tests.support.builders import example


def plan(before: str, after: str, profile: str = "clinic.yaml") -> Upgrade:
    """The change of the release of an example, which names 26.8."""
    return upgrade(before, load(after), example("paradim.yaml"), profile, "deployment/clinic")


def step(change: Upgrade, title: str) -> Step:
    """The step whose title begins like this."""
    return next(each for each in change.steps if each.title.startswith(title))


def test_a_release_that_the_profile_does_not_name_is_written_into_it_first() -> None:
    """Otherwise `render` would keep the release that the profile names, and the old one would start again."""
    assert step(plan("26.4", "26.7"), "Render").why == 'First write `release: "26.7"` into clinic.yaml.'


def test_a_downgrade_restores_the_dumps_of_the_earlier_release() -> None:
    """An earlier release does not read what a newer one has stored."""
    change = plan("26.8", "26.4")
    restore = step(change, "Start the databases alone")

    assert [line for line in restore.commands if "pg_restore" in line]
    assert all("-26.4.dump" in line for line in restore.commands if "pg_restore" in line)
    assert "26.8 stored" in step(change, "Remove the databases' volumes").why
    assert not any("changes the schemas here" in each.why for each in change.steps)


def test_an_upgrade_says_which_release_cannot_read_the_databases_any_more() -> None:
    """Everything is stopped by then, so everything is started."""
    start = step(plan("26.4", "26.8"), "Start everything")

    assert start.why.endswith("the old release cannot read the databases.")


def test_a_profile_from_standard_input_has_no_name_in_the_command_lines() -> None:
    """`provision-keycloak -` would wait for a profile."""
    commands = [line for each in plan("26.4", "26.8", "-").steps for line in each.commands]

    assert not any(line[-2:] == " -" or " - " in line for line in commands)
