"""What is the same in every command: `--format json`, `--check`, `--diff`, `--quiet`, `-`, completion, usage errors."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import msgspec
import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from orthgen.catalogue import releases
from orthgen.cli.app import COMMANDS
from orthgen.cli.app import orthgen as program
from orthgen.cli.exit_codes import ExitCode, exit_code
from orthgen.errors import OrthgenError
from orthgen.realm.token_check import TokenCheck
from orthgen.report.error_forms import ErrorForm
from orthgen.report.json_text import json_text
from orthgen.report.render_forms import RenderForm
from orthgen.report.secrets_forms import SecretsForm
from orthgen.report.token import token_form
from orthgen.report.token_forms import TokenForm
from orthgen.report.upgrade_forms import UpgradeForm
from tests.support.builders import MINIMAL
from tests.support.command import orthgen

ROOT = Path(__file__).parents[2]


def rendered(text: str) -> RenderForm:
    """The only object of `render --format json`."""
    (form,) = msgspec.json.decode(text, type=list[RenderForm])
    return form


def test_render_tells_programs_what_it_did(tmp_path: Path) -> None:
    """Status, files and changes; the second render changes nothing."""
    first = orthgen("render", MINIMAL, "--out", "out", "--format", "json", cwd=tmp_path)
    second = orthgen("render", MINIMAL, "--out", "out", "--format", "json", cwd=tmp_path)

    form = rendered(first.stdout)
    assert (form.profile, form.folder, form.status) == (MINIMAL, "out", "done")
    assert len(form.changes) == form.files > 10
    assert {change.action for change in form.changes} == {"create"}
    assert (rendered(second.stdout).changes, rendered(second.stdout).error) == ((), None)


def test_render_tells_programs_why_it_refused(tmp_path: Path) -> None:
    """An edited file is named in the error, and the exit code and standard error are as ever."""
    orthgen("render", MINIMAL, "--out", "out", cwd=tmp_path)
    edited = next((tmp_path / "out").glob("*.y*ml"))
    edited.write_text(edited.read_text() + "# edited\n")

    outcome = orthgen("render", MINIMAL, "--out", "out", "--format", "json", cwd=tmp_path)

    form = rendered(outcome.stdout)
    assert (outcome.returncode, form.status) == (ExitCode.REFUSED, "refused")
    assert form.error is not None
    assert form.error.paths == (edited.name,)
    assert form.changes[0].edited
    assert "were edited since they were rendered" in outcome.stderr


@pytest.mark.parametrize("options", [("--check",), ("--diff",), ("--diff", "--force")])
def test_check_and_diff_never_write(options: tuple[str, ...], tmp_path: Path) -> None:
    """The exit code says that something would change, and nothing is on the disk."""
    outcome = orthgen("render", MINIMAL, "--out", "out", *options, cwd=tmp_path)

    assert outcome.returncode == ExitCode.CHANGES
    assert list(tmp_path.iterdir()) == []
    assert ("+++ b/" in outcome.stdout) is ("--diff" in options)


def test_a_difference_is_told_to_programs(tmp_path: Path) -> None:
    """`--diff --format json` carries the unified difference of each file."""
    form = rendered(
        orthgen("render", MINIMAL, "--out", "out", "--diff", "--format", "json", cwd=tmp_path).stdout
    )

    assert form.status == "out-of-date"
    assert all(isinstance(change.diff, str) and "+++ b/" in change.diff for change in form.changes)


def test_secrets_are_listed_for_programs_without_a_value(tmp_path: Path) -> None:
    """Each secret's name, purpose and state; a second run keeps them, and `--quiet` then says nothing."""
    orthgen("render", MINIMAL, "--out", "out", cwd=tmp_path)
    secrets = ("secrets", MINIMAL, "--out", "out")
    first = orthgen(*secrets, "--format", "json", cwd=tmp_path)
    second = orthgen(*secrets, "--format", "json", cwd=tmp_path)
    quiet = orthgen(*secrets, "--quiet", cwd=tmp_path)

    form = msgspec.json.decode(first.stdout, type=SecretsForm)
    assert {secret.state for secret in form.secrets} == {"made"}
    assert {secret.state for secret in msgspec.json.decode(second.stdout, type=SecretsForm).secrets} == {
        "kept"
    }
    values = [(tmp_path / "out/secrets" / secret.name).read_text() for secret in form.secrets]
    assert [value for value in values if value in first.stdout] == []
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_an_own_authority_is_told_to_programs(tmp_path: Path) -> None:
    """The certificate's state and end, and the fingerprint of the new authority."""
    text = Path(MINIMAL).read_text()
    (tmp_path / "own.yaml").write_text(
        text.replace("http://localhost", "https://pacs.example.org")
        + "\ndeployment: {tls: {own-authority: {}}}\n"
    )

    orthgen("render", "own.yaml", "--out", "out", cwd=tmp_path)
    outcome = orthgen("secrets", "own.yaml", "--out", "out", "--format", "json", cwd=tmp_path)

    certificate = msgspec.json.decode(outcome.stdout, type=SecretsForm).certificate
    assert certificate is not None, outcome
    assert (certificate.state, certificate.authority) == ("made", "made")


