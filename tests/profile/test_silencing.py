"""Warnings that a profile silences: with a reason, at a place, and never an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthgen.errors import ProfileError
from orthgen.findings import Finding
from orthgen.rendering.pipeline import resolve_profile
from tests.support.builders import PROFILES

# Two warnings of one kind, at two roles.
BASE = """\
extends: minimal.yaml
identity: {keycloak: {local-port: 8081}}
collections: {cardio: {}}
roles:
  staff: {can: [view, upload], collections: [cardio]}
  sender: {can: [view, upload], collections: [cardio]}
"""


def warnings(folder: Path, silence: str, base: str = BASE) -> tuple[Finding, ...]:
    """The warnings of the profile with this list in `silence`."""
    (folder / "minimal.yaml").write_text((PROFILES / "minimal.yaml").read_text())
    (folder / "site.yaml").write_text(f"{base}silence:\n{silence}\n")
    return resolve_profile(str(folder / "site.yaml"))[1].warnings


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    """Id, place and reason of each finding."""
    return [
        (finding.rule.id, ".".join(map(str, finding.path)), finding.silenced)
        for finding in sorted(findings, key=lambda finding: finding.location)
    ]


def test_a_silence_applies_to_every_warning_of_its_id(tmp_path: Path) -> None:
    """Both findings are still there, each with the reason."""
    assert told(warnings(tmp_path, "  - {finding: right-beyond-collections, reason: known}")) == [
        ("right-beyond-collections", "roles.staff.can.1", "known"),
        ("right-beyond-collections", "roles.sender.can.1", "known"),
    ]


@pytest.mark.parametrize("at", ["roles.sender", "roles.sender.can", "roles.sender.can.1"])
def test_a_silence_at_a_key_applies_there_and_below(tmp_path: Path, at: str) -> None:
    """The same warning elsewhere is shown."""
    silence = f"  - {{finding: right-beyond-collections, reason: known, at: {at}}}"

    assert [reason for _, _, reason in told(warnings(tmp_path, silence))] == ["", "known"]


@pytest.mark.parametrize("at", ["roles.send", "roles.sender.can.10", "archive"])
def test_a_silence_that_applies_to_nothing_is_a_warning(tmp_path: Path, at: str) -> None:
    """A key is compared whole; the hint names where the warning is."""
    silence = f"  - {{finding: right-beyond-collections, reason: known, at: {at}}}"
    *others, unused = sorted(warnings(tmp_path, silence), key=lambda finding: finding.location)

    assert [finding.silenced for finding in others] == ["", ""]
    assert (unused.rule.id, unused.path) == ("unused-silence", ("silence", 0, "finding"))
    assert (
        unused.message
        == f"nothing to silence: the profile has no warning `right-beyond-collections` at `{at}`"
    )
    assert unused.hint == "write `at: roles.staff.can.1`, or remove the item"


@pytest.mark.parametrize(
    ("finding", "rule", "message", "hint"),
    [
        pytest.param(
            "right-beyond-colections",
            "unknown-finding",
            "no finding is called `right-beyond-colections`",
            "did you mean `right-beyond-collections`?",
            id="misspelt",
        ),
        pytest.param(
            "unknown-collection",
            "silenced-error",
            "`unknown-collection` is an error, and errors cannot be silenced",
            "Remove the item, and correct what the error says.",
            id="an error",
        ),
    ],
)
def test_what_cannot_be_silenced_is_an_error(
    tmp_path: Path, finding: str, rule: str, message: str, hint: str
) -> None:
    """The error stands at the id, and the profile is not rendered."""
    with pytest.raises(ProfileError) as caught:
        warnings(tmp_path, f"  - finding: {finding}\n    reason: known")

    (error,) = [finding for finding in caught.value.findings if finding.rule.id == rule]
    assert (error.message, error.hint) == (message, hint)
    assert (error.location.line, error.location.column) == (8, 14)


def test_an_error_is_never_silenced(tmp_path: Path) -> None:
    """Even where its id is in the list, the error keeps stopping the work; warnings beside it are silenced."""
    base = BASE.replace("[cardio]}\n  sender", "[kardio]}\n  sender")
    silence = (
        "  - {finding: unknown-collection, reason: x}\n  - {finding: right-beyond-collections, reason: known}"
    )
    with pytest.raises(ProfileError) as caught:
        warnings(tmp_path, silence, base)

    assert {finding.rule.id: finding.silenced for finding in caught.value.findings} == {
        "unknown-collection": "",
        "silenced-error": "",
        "right-beyond-collections": "known",
    }


@pytest.mark.parametrize("silence", ["  - finding: right-beyond-collections", "  - {finding: a, reason: }"])
def test_a_silence_has_a_reason(tmp_path: Path, silence: str) -> None:
    """A warning that nobody explains is not silenced."""
    with pytest.raises(ProfileError) as caught:
        warnings(tmp_path, silence)

    assert [each.message for each in caught.value.findings if "reason" in each.message] != []
    assert {each.silenced for each in caught.value.findings} == {""}


def test_a_warning_about_the_lock_is_silenced_too(tmp_path: Path) -> None:
    """The lock lies beside the profile; its warnings have no key, so that a silence with `at` is unused."""
    images = ("orthancteam/orthanc:26.8.1", "x")
    silence = "  - {finding: stale-lock-line, reason: shared with others}"
    warnings(tmp_path, silence, "extends: minimal.yaml\n")
    deployment, _ = resolve_profile(str(tmp_path / "site.yaml"))
    lines = "".join(f"{image}: sha256:{'a' * 64}\n" for image in (*deployment.images, *images[1:]))
    (tmp_path / "orthgen.lock").write_text(lines)

    (warning,) = resolve_profile(str(tmp_path / "site.yaml"))[1].warnings

    assert (warning.rule.id, warning.silenced) == ("stale-lock-line", "shared with others")

    *_, unused = warnings(tmp_path, silence.replace("}", ", at: release}"), "extends: minimal.yaml\n")
    assert (unused.rule.id, unused.hint) == ("unused-silence", "remove the item")
