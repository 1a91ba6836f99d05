"""orthgen's own container image, built and run on the tests' engine from `Containerfile`, without a network."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from orthgen import __version__
from orthgen.catalogue import newest
from tests.support.builders import PROFILES
from tests.support.command import orthgen
from tests.support.real import parts
from tests.support.real.checkout import clone, run
from tests.support.real.engine import Engine, Host

ROOT = parts.REPOSITORY
TAG = "orthgen-test"


@pytest.fixture(scope="module", name="image")
def _image(engine: tuple[Engine, Host], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image, from the wheel and the wheels of its dependencies; its base is a Debian with Python."""
    docker = engine[0].docker
    folder = tmp_path_factory.mktemp("image")
    wheels = folder / "wheels"
    python = parts.tool("release", "python")
    sources = clone(folder / "clone")
    run(python, "-m", "build", "--no-isolation", "--wheel", "--outdir", wheels, sources, cwd=folder)
    # Of the image's Python, which is not that of the tests.
    stand_in = newest().images["auth-service"]
    version = docker(
        "run",
        "--rm",
        "--entrypoint=python3",
        stand_in,
        "-c",
        "import sys; print(*sys.version_info[:2], sep='.')",
    )
    options = ("--only-binary=:all:", "--python-version", version.strip(), "--dest", wheels)
    run(
        python, "-m", "pip", "download", "-q", *options, next(wheels.glob("orthgen-*.whl")), "pip", cwd=folder
    )
    # Debian's Python has no pip; the official image of Python, which the file names, has it.
    (folder / "base").mkdir()
    shutil.copy(next(wheels.glob("pip-*.whl")), folder / "base/pip.whl")
    (folder / "base/Dockerfile").write_text(
        f"FROM {stand_in}\nUSER 0:0\nCOPY pip.whl /pip-25-py3-none-any.whl\n"
        "RUN mkdir -p /usr/local/lib/pip && python3 -m zipfile -e /pip-25-py3-none-any.whl /usr/local/lib/pip\n"
        "ENV PYTHONPATH=/usr/local/lib/pip\n"
    )
    docker("build", "--quiet", "--network=none", f"--tag={TAG}-base", str(folder / "base"))
    docker(
        *("build", "--quiet", "--network=none", f"--tag={TAG}", f"--file={ROOT / 'Containerfile'}"),
        *(f"--build-arg=BASE={TAG}-base", "--build-arg=PIP_OPTIONS=--no-index", str(wheels)),
    )
    return TAG


def test_image_renders_on_a_read_only_root(image: str, engine: tuple[Engine, Host], tmp_path: Path) -> None:
    """As a person's own user, without network and capabilities, into the mounted folder: the bytes of the checkout."""
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(PROFILES / "minimal.yaml", work)
    os.chown(work, 1000, 1000)
    hardened = (
        "--read-only",
        "--tmpfs=/tmp",
        "--network=none",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
    )

    shown = engine[0].docker(
        "run",
        "--rm",
        *hardened,
        "--user=1000:1000",
        f"--volume={work}:/work",
        image,
        "render",
        "minimal.yaml",
    )

    orthgen("render", "minimal.yaml", "--out", str(tmp_path / "out"), cwd=work)
    made = work / "deployment/minimal"
    names = {path.relative_to(made) for path in made.rglob("*") if path.is_file()}
    assert "created" in shown
    assert {path.stat().st_uid for path in made.rglob("*")} == {1000}
    assert names == {
        path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*") if path.is_file()
    }
    assert all(
        (made / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
        for name in names
        if name.name != "manifest.json"
    )


def test_image_is_small_and_has_no_root(image: str, engine: tuple[Engine, Host]) -> None:
    """Its user is not root, its own layers are small, and it says its version without any option."""
    docker = engine[0].docker
    user = docker("image", "inspect", "--format={{.Config.User}}", image).strip()
    size, base = (
        int(docker("image", "inspect", "--format={{.Size}}", name)) for name in (image, f"{image}-base")
    )

    assert user == "65532:65532"
    assert size - base < 120_000_000
    assert __version__ in docker("run", "--rm", "--read-only", image, "--version")
    assert "Commands" in docker("run", "--rm", "--read-only", image)
