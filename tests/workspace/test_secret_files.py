"""`orthgen secrets` makes what is missing, touches nothing that is there, and never shows a value."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from orthgen.deployment.model import SecretFile
from orthgen.errors import OrthgenError
from orthgen.report.secrets import secrets_text
from orthgen.workspace.secret_files import (
    make_secrets,
    read_secret,
    save_secret,
    write_secret,
    write_secrets,
)

if TYPE_CHECKING:
    from pathlib import Path

MADE = SecretFile("db-password", "made", "the database")
GIVEN = SecretFile("entra-client-secret", "given", "identity.sign-in.entra-id.client-secret")


def test_a_missing_random_secret_is_made(tmp_path: Path) -> None:
    """At least 256 bits, letters and digits that begin with a letter."""
    make_secrets([MADE], tmp_path)

    path = tmp_path / "secrets" / "db-password"
    assert path.read_text().isalnum()
    assert path.read_text()[0].isalpha()
    assert len(path.read_text()) >= 43


def test_a_secret_that_exists_is_not_touched(tmp_path: Path) -> None:
    """Neither its value nor its time changes."""
    make_secrets([MADE], tmp_path)
    path = tmp_path / "secrets" / "db-password"
    before = (path.read_text(), path.stat().st_mtime_ns)

    outcome = make_secrets([MADE], tmp_path)

    assert (path.read_text(), path.stat().st_mtime_ns) == before
    assert outcome.made == ()
    assert outcome.kept == (MADE,)


@pytest.mark.parametrize(("length", "characters"), [(8, 23), (23, 23), (24, 29), (128, 131)])
def test_a_password_that_a_person_types_is_in_groups(tmp_path: Path, length: int, characters: int) -> None:
    """At least as long as the realm asks for, in groups of five, without characters that look alike."""
    make_secrets([SecretFile("first-password-ann", "made", "x", length)], tmp_path)

    password = (tmp_path / "secrets" / "first-password-ann").read_text()
    assert len(password) == characters
    assert all(len(group) == 5 for group in password.split("-"))
    assert not set(password) & set("lI1O0oB8S5Z2")


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    """What a failed copy left behind is created again."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "db-password").touch()

    assert make_secrets([MADE], tmp_path).made == (MADE,)


@pytest.mark.parametrize("what", ["folder", "link"])
def test_what_is_no_file_is_no_secret(tmp_path: Path, what: str) -> None:
    """A folder that a container engine made for a missing file is not taken for the secret."""
    (tmp_path / "secrets").mkdir()
    path = tmp_path / "secrets" / "db-password"
    if what == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")

    with pytest.raises(OrthgenError, match="db-password` is ") as caught:
        make_secrets([MADE], tmp_path)

    assert "move it away" in caught.value.hint


def test_a_secret_that_a_person_supplies_is_listed_until_it_is_there(tmp_path: Path) -> None:
    """Nothing is invented for a secret that somebody else gave out."""
    assert make_secrets([GIVEN], tmp_path).missing == (GIVEN,)
    assert not (tmp_path / "secrets" / "entra-client-secret").exists()

    (tmp_path / "secrets" / "entra-client-secret").write_text("x")

    assert make_secrets([GIVEN], tmp_path).missing == ()


def test_a_secret_of_keycloaks_is_kept_and_never_written_over(tmp_path: Path) -> None:
    """Mode 0600, for the containers' user; one that is there stays."""
    path = save_secret(tmp_path, "client", "value")

    assert (path.read_text(), path.stat().st_mode & 0o777) == ("value", 0o600)
    with pytest.raises(OrthgenError, match="not overwritten"):
        save_secret(tmp_path, "client", "other")
    assert path.read_text() == "value"


def test_secrets_that_a_killed_render_left_beside_the_folder_come_back_first(tmp_path: Path) -> None:
    """None is created again while the old one is elsewhere."""
    folder = tmp_path / "deployment"
    folder.mkdir()
    make_secrets([MADE], folder)
    before = (folder / "secrets" / "db-password").read_text()
    (tmp_path / ".deployment.orthgen-new").mkdir()
    (folder / "secrets").rename(tmp_path / ".deployment.orthgen-new" / "secrets")

    assert make_secrets([MADE], folder).kept == (MADE,)
    assert (folder / "secrets" / "db-password").read_text() == before


def test_a_secret_is_read_without_the_end_of_its_line(tmp_path: Path) -> None:
    """An editor adds it; blanks belong to the value."""
    save_secret(tmp_path, "first-password-ann", " correct horse \r\n")

    assert read_secret(tmp_path, "first-password-ann") == " correct horse "


def test_two_secrets_are_never_equal(tmp_path: Path) -> None:
    """Each is random by itself."""
    make_secrets([MADE, SecretFile("other", "made", "x")], tmp_path)

    assert (tmp_path / "secrets" / "db-password").read_text() != (tmp_path / "secrets" / "other").read_text()


def test_what_is_shown_names_files_and_never_a_value(tmp_path: Path) -> None:
    """Names, purposes, what to do."""
    outcome = make_secrets([MADE, GIVEN], tmp_path)

    text = secrets_text(outcome, tmp_path)

    assert "+ secrets/db-password  (the database)" in text
    assert "? secrets/entra-client-secret" in text
    assert text.splitlines()[2] == f"{tmp_path}: 1 made, 0 kept, 1 for you to supply"
    assert (tmp_path / "secrets" / "db-password").read_text() not in text


@pytest.mark.parametrize(
    ("caller", "given", "modes"), [(0, [999], [0o755, 0o600]), (1000, [], [0o700, 0o644])]
)
def test_the_containers_can_read_new_files_and_no_other_account_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caller: int, given: list[int], modes: list[int]
) -> None:
    """Root gives the file to the containers' user; anybody else closes the folder, because Docker mounts the file alone."""
    owners: list[int] = []
    monkeypatch.setattr(os, "geteuid", lambda: caller)
    monkeypatch.setattr(os, "fchown", lambda _, owner, __: owners.append(owner))
    (tmp_path / "secrets").mkdir(mode=0o755)
    make_secrets([MADE], tmp_path)

    path = tmp_path / "secrets" / "db-password"
    assert [place.stat().st_mode & 0o777 for place in (path.parent, path)] == modes
    assert owners == given


def test_what_an_interrupted_run_left_is_no_obstacle(tmp_path: Path) -> None:
    """A temporary file of a killed run is replaced, and its mode and its content with it."""
    (tmp_path / ".db-password.new").write_text("half")
    (tmp_path / ".db-password.new").chmod(0o644)

    write_secret(tmp_path / "db-password", "whole", for_containers=False)

    assert (tmp_path / "db-password").read_text() == "whole"
    assert (tmp_path / "db-password").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["db-password"]


def test_a_folder_in_place_of_one_secret_changes_none(tmp_path: Path) -> None:
    """Docker makes a folder for a missing mount; whoever has it moved away finds every secret as it was."""
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").mkdir()

    with pytest.raises(OrthgenError, match=r"b` is no file"):
        write_secrets(tmp_path, {"a": "new", "b": "new"}, for_containers=False)

    assert (tmp_path / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
