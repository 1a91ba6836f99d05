"""The launcher `./orthgen`: it installs once, and afterwards it only stands aside. Python and pip are stand-ins."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).parents[1] / "orthgen"

# A Python that writes down how it is called, makes what `-m venv` and `-m pip install` make, and otherwise echoes.
_STAND_IN = """#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
case "$*" in
  "-c import os"*) echo "$0" ;;
  "-c import sys, tomllib"*) [ -n "${COMPLETE-}" ] || exit 1 ;;
  "-m venv --clear"*) rm -rf "$4" && mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
  "-m pip --version") ;;
  "-m pip install"*) if [ -n "${BROKEN-}" ]; then echo "no answer from the registry"; exit 1; fi
    touch "${0%/*}/orthgen" ;;
  *) shift; echo "ran in $PWD with $#:"; printf '<%s>\\n' "$@"; exit "${CODE-0}" ;;
esac
"""


@dataclass
class Checkout:
    """A folder with the launcher in it, and the calls that its Python saw."""

    folder: Path
    python: Path
    log: Path

    def run(
        self, *arguments: str, cwd: Path | None = None, command: str = "", **env: str
    ) -> subprocess.CompletedProcess[str]:
        """One command line."""
        return subprocess.run(
            [command or str(self.folder / "orthgen"), *arguments],
            cwd=cwd or self.folder,
            env={**os.environ, "CALLS": str(self.log), "ORTHGEN_PYTHON": str(self.python), **env},
            capture_output=True,
            text=True,
            check=False,
        )

    def installations(self) -> int:
        """How often pip was asked to install."""
        calls = self.log.read_text() if self.log.exists() else ""
        return calls.count("-m pip install")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A fresh clone, as far as the launcher can tell."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    shutil.copy(LAUNCHER, folder)
    (folder / "pyproject.toml").touch()
    os.utime(folder / "pyproject.toml", (1, 1))
    python = tmp_path / "python"
    python.write_text(_STAND_IN)
    python.chmod(0o755)
    return Checkout(folder, python, tmp_path / "calls")


def test_first_run_installs_and_says_so(checkout: Checkout) -> None:
    """The first run makes .venv, says so on standard error, and then runs the command."""
    outcome = checkout.run("render", "profiles/paradim.yaml")

    assert outcome.returncode == 0
    assert outcome.stdout == f"ran in {checkout.folder} with 2:\n<render>\n<profiles/paradim.yaml>\n"
    assert outcome.stderr.count("\n") == 1
    assert "installing" in outcome.stderr
    assert checkout.installations() == 1


def test_later_runs_only_run(checkout: Checkout) -> None:
    """A second run starts one process and says nothing of its own."""
    checkout.run("--version")
    checkout.log.unlink()

    outcome = checkout.run("--version")

    assert outcome.stderr == ""
    assert checkout.log.read_text().count("\n") == 1


def test_arguments_and_exit_code_pass_unchanged(checkout: Checkout) -> None:
    """Blanks, quotes, stars and empty arguments arrive as they were written, and the exit code comes back."""
    outcome = checkout.run("a b", "*", "", "'\"", CODE="4")

    assert outcome.returncode == 4
    assert outcome.stdout.endswith("with 4:\n<a b>\n<*>\n<>\n<'\">\n")


def test_runs_from_anywhere_and_through_a_link(checkout: Checkout, tmp_path: Path) -> None:
    """Called through a link from another folder, it finds its checkout and leaves the working folder alone."""
    link = tmp_path / "link"
    link.symlink_to(checkout.folder / "orthgen")

    outcome = checkout.run("validate", cwd=tmp_path, command="./link")

    assert outcome.stdout == f"ran in {tmp_path} with 1:\n<validate>\n"
    assert (checkout.folder / ".venv").is_dir()


def test_installs_again_when_the_project_changed(checkout: Checkout) -> None:
    """A newer pyproject.toml brings the environment up to date, once."""
    checkout.run("--version")
    os.utime(checkout.folder / ".venv/bin/orthgen", (2, 2))
    os.utime(checkout.folder / "pyproject.toml", (3, 3))

    first, second = checkout.run("--version"), checkout.run("--version")

    assert "up to date" in first.stderr
    assert second.stderr == ""
    assert checkout.installations() == 2


def test_a_complete_environment_serves_without_a_registry(checkout: Checkout) -> None:
    """Where pip fails and all that pyproject.toml asks for is installed, it warns once and goes on."""
    checkout.run("--version")
    os.utime(checkout.folder / ".venv/bin/orthgen", (2, 2))
    os.utime(checkout.folder / "pyproject.toml", (3, 3))

    first = checkout.run("validate", BROKEN="yes", COMPLETE="yes")
    second = checkout.run("validate", BROKEN="yes", COMPLETE="yes")

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.endswith("<validate>\n")
    assert "no answer from the registry" in first.stderr
    assert "used as it is" in first.stderr
    assert second.stderr == ""


def test_an_environment_that_lacks_something_is_not_used(checkout: Checkout) -> None:
    """Where pip fails and something that pyproject.toml asks for is missing, nothing is run."""
    checkout.run("--version")
    os.utime(checkout.folder / ".venv/bin/orthgen", (2, 2))
    os.utime(checkout.folder / "pyproject.toml", (3, 3))

    outcome = checkout.run("validate", BROKEN="yes")

    assert (outcome.returncode, outcome.stdout) == (1, "")


@pytest.mark.parametrize(("asked", "code"), [("msgspec", 0), ("msgspec>=999", 1), ("no-such-package", 1)])
def test_what_is_installed_is_held_against_pyproject(tmp_path: Path, asked: str, code: int) -> None:
    """The launcher's own look, on the Python of the tests: names and versions count."""
    (look,) = re.findall(r"python\" -c '(import sys, tomllib.*?)'", LAUNCHER.read_text(), re.DOTALL)
    project = tmp_path / "pyproject.toml"
    project.write_text(f'[project]\ndependencies = ["{asked}"]\n')

    run = subprocess.run([sys.executable, "-c", look, project], check=False, capture_output=True)

    assert run.returncode == code


