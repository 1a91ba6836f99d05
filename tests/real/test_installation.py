"""Installed for real: the wheel into an environment of its own, and the launcher in a fresh clone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PROFILE = "teaching-hospital.yaml"
# What a clone has not.
_OURS_ALONE = {".git", ".venv", "deployment", "dist", "build"}


def _clone(folder: Path) -> Path:
    """The sources as a clone has them."""

    def ignored(parent: str, names: list[str]) -> set[str]:
        caches = {name for name in names if name == "__pycache__" or name.startswith((".hypo", ".pytest_c"))}
        return caches | (_OURS_ALONE if Path(parent) == ROOT else set())

    return shutil.copytree(ROOT, folder, ignore=ignored)


def _run(*command: str | Path, cwd: Path) -> str:
    # Installing takes a package registry: out of the tests' own network, into that of anybody who started them.
    outside = ["nsenter", f"--net=/proc/{os.getppid()}/ns/net", "--"]
    outcome = subprocess.run(
        [*outside, *(str(word) for word in command)],
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


def _tree(folder: Path) -> dict[str, bytes]:
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    # The manifest also says where the profile is, seen from the folder.
    manifest = json.loads(found[".orthgen/manifest.json"])
    del manifest["profile"]
    return {**found, ".orthgen/manifest.json": json.dumps(manifest).encode()}


@pytest.fixture(scope="module")
def from_checkout(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the checkout renders."""
    out = tmp_path_factory.mktemp("checkout") / "out"
    _run(sys.executable, "-m", "orthgen", "render", f"profiles/{PROFILE}", "--out", out, cwd=ROOT)
    return _tree(out)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as an installer builds it: from a copy of the sources, in an environment of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    clone = _clone(folder / "clone")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--disable-pip-version-check",
        "--no-deps",
        "-w",
        str(folder),
    ]
    _run(*build, clone, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_carries_templates_data_and_licence(wheel: Path) -> None:
    """Every template and every data file of the package is in the wheel, and so is the licence."""
    names = set(ZipFile(wheel).namelist())
    templates = {f"orthgen/_templates/{path.relative_to(ROOT / 'templates').as_posix()}"
                 for path in (ROOT / "templates").rglob("*") if path.is_file()}  # fmt: skip
    data = {path.relative_to(ROOT / "generator").as_posix() for path in (ROOT / "generator").rglob("*")
            if path.is_file() and path.suffix != ".pyc"}  # fmt: skip

    assert templates | data <= names
    assert any(name.endswith("/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "profiles/", "benchmarks/"))]


def test_installed_wheel_renders_the_same_bytes(
    wheel: Path, tmp_path: Path, from_checkout: dict[str, bytes]
) -> None:
    """Installed elsewhere, in another language and time zone, the command renders what the checkout renders."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env/bin/python"
    _run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel, cwd=tmp_path)
    shutil.copy(ROOT / "profiles" / PROFILE, tmp_path)

    _run(tmp_path / "env/bin/orthgen", "render", PROFILE, "--out", "out", cwd=tmp_path)

    assert _tree(tmp_path / "out") == from_checkout
    assert (
        _run(tmp_path / "env/bin/orthgen", "schema", cwd=tmp_path)
        == (ROOT / "profile.schema.json").read_text()
    )


def test_a_fresh_clone_renders_with_one_command(tmp_path: Path, from_checkout: dict[str, bytes]) -> None:
    """`./orthgen render` installs what it needs and renders the same; a second run finds nothing to do."""
    clone = _clone(tmp_path / "clone")

    first = _run(clone / "orthgen", "render", f"profiles/{PROFILE}", cwd=clone)
    second = _run(clone / "orthgen", "render", f"profiles/{PROFILE}", "--check", cwd=clone)

    assert f"{len(from_checkout) - 1} created" in first
    assert "up to date" in second
    assert _tree(clone / "deployment/teaching-hospital") == from_checkout