def test_an_upgrade_is_told_to_programs(tmp_path: Path) -> None:
    """The steps with their command lines, and the exit code that they need."""
    outcome = orthgen(
        *("upgrade", MINIMAL, "--from", "25.8", "--to", "26.8", "--check", "--format", "json"), cwd=tmp_path
    )

    form = msgspec.json.decode(outcome.stdout, type=UpgradeForm)
    assert outcome.returncode == ExitCode.CHANGES
    assert (form.before, form.after) == ("25.8", "26.8")
    assert any(step.commands for step in form.steps)


def test_a_checked_token_is_told_to_programs() -> None:
    """Every rule, and the setting to look at where one is broken."""
    checks = (
        TokenCheck("a name", holds=True, value="Ada", cause="scope"),
        TokenCheck("alg", False, "HS256", "x"),
    )

    form = msgspec.json.decode(json_text(token_form(checks)), type=TokenForm)

    assert not form.understood
    assert [rule.look_at for rule in form.rules] == [None, "x"]


BROKEN = "extends: minimal.yaml\nroles: {staff: {can: [veiw]}}\n"
FAILURES = {
    "init": (["new", "--sign-in", "none"], ExitCode.USAGE),
    "lock": (["site.yaml"], ExitCode.FAILED),
    "secrets": (["site.yaml"], ExitCode.FAILED),
    "rotate": (["site.yaml"], ExitCode.FAILED),
    "doctor": (["site.yaml"], ExitCode.FAILED),
    "add": (["viewer", "minimal.yaml", "nosuch"], ExitCode.FAILED),
    "rename": (["role", "minimal.yaml", "nosuch", "other"], ExitCode.FAILED),
    "upgrade": (["minimal.yaml"], ExitCode.FAILED),
    "first-sign-in": (["minimal.yaml"], ExitCode.FAILED),
    "access": (["site.yaml"], ExitCode.FAILED),
    "explain": (["minimal.yaml"], ExitCode.USAGE),
    "provision-keycloak": (["minimal.yaml"], ExitCode.USAGE),
    "check-token": (["site.yaml", "--token", "env:TOKEN"], ExitCode.FAILED),
    "verify": (["http://127.0.0.1:9"], ExitCode.UNREACHABLE),
    "adopt": (["none.json"], ExitCode.FAILED),
}


