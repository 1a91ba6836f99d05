"""Hooks, the action and the pipeline templates, run as they are written: pre-commit, GitHub's steps, GitLab's scripts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from orthgen.deployment import naming
from tests.support.real import forge as forges
from tests.support.real import parts
from tests.support.real.checkout import clone, git, run, run_outside
from tests.support.real.forge import Forge, Runner
from tests.support.real.keycloak import RunningKeycloak

ROOT = parts.REPOSITORY
GITLAB = ROOT / "ci/gitlab.yml"
PROFILE = """\
orthgen: 1
institution: {name: Test, url: http://localhost}
identity: {realm: pipeline, sign-in: [accounts: {otp: optional}], api-keys: true}
collections: {cardio: {}}
roles:
  reader: {title: "Reader | <b>`x`", can: [view], collections: [cardio], granted-by: [{group: /readers}]}
  boss: {can: [everything, administer], collections: all, granted-by: [{group: /bosses}]}
"""
CHANGED = PROFILE.replace("can: [view]", "can: [view, download]")
CANARY = "canary-Qw7-this-must-not-be-seen"


@pytest.fixture(scope="module", name="sources")
def _sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a git repository with one commit, as a hook or an action is fetched."""
    folder = clone(tmp_path_factory.mktemp("sources") / "orthgen")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "all")
    return folder