def test_makes_the_environment_anew_when_its_python_is_gone(checkout: Checkout) -> None:
    """An environment whose interpreter was removed by an upgrade of the system is made again."""
    checkout.run("--version")
    (checkout.folder / ".venv/bin/python").unlink()
    (checkout.folder / ".venv/bin/python").symlink_to("/nonexistent/python3.11")

    outcome = checkout.run("--version")

    assert outcome.returncode == 0
    assert "installing" in outcome.stderr


def test_two_first_runs_install_once(checkout: Checkout) -> None:
    """Of two first runs at the same time, the second waits for the first and does not install again."""
    env = {**os.environ, "CALLS": str(checkout.log), "ORTHGEN_PYTHON": str(checkout.python)}
    runs = [
        subprocess.Popen(
            [checkout.folder / "orthgen", "x"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    outputs = [run.communicate() for run in runs]

    assert [run.returncode for run in runs] == [0, 0, 0, 0]
    assert all(out.endswith(b"<x>\n") for out, _ in outputs)
    assert checkout.installations() == 1


def test_a_failing_installation_is_explained(checkout: Checkout) -> None:
    """When pip fails twice, the last line that it said and the log's place are shown, and nothing is run."""
    outcome = checkout.run("render", BROKEN="yes")

    assert outcome.returncode == 1
    assert outcome.stdout == ""
    assert "no answer from the registry" in outcome.stderr
    assert checkout.installations() == 2
    log = Path(outcome.stderr.rsplit(" ", 1)[1].strip())
    assert log.read_text() == "no answer from the registry\n"
    log.unlink()


def test_a_python_that_is_too_old_is_refused(checkout: Checkout, tmp_path: Path) -> None:
    """Without a Python of at least 3.11 it says what it needs."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "mktemp", "readlink"):
        (tools / name).symlink_to(str(shutil.which(name)))
    checkout.python.write_text("#!/bin/sh\nexit 1\n")

    outcome = checkout.run("render", PATH=str(tools))

    assert outcome.returncode == 1
    assert "Python 3.11 or later" in outcome.stderr


def test_a_moved_checkout_runs_its_own_code(checkout: Checkout, tmp_path: Path) -> None:
    """Python sees the launcher's own folder first, whatever the environment remembers."""
    checkout.run("--version")
    moved = tmp_path / "moved"
    checkout.folder.rename(moved)
    show = "import os, sys; print(os.environ['PYTHONPATH'])"
    (moved / ".venv/bin/python").unlink()
    (moved / ".venv/bin/python").symlink_to(sys.executable)
    (moved / ".venv/bin/orthgen").write_text(show)

    outcome = checkout.run(command=str(moved / "orthgen"), cwd=tmp_path, PYTHONPATH="/elsewhere")

    assert outcome.stdout == f"{moved}/generator:/elsewhere\n"
