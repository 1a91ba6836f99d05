"""The outcome of a validation as text, JSON, SARIF and Markdown."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from orthgen.errors import OrthgenError
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.rendering.validation import Validation, validate_profile
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.sarif import sarif_value
from orthgen.report.validation import show_validation, validations_form, validations_markdown
from tests.support.builders import PROFILES

BAD = """\
extends: minimal.yaml
institution: {name: A|B<b>}
identity: {smtp: {host: mail.lan, sender: a@b.org, encryption: none}}
roles: {staff: {collections: [kardio]}}
silence: [{finding: clear-text-smtp, reason: same rack}]
"""


@pytest.fixture
def bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Validation:
    """A profile with an error and a silenced warning, validated in its folder."""
    (tmp_path / "minimal.yaml").write_text((PROFILES / "minimal.yaml").read_text())
    (tmp_path / "a site.yaml").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    return validate_profile("a site.yaml")


@pytest.fixture
def good() -> Validation:
    """A profile that is valid."""
    return validate_profile(str(PROFILES / "minimal.yaml"))


def test_text_has_the_errors_and_counts_what_is_silenced(bad: Validation, good: Validation) -> None:
    """Findings go to standard error, the line of a valid profile to standard output."""
    console = Console(io.StringIO(), io.StringIO())
    show_validation(bad, console)
    show_validation(good, console)
    errors = console.err.getvalue()  # type: ignore[attr-defined]

    assert "a site.yaml:4:31: error: unknown collection `kardio` [unknown-collection]\n" in errors
    assert "clear-text-smtp" not in errors
    assert errors.endswith("is not valid: 1 error, 1 warning, 1 silenced\n")
    assert console.out.getvalue() == f"{good.profile}: valid for release 26.8\n"  # type: ignore[attr-defined]

    show_validation(bad, console, with_silenced=True)
    assert "silenced: mails cross the network unencrypted [clear-text-smtp]" in console.err.getvalue()  # type: ignore[attr-defined]


def test_quiet_shows_errors_alone(good: Validation) -> None:
    """A valid profile gives no output."""
    console = Console(io.StringIO(), io.StringIO())
    show_validation(good, console, quiet=True)

    assert (console.out.getvalue(), console.err.getvalue()) == ("", "")  # type: ignore[attr-defined]


def test_json_has_every_finding_with_its_place(bad: Validation, good: Validation) -> None:
    """Profiles stand in the order in which they were given; a silenced finding has its reason."""
    value = json.loads(json_text(validations_form([bad, good])))
    first, second = value["profiles"]

    assert (value["valid"], first["valid"], second["valid"]) == (False, False, True)
    assert (first["error"], first["release"]) == ("`a site.yaml` is not valid", None)
    assert second == {
        "profile": good.profile,
        "valid": True,
        "error": None,
        "release": "26.8",
        "expectations": 0,
        "findings": [],
    }
    findings = {finding["id"]: finding for finding in first["findings"]}
    assert findings["unknown-collection"] == {
        "id": "unknown-collection",
        "severity": "error",
        "message": "unknown collection `kardio`",
        "remedy": "define it below `collections:`",
        "file": "a site.yaml",
        "line": 4,
        "column": 31,
        "path": ["roles", "staff", "collections", 0],
        "related": [],
        "silenced": None,
    }
    assert findings["clear-text-smtp"]["silenced"] == "same rack"


def test_sarif_has_a_result_for_each_finding(bad: Validation, good: Validation) -> None:
    """Rules are those of the findings; places are relative references; a silenced finding is suppressed."""
    (run,) = sarif_value([bad, good])["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    results = {result["ruleId"]: result for result in run["results"]}
    result = results["unknown-collection"]

    assert sorted(rules) == sorted(results)
    assert rules[result["ruleIndex"]] == "unknown-collection"
    assert result["level"] == "error"
    assert result["message"] == {"text": "unknown collection `kardio`: define it below `collections:`"}
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "a%20site.yaml"},
                "region": {"startLine": 4, "startColumn": 31},
            }
        }
    ]
    assert "suppressions" not in result
    assert results["clear-text-smtp"]["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "same rack"}
    ]
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


RULE = Rule("bad-thing", Severity.ERROR, summary="It is bad.", remedy="Mend it.", example="")


def _sarif(*findings: Finding) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = sarif_value([Validation("p.yaml", findings)])["runs"][0]["results"]
    return results


def test_a_fingerprint_stays_when_lines_move() -> None:
    """Code scanning tells an old finding by it; another key, file or rule has another one."""
    first = Finding(RULE, "bad", Location("p.yaml", 3, 1), path=("roles", "a"))
    others = (
        Finding(RULE, "bad", Location("p.yaml", 9, 1), path=("roles", "a")),
        Finding(RULE, "bad", Location("p.yaml", 3, 1), path=("roles", "b")),
        Finding(RULE, "bad", Location("q.yaml", 3, 1), path=("roles", "a")),
    )
    prints = [result["partialFingerprints"]["orthgenFinding/v1"] for result in _sarif(first, *others)]

    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


def test_sarif_has_the_other_places_and_absolute_files() -> None:
    """Related places are numbered; an absolute path is a `file:` address."""
    place = Location("/srv/p.yaml", 1, 1)
    (result,) = _sarif(Finding(RULE, "bad", place, related=((Location("q.yaml", 2, 3), "decided here"),)))

    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///srv/p.yaml"}
    assert [(each["id"], each["message"]["text"]) for each in result["relatedLocations"]] == [
        (1, "decided here")
    ]


def test_an_error_without_a_place_is_a_notification() -> None:
    """A run that could not be done is not a run that found nothing."""
    failed = Validation("p.yaml", error=OrthgenError("a process was ended"))
    (run,) = sarif_value([failed])["runs"]

    assert run["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [{"level": "error", "message": {"text": "a process was ended"}}],
        }
    ]
    assert validations_markdown([failed]).splitlines()[-1] == "a process was ended"


def test_markdown_has_a_table_whose_cells_hold(bad: Validation) -> None:
    """A pipe or an angle bracket of the author's ends no cell and begins no tag; silenced findings come last."""
    rows = [line for line in validations_markdown([bad]).splitlines() if line.startswith("| ")]

    assert rows[0] == "| severity | place | finding | remedy |"
    assert "| error | a site.yaml:4:31 | unknown collection `kardio` (`unknown-collection`) |" in rows[1]
    assert rows[-1].startswith("| silenced | a site.yaml:3:")
    assert rows[-1].endswith("| same rack |")
    odd = Finding(RULE, "`a|<b>` is bad", Location("p.yaml", 1, 1))
    assert r"| `a\|&lt;b>` is bad (`bad-thing`) | Mend it. |" in validations_markdown(
        [Validation("p.yaml", (odd,), release="26.8")]
    )


