"""Files that are no profile, or stand elsewhere: links, devices, pipes, texts in other encodings."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from orthgen.errors import ProfileError
from orthgen.profile.load import load
from orthgen.profile.sources import MAX_BYTES
from orthgen.report.error import error_text
from tests.profile.test_load import GOOD, findings_of
from tests.support.command import orthgen

if TYPE_CHECKING:
    from pathlib import Path


# ------------------------------------------------------------------------------------------- files of every sort


@pytest.mark.parametrize("base", ["/dev/zero", "/etc/shadow", "/etc", "x\x00.yaml", "../", ""])
def test_only_profiles_are_extended(tmp_path: Path, base: str) -> None:
    """Neither a device nor a file of passwords is read because a profile names it."""
    found = findings_of(tmp_path, f'orthgen: 1\nextends: "{base}"\n'.replace("\x00", "\\0"))

    assert [place for place, _, _ in found] == ["profile.yaml:2:10"]
    assert found[0][1].endswith(("is not the name of a profile", "is not a file"))


def test_a_link_that_is_called_a_profile_is_not_followed_elsewhere(tmp_path: Path) -> None:
    """The name of the file at the end of the link counts."""
    (tmp_path / "passwords").write_text("root:hunter2\n")
    (tmp_path / "base.yaml").symlink_to(tmp_path / "passwords")

    ((_, message, _),) = findings_of(tmp_path, "orthgen: 1\nextends: base.yaml\n")

    assert message == "`base.yaml` is not the name of a profile"


@pytest.mark.parametrize("content", ["root:$6$hunter2:19000\n", "a: hunter2\nb: [\n", "- hunter2\n"])
def test_what_is_no_profile_is_not_shown(tmp_path: Path, content: str) -> None:
    """A file that was named by mistake may hold anything."""
    (tmp_path / "base.yaml").write_text(content)
    (tmp_path / "profile.yaml").write_text("orthgen: 1\nextends: base.yaml\n" + GOOD)

    with pytest.raises(ProfileError) as caught:
        load(str(tmp_path / "base.yaml"))

    assert "hunter2" not in error_text(caught.value, io.StringIO())


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    """`/dev/zero` is too large for a profile."""
    content = (tmp_path / "large.yaml").write_bytes(b"#" * (MAX_BYTES + 2))
    assert content > MAX_BYTES

    (_, message, _), *rest = findings_of(tmp_path, "orthgen: 1\nextends: large.yaml\n")

    assert "too large" in message
    assert rest == []
    assert "too large" in orthgen("validate", "/dev/zero", cwd=tmp_path).stderr


def test_a_place_behind_letters_of_several_bytes_counts_letters(tmp_path: Path) -> None:
    """Columns are what editors count."""
    (tmp_path / "profile.yaml").write_bytes("institution: {name: Hôpital ".encode() + b"\xf4}\n")

    with pytest.raises(ProfileError) as caught:
        load(str(tmp_path / "profile.yaml"))

    assert caught.value.findings[0].location.column == len("institution: {name: Hôpital ") + 1


# ------------------------------------------------------------------------------------------------- many mistakes


def test_a_pipe_can_be_a_profile(tmp_path: Path) -> None:
    """What a program writes can be checked without a file of its own."""
    reader, writer = os.pipe()
    os.write(writer, f"{GOOD}  name: site\n".encode())
    os.close(writer)
    try:
        assert orthgen("validate", f"/dev/fd/{reader}", cwd=tmp_path).returncode == 0
    finally:
        os.close(reader)
