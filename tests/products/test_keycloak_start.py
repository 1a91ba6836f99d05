"""What Keycloak's container says at its start about files that it cannot use."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orthgen.products.keycloak_server import keycloak_server_files
from tests.support.builders import make_deployment


@pytest.fixture
def root() -> Iterator[Path]:
    """A root folder with readable secrets, an authority, and a program in Keycloak's place."""
    # Not below pytest's folder, which only its own user may enter.
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name))
        yield Path(name)


def fill(root: Path) -> None:
    """Write the files of `root`."""
    for name, text in (
        ("secrets/KC_DB_PASSWORD", "one"),
        ("vault/orthanc_entra", "two"),
        ("trust/trust-1.pem", "three"),
    ):
        file = root / "run" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    program = root / "opt/keycloak/bin/kc.sh"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "started with $KC_DB_PASSWORD: $*"\n')
    program.chmod(0o755)
    root.chmod(0o755)


def start(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the rendered script below `root`."""
    (script,) = keycloak_server_files(make_deployment())
    text = script.text.replace("/run/", f"{root}/run/").replace("/opt/", f"{root}/opt/")
    # Root reads every file, whatever its mode says; the container's user does not.
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    return subprocess.run([*nobody, "bash", "-c", text], capture_output=True, text=True, check=False, cwd="/")


def test_keycloak_starts_with_what_it_can_read(root: Path) -> None:
    """Secrets become variables of Keycloak's process; folders that are not there are none to complain about."""
    (root / "run/trust/trust-1.pem").unlink()
    (root / "run/trust").rmdir()

    done = start(root)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "started with one: start --import-realm\n"


@pytest.mark.parametrize("name", ["secrets/KC_DB_PASSWORD", "vault/orthanc_entra", "trust/trust-1.pem"])
@pytest.mark.parametrize("fault", ["empty", "a folder", "a link to nothing", "another's"])
def test_what_it_cannot_use_is_said_before_it_starts(root: Path, name: str, fault: str) -> None:
    """A secret of the vault would be missed when people sign in, and not before."""
    file = root / "run" / name
    file.unlink()
    if fault == "a folder":
        file.mkdir()
    elif fault == "a link to nothing":
        file.symlink_to("nowhere")
    else:
        file.write_text("" if fault == "empty" else "x")
        file.chmod(0o000 if fault == "another's" else 0o644)

    done = start(root)

    assert done.returncode == 1
    assert str(file) in done.stderr
    assert "not started: 1 files" in done.stderr
    assert done.stdout == ""
