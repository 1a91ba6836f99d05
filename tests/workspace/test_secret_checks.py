"""Files that containers cannot read, that everybody can read, or that say something else than meant, are named."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orthgen.products.services import MountedSecret
from orthgen.report.secrets import checked_text
from orthgen.targets.services.composition import mounted_secrets
from orthgen.workspace import secret_checks
from orthgen.workspace.secret_checks import check_files, find_problems
from orthgen.workspace.secret_files import give_to_containers
from tests.support.builders import example, make_deployment

if TYPE_CHECKING:
    from collections.abc import Callable


class Status:
    """What `stat` says of a file."""

    def __init__(self, owner: int, group: int, mode: int) -> None:
        self.st_uid, self.st_gid, self.st_mode = owner, group, 0o100000 | mode


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ((0, 0, 0o600), "belongs to user 0 with mode 0600: the containers' user 999 cannot read it"),
        ((999, 999, 0o000), "cannot read it"),
        ((0, 999, 0o600), "cannot read it"),
        ((999, 999, 0o644), "can be read by every account"),
        ((0, 0, 0o644), "can be read by every account"),
        ((999, 999, 0o600), None),
        ((999, 999, 0o400), None),
        ((0, 999, 0o640), None),
        ((0, 0, 0o640), "cannot read it"),
        ((1000, 1000, 0o660), "cannot read it"),
    ],
)
def test_owner_and_mode_decide_who_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: tuple[int, int, int], says: str | None
) -> None:
    """The container's user has to, nobody else may."""
    path = tmp_path / "password"
    path.write_text("x")
    original: Callable[..., os.stat_result] = Path.stat
    monkeypatch.setattr(
        Path,
        "stat",
        lambda self, **more: Status(*status) if self == path else original(self, **more),
    )
    monkeypatch.setattr(secret_checks, "_is_open", lambda _: True)

    problems = find_problems([MountedSecret(path)])

    assert [says in problem.message for problem in problems if says] == ([True] if says else [])
    assert len(problems) == (says is not None)
    assert all("chown 999:999" in problem.remedy for problem in problems)


@pytest.mark.parametrize(
    ("value", "is_good"),
    [
        (b64encode(bytes(32)), True),
        (b64encode(bytes(31)), False),
        (b64encode(bytes(33)), False),
        (b"not base64!", False),
    ],
)
def test_a_master_key_has_32_bytes(tmp_path: Path, value: bytes, *, is_good: bool) -> None:
    """The plugin takes a shorter key and fills it with what is in memory: the next start could not read the files."""
    path = tmp_path / "key"
    path.write_bytes(value)
    path.chmod(0o600)

    messages = [problem.message for problem in find_problems([MountedSecret(path, is_key=True)])]
    assert ("is no key of 32 bytes in base64" not in messages) is is_good
    assert "is no key of 32 bytes in base64" not in [
        each.message for each in find_problems([MountedSecret(path)])
    ]


def test_a_closed_folder_is_as_good_as_a_closed_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else gets through the folder; the file stays as it is."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "password").write_text("x")
    (folder / "password").chmod(0o444)

    assert check_files([MountedSecret(folder / "password")]).problems == ()


