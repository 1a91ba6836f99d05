"""A deployment's folder changes as a whole, and nobody else's work is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orthgen.changes.model import ChangeAction
from orthgen.errors import OrthgenError
from orthgen.products.artifact import Artifact
from orthgen.workspace.apply import apply
from orthgen.workspace.build import copy_attributes
from orthgen.workspace.manifest import MANIFEST
from orthgen.workspace.plan import plan
from tests.support.small_deployment import ONE, OTHER, tree, write


def test_a_new_folder_is_written(tmp_path: Path) -> None:
    """Every file is there, with a manifest of their digests."""
    folder = tmp_path / "deep" / "deployment"

    write(ONE, folder)

    assert tree(folder) == {artifact.path: artifact.text for artifact in ONE}
    assert sorted(json.loads((folder / MANIFEST).read_text())["files"]) == [
        "docker-compose.yml",
        "nginx/nginx.conf",
    ]


def test_a_file_has_the_mode_that_it_is_rendered_with(tmp_path: Path) -> None:
    """Containers start a script themselves, whatever mode the account gives to new files."""
    before = os.umask(0o077)
    try:
        write((Artifact("start.sh", "#!/bin/sh\n", mode=0o755), *ONE), tmp_path / "deployment")
    finally:
        os.umask(before)

    modes = {
        name: (tmp_path / "deployment" / name).stat().st_mode & 0o777
        for name in ("start.sh", "docker-compose.yml")
    }
    assert modes == {"start.sh": 0o755, "docker-compose.yml": ONE[0].mode}


def test_a_folder_is_open_for_containers_and_secrets_are_not(tmp_path: Path) -> None:
    """An account with the mask 077 renders them too, and nginx, which has folders mounted, runs as another user."""
    secret = Artifact("secrets/README.md", "# Secrets\n")
    before = os.umask(0o077)
    try:
        write((secret, *ONE), tmp_path / "deployment")
    finally:
        os.umask(before)

    modes = {
        name: (tmp_path / "deployment" / name).stat().st_mode & 0o777
        for name in (".", "nginx", "secrets", ".orthgen")
    }
    assert modes == {".": 0o700, "nginx": 0o755, "secrets": 0o700, ".orthgen": 0o700}


def test_a_folder_keeps_the_mode_that_a_person_gave_it(tmp_path: Path) -> None:
    """A later render changes files, not who may read the folder."""
    write(ONE, tmp_path / "deployment")
    (tmp_path / "deployment" / "nginx").chmod(0o750)

    write((Artifact("nginx/nginx.conf", "events { }\n"),), tmp_path / "deployment")

    assert (tmp_path / "deployment" / "nginx").stat().st_mode & 0o777 == 0o750


def test_an_edited_file_that_is_replaced_leaves_no_copy(tmp_path: Path) -> None:
    """Whoever applies a plan has seen that it replaces the edit."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    (folder / "docker-compose.yml").write_text("services: {mine: {}}\n")

    write(OTHER, folder)

    assert tree(folder) == {artifact.path: artifact.text for artifact in OTHER}


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    """The plan is empty, and not even a time stamp moves."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

    again = plan(ONE, folder)
    apply(again)

    assert again.changes == ()
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_what_is_rendered_no_longer_is_removed_and_foreign_files_stay(tmp_path: Path) -> None:
    """Secrets, backups and version control in the folder are left alone, empty folders are tidied away."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    (folder / "secrets").mkdir(mode=0o700)
    (folder / "secrets" / "password").write_text("x")
    (folder / "secrets" / "password").chmod(0o600)
    (folder / "link").symlink_to("docker-compose.yml")

    write(OTHER, folder)

    assert tree(folder) == {artifact.path: artifact.text for artifact in OTHER} | {
        "secrets/password": "x",
        "link": OTHER[0].text,
    }
    assert not (folder / "nginx").exists()
    assert (folder / "link").is_symlink()
    assert (folder / "secrets").stat().st_mode & 0o777 == 0o700
    assert (folder / "secrets" / "password").stat().st_mode & 0o777 == 0o600


