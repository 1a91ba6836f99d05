"""`orthgen render` with a lock: images are pinned by digest, and a lock that does not fit is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.builders import MINIMAL
from tests.support.command import orthgen

MINIMAL_IMAGES = (
    "keycloak/keycloak:26.7.3",
    "nginx:1.30.6",
    "orthancteam/orthanc-auth-service:26.4.1",
    "orthancteam/orthanc:26.8.1",
    "postgres:18.6",
)


def lock(folder: Path, images: tuple[str, ...]) -> None:
    """A profile on release 26.8, and a lock that names `images`."""
    (folder / "p.yaml").write_text(Path(MINIMAL).read_text() + 'release: "26.8"\n')
    (folder / "orthgen.lock").write_text("".join(f"{image}: sha256:{'a' * 64}\n" for image in images))


def test_images_that_the_lock_names_are_pinned_by_digest(tmp_path: Path) -> None:
    """What was tested is what runs."""
    lock(tmp_path, MINIMAL_IMAGES)

    result = orthgen("render", "p.yaml", "--out", "out", cwd=tmp_path)

    services = yaml.safe_load((tmp_path / "out" / "docker-compose.yml").read_text())["services"]
    assert (result.returncode, result.stderr) == (0, "")
    assert all(service["image"].endswith(f"@sha256:{'a' * 64}") for service in services.values())


@pytest.mark.parametrize("command", ["render", "validate"])
def test_an_image_that_the_lock_does_not_name_is_refused(tmp_path: Path, command: str) -> None:
    """It would run unpinned beside pinned ones, and nobody would know."""
    lock(tmp_path, MINIMAL_IMAGES[:-2])

    result = orthgen(command, "p.yaml", cwd=tmp_path)

    assert result.returncode == 1
    assert result.stderr.count("has no digest") == 2
    assert "orthgen.lock:1:1: error: `postgres:18.6` has no digest" in result.stderr
    assert "add the line `postgres:18.6: sha256:…`" in result.stderr


def test_a_line_of_the_lock_that_pins_nothing_is_named(tmp_path: Path) -> None:
    """It is of an earlier release, or misspelt."""
    lock(tmp_path, (*MINIMAL_IMAGES, "postgres:17.11", "ngnix:1.30.6"))

    result = orthgen("render", "p.yaml", cwd=tmp_path)

    assert result.returncode == 0
    assert "orthgen.lock:6:1: warning: `postgres:17.11` is not an image of release 26.8" in result.stderr
    assert "unless a profile beside it is on release 25.8" in result.stderr
    assert "orthgen.lock:7:1: warning: `ngnix:1.30.6` is not an image of release 26.8" in result.stderr
    assert "no release has such an image" in result.stderr


def test_a_malformed_lock_is_refused_with_its_line(tmp_path: Path) -> None:
    """A digest that is none would pull something else."""
    (tmp_path / "p.yaml").write_text(Path(MINIMAL).read_text())
    (tmp_path / "orthgen.lock").write_text("nginx:1.30.6: sha256:abc\n")

    result = orthgen("render", "p.yaml", "--out", "out", cwd=tmp_path)

    assert result.returncode == 1
    assert "orthgen.lock:1:15: error: `nginx:1.30.6` has no digest" in result.stderr
