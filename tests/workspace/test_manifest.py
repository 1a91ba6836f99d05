"""A manifest that somebody damaged is an error with a remedy, and leads nowhere."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from orthgen.errors import OrthgenError
from orthgen.products.artifact import Artifact
from orthgen.workspace.apply import apply
from orthgen.workspace.manifest import MANIFEST, digest, read_manifest
from orthgen.workspace.plan import plan

ONE = (Artifact("docker-compose.yml", "services: {}\n"),)
_HASH = digest(b"x")


def _files(path: str) -> str:
    return json.dumps({"files": {path: _HASH}})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="no mapping"),
        pytest.param("{}", id="no files"),
        pytest.param('{"files": ["a"]}', id="no digests"),
        pytest.param('{"files": {"a": null}}', id="null"),
        pytest.param('{"files": {"a": "sha256:x"}}', id="no digest"),
        pytest.param('{"files": ' * 100_000, id="deep"),
        pytest.param("[" * 100_000, id="deep lists"),
        pytest.param(_files("a\0b"), id="NUL"),
        pytest.param(_files("a" * 256), id="a long name"),
        pytest.param(_files("a/" * 600 + "a"), id="a long path"),
        pytest.param(_files("\ud800"), id="half of a pair"),
        pytest.param(_files("\udcff"), id="no character"),
        pytest.param(_files(""), id="no path"),
        pytest.param(_files("."), id="the folder"),
        pytest.param(_files("a//b"), id="an empty name"),
        pytest.param(_files("a/../../b"), id="outside"),
        pytest.param(_files("/etc/passwd"), id="from the root"),
        pytest.param("<<<<<<< HEAD\n{}", id="a conflict"),
    ],
)
def test_what_is_no_manifest_is_damaged(tmp_path: Path, text: str) -> None:
    """No traceback, no way out of the folder."""
    (tmp_path / ".orthgen").mkdir()
    (tmp_path / MANIFEST).write_text(text)

    with pytest.raises(OrthgenError, match="is damaged") as caught:
        plan(ONE, tmp_path)

    assert "version control" in caught.value.hint


def test_bytes_that_are_no_text_are_damaged(tmp_path: Path) -> None:
    """A file of another program's, or of a disk that failed."""
    (tmp_path / ".orthgen").mkdir()
    (tmp_path / MANIFEST).write_bytes(b"\xff\xfe\x00{")

    with pytest.raises(OrthgenError, match="is damaged"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("what", [".orthgen", MANIFEST, "docker-compose.yml"])
def test_nothing_is_read_or_written_through_a_link(tmp_path: Path, what: str) -> None:
    """It would land in a place that nobody named."""
    folder, elsewhere = tmp_path / "deployment", tmp_path / "elsewhere"
    apply(plan(ONE, folder))
    (folder / what).rename(elsewhere)
    (folder / what).symlink_to(elsewhere)
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(OrthgenError, match="is a link"):
        apply(plan((Artifact("docker-compose.yml", "other\n"),), folder))

    assert sorted(tmp_path.rglob("*")) == before


def test_mutated_manifests_are_read_or_refused(tmp_path: Path) -> None:
    """300 damages with a fixed seed: never anything but an expected error."""
    folder = tmp_path / "deployment"
    apply(plan(ONE, folder))
    good = (folder / MANIFEST).read_bytes()
    chance = random.Random(3)

    for _ in range(300):
        data = bytearray(good)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 3)] = chance.choice(
                [b"", b"\0", b'"', b"{", b"[", b"\\ud8", b"null", b"..", b"/", bytes([chance.randrange(256)])]
            )
        (folder / MANIFEST).write_bytes(data)
        try:
            apply(plan(ONE, folder))
        except OrthgenError as error:
            assert "is damaged" in error.message  # noqa: PT017
        assert (folder / "docker-compose.yml").read_text() == "services: {}\n"