def test_root_mends_what_is_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Owner and mode, and says so; the value stays."""
    given: list[tuple[Path, int, int]] = []
    monkeypatch.setattr(
        os, "fchown", lambda file, *owner: given.append((Path(f"/proc/self/fd/{file}").resolve(), *owner))
    )
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    path = tmp_path / "password"
    path.write_text("x")
    path.chmod(0o400)

    checked = check_files([MountedSecret(path)])

    assert (checked.corrected, checked.problems) == ((path,), ())
    assert given == [(path, 999, 999)]
    assert (path.stat().st_mode & 0o777, path.read_text()) == (0o600, "x")
    assert f"{path}  (the containers can read it, and no other account)" in checked_text(checked)


@pytest.mark.parametrize("user", [0, 1000])
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_the_target_of_a_link_keeps_its_owner_and_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, mode: int
) -> None:
    """A link in `secrets/` may lead to a file of the system; the remedy changes the link and not that file."""
    monkeypatch.setattr(os, "geteuid", lambda: user)
    target = tmp_path / "hostname"
    target.write_text("x")
    target.chmod(mode)
    before = target.stat()
    link = tmp_path / "secrets" / "password"
    link.parent.mkdir()
    link.symlink_to(target)

    checked = check_files([MountedSecret(link)])

    after = target.stat()
    assert (after.st_uid, after.st_mode) == (before.st_uid, before.st_mode)
    assert checked.corrected == ()
    (problem,) = checked.problems
    assert f"is a link to `{target}`" in problem.message
    assert ("every account" in problem.message) is (mode == 0o644)
    assert problem.remedy == "replace the link by a file with the value"


def test_a_link_that_takes_the_place_of_a_file_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the check and the change, somebody else can replace the file."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    target = tmp_path / "hostname"
    target.write_text("x")
    target.chmod(0o644)
    link = tmp_path / "password"
    link.symlink_to(target)
    monkeypatch.setattr(Path, "is_symlink", lambda _: False)

    assert give_to_containers(link) is False
    assert target.stat().st_mode & 0o777 == 0o644


def test_anybody_else_closes_the_folder_and_opens_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A supplied secret, without root: other accounts cannot enter the folder, and Docker mounts the file alone."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    path = folder / "password"
    path.write_text("x")
    path.chmod(0o600)

    checked = check_files([MountedSecret(path)])

    assert (checked.corrected, checked.problems) == ((path,), ())
    assert [place.stat().st_mode & 0o777 for place in (folder, path)] == [0o700, 0o644]
    assert check_files([MountedSecret(path)]).corrected == ()


def test_a_file_of_another_account_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the caller may not change its mode, the remedy is for root."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    path = tmp_path / "password"
    path.write_text("x")
    path.chmod(0o600)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)

    checked = check_files([MountedSecret(path)])

    assert checked.corrected == ()
    assert ["sudo chown 999:999" in problem.remedy for problem in checked.problems] == [True]


def test_a_key_elsewhere_is_named_and_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be another program's; one that is missing is named, too."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    key = tmp_path / "key.pem"
    key.write_text("x")
    key.chmod(0o600)

    problems = check_files(
        [MountedSecret(key, is_in_folder=False), MountedSecret(tmp_path / "gone", is_in_folder=False)]
    ).problems

    assert ["cannot read it" in problems[0].message, problems[1].message] == [True, "is not there"]
    assert f"setfacl -m u:999:r {key}" in problems[0].remedy
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("value", ["12345678", "true", "null", '"x"', "[1]", "1e3"])
def test_a_value_that_orthanc_s_image_takes_for_json_is_named_and_never_shown(
    tmp_path: Path, value: str
) -> None:
    """A password of digits would become a number. Other readers take it as it is."""
    path = tmp_path / "password"
    path.write_text(value)
    path.chmod(0o600)

    typed, untyped = (check_files([MountedSecret(path, is_typed=is_typed)]) for is_typed in (True, False))

    assert [problem.message for problem in typed.problems if "JSON" in problem.message]
    assert not [problem.message for problem in untyped.problems if "JSON" in problem.message]
    assert value not in checked_text(typed).replace(str(tmp_path), "")


def test_a_line_break_at_the_end_is_named(tmp_path: Path) -> None:
    """An editor puts it there, and some readers keep it."""
    path = tmp_path / "password"
    path.write_text("value\n")

    assert "line break" in check_files([MountedSecret(path)]).problems[-1].message


@pytest.mark.parametrize("value", [b"ab\0cd", b"ab\ncd", b"ab\tcd", "ab\u202ecd".encode()])
def test_a_value_that_a_program_cannot_take_whole_is_named(tmp_path: Path, value: bytes) -> None:
    """A shell ends a value at its NUL, and nobody sees that a value has two lines or an invisible character."""
    path = tmp_path / "password"
    path.write_bytes(value)
    path.chmod(0o600)

    messages = [item.message for item in check_files([MountedSecret(path)]).problems]
    assert [word for word in ("several lines", "invisible") if any(word in text for text in messages)]


def test_blanks_at_the_end_belong_to_a_value(tmp_path: Path) -> None:
    """Every reader takes them for a part of it."""
    path = tmp_path / "password"
    path.write_text(" value ")
    path.chmod(0o600)

    assert not [item for item in check_files([MountedSecret(path)]).problems if "line break" in item.message]


def test_every_file_that_containers_read_is_looked_at() -> None:
    """Made and supplied secrets, the certificate, its key, and the authorities that Keycloak trusts."""
    hospital = example("teaching-hospital.yaml")
    small = make_deployment()

    names = {file.path.name for file in mounted_secrets(hospital, Path("x"))}
    by_name = {str(file.path): file for file in mounted_secrets(small, Path("x"))}

    assert {"ldap-bind-password", "orthanc-db-password", "hospital-ca.pem"} <= names
    assert by_name["/etc/ssl/key.pem"].is_public is False
    assert by_name["/etc/ssl/cert.pem"].is_public is True
    assert by_name["x/secrets/orthanc-db-password"].is_typed is True
