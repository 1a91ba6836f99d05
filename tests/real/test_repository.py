"""The repository of `orthgen init`, in git and a shell: the steps of its pipelines accept a good change and stop a bad one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.command import orthgen
from tests.support.real import parts

ROOT = Path(__file__).parents[2]


class Repository:
    """A folder of `orthgen init` with its first commit."""

    def __init__(self, folder: Path, pipeline: str) -> None:
        self.folder = folder
        self.pipeline = pipeline
        self.programs = folder.parent / "programs"
        self.programs.mkdir()
        program = self.programs / "orthgen"
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH={ROOT}/generator exec {sys.executable} -P -m orthgen "$@"\n'
        )
        program.chmod(0o755)
        done = orthgen(
            "init",
            str(folder),
            "--yes",
            "--name",
            "Clinic",
            "--pipeline",
            pipeline,
            cwd=folder.parent,
            stdin="",
        )
        assert done.returncode == 0, done
        self.sh(
            "orthgen render clinic.yaml && orthgen secrets clinic.yaml && git add --all && git commit --quiet -m first"
        )

    def sh(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A script in the folder, as a runner starts it: it ends at the first failure."""
        who = {
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b",
        }
        environment = {**os.environ, **who, **variables, "PATH": f"{self.programs}:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env=environment,
            text=True,
            capture_output=True,
            check=False,
        )

    def check(self) -> tuple[bool, str]:
        """Run the steps of the pipeline against the first commit: whether all succeeded, and what they showed."""
        base = self.sh("git rev-parse HEAD").stdout.strip()
        self.sh("git add --all && git commit --quiet --allow-empty -m change")
        summary = self.folder.parent / "summary"
        variables = {
            "GITHUB_STEP_SUMMARY": str(summary),
            "BASE": base,
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        }
        done = [self.sh(script, **variables) for script in self.scripts()]
        shown = "".join(each.stdout + each.stderr for each in done)
        return all(each.returncode == 0 for each in done), shown + (
            summary.read_text() if summary.exists() else ""
        )

    def scripts(self) -> list[str]:
        """The scripts of the pipeline's file, except the installation of orthgen."""
        (path,) = [*self.folder.glob(".github/workflows/*.yml"), *self.folder.glob(".gitlab-ci.yml")]
        tree: dict[str, Any] = yaml.safe_load(path.read_text())
        if self.pipeline == "gitlab":
            return list(tree["check"]["script"])
        steps = tree["jobs"]["check"]["steps"]
        return [step["run"] for step in steps if "run" in step and "pip install" not in step["run"]]


@pytest.mark.parametrize("pipeline", ["github", "gitlab"])
def test_a_pipeline_judges_a_change(pipeline: str, tmp_path: Path) -> None:
    """An unchanged state passes; a new right passes and is shown; a stale deployment and an invalid profile stop it."""
    repository = Repository(tmp_path / "site", pipeline)
    profile = repository.folder / "clinic.yaml"
    text = profile.read_text()
    unchanged = repository.check()
    profile.write_text(text.replace("can: [view, download]", "can: [view, download, upload]"))
    stale = repository.check()
    repository.sh(
        "orthgen render clinic.yaml && git add --all && git commit --quiet -m render && git reset --quiet --soft HEAD~2"
    )
    gained = repository.check()
    profile.write_text(text.replace("can: [view, download]", "can: [veiw]"))
    invalid = repository.check()
    tracked = repository.sh("git ls-files").stdout.split()

    assert unchanged[0], unchanged
    assert not stale[0], stale
    assert gained[0], gained
    assert "upload" in gained[1]
    assert not invalid[0]
    assert "did you mean `view`?" in invalid[1]
    assert {path for path in tracked if "/secrets/" in path} == {
        "deployment/clinic/secrets/.gitignore",
        "deployment/clinic/secrets/README.md",
    }


@pytest.mark.parametrize(("pipeline", "schema"), [("github", "github-workflows"), ("gitlab", "gitlab-ci")])
def test_a_pipeline_is_what_its_server_expects(pipeline: str, schema: str, tmp_path: Path) -> None:
    """The file fits the server's schema; the workflow of GitHub has no finding of zizmor."""
    done = orthgen("init", "site", "--yes", "--pipeline", pipeline, cwd=tmp_path, stdin="")
    (path,) = [*tmp_path.glob("site/.github/workflows/*.yml"), *tmp_path.glob("site/.gitlab-ci.yml")]
    checker = str(parts.tool("check-jsonschema", "check-jsonschema"))
    lines = [[checker, "--builtin-schema", f"vendor.{schema}", str(path)]]
    lines += [[str(parts.tool("ci", "zizmor")), "--offline", str(path)]] if pipeline == "github" else []
    outcomes = [subprocess.run(line, capture_output=True, text=True, check=False) for line in lines]

    assert done.returncode == 0
    assert [(each.returncode, each.stdout) for each in outcomes if each.returncode] == []
