"""The lock of image digests: its text after changes, and digests in other files."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthgen.catalogue.digest_lock import LOCK, digests_in, read_lock, with_digests
from orthgen.errors import InputError

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def _changed(folder: Path, text: str, digests: dict[str, str]) -> str:
    (folder / "orthgen.lock").write_text(text)
    return with_digests(read_lock(folder), digests)


def test_new_lock_is_sorted(tmp_path: Path) -> None:
    """With a line that tells its origin; reading it gives the same digests."""
    text = with_digests(None, {"b:1": B, "a:1": A})

    assert text.splitlines()[1:] == [f"a:1: {A}", f"b:1: {B}"]
    assert _changed(tmp_path, text, {"b:1": B, "a:1": A}) == text


@pytest.mark.parametrize(
    ("before", "digests", "after"),
    [
        (
            f"# why\nb:1: {A}  # tested\na:1: {A}\n",
            {"a:1": A, "b:1": B},
            f"# why\nb:1: {B}  # tested\na:1: {A}\n",
        ),
        (f"'a:1': '{A}'\n", {"a:1": B}, f"'a:1': '{B}'\n"),
        (f"a:1:\n  {A}\nb:1: {A}\n", {"b:1": A}, f"b:1: {A}\n"),
        (f"a:1: {A}", {"a:1": A, "b:1": B}, f"a:1: {A}\nb:1: {B}\n"),
        (f"a:1: {A}\n", {}, ""),
        (f"b:1: {A}\n", {"b:1": A, "c:1": B, "a:1": B}, f"b:1: {A}\na:1: {B}\nc:1: {B}\n"),
    ],
)
def test_lines_that_stay_keep_their_order_and_comments(
    tmp_path: Path, before: str, digests: dict[str, str], after: str
) -> None:
    """Lines that stay keep their order, quotes and comments."""
    assert _changed(tmp_path, before, digests) == after


@pytest.mark.parametrize(
    "text",
    [
        f"a/b:1.0: {A}\n",
        f'"a/b:1.0": "{A}"\n',
        f"services:\n  x:\n    image: a/b:1.0@{A}\n",
        f"    image: 'a/b:1.0@{A}'  # comment\n",
        f"docker.io a/b:1.0@{A}",
    ],
)
def test_digests_in_other_files(text: str) -> None:
    """A lock, a Compose file, a list."""
    assert digests_in(text) == {"a/b:1.0": A}


def test_digest_of_an_image_with_a_registry() -> None:
    """A port before the first slash is not a tag."""
    assert digests_in(f"localhost:5000/a:1@{A}") == {"localhost:5000/a:1": A}
    assert digests_in(f"a@{A} sha256:{'c' * 64}") == {}


def test_a_lock_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    """A folder in its place, and bytes that are no text."""
    (tmp_path / "folder" / LOCK).mkdir(parents=True)
    (tmp_path / "bytes").mkdir()
    (tmp_path / "bytes" / LOCK).write_bytes(b"\xff")

    for folder, reason in (("folder", "is a directory"), ("bytes", "it is not UTF-8")):
        with pytest.raises(InputError) as caught:
            read_lock(tmp_path / folder)
        assert [finding.message for finding in caught.value.findings] == [reason]
