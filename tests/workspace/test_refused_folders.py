"""Folders that no deployment is written to: of the system, of a person, of another deployment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orthgen.errors import OrthgenError
from orthgen.workspace.manifest import MANIFEST, digest
from orthgen.workspace.plan import plan
from tests.support.small_deployment import ONE, OTHER, tree, write


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
