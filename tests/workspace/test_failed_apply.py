"""A deployment that cannot be written or take its place leaves the folder as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orthgen.errors import OrthgenError
from orthgen.workspace import apply as apply_module
from orthgen.workspace.atomic_swap import move
from tests.support.small_deployment import ONE, OTHER, tree, write


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
