"""Stores of secrets: references, plain places, and the failures of a client program."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orthgen.secret_stores import STORES, parse_store
from orthgen.secret_stores.model import NotStored, StoreError
from orthgen.secret_stores.program import Program

VALUE = "s3cret-value-of-a-store"


def _program(tmp_path: Path, script: str, **changes: float) -> Program:
    path = tmp_path / "tool"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Program(str(path), "sign in with `tool login`", "no such entry", **changes)


FAILURES = {
    "signed out": ("echo 'you are not signed in' >&2; exit 1", "you are not signed in", "tool login"),
    "no reason": ("exit 7", "exit code 7): it gives no reason", "tool login"),
    "binary": (r"printf '\377\376'", "binary data", ""),
}


@pytest.mark.parametrize(("script", "message", "hint"), FAILURES.values(), ids=FAILURES)
def test_a_failure_of_the_program_is_told(tmp_path: Path, script: str, message: str, hint: str) -> None:
    """With the program's own reason, and the remedy."""
    with pytest.raises(StoreError) as caught:
        _program(tmp_path, script).run("get")

    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_program_that_waits_is_ended(tmp_path: Path) -> None:
    """A prompt that nobody answers does not hold the command up for ever."""
    with pytest.raises(StoreError, match=r"did not end within 0\.05 seconds"):
        _program(tmp_path, "exec sleep 60", timeout=0.05).run("get")


def test_a_value_in_a_programs_complaint_is_hidden(tmp_path: Path) -> None:
    """A program may repeat its input."""
    with pytest.raises(StoreError) as caught:
        _program(tmp_path, 'echo "bad input: $(cat)" >&2; exit 1').run("set", stdin=VALUE, values=[VALUE])

    assert caught.value.message.endswith("bad input: (sensitive value)")


def test_a_value_that_begins_with_another_is_hidden_whole(tmp_path: Path) -> None:
    """The longer one first: hidden later, its end would stay."""
    program = _program(tmp_path, f"echo 'not {VALUE}-and-more' >&2; exit 1")

    with pytest.raises(StoreError) as caught:
        program.run("set", values=[VALUE, f"{VALUE}-and-more"])

    assert caught.value.message.endswith("not (sensitive value)")


# `pass`, as far as it is used: an entry is a file.
_PASS = """
cd "$PASSWORD_STORE_DIR"
case "$1" in
  show) cat "$2" 2>/dev/null || { echo "Error: $2 is not in the password store." >&2; exit 1; } ;;
  insert) mkdir -p "$(dirname "$4")"; cat > "$4" ;;
esac
"""


@pytest.fixture
def password_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store of `pass`."""
    _command(tmp_path, monkeypatch, "pass", _PASS)
    store = tmp_path / "store"
    store.mkdir()
    monkeypatch.setenv("PASSWORD_STORE_DIR", str(store))
    return store


def _command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> None:
    """A program on the path that is found before the real one."""
    _program(tmp_path, script)
    (tmp_path / "bin").mkdir()
    (tmp_path / "tool").rename(tmp_path / "bin" / name)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")


def test_notes_below_a_secret_stay(password_store: Path) -> None:
    """The first line is the secret, what follows are a person's notes."""
    store = parse_store("pass:orthanc")
    store.write({"db-password": VALUE})
    entry = password_store / "orthanc" / "db-password"
    entry.write_text(entry.read_text() + "who: ada\n")

    store.write({"db-password": "another-value"})

    assert entry.read_text() == "another-value\nwho: ada\n"
    assert store.read(["db-password"]) == {"db-password": "another-value"}


def test_a_key_of_many_lines_is_one_secret(password_store: Path) -> None:
    """What begins as PEM has no notes."""
    key = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n"
    entry = password_store / "orthanc" / "tls-key"
    entry.parent.mkdir()
    entry.write_text(key)

    assert parse_store("pass:orthanc").read(["tls-key"]) == {"tls-key": key}


