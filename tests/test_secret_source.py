"""Where the value of a secret comes from, and how each source that has none is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from orthgen.errors import OrthgenError
from orthgen.secret_source import SecretSource

VALUE = "correct horse battery"


def source(folder: Path, **references: str) -> SecretSource:
    """Secrets of a deployment in `folder`, with nobody there to be asked."""
    return SecretSource(folder, references, ask=None)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        pytest.param(b"secret\n", "secret", id="line-end"),
        pytest.param(b"secret\r\n", "secret", id="line-end-of-windows"),
        pytest.param(b"  secret \t\n", "  secret \t", id="blanks-belong-to-it"),
        pytest.param(b"first\nsecond", "first\nsecond", id="two-lines"),
        pytest.param("pässwörd".encode(), "pässwörd", id="not-ascii"),
    ],
)
def test_a_file_is_read_without_the_end_of_its_line(tmp_path: Path, content: bytes, value: str) -> None:
    """Editors add the end of a line; everything else belongs to the secret."""
    (tmp_path / "s").write_bytes(content)

    assert source(tmp_path)("s") == value
    assert source(tmp_path / "elsewhere", s=f"file:{tmp_path / 's'}")("s") == value


def test_a_reference_comes_before_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who names a source means this one; the folder is for all other secrets."""
    (tmp_path / "a").write_text("of the folder")
    (tmp_path / "b").write_text("of the folder")
    monkeypatch.setenv("ORTHGEN_TEST_SECRET", VALUE)
    secret = source(tmp_path, a="env:ORTHGEN_TEST_SECRET")

    assert (secret("a"), secret("b")) == (VALUE, "of the folder")


def test_a_command_gives_its_first_line(tmp_path: Path) -> None:
    """What a password manager prints below the secret does not belong to it."""
    line = f"{sys.executable} -c \"print('{VALUE} ' + chr(13)); print('note')\""

    assert source(tmp_path, s=f"command:{line}")("s") == f"{VALUE} "


def test_a_secret_is_read_once(tmp_path: Path) -> None:
    """A person is asked once, however often the secret is needed."""
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return VALUE

    secret = SecretSource(tmp_path, {}, ask=ask)

    assert [secret("s"), secret("s")] == [VALUE, VALUE]
    assert asked == ["s: "]


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        pytest.param("", "`s` is missing", "--secret s=env:NAME", id="nowhere"),
        pytest.param("env:ORTHGEN_TEST_NOTHING", "`s` is empty (env)", "", id="no-variable"),
        pytest.param("file:missing", "from `missing`: no such file", "", id="no-file"),
        pytest.param("file:empty", "`s` is empty (file)", "", id="empty-file"),
        pytest.param("file:binary", "it is not text in UTF-8", "", id="no-text"),
        pytest.param("file:long", "larger than 65536 bytes", "", id="long-file"),
        pytest.param("command:false", "failed (CalledProcessError)", "run it by hand", id="failing-command"),
        pytest.param("command:no-such-program", "failed (FileNotFoundError)", "by hand", id="no-command"),
        pytest.param("command:'", "failed (ValueError)", "by hand", id="no-command-line"),
        pytest.param("prompt", "standard input is not a terminal", "", id="nobody-there"),
        pytest.param("hunter2", "is not a reference", "can read a command line", id="the-secret-itself"),
        pytest.param("env:", "is not a reference", "write `env:NAME`", id="no-name"),
        pytest.param("file:", "is not a reference", "`file:PATH`", id="no-path"),
        pytest.param("command:", "is not a reference", "`command:LINE`", id="no-line"),
    ],
)
def test_a_source_without_the_secret_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, message: str, hint: str
) -> None:
    """The error names the secret and its source, and never repeats what was given: it may be the secret."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "long").write_text("x" * 65_537)
    secret = source(tmp_path / "secrets", **({"s": reference} if reference else {}))

    with pytest.raises(OrthgenError) as raised:
        secret("s")

    assert message in raised.value.message
    assert hint in raised.value.hint
    assert "hunter2" not in str(raised.value) + raised.value.hint


@pytest.mark.parametrize("error", [EOFError(), OSError(5, "no terminal")])
def test_a_person_who_does_not_answer_is_told(tmp_path: Path, error: Exception) -> None:
    """The end of the input, and a terminal that goes away, are errors with the name of the secret."""

    def ask(_: str) -> str:
        raise error

    with pytest.raises(OrthgenError, match="no answer to the prompt for the secret `s`"):
        SecretSource(tmp_path, {}, ask=ask)("s")


def test_half_a_character_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte of the environment that is no UTF-8 could not be sent anywhere."""
    monkeypatch.setenv("ORTHGEN_TEST_SECRET", "a\udcff")

    with pytest.raises(OrthgenError, match="is not text in UTF-8"):
        source(tmp_path, s="env:ORTHGEN_TEST_SECRET")("s")


def test_what_was_read_is_hidden(tmp_path: Path) -> None:
    """A message of a server that repeats a secret is shown without it, the longest secret first."""
    values = {str(number): f"{VALUE}{' staple' * number}" for number in range(8)}
    for name, value in {**values, "tiny": "x"}.items():
        (tmp_path / name).write_text(value)
    secret = source(tmp_path)
    text = f"{values['7']} and {VALUE} in a box"

    assert secret.hide(text) == text
    for name in (*values, "tiny"):
        secret(name)
    assert secret.hide(text) == "(sensitive value) and (sensitive value) in a box"


def test_a_secret_is_there_without_a_person(tmp_path: Path) -> None:
    """A reference or a file is there; a person who could be asked is not counted."""
    (tmp_path / "a").write_text(VALUE)
    secret = SecretSource(tmp_path, {"b": "prompt"})

    assert [secret.has(name) for name in "abc"] == [True, True, False]
