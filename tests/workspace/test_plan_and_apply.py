"""A deployment's folder changes as a whole or not at all, and nobody else's work is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orthgen.changes.model import Action
from orthgen.errors import OrthgenError
from orthgen.products.artifact import Artifact
from orthgen.workspace import apply as apply_module
from orthgen.workspace.apply import apply
from orthgen.workspace.atomic_swap import move
from orthgen.workspace.build import copy_attributes
from orthgen.workspace.manifest import MANIFEST, digest
from orthgen.workspace.plan import plan
from orthgen.workspace.recovery import recover

ONE = (Artifact("docker-compose.yml", "services: {}\n"), Artifact("nginx/nginx.conf", "events {}\n"))
OTHER = (Artifact("docker-compose.yml", "services: {a: {}}\n"), Artifact("orthanc/orthanc.json", "{}\n"))


def tree(folder: Path) -> dict[str, str]:
    """Every file below `folder`, without the manifest."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in files
        if path.name != "manifest.json"
    }


def write(artifacts: tuple[Artifact, ...], folder: Path) -> None:
    """Recover, plan and apply, as `render` does."""
    recover(folder)
    apply(plan(artifacts, folder))


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

    assert [(change.action, change.path) for change in edited] == [(Action.UPDATE, "docker-compose.yml")]


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
        (Action.DELETE, "nginx/nginx.conf")
    ]


def test_a_manifest_cannot_make_us_delete_outside_the_folder(tmp_path: Path) -> None:
    """A path that leads out of the deployment is not taken for one of ours."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    (tmp_path / "precious").write_text("x")
    for path in ("../precious", str(tmp_path / "precious"), "nginx/../../precious"):
        (folder / MANIFEST).write_text(json.dumps({"files": {path: digest(b"x")}}))
        with pytest.raises(OrthgenError, match="is damaged"):
            write(ONE, folder)

    assert (tmp_path / "precious").read_text() == "x"


def test_a_folder_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    """What is applied is exactly what was planned."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    stale = plan(OTHER, folder)
    (folder / "docker-compose.yml").write_text("services: {meanwhile: {}}\n")

    with pytest.raises(OrthgenError, match="changed while"):
        apply(stale)

    assert (folder / "docker-compose.yml").read_text() == "services: {meanwhile: {}}\n"


def test_an_error_while_building_leaves_the_old_deployment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is reported, and nothing was changed."""
    folder = tmp_path / "deployment"
    write(ONE, folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(apply_module, "build", full)
    with pytest.raises(OrthgenError, match="no space left"):
        write(OTHER, folder)

    assert tree(folder) == {artifact.path: artifact.text for artifact in ONE}


def test_without_an_exchange_of_folders_the_result_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File systems that cannot exchange two folders get two renames."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    monkeypatch.setattr(apply_module, "exchange", lambda *_: False)

    write(OTHER, folder)

    assert tree(folder) == {artifact.path: artifact.text for artifact in OTHER}
    assert [path.name for path in tmp_path.iterdir()] == ["deployment"]


def test_a_folder_that_stepped_aside_comes_back(tmp_path: Path) -> None:
    """Killed between two renames, the next run finds the old deployment and goes on from there."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    (folder / "mine").write_text("x")
    folder.rename(tmp_path / ".deployment.orthgen-old")

    write(OTHER, folder)

    assert (folder / "mine").read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["deployment"]


