"""`orthgen doctor` on the folder of the deployment: its files and its secrets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orthgen.doctor import folder
from orthgen.doctor.model import CheckStatus
from tests.support.command import orthgen
from tests.support.examined_system import only, site, statuses


def test_the_folder_is_compared_with_the_profile(tmp_path: Path) -> None:
    """Not rendered, current, edited by a person, older than the profile."""
    system = site(tmp_path)
    absent = only(folder.files(system))
    orthgen("render", system.profile, "--out", str(system.folder), cwd=tmp_path)
    current = only(folder.files(system))
    compose = system.folder / "docker-compose.yml"
    compose.write_text(compose.read_text() + "# edited\n")
    edited = only(folder.files(system))
    profile = Path(system.profile)
    profile.write_text(profile.read_text().replace("Clinic", "Other clinic"))
    both = list(folder.files(system))

    assert (absent.status, current.status, edited.status) == (
        CheckStatus.ERROR,
        CheckStatus.OK,
        CheckStatus.WARNING,
    )
    assert "`docker-compose.yml` is edited" in edited.message
    assert statuses(both) == [CheckStatus.WARNING, CheckStatus.WARNING]
    assert "older than the profile" in both[1].message


@pytest.mark.parametrize(
    ("path", "mode"), [("nginx/nginx.conf", 0o600), ("nginx/snippets", 0o700), ("keycloak", 0o750)]
)
def test_a_file_that_no_container_can_read_is_told(tmp_path: Path, path: str, mode: int) -> None:
    """A clone or an older render under the mask 077 leaves such files: their content is right, and nginx does not start."""
    system = site(tmp_path)
    orthgen("render", system.profile, "--out", str(system.folder), cwd=tmp_path)
    (system.folder / path).chmod(mode)

    fact = only(folder.files(system))

    assert fact.status is CheckStatus.ERROR
    assert "closed to the users of the containers" in fact.message
    assert fact.remedy == f"`chmod -R a+rX {system.folder / path.partition('/')[0]}`"


def test_secrets_are_examined_and_not_changed(tmp_path: Path) -> None:
    """Missing ones, then one that the containers cannot read; owner and mode stay."""
    system = site(tmp_path)
    missing = list(folder.secrets(system))
    orthgen("render", system.profile, "--out", str(system.folder), cwd=tmp_path)
    orthgen("secrets", system.profile, "--out", str(system.folder), cwd=tmp_path)
    secret = system.folder / "secrets/orthanc-db-password"
    os.chown(secret, os.getuid(), os.getgid())
    secret.chmod(0o600)
    before = secret.stat()
    wrong = [fact for fact in folder.secrets(system) if "orthanc-db-password" in fact.message]

    assert {fact.status for fact in missing} == {CheckStatus.ERROR}
    assert any("run `orthgen secrets" in fact.remedy for fact in missing)
    assert "cannot read it" in only(wrong).message
    assert "chown 999:999" in only(wrong).remedy
    assert (secret.stat().st_uid, secret.stat().st_mode) == (before.st_uid, before.st_mode)
