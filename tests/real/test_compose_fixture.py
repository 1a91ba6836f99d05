"""The real Docker Compose: it accepts, refuses, resolves; and so does the public schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.real import compose
from tests.support.real.container import Confinement, Mount

GOOD = """
name: test
services:
  nginx:
    image: nginx:1.29
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
      - data:/data
      - {type: tmpfs, target: /scratch, tmpfs: {size: 1048576}}
    secrets: [password]
    tmpfs: ["/tmp:size=64m"]
    read_only: true
    cap_drop: [ALL]
    cap_add: [NET_BIND_SERVICE]
    environment: {LEVEL: "${LEVEL:-low}"}
volumes: {data: {}}
secrets: {password: {file: ./password}}
"""


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A Compose file that is in order."""
    path = tmp_path / "docker-compose.yml"
    path.write_text(GOOD)
    return path


def test_a_good_file_is_resolved(good: Path) -> None:
    """Compose and the schema accept the file; a service's mounts, limits and variables can be read from it."""
    assert compose.schema_errors(good) == []
    resolved = compose.config(good, environment={"LEVEL": "high"})

    nginx = compose.service(resolved, "nginx", good.parent / "volumes")

    assert nginx.mounts == {
        "/etc/nginx/nginx.conf": Mount(good.parent / "nginx.conf"),
        "/data": Mount(good.parent / "volumes" / "data", writable=True),
        "/run/secrets/password": good.parent / "password",
    }
    assert nginx.confinement == Confinement(
        read_only=True,
        tmpfs=("/tmp:size=64m", "/scratch:size=1048576"),  # noqa: S108 - paths in the container
        capabilities=("net_bind_service",),
    )
    assert nginx.environment == {"LEVEL": "high"}


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        pytest.param(GOOD.replace("image:", "imagine:"), "imagine", id="unknown key"),
        pytest.param(GOOD.replace("volumes: {data: {}}", ""), "undefined volume data", id="undefined volume"),
        pytest.param(GOOD.replace("${LEVEL:-low}", "${LEVEL}"), "LEVEL", id="unset variable"),
    ],
)
def test_compose_refuses_a_fault_and_a_warning(good: Path, broken: str, complaint: str) -> None:
    """A file with a fault is refused with Compose's own words, a warning counting as a fault."""
    good.write_text(broken)

    with pytest.raises(compose.RefusedError, match=complaint):
        compose.config(good)


def test_the_schema_names_the_place_of_a_fault(good: Path) -> None:
    """The public schema says where a file is not a Compose file."""
    good.write_text(GOOD.replace("read_only: true", "read_only: [1]"))

    errors = compose.schema_errors(good)

    assert len(errors) == 1
    assert errors[0].startswith("services.nginx.read_only: ")