def test_sarif_links_each_rule_to_its_entry(bad: Validation, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the address of the docs folder every rule has an absolute address, whose anchor docs/findings.md has."""
    monkeypatch.setenv("ORTHGEN_DOCS_URL", "https://git.example.org/orthgen/docs/")
    (run,) = sarif_value([bad])["runs"]
    page = (PROFILES.parent / "docs" / "findings.md").read_text(encoding="utf-8")
    anchors = set(re.findall(r"^### (\S+)$", page, re.MULTILINE))

    addresses = [rule["helpUri"].split("#") for rule in run["tool"]["driver"]["rules"]]

    assert {address for address, _ in addresses} == {"https://git.example.org/orthgen/docs/findings.md"}
    assert {anchor for _, anchor in addresses} <= anchors


def test_sarif_has_no_relative_link(bad: Validation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address there is no link, and what is no web address is an error."""
    monkeypatch.delenv("ORTHGEN_DOCS_URL", raising=False)
    (run,) = sarif_value([bad])["runs"]
    monkeypatch.setenv("ORTHGEN_DOCS_URL", "docs")

    assert not any("helpUri" in rule for rule in run["tool"]["driver"]["rules"])
    with pytest.raises(OrthgenError, match="ORTHGEN_DOCS_URL is not a web address: `docs`"):
        sarif_value([bad])


def test_a_note_is_a_recommendation() -> None:
    """GitHub knows error, warning and recommendation; SARIF's own level is `note`."""
    note = Finding(replace(RULE, severity=Severity.NOTE), "worth knowing", Location("p.yaml", 1, 1))
    (run,) = sarif_value([Validation("p.yaml", (note,))])["runs"]

    assert run["results"][0]["level"] == "note"
    assert run["tool"]["driver"]["rules"][0]["properties"]["problem.severity"] == "recommendation"
