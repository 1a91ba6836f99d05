"""Whatever stands in the files and lines that `decide` is given, it answers, or says what is wrong and in which file."""

from __future__ import annotations

import copy
import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from orthgen.authz.config_files import ConfigFiles, ConfiguredDeployment
from orthgen.errors import InputError
from orthgen.formats.yaml_io import Document, parse_json
from tests.support.command import orthgen

from .builders import ORACLE, ROLES, orthanc

RESOURCES = json.loads((ORACLE / "resources.json").read_text())
ANONYMOUS = {"name": "Anonymous", "validity": 60, "permissions": ["upload"], "authorized-labels": []}
CONFIGURATION = orthanc(
    core={"RegisteredUsers": {"ops": "x"}, "AuthenticationEnabled": False},
    EnableAuditLogs=True,
    UncheckedResources=["/app"],
    UncheckedFolders=["/app/"],
    TokenGetArguments=["token"],
    ExtraPermissions=[["get", "^/x$", "view"]],
)
LINES = (
    {"method": "GET", "uri": "/changes", "headers_kind": "user:all", "token_header": "token"},
    {
        "method": "GET",
        "uri": "/x",
        "headers_kind": "basic:ops+user:all",
        "token_header": "Authorization+token",
    },
    {
        "method": "POST",
        "uri": "/tools/find",
        "body": {"Level": "Study", "Query": {"StudyInstanceUID": "1.2"}},
    },
    {"method": "POST", "uri": "/tools/bulk-delete", "body": {"Resources": ["x"], "Level": "Study"}},
    {
        "method": "GET",
        "uri": "/x",
        "resource": "A",
        "resource_labels": ["x"],
        "variant": "find-study-uid",
        "profile": None,
    },
)
JUNK = (None, 0, -1, 1e400, True, "", "*", "\ud800", "(", [], [[]], [None], {}, {"a": None}, "x" * 300)


def mutated(chance: random.Random, value: Any) -> Any:
    """The value with something else at one place, or without one of its parts."""
    value = copy.deepcopy(value)
    parts: list[tuple[Any, Any]] = []

    def collect(tree: Any) -> None:
        for key, item in tree.items() if isinstance(tree, dict) else enumerate(tree):
            parts.append((tree, key))
            if isinstance(item, dict | list):
                collect(item)

    collect(value)
    container, key = chance.choice(parts)
    if chance.random() < 0.2:
        del container[key]
    else:
        container[key] = copy.deepcopy(chance.choice(JUNK))
    return chance.choice(JUNK) if chance.random() < 0.02 else value


def document(value: Any, name: str) -> Document:
    """A parsed file of this content."""
    return parse_json(json.dumps(value), name)[0]


def attempt(chance: random.Random) -> str:
    """Decide garbled lines against files of which one is garbled; how it ended."""
    parts = {
        "orthanc": CONFIGURATION,
        "permissions": {"roles": ROLES},
        "resources": RESOURCES,
        "anonymous": ANONYMOUS,
    }
    name = chance.choice([*parts, "lines"])
    if name in parts:
        parts[name] = mutated(chance, parts[name])
    lines = [json.dumps(mutated(chance, line) if name == "lines" else line) for line in LINES]
    files = ConfigFiles(*(document(value, f"{part}.json") for part, value in parts.items()))
    try:
        deployment = ConfiguredDeployment.compile(files)
    except InputError as error:
        blamed = {finding.location.file for finding in error.findings}
        return "refused" if blamed == {f"{name}.json"} else f"{blamed} for {name}"
    # What is shown of a file is shown of the one that it stands in.
    assert {finding.location.file for finding in deployment.findings} <= {f"{name}.json"}
    assert len(list(deployment.answers(lines))) == len(LINES)
    return "answered"


@pytest.mark.parametrize("seed", range(3))
def test_garbled_files_and_lines_are_answered_or_refused(seed: int) -> None:
    """Every line gets its answer or its error, and a finding names the file that is garbled."""
    chance = random.Random(seed)

    assert {attempt(chance) for _ in range(60)} == {"answered", "refused"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.jsonl", None),
        ("folder", "a folder"),
        ("broken.gz", b"no gzip"),
        ("short.gz", gzip.compress(b'{"method": "GET", "uri": "/"}\n' * 5000, mtime=0)[:-20]),
        ("damaged.gz", gzip.compress(random.Random(1).randbytes(2000), mtime=0)[:500] + b"xx" * 900),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_requests_that_cannot_be_read_are_told(
    tmp_path: Path, name: str, content: bytes | str | None
) -> None:
    """A missing file, a folder and a broken archive end with the file's name and the reason."""
    for part, value in (("o", CONFIGURATION), ("p", {"roles": ROLES}), ("r", RESOURCES)):
        (tmp_path / part).write_text(json.dumps(value))
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    elif content is not None:
        (tmp_path / name).mkdir()

    outcome = orthgen(
        "decide", "--orthanc", "o", "--permissions", "p", "--resources", "r", name, cwd=tmp_path
    )

    assert outcome.returncode == 1
    assert f"error: `{name}` cannot be read: 1 error" in outcome.stderr
    assert f"{name}:" in outcome.stderr


@pytest.mark.parametrize("option", ["--orthanc", "--permissions", "--resources", "--anonymous"])
@pytest.mark.parametrize(
    "content", [None, "folder", b"", b"[" * 100_000, b"1" * 5000, b"\xff", b"7", b'{"A": {"labels": null}}']
)
def test_files_that_cannot_be_read_are_told(tmp_path: Path, option: str, content: bytes | str | None) -> None:
    """Each of the files, in each way of being none: the file that is wrong is the one that is named."""
    named = {
        "--orthanc": CONFIGURATION,
        "--permissions": {"roles": ROLES},
        "--resources": RESOURCES,
        "--anonymous": ANONYMOUS,
    }
    for part, value in named.items():
        (tmp_path / f"{part[2:]}.json").write_text(json.dumps(value))
    wrong = tmp_path / "wrong.json"
    if isinstance(content, bytes):
        wrong.write_bytes(content)
    elif content is not None:
        wrong.mkdir()
    arguments = [
        word for part in named for word in (part, "wrong.json" if part == option else f"{part[2:]}.json")
    ]

    (tmp_path / "none.jsonl").write_text("")
    outcome = orthgen("decide", *arguments, "none.jsonl", cwd=tmp_path)

    assert "wrong.json:1:" in outcome.stderr or (outcome.returncode, content) == (
        0,
        b'{"A": {"labels": null}}',
    )
    assert not any(f"{part[2:]}.json:" in outcome.stderr for part in named)