def test_an_edited_file_is_recognised(tmp_path: Path) -> None:
    """The plan says which files somebody changed since they were written."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    (folder / "docker-compose.yml").write_text("services: {mine: {}}\n")

    edited = plan(ONE, folder).edited

    assert [(change.action, change.path) for change in edited] == [
        (ChangeAction.UPDATE, "docker-compose.yml")
    ]


def test_a_file_in_the_way_that_orthgen_did_not_write_counts_as_edited(tmp_path: Path) -> None:
    """A folder that somebody filled by hand is not overwritten unasked."""
    folder = tmp_path / "deployment"
    folder.mkdir()
    (folder / "docker-compose.yml").write_text("services: {theirs: {}}\n")

    assert [change.path for change in plan(ONE, folder).edited] == ["docker-compose.yml"]


def test_an_edited_file_that_is_rendered_no_longer_counts_as_edited(tmp_path: Path) -> None:
    """Removing it would lose somebody's work."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    (folder / "nginx" / "nginx.conf").write_text("# mine\n")

    assert [(change.action, change.path) for change in plan(OTHER, folder).edited] == [
        (ChangeAction.DELETE, "nginx/nginx.conf")
    ]


def test_a_folder_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    """What is applied is exactly what was planned."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    stale = plan(OTHER, folder)
    (folder / "docker-compose.yml").write_text("services: {meanwhile: {}}\n")

    with pytest.raises(OrthgenError, match="changed while"):
        apply(stale)

    assert (folder / "docker-compose.yml").read_text() == "services: {meanwhile: {}}\n"


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    """The folder that it leads to holds the deployment."""
    (tmp_path / "disk").mkdir()
    folder = tmp_path / "deployment"
    folder.symlink_to("disk")

    write(ONE, folder)
    write(OTHER, folder)

    assert folder.is_symlink()
    assert tree(tmp_path / "disk") == {artifact.path: artifact.text for artifact in OTHER}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deployment", "disk"]


def test_a_folder_of_somebody_else_s_stays_the_same_one(tmp_path: Path) -> None:
    """A container that has it mounted goes on with it."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    (folder / "nginx" / "themes").mkdir()
    (folder / "nginx" / "themes" / "logo").write_text("x")
    (folder / "data").mkdir()
    before = {name: (folder / name).stat().st_ino for name in ("data", "nginx/themes")}

    write(OTHER, folder)

    assert {name: (folder / name).stat().st_ino for name in before} == before
    assert (folder / "nginx" / "themes" / "logo").read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["deployment"]


class OwnedByOthers(type(Path())):  # type: ignore[misc]
    """A folder of user 1234 and group 5678."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Its status, with that owner."""
        status = super().stat(follow_symlinks=follow_symlinks)
        return os.stat_result((*status[:4], 1234, 5678, *status[6:]))


@pytest.mark.parametrize(
    ("is_root", "calls"),
    [(True, [(1234, 5678)]), (False, [(1234, 5678), (-1, 5678)])],
    ids=["root", "member"],
)
def test_a_folder_keeps_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_root: bool, calls: list[tuple[int, int]]
) -> None:
    """Root's render gives the new folder to the old one's owner; a member of its group gives it to the group."""
    (tmp_path / "old").mkdir(mode=0o750)
    (tmp_path / "new").mkdir()
    seen = []

    def chown(path: Path, user: int, group: int) -> None:
        assert path == tmp_path / "new"
        seen.append((user, group))
        if user != -1 and not is_root:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", chown)
    copy_attributes(OwnedByOthers(tmp_path / "old"), tmp_path / "new")

    assert seen == calls
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o750


def test_a_secret_that_was_given_away_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux lets nobody but a file's owner link it (fs.protected_hardlinks), and nobody else read a secret."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    (folder / "nginx" / "password").write_text("x")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write(OTHER, folder)

    assert (folder / "nginx" / "password").read_text() == "x"
    assert tree(folder).keys() == {artifact.path for artifact in OTHER} | {"nginx/password"}
    assert [path.name for path in tmp_path.iterdir()] == ["deployment"]
