"""Edited files are replaced all together or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orthgen.editing.profiles import FileEdit
from orthgen.editing.write import write
from orthgen.errors import OrthgenError, Refused


def files(folder: Path) -> dict[str, str]:
    """The contents of a folder."""
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_all_files_are_replaced(tmp_path: Path) -> None:
    """Each file has its new text, its mode and its owner, and nothing is left beside."""
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("old")
        (tmp_path / name).chmod(0o640)
    if os.geteuid() == 0:
        os.chown(tmp_path / "a.yaml", 12345, 12345)
    write([FileEdit(str(tmp_path / name), "old", "new") for name in ("a.yaml", "b.yaml")])

    assert files(tmp_path) == {"a.yaml": "new", "b.yaml": "new"}
    status = (tmp_path / "a.yaml").stat()
    assert status.st_mode & 0o777 == 0o640
    assert status.st_uid == (12345 if os.geteuid() == 0 else os.getuid())


def test_a_file_that_changed_in_the_meantime_stops_all(tmp_path: Path) -> None:
    """The second file was edited after the command read it: the first one stays as well."""
    (tmp_path / "a.yaml").write_text("old")
    (tmp_path / "b.yaml").write_text("edited")

    with pytest.raises(Refused, match="changed in the meantime"):
        write([FileEdit(str(tmp_path / name), "old", "new") for name in ("a.yaml", "b.yaml")])
    assert files(tmp_path) == {"a.yaml": "old", "b.yaml": "edited"}


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the file and the reason, and no temporary file stays."""
    (tmp_path / "a.yaml").write_text("old")

    def full(path: Path, _: bytes) -> int:
        path.touch()
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OrthgenError, match="no space left on device"):
        write([FileEdit(str(tmp_path / "a.yaml"), "old", "new")])
    assert files(tmp_path) == {"a.yaml": "old"}