def test_every_command_with_json_has_a_failure_here() -> None:
    """The table has each command with `--format json`, except those whose JSON has an error for each profile or file."""
    context = click.Context(program)
    with_json = {
        name
        for name in COMMANDS
        if (command := program.get_command(context, name)) is not None
        for each in (command, *(getattr(command, "commands", {}).values()))
        for parameter in each.params
        if isinstance(parameter.type, click.Choice) and "json" in parameter.type.choices
    }

    assert with_json - {"render", "validate", "schema", "diagnose"} == set(FAILURES)


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_told_to_programs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--format json` standard output holds the error, and the exit code is the same as without."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "minimal.yaml").write_bytes(Path(MINIMAL).read_bytes())
    (tmp_path / "site.yaml").write_text(BROKEN)
    arguments, code = FAILURES[name]

    plain, result = (
        CliRunner().invoke(program, [name, *arguments, *more]) for more in ([], ["--format", "json"])
    )

    form = msgspec.json.decode(result.stdout, type=ErrorForm)
    assert (plain.stdout, type(plain.exception)) == ("", type(result.exception))
    assert form.exit_code == code
    assert form.error.message
    if isinstance(result.exception, OrthgenError):
        assert (form.error.message, form.exit_code) == (result.exception.message, exit_code(result.exception))
    if "site.yaml" in arguments:
        assert [(each.id, each.line) for each in form.error.findings] == [("invalid-value", 2)]


def test_a_failure_keeps_its_message_and_exit_code(tmp_path: Path) -> None:
    """The message for people is on standard error, and the process ends with the code that the JSON has."""
    outcome = orthgen("verify", "http://127.0.0.1:9", "--format", "json", cwd=tmp_path)

    form = msgspec.json.decode(outcome.stdout, type=ErrorForm)
    assert outcome.returncode == form.exit_code == ExitCode.UNREACHABLE
    assert outcome.stderr.startswith(f"error: {form.error.message}\n")


def test_a_profile_comes_from_standard_input(tmp_path: Path) -> None:
    """`-` is standard input; the deployment has the folder's name where the profile gives none."""
    text = Path(MINIMAL).read_text()
    named = text + "\ndeployment: {name: from-a-pipe}\n"

    done = orthgen("render", "-", "--out", "out", cwd=tmp_path, stdin=named)
    by_folder = orthgen("render", "-", "--out", "deployment/clinic", cwd=tmp_path, stdin=text)
    nameless = orthgen("render", "-", "--out", "7", cwd=tmp_path, stdin=text)
    homeless = orthgen("render", "-", cwd=tmp_path, stdin=named)
    two = orthgen("render", "-", MINIMAL, cwd=tmp_path, stdin=named)

    assert done.returncode == 0, done
    assert any((tmp_path / "out").iterdir())
    assert by_folder.returncode == 0, by_folder
    compose = (tmp_path / "deployment" / "clinic" / "docker-compose.yml").read_text()
    assert "name: clinic\n" in compose
    assert "from standard input. Do not edit" in compose
    page = next((tmp_path / "deployment" / "clinic").glob("*.md")).read_text()
    assert "`orthgen render`" in compose
    assert "render standard" not in compose + page
    assert "write `deployment: {name: …}`, or call the folder otherwise" in nameless.stderr
    assert (homeless.returncode, "has no folder: pass `--out`" in homeless.stderr) == (ExitCode.USAGE, True)
    assert (two.returncode, "is rendered alone" in two.stderr) == (ExitCode.USAGE, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("validate", "-"), 0),
        (("access", "-"), 0),
        (("access", "--diff", "-", MINIMAL), 0),
        (("explain", "-", "GET", "/studies"), 5),
    ],
)
def test_a_question_about_standard_input_needs_no_name(
    arguments: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    """Commands that only look at the profile take one without a name."""
    outcome = orthgen(*arguments, cwd=tmp_path, stdin=Path(MINIMAL).read_text())

    assert outcome.returncode == code, outcome


def test_without_a_terminal_consent_comes_from_an_option(tmp_path: Path) -> None:
    """Provisioning neither hangs nor applies where nobody can be asked: it names the options."""
    outcome = orthgen("provision-keycloak", MINIMAL, cwd=tmp_path, stdin="")

    assert outcome.returncode == ExitCode.USAGE
    assert "standard input is not a terminal: pass --check to preview or --yes to apply" in outcome.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, tmp_path: Path) -> None:
    """The script asks the program by its variable; a shell that is here takes it."""
    outcome = orthgen("completion", shell, cwd=tmp_path)

    assert f"_ORTHGEN_COMPLETE={shell}_complete" in outcome.stdout
    if shutil.which(shell):
        checked = subprocess.run(
            [shell, "-n"], input=outcome.stdout, text=True, check=False, capture_output=True
        )
        assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("orthgen ", set(COMMANDS)),
        ("orthgen prov", {"provision-keycloak"}),
        ("orthgen render --for", {"--force", "--format"}),
        ("orthgen render --format ", {"text", "json"}),
        ("orthgen explain site.yaml --can vi", {"view"}),
        ("orthgen explain site.yaml --as s", {"signed-out", "share-link"}),
        ("orthgen explain site.yaml P", {"POST", "PUT"}),
        ("orthgen decide --release 0.11.4", {"0.11.4"}),
        *((f"orthgen upgrade site.yaml {option} ", set(releases())) for option in ("--to", "--from")),
    ],
)
def test_words_are_completed(words: str, expected: set[str]) -> None:
    """What bash's script asks of the program when somebody presses the tab key."""
    assert {line.partition(",")[2] for line in completions(words)} == expected


@pytest.mark.parametrize(
    "words",
    [
        "validate ",
        "render ",
        "explain ",
        "upgrade ",
        "doctor ",
        "add role ",
        "rename collection ",
        "access ",
        "access --diff ",
        "decide ",
        "verify --ca-file ",
    ],
)
def test_files_are_completed(words: str) -> None:
    """A profile and every other file is completed by the shell itself."""
    assert [line.partition(",")[0] for line in completions(f"orthgen {words}")] == ["file"]


@pytest.mark.parametrize("words", ["--version", "schema"])
def test_an_output_that_cannot_be_written_is_an_error(words: str) -> None:
    """On a full disk: a short output, which is written at the end, and a long one."""
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [sys.executable, "-m", "orthgen", words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.stderr == "error: the output cannot be written: no space left on device\n"
    assert done.returncode == ExitCode.FAILED


def test_a_closed_output_changes_no_exit_code(tmp_path: Path) -> None:
    """`>&-` and `2>&-`, as some services start programs: the work is done, and no file is taken for a stream."""
    command = f"{sys.executable} -m orthgen render {MINIMAL} --out {tmp_path}/out"
    codes = [
        subprocess.run(["sh", "-c", f"{command} {closed}"], check=False).returncode
        for closed in (">&-", "--check 0<&- >&- 2>&-")
    ]

    assert codes == [0, 0]
    assert (tmp_path / "out/docker-compose.yml").read_text(encoding="utf-8").startswith("#")


def test_the_program_answers_the_script_of_a_shell() -> None:
    """The variable of the script makes the program complete words; it runs no command."""
    answer = subprocess.run(
        [sys.executable, "-m", "orthgen"],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "generator"),
            "_ORTHGEN_COMPLETE": "bash_complete",
            "COMP_WORDS": "orthgen prov",
            "COMP_CWORD": "1",
        },
        text=True,
        check=True,
        capture_output=True,
    )

    assert answer.stdout.splitlines() == ["plain,provision-keycloak"]


def completions(words: str) -> list[str]:
    """The lines with which click answers bash's script, without a process."""
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in asked.items():
            environment.setenv(name, value)
        return BashComplete(program, {}, "orthgen", "_ORTHGEN_COMPLETE").complete().splitlines()
