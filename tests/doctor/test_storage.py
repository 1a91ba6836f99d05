"""`orthgen doctor` on the folder with the DICOM files, and on a server that is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from orthgen.deployment import naming
from orthgen.doctor import storage
from orthgen.doctor.container_engine import ContainerEngine
from orthgen.doctor.database import databases
from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact
from tests.support.builders import make_deployment


def facts(folder: Path) -> list[Fact]:
    """The facts about a folder; profiles have none below /tmp, where the tests are."""
    deployment = make_deployment(archive="storage: {files: {path: /srv/dicom}}")
    files = deployment.profile.archive.storage.files.model_copy(update={"path": str(folder)})
    place = deployment.profile.archive.storage.model_copy(update={"files": files})
    archive = deployment.profile.archive.model_copy(update={"storage": place})
    profile = deployment.profile.model_copy(update={"archive": archive})
    return list(storage.storage(ExaminedSystem(ContainerEngine(), replace(deployment, profile=profile))))


def test_an_empty_mount_point_is_not_the_storage(tmp_path: Path) -> None:
    """Neither a missing folder, nor an empty one, nor one of somebody else."""
    assert "is not there" in facts(tmp_path / "missing")[0].message
    assert "it is empty, as an unmounted mount point is" in facts(tmp_path)[0].message
    (tmp_path / "file").touch()
    assert "nothing shows that it is the storage" in facts(tmp_path)[0].message
    assert {fact.status for fact in facts(tmp_path)} == {CheckStatus.ERROR}


def test_the_folder_belongs_to_orthancs_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Owner and mode decide, and other accounts do not see studies."""
    (tmp_path / naming.STORAGE_MARK).touch()
    tmp_path.chmod(0o750)

    monkeypatch.setattr(storage, "_USER", os.geteuid() + 1)
    assert "cannot write there" in facts(tmp_path)[0].message
    monkeypatch.setattr(storage, "_USER", os.geteuid())
    assert [fact.status for fact in facts(tmp_path)] == [CheckStatus.OK]
    tmp_path.chmod(0o755)
    assert [fact.status for fact in facts(tmp_path)] == [CheckStatus.WARNING]
    tmp_path.chmod(0o550)
    assert "mode 0550" in facts(tmp_path)[0].message


def test_a_volume_is_nobody_elses() -> None:
    """A deployment without such a folder has no fact."""
    assert list(storage.storage(ExaminedSystem(ContainerEngine(), make_deployment()))) == []


def test_a_database_that_is_not_there_is_an_error() -> None:
    """The certificates are in tests/real."""
    server = "{host: 127.0.0.1, port: 9, encryption: none, password: {secret: db}}"
    deployment = make_deployment(archive=f"storage: {{postgresql: {server}}}")

    (fact,) = databases(ExaminedSystem(ContainerEngine(), deployment))
    assert (fact.status, fact.message) == (
        CheckStatus.ERROR,
        "the database at 127.0.0.1:9: connection refused",
    )
