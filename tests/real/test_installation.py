"""Installed for real: the wheel into an environment of its own, and the launcher in a fresh clone."""

from __future__ import annotations

import json
import re
import shutil
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from orthgen import __version__
from tests.support.real import parts
from tests.support.real.checkout import clone, run

ROOT = Path(__file__).parents[2]
PROFILE = "teaching-hospital.yaml"


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
    run(sys.executable, "-m", "orthgen", "render", f"profiles/{PROFILE}", "--out", out, cwd=ROOT)
    return _tree(out)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and source archive, built as the release builds them: the wheel from the unpacked archive."""
    folder = tmp_path_factory.mktemp("build")
    sources = clone(folder / "clone")
    python = parts.tool("release", "python")
    run(python, "-m", "build", "--no-isolation", "--outdir", folder / "dist", sources, cwd=folder)
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    """The wheel."""
    (built,) = dist.glob("*.whl")
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


def test_packages_are_as_pypi_takes_them(dist: Path) -> None:
    """Metadata, README, contents and links of wheel and source archive, by the tools that judge them."""
    wheel, archive = next(dist.glob("*.whl")), next(dist.glob("*.tar.gz"))

    run(parts.tool("release", "twine"), "check", "--strict", wheel, archive, cwd=ROOT)
    run(parts.tool("release", "check-wheel-contents"), wheel, cwd=ROOT)
    assert "Final rating: 10/10" in run(parts.tool("release", "pyroma"), archive, cwd=ROOT)
    with ZipFile(wheel) as package:
        (metadata,) = (name for name in package.namelist() if name.endswith(".dist-info/METADATA"))
        text = package.read(metadata).decode()
    assert f"\nVersion: {__version__}\n" in text
    assert "\nLicense-Expression: Apache-2.0\n" in text
    assert re.findall(r"\]\((?!https?:|#)[^)]*\)", text) == []
    assert f"/blob/v{__version__}/docs/profile.md)" in text


@pytest.mark.parametrize("tool", ["uvx", "pipx"])
def test_a_tool_runs_the_wheel_without_an_installation(dist: Path, tmp_path: Path, tool: str) -> None:
    """`uvx` and `pipx run`: one command on a machine that has never seen orthgen."""
    wheel = next(dist.glob("*.whl"))
    shutil.copy(ROOT / "profiles/minimal.yaml", tmp_path)
    environment = {"PIPX_HOME": str(tmp_path / "pipx"), "UV_TOOL_DIR": str(tmp_path / "uv")}
    options = ("--from", wheel, "orthgen") if tool == "uvx" else ("run", "--spec", wheel, "orthgen")

    shown = run(
        parts.tool("release", tool),
        *options,
        "validate",
        "minimal.yaml",
        cwd=tmp_path,
        environment=environment,
    )

    assert "minimal.yaml: valid for release" in shown


def test_installed_wheel_renders_the_same_bytes(
    wheel: Path, tmp_path: Path, from_checkout: dict[str, bytes]
) -> None:
    """Installed elsewhere, in another language and time zone, the command renders what the checkout renders."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env/bin/python"
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel, cwd=tmp_path)
    shutil.copy(ROOT / "profiles" / PROFILE, tmp_path)

    run(tmp_path / "env/bin/orthgen", "render", PROFILE, "--out", "out", cwd=tmp_path)

    assert _tree(tmp_path / "out") == from_checkout
    assert (
        run(tmp_path / "env/bin/orthgen", "schema", cwd=tmp_path)
        == (ROOT / "profile.schema.json").read_text()
    )


def test_a_fresh_clone_renders_with_one_command(tmp_path: Path, from_checkout: dict[str, bytes]) -> None:
    """`./orthgen render` installs what it needs and renders the same; a second run finds nothing to do."""
    sources = clone(tmp_path / "clone")

    first = run(sources / "orthgen", "render", f"profiles/{PROFILE}", cwd=sources)
    second = run(sources / "orthgen", "render", f"profiles/{PROFILE}", "--check", cwd=sources)

    assert f"{len(from_checkout) - 1} created" in first
    assert "up to date" in second
    assert _tree(sources / "deployment/teaching-hospital") == from_checkout