def test_a_folder_that_stepped_aside_gives_way_to_one_that_is_there(tmp_path: Path) -> None:
    """Somebody has restored the folder meanwhile: it stays, and files that only the older one has are added."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    aside = tmp_path / ".deployment.orthgen-old"
    folder.rename(aside)
    (aside / "mine").write_text("x")
    write(ONE, tmp_path / "copy")
    (tmp_path / "copy").rename(folder)

    write(OTHER, folder)

    assert tree(folder) == {artifact.path: artifact.text for artifact in OTHER} | {"mine": "x"}
    assert [path.name for path in tmp_path.iterdir()] == ["deployment"]


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


@pytest.mark.parametrize("below", ["", "paradim"])
def test_a_file_is_not_taken_for_a_folder(tmp_path: Path, below: str) -> None:
    """It is still there afterwards, and nothing else."""
    folder = tmp_path / "deployment"
    folder.write_text("mine")

    with pytest.raises(OrthgenError, match="deployment` is a file"):
        write(ONE, folder / below)

    assert folder.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["deployment"]


def test_the_root_of_the_file_system_is_no_deployment(tmp_path: Path) -> None:
    """It has no neighbours to exchange it with, whatever the way to it."""
    (tmp_path / "root").symlink_to("/")

    with pytest.raises(OrthgenError, match="cannot hold a deployment"):
        write(ONE, tmp_path / "root")


@pytest.mark.parametrize(
    "folder", ["/usr", "/usr/local", "/etc", "/var/lib", "/home", "/home/somebody", "/opt"]
)
def test_a_folder_of_the_system_is_no_deployment(folder: str) -> None:
    """A change moves every entry of the folder, and programs would miss theirs; the plan alone writes nothing."""
    with pytest.raises(
        OrthgenError, match=f"`{folder}` cannot hold a deployment: it is a (folder of the system|home folder)"
    ):
        plan(ONE, Path(folder))


@pytest.mark.parametrize("name", ["home", "link"])
def test_a_home_folder_is_no_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Neither by its name nor by a link; a folder in it is one."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "link").symlink_to(home)
    monkeypatch.setenv("HOME", str(tmp_path / name))

    with pytest.raises(OrthgenError, match="it is a home folder"):
        plan(ONE, tmp_path / "link")
    write(ONE, home / "deployment")

    assert sorted(path.name for path in home.iterdir()) == ["deployment"]


def test_a_deployment_is_not_inside_another_one(tmp_path: Path) -> None:
    """The outer one changes as a whole, with everything in it."""
    write(ONE, tmp_path / "outer")

    with pytest.raises(OrthgenError, match=r"it is inside the deployment in `.*/outer`"):
        plan(OTHER, tmp_path / "outer/nginx/inner")


def test_a_folder_that_was_replaced_under_somebody_s_feet_is_named_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell that stands in a folder stays in the old one; the remedy is to go there again."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    monkeypatch.chdir(folder)
    write(OTHER, Path())

    with pytest.raises(OrthgenError, match="is gone") as caught:
        plan(ONE, Path())

    assert "cd " in caught.value.hint
    assert tree(folder) == {artifact.path: artifact.text for artifact in OTHER}


@pytest.mark.parametrize("what", ["link", "file"])
def test_what_stands_in_place_of_a_folder_is_not_written_through(tmp_path: Path, what: str) -> None:
    """Files would land outside the deployment, half of them before it is whole."""
    folder, elsewhere = tmp_path / "deployment", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    if what == "link":
        (folder / "nginx").symlink_to(elsewhere)
    else:
        (folder / "nginx").write_text("mine")

    with pytest.raises(OrthgenError, match=f"nginx` is a {what}"):
        write(ONE, folder)

    assert list(elsewhere.iterdir()) == []
    assert [path.name for path in folder.iterdir()] == ["nginx"]


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


@pytest.mark.parametrize(("code", "says"), [(13, "belongs to somebody else"), (16, "is mounted on")])
def test_what_cannot_be_taken_along_stops_the_work_before_anything_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, says: str
) -> None:
    """What was moved already is moved back; the remedy is said."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    for name in ("data", "more"):
        (folder / name).mkdir()
        (folder / name / "mine").write_text("x")
    before = tree(folder)

    def refuse(source: Path, target: Path) -> None:
        if source == folder / "more":
            raise OSError(code, os.strerror(code), str(source))
        move(source, target)

    monkeypatch.setattr(apply_module, "move", refuse)
    with pytest.raises(OrthgenError, match=says) as caught:
        write(OTHER, folder)

    assert "nothing was changed" in caught.value.hint
    assert tree(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["deployment"]


@pytest.mark.parametrize("call", ["mkdir", "write_bytes"])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """What was built so far is removed again: the disk is full enough."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    original = getattr(type(folder), call)

    def full(self: Path, *arguments: object, **named: object) -> object:
        if ".orthgen-build/" in str(self):
            raise OSError(28, "No space left on device")
        return original(self, *arguments, **named)

    monkeypatch.setattr(type(folder), call, full)
    with pytest.raises(OrthgenError, match="no space left"):
        write(OTHER, folder)

    assert tree(folder) == {artifact.path: artifact.text for artifact in ONE}
    assert [path.name for path in tmp_path.iterdir()] == ["deployment"]


def test_a_new_deployment_that_is_not_complete_leaves_no_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last step of the preparation fails."""
    folder = tmp_path / "deployment"
    write(ONE, folder)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(apply_module, "move", refuse)
    with pytest.raises(OrthgenError, match="no space left"):
        write(OTHER, folder)

    assert tree(folder) == {artifact.path: artifact.text for artifact in ONE}
    assert [path.name for path in tmp_path.iterdir()] == ["deployment"]


def test_where_the_new_one_cannot_take_its_place_the_old_one_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an exchange the old one has stepped aside already; it does not stay there."""
    folder = tmp_path / "deployment"
    write(ONE, folder)
    (folder / "data").mkdir()
    (folder / "data" / "mine").write_text("x")
    monkeypatch.setattr(apply_module, "exchange", lambda *_: False)
    original = type(folder).rename

    def refuse(self: Path, target: Path) -> object:
        if self.name.endswith("-new"):
            raise OSError(16, "Device or resource busy")
        return original(self, target)

    monkeypatch.setattr(type(folder), "rename", refuse)
    with pytest.raises(OrthgenError, match="busy"):
        write(OTHER, folder)

    assert tree(folder) == {artifact.path: artifact.text for artifact in ONE} | {"data/mine": "x"}
    assert [path.name for path in tmp_path.iterdir()] == ["deployment"]
