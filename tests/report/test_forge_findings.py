"""Findings in the forms of GitHub and GitLab."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orthgen.findings import UNKNOWN_FINDING, UNUSED_SILENCE, Finding, Location
from orthgen.report.forge_findings import github_annotations, gitlab_quality
from tests.support.command import orthgen

ERROR = Finding(UNKNOWN_FINDING, "unknown 100 %", Location("a,b:c.yaml", 3, 5), "write `x`\nor ::error::y")
WARNING = Finding(UNUSED_SILENCE, "unused", Location("site.yaml", 9, 2))
SILENCED = Finding(UNUSED_SILENCE, "unused", Location("site.yaml", 1, 1), silenced="a reason")


def test_github_gets_one_command_for_each_finding() -> None:
    """One command for each finding. Text of the profile begins no command and ends no property."""
    text = github_annotations([ERROR, WARNING, SILENCED], ["two\nlines"])

    assert text.splitlines() == [
        (
            "::error file=a%2Cb%3Ac.yaml,line=3,col=5,title=orthgen%3A unknown-finding"
            "::unknown 100 %25%0Awrite `x`%0Aor ::error::y"
        ),
        "::warning file=site.yaml,line=9,col=2,title=orthgen%3A unused-silence::unused",
        "::error title=orthgen::two%0Alines",
    ]


def test_gitlab_gets_place_severity_and_a_stable_fingerprint() -> None:
    """Each finding has its place, its severity, and a fingerprint that other lines do not change."""
    (error, warning) = gitlab_quality([ERROR, WARNING, SILENCED])
    moved = Finding(UNUSED_SILENCE, "unused", Location("site.yaml", 19, 2))
    other = Finding(UNUSED_SILENCE, "another", Location("site.yaml", 9, 2))

    assert error["location"] == {"path": "a,b:c.yaml", "lines": {"begin": 3}}
    assert (error["severity"], warning["severity"]) == ("critical", "minor")
    assert error["check_name"] == "unknown-finding"
    assert gitlab_quality([moved])[0]["fingerprint"] == warning["fingerprint"]
    assert gitlab_quality([other])[0]["fingerprint"] != warning["fingerprint"]


@pytest.mark.parametrize("command", ["validate", "diagnose"])
def test_validate_and_diagnose_print_what_the_forges_read(tmp_path: Path, command: str) -> None:
    """A finding of a profile, and of a deployment that somebody else wrote."""
    (tmp_path / "docker-compose.yml").write_text(
        "services: {orthanc: {image: 'orthancteam/orthanc:latest'}}\n"
    )
    (tmp_path / "site.yaml").write_text("orthgen: 1\nrole: {}\n")
    path = "site.yaml" if command == "validate" else "docker-compose.yml"

    github = orthgen(command, path, "--format", "github", cwd=tmp_path)
    gitlab = orthgen(command, path, "--format", "gitlab", cwd=tmp_path)

    assert f"file={path},line=" in github.stdout
    assert all(line.startswith("::") for line in github.stdout.splitlines())
    assert json.loads(gitlab.stdout)[0]["location"]["path"] == path
    assert github.returncode == gitlab.returncode != 0


def test_error_without_a_place(tmp_path: Path) -> None:
    """A missing profile is an annotation too, and no empty success."""
    result = orthgen("validate", "none.yaml", "--format", "github", cwd=tmp_path)

    assert result.returncode == 1
    assert result.stdout.startswith("::error file=none.yaml,")
    assert "cannot read `none.yaml`" in result.stdout


def test_findings_do_not_go_with_effective_settings(tmp_path: Path) -> None:
    """`--effective` has no findings, so that an empty list of them would be no answer."""
    (tmp_path / "docker-compose.yml").write_text("services: {}\n")

    result = orthgen("diagnose", ".", "--effective", "--format", "github", cwd=tmp_path)

    assert result.returncode == 2
    assert "`--format github` has findings" in result.stderr