def test_a_file_in_which_sops_leaves_a_secret_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`encrypted_regex` of `.sops.yaml` may leave every value as it is."""
    _command(tmp_path, monkeypatch, "sops", "cat")
    place = tmp_path / "secrets.enc.yaml"

    with pytest.raises(StoreError, match="leaves secrets unencrypted"):
        parse_store(f"sops:{place}").write({"db-password": VALUE})

    assert not place.exists()


def test_a_file_of_sops_that_is_not_there_has_no_secrets(tmp_path: Path) -> None:
    """The first upload makes it; no program is asked before."""
    assert parse_store(f"sops:{tmp_path / 'secrets.enc.yaml'}").read(["db-password"]) == {}


def test_a_file_of_sops_keeps_what_is_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value of an existing file is set by itself, on standard input."""
    _command(tmp_path, monkeypatch, "sops", f'echo "$@ $(cat)" >> {tmp_path}/calls')
    place = tmp_path / "secrets.enc.yaml"
    place.write_text("sops: {}\n")

    parse_store(f"sops:{place}").write({"db-password": VALUE})

    assert (tmp_path / "calls").read_text() == f'set --value-stdin {place} ["db-password"] "{VALUE}"\n'
    assert place.read_text() == "sops: {}\n"


def test_a_missing_program_and_a_missing_entry_are_two_things(tmp_path: Path) -> None:
    """Only the second means that the store is empty."""
    with pytest.raises(StoreError, match="`no-such-tool` is not installed"):
        Program("no-such-tool", "", "x").run("get")
    with pytest.raises(NotStored):
        _program(tmp_path, "echo 'no such entry' >&2; exit 1").run("get")


DOCUMENTS = {
    "nothing": ("printf ''", "printed nothing"),
    "text": ("echo hello", "printed no JSON object"),
    "number": ("echo '{\"pin\": 12345}'", "`pin` in the output of"),
    "nested": ('echo \'{"db": {"password": "x"}}\'', "is a list or an object"),
}


@pytest.mark.parametrize(("script", "message"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_that_is_none_is_refused(tmp_path: Path, script: str, message: str) -> None:
    """And it is not repeated in the message."""
    program = _program(tmp_path, script).command

    with pytest.raises(StoreError) as caught:
        parse_store(f"command:{program}").read(["pin"])

    assert message in caught.value.message
    assert "12345" not in str(caught.value)


def test_plain_places_need_no_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, environment variables with a prefix, a command for each secret."""
    (tmp_path / "db-password").write_text(f"{VALUE}\n")
    monkeypatch.setenv("PACS_DB_PASSWORD", VALUE)
    names = ["db-password", "smtp-password"]

    assert parse_store(f"folder:{tmp_path}").read(names) == {"db-password": f"{VALUE}\n"}
    assert parse_store("env:PACS_").read(names) == {"db-password": VALUE}
    assert parse_store("command:echo of-{name}").read(["db-password"]) == {"db-password": "of-db-password\n"}


def test_orthgen_does_not_write_to_a_place_that_it_only_reads() -> None:
    """Nothing would keep the values."""
    with pytest.raises(StoreError, match="only reads `env:`"):
        parse_store("env:PACS_").write({"db-password": VALUE})
    assert [parse_store(place).is_writable for place in ("env:PACS_", "sops:x", "pass:x")] == [
        False,
        True,
        True,
    ]


REFUSED = {
    "a secret": ("hunter2-the-secret-itself", "not a reference"),
    "a slip": ("vualt:secret/orthanc", "not a reference"),
    "no place": ("sops:", "names no place"),
    "an option": ("pass:--help", "would be an option"),
}


@pytest.mark.parametrize(("reference", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_reference_is_refused_and_not_repeated(reference: str, message: str) -> None:
    """It may be the secret itself."""
    with pytest.raises(StoreError, match=message) as caught:
        parse_store(reference)

    assert "hunter2" not in caught.value.message + caught.value.hint


def test_two_secrets_never_share_an_entry() -> None:
    """Azure knows no dot: `first-password-a.b` would be `first-password-a-b`."""
    with pytest.raises(StoreError, match="the same name `first-password-a-b`"):
        parse_store("azure:hospital").read(["first-password-a.b", "first-password-a-b"])
    with pytest.raises(StoreError, match="the same name `first-password-a-b`"):
        parse_store("azure:hospital").write({"first-password-a.b": VALUE, "first-password-a-b": VALUE})


def test_every_store_has_its_reference_in_the_help(tmp_path: Path) -> None:
    """A store that nobody finds does not exist."""
    from tests.support.command import orthgen  # noqa: PLC0415 - one test

    text = " ".join(orthgen("secrets", "--help", cwd=tmp_path).stdout.split())
    assert [kind.usage for kind in STORES if kind.usage not in text] == []
