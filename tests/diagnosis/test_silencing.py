"""Accepted findings: read from a file or a comment, with a reason; mistakes in the file are said."""

from __future__ import annotations

import pytest

from orthgen.diagnosis.silencing import read_silences, silence
from orthgen.errors import InputError
from orthgen.findings import Finding, Location, Rule, Severity

RULE = Rule("open-port", Severity.ERROR, summary="", remedy="", example="")
FINDING = Finding(RULE, "a port is open", Location("site/compose.yml", 3, 5))


@pytest.mark.parametrize(
    ("at", "is_silenced"),
    [
        ("", True),
        (", at: compose.yml", True),
        (", at: site/*", True),
        (", at: 'site/compose.yml:3'", True),
        (", at: other.yml", False),
        (", at: 'site/compose.yml:4'", False),
    ],
)
def test_a_file_silences_findings(at: str, is_silenced: bool) -> None:  # noqa: FBT001
    """A finding is accepted everywhere, in files of a name or pattern, or in one line; an unused item is a warning."""
    silences = read_silences(f"silence: [{{finding: open-port, reason: firewall{at}}}]", "s.yaml")

    first, *others = silence([FINDING], silences, {})

    assert first.silenced == ("firewall" if is_silenced else "")
    assert [each.rule.id for each in others] == ([] if is_silenced else ["unused-silence"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "services:\n  db:\n    ports: [1]  # orthgen: silence open-port: the firewall closes it\n",
            "the firewall closes it",
        ),
        ("services:\n    # orthgen: silence open-port: fine\n    ports: [1]\n", "fine"),
        ('{\n "a": 1,\n "b": 2 // orthgen: silence open-port: fine\n}', "fine"),
        ("a\n# orthgen: silence open-port:\nb", ""),
        ("a\n# orthgen: silence other-port: fine\nb", ""),
        ("# orthgen: silence open-port: too far above\na\nb", ""),
    ],
)
def test_a_comment_silences_the_finding_beside_it(text: str, reason: str) -> None:
    """A comment counts in the finding's line and in the line above, with a reason only."""
    (finding,) = silence([FINDING], (), {"site/compose.yml": text})

    assert finding.silenced == reason


def test_an_unknown_id_is_an_error() -> None:
    """A misspelt id would silence nothing, so the nearest one is named."""
    silences = read_silences("silence:\n  - {finding: open-prt, reason: x}\n", "s.yaml")

    _, problem = silence([FINDING], silences, {})

    assert (problem.rule.id, str(problem.location), problem.hint) == (
        "unknown-finding",
        "s.yaml:2:5",
        "did you mean `open-port`?",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1", "there is no list `silence`"),
        ("silence: []\nextra: 1", "unknown key `extra`"),
        ("silence: [x]", "not a finding with a reason"),
        ("silence: [{finding: open-port}]", "`reason` is missing"),
        ("silence: [{finding: open-port, reason: ' '}]", "`reason` is missing"),
        ("silence: [{finding: open-port, reason: x, file: y}]", "unknown key `file`"),
        ("silence: [", "not valid YAML"),
    ],
)
def test_mistakes_in_the_file_are_said(text: str, message: str) -> None:
    """A file that is not a list of findings and reasons is refused with the place."""
    with pytest.raises(InputError) as error:
        read_silences(text, "s.yaml")

    assert message in error.value.findings[0].message