@pytest.fixture(scope="module", name="temp")
def _temp(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Path:
    """The runner's folder after the action's first step, which installs orthgen from the action itself."""
    temp = tmp_path_factory.mktemp("runner")
    (temp / "path").touch()
    step = yaml.safe_load((sources / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"][0]
    environment = {
        "RUNNER_TEMP": str(temp),
        "GITHUB_ACTION_PATH": str(sources),
        "GITHUB_PATH": str(temp / "path"),
    }
    run("bash", "-eo", "pipefail", "-c", step["run"], cwd=temp, environment=environment)
    return temp


@pytest.fixture(scope="module", name="command")
def _command(temp: Path) -> str:
    """The search path with the installed orthgen first."""
    return f"{(temp / 'path').read_text().strip()}:{os.environ['PATH']}"


@pytest.fixture(scope="module", name="two_commits")
def _two_commits(tmp_path_factory: pytest.TempPathFactory, command: str) -> Path:
    """A repository with a profile and its rendered deployment; the last commit gives a role more access."""
    folder = tmp_path_factory.mktemp("two-commits")
    git(folder, "init", "--quiet")
    for text in (PROFILE, CHANGED):
        (folder / "site.yaml").write_text(text)
        (folder / ".gitignore").write_text("secrets/\n")
        _render(folder, command)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", "a state")
    return folder


@pytest.fixture(name="repository")
def _repository(two_commits: Path, tmp_path: Path) -> Path:
    """The repository, for one test."""
    return shutil.copytree(two_commits, tmp_path / "repository")


def _render(folder: Path, command: str) -> None:
    environment = {**os.environ, "PATH": command}
    subprocess.run(
        ["orthgen", "render", "site.yaml"], cwd=folder, env=environment, check=True, capture_output=True
    )


@pytest.fixture(name="forge")
def _forge() -> Iterator[Forge]:
    with forges.running() as forge:
        yield forge


def _runner(sources: Path, temp: Path, repository: Path, forge: Forge) -> Runner:
    event = temp / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    context = {
        "github.event.pull_request.base.sha": git(repository, "rev-parse", "HEAD~1"),
        "github.event_name": "pull_request",
        "github.token": "token-of-the-job",
    }
    environment = {
        **os.environ,
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "hospital/pacs",
        "GITHUB_EVENT_PATH": str(event),
    }
    return Runner(sources, temp, repository, context, environment)


def _html(markdown: str) -> str:
    """The Markdown as GitHub renders it."""
    command = [parts.command("cmark-gfm"), "-e", "table", "-e", "autolink", "-e", "strikethrough"]
    return subprocess.run(command, input=markdown, capture_output=True, text=True, check=True).stdout


def _keycloak_arguments(keycloak: RunningKeycloak) -> tuple[str, dict[str, str]]:
    arguments = f"--server {keycloak.url} --admin-secret env:KEYCLOAK_SECRET"
    arguments += f" --secret {naming.KEYCLOAK_CLIENT_SECRET}=env:CLIENT_SECRET"
    return arguments, {"KEYCLOAK_SECRET": keycloak.admin_password, "CLIENT_SECRET": CANARY}


def test_action_reviews_a_request(
    sources: Path, temp: Path, repository: Path, forge: Forge, keycloak: RunningKeycloak
) -> None:
    """The comment has gains and losses as a table and the realm's plan as a diff; a second run replaces it."""
    arguments, secrets = _keycloak_arguments(keycloak)
    runner = _runner(sources, temp, repository, forge)
    runner.environment = {**runner.environment, **secrets}
    inputs = {"profiles": "site.yaml", "plan-arguments": arguments}
    forge.comments[1] = "a comment of a person"

    first = runner.run(inputs, skip="Install orthgen")
    second = runner.run(inputs, skip="Install orthgen")

    assert (first.failed, second.failed) == ("", ""), first.output + second.output
    assert forge.tokens == {"Bearer token-of-the-job"}
    assert sorted(forge.comments) == [1, 2]
    html = _html(forge.comments[2])
    assert "<td>gains</td>\n<td>reader</td>\n<td>download on <code>cardio</code></td>" in html
    assert '<pre lang="diff"><code>' in html or '<code class="language-diff">' in html
    assert "+ realm role reader" in html.replace("&quot;", '"')
    assert "<li>" not in html
    assert "<b>" not in html
    assert "(sensitive value)" in html
    assert CANARY not in forge.comments[2] + first.output
    assert first.summary in forge.comments[2]


def test_action_stops_at_errors(sources: Path, temp: Path, repository: Path, forge: Forge) -> None:
    """Each in its own step: a wrong profile at its line, an image without a digest, an edited file."""
    runner = _runner(sources, temp, repository, forge)
    inputs = {"profiles": "site.yaml"}
    nginx = repository / "deployment/site/nginx/nginx.conf"
    nginx.write_text(nginx.read_text() + "# edited\n")
    edited = runner.run(inputs, skip="Install orthgen")
    (repository / "orthgen.lock").write_text(f"nginx:1.30.6: sha256:{'a' * 64}\n")
    unpinned = runner.run(inputs, skip="Install orthgen")
    (repository / "orthgen.lock").unlink()
    (repository / "site.yaml").write_text(CHANGED.replace("cardio]", "kardio]"))
    wrong = runner.run(inputs, skip="Install orthgen")

    assert edited.failed == "Check the rendered deployments"
    assert "::error title=orthgen::the rendered deployment is out of date" in edited.output
    assert unpinned.failed == "Validate"
    assert "image-without-digest" in unpinned.output
    assert wrong.failed == "Validate"
    assert "::error file=site.yaml,line=6," in wrong.output
    # No comment hides behind an error, and a request without the right to write has a warning instead.
    forge.allowed = False
    forge.comments.clear()
    (repository / "site.yaml").write_text(CHANGED)
    nginx.write_text(nginx.read_text().replace("# edited\n", ""))
    from_a_fork = runner.run(inputs, skip="Install orthgen")
    assert from_a_fork.failed == ""
    assert "::warning title=orthgen::no comment: GitHub answers 403" in from_a_fork.output


def test_comment_that_is_too_long(sources: Path, temp: Path, repository: Path, forge: Forge) -> None:
    """It ends after a whole line with its block closed, and names the place of the rest."""
    review = temp / "long.md"
    review.write_text("## site.yaml\n\n````diff\n" + "+ realm role \u00e9```\n" * 9000 + "````\n")
    runner = _runner(sources, temp, repository, forge)
    environment = {**runner.environment, "ORTHGEN_TOKEN": "x"}

    subprocess.run(
        ["python3", str(sources / "ci/github/comment.py"), str(review)], env=environment, check=True
    )

    (comment,) = forge.comments.values()
    assert len(comment) < 65_536
    assert _html(comment).rstrip().endswith("the summary of the job has all of it.</p>")


def test_gitlab_reviews_applies_and_looks_for_drift(
    command: str, repository: Path, forge: Forge, keycloak: RunningKeycloak
) -> None:
    """The merge request's note, the plan, its application by hand, and the nightly job before and after a change."""
    arguments, secrets = _keycloak_arguments(keycloak)
    environment = {
        **secrets,
        "PATH": command,
        "ORTHGEN_PROFILES": "site.yaml",
        "ORTHGEN_PLAN_ARGUMENTS": arguments,
        "ORTHGEN_COMMENT_TOKEN": "token-of-the-project",
        "CI_API_V4_URL": forge.url,
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "5",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(repository, "rev-parse", "HEAD~1"),
    }

    def job(name: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return forges.run_gitlab_job(GITLAB, name, repository, {**environment, **(more or {})})

    outcomes = {name: job(f"orthgen-{name}") for name in ("validate", "review", "plan", "apply")}
    again = job("orthgen-review")
    in_sync = job("orthgen-drift")
    keycloak.admin("PUT", "/pipeline", {"registrationAllowed": True}, accepted=(204,))
    drift = job("orthgen-drift")
    keycloak.admin("DELETE", "/pipeline", accepted=(204, 404))

    assert {name: outcome.returncode for name, outcome in outcomes.items()} == dict.fromkeys(outcomes, 0), (
        outcomes
    )
    assert json.loads((repository / "gl-code-quality-report.json").read_text()) is not None
    assert forge.tokens == {"token-of-the-project"}
    (note,) = forge.comments.values()
    assert "<td>gains</td>" in _html(note)
    assert again.returncode == 0
    assert "created" in outcomes["apply"].stderr
    assert (in_sync.returncode, drift.returncode) == (0, 3), in_sync.stdout + in_sync.stderr
    assert "registrationAllowed" in drift.stdout
    assert CANARY not in "".join(outcome.stdout + outcome.stderr for outcome in outcomes.values())


def test_gitlab_stops_at_errors(command: str, repository: Path) -> None:
    """An invalid profile, an edited file and an unpinned image each end the job; the report has the finding."""
    environment = {"PATH": command, "ORTHGEN_PROFILES": "site.yaml"}

    def validate() -> subprocess.CompletedProcess[str]:
        return forges.run_gitlab_job(GITLAB, "orthgen-validate", repository, environment)

    (repository / "deployment/site/nginx/nginx.conf").write_text("# edited\n")
    edited = validate()
    (repository / "site.yaml").write_text(CHANGED.replace("cardio]", "kardio]"))
    wrong = validate()

    assert edited.returncode != 0
    assert "nginx/nginx.conf" in edited.stdout
    assert wrong.returncode == 1
    assert "unknown collection `kardio`" in wrong.stderr
    (finding,) = json.loads((repository / "gl-code-quality-report.json").read_text())
    assert finding["location"] == {"path": "site.yaml", "lines": {"begin": 6}}


def test_pre_commit_hooks(sources: Path, repository: Path, tmp_path: Path) -> None:
    """pre-commit installs orthgen from the repository; each hook passes, and fails for the right reason."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    config = {
        "repos": [
            {
                "repo": str(sources),
                "rev": git(sources, "rev-parse", "HEAD"),
                "hooks": [{"id": hook["id"], "args": ["site.yaml"]} for hook in hooks],
            }
        ]
    }
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (repository / "list").write_text((repository / "deployment/site/docker-compose.yml").read_text())
    git(repository, "add", "--all")
    environment = {"PRE_COMMIT_HOME": str(tmp_path / "cache"), "GIT_CONFIG_GLOBAL": os.devnull}

    def pre_commit(hook: str) -> subprocess.CompletedProcess[str]:
        tool = parts.tool("ci", "pre-commit")
        return run_outside(tool, "run", hook, "--all-files", cwd=repository, environment=environment)

    first = {hook["id"]: pre_commit(hook["id"]) for hook in hooks}
    (repository / "site.yaml").write_text(PROFILE.replace("can: [view]", "can: [view, upload]"))
    stale = pre_commit("orthgen-render-check")
    rendered = pre_commit("orthgen-render")
    (repository / "site.yaml").write_text("orthgen: 2\n")
    wrong = pre_commit("orthgen-validate")

    # There is no lock yet: the images are not pinned.
    assert {name: outcome.returncode for name, outcome in first.items()} == {
        "orthgen-validate": 0,
        "orthgen-render-check": 0,
        "orthgen-render": 0,
        "orthgen-lock-check": 1,
    }, first
    assert "5 missing" in first["orthgen-lock-check"].stdout
    assert stale.returncode == 1
    assert "would be updated" in stale.stdout
    assert "files were modified by this hook" in rendered.stdout
    assert wrong.returncode == 1
    assert "site.yaml:1:10: error" in wrong.stdout


CHECKS = {
    "vendor.github-actions": ("action.yml",),
    "vendor.github-workflows": ("ci/github/*.yml", ".github/workflows/*.yml"),
    "vendor.gitlab-ci": ("ci/gitlab.yml",),
    "vendor.renovate": ("ci/renovate.json",),
    "vendor.dependabot": ("ci/dependabot.yml",),
}


@pytest.mark.parametrize("schema", CHECKS)
def test_files_fit_their_schemas(schema: str) -> None:
    """The public schema of each file, as check-jsonschema carries it."""
    files = [path for pattern in CHECKS[schema] for path in sorted(ROOT.glob(pattern))]
    transform = ["--data-transform", "gitlab-ci"] if schema == "vendor.gitlab-ci" else []
    words = (
        parts.tool("check-jsonschema", "check-jsonschema"),
        "--builtin-schema",
        schema,
        *transform,
        *files,
    )
    command = [str(word) for word in words]

    outcome = subprocess.run(command, capture_output=True, text=True, check=False)

    assert files
    assert outcome.returncode == 0, outcome.stdout


def test_workflows_pass_actionlint_and_zizmor(tmp_path: Path) -> None:
    """Syntax, expressions, shell, permissions, pins: of the action, the examples and the project's own workflows."""
    workflows = tmp_path / ".github/workflows"
    workflows.mkdir(parents=True)
    for path in (*ROOT.glob("ci/github/*.yml"), *ROOT.glob(".github/workflows/*.yml")):
        shutil.copy(path, workflows)
    shutil.copy(ROOT / "action.yml", tmp_path)
    git(tmp_path, "init", "--quiet")
    shellcheck = ["-shellcheck", parts.command("shellcheck")]

    lint = subprocess.run(
        [parts.tool("actionlint", "actionlint"), *shellcheck],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    audit = subprocess.run(
        [parts.tool("ci", "zizmor"), "--offline", "--quiet", "--persona=pedantic", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert lint.returncode == 0, lint.stdout
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_gitlab_scripts_pass_shellcheck(tmp_path: Path) -> None:
    """Also in the plain shell of an image without bash."""
    jobs = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))
    for name in (name for name in jobs if name.startswith("orthgen-")):
        lines, _ = forges.gitlab_job(GITLAB, name)
        script = tmp_path / f"{name}.sh"
        script.write_text("set -e\n" + "\n".join(lines) + "\n", encoding="utf-8")
        outcome = subprocess.run(
            [parts.command("shellcheck"), "--shell=dash", script], capture_output=True, text=True, check=False
        )
        assert outcome.returncode == 0, outcome.stdout
