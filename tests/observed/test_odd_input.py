"""Odd input gives a message in bounded time and memory, and never a traceback."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from orthgen.observed import files
from orthgen.observed.read import observe, observe_texts
from orthgen.report.effective_settings import effective_text

if TYPE_CHECKING:
    from pathlib import Path

# File name, text, and what the first finding says (empty: nothing is wrong with it).
ODD = {
    "cut off": ("orthanc.json", '{"DicomAet": "A", "Authorization": {"We', "unterminated string"),
    "empty": ("orthanc.json", "", "expecting value"),
    "a scalar": ("orthanc.json", "1", ""),
    "deep JSON": ("orthanc.json", '{"DicomAet":' + "[" * 100_000, "nested too deeply"),
    "JSON of 400 levels": ("orthanc.json", '{"DicomAet":' + "[" * 400 + "]" * 400 + "}", "nested too deeply"),
    "unclosed quotes": ("orthanc.json", '{"DicomAet": "' + '\\"' * 100_000, "unterminated string"),
    "unclosed comments": ("orthanc.json", '{"DicomAet": 1 ' + "/*" * 100_000, "delimiter"),
    "a long number": ("orthanc.json", '{"DicomAet": ' + "9" * 10_000 + "}", "too many digits"),
    "half a character": ("orthanc.json", '{"DicomAet": "\ud800"}', ""),
    "an alias of itself": ("compose.yml", "services: &s\n  o: {image: x}\n  p: *s\n", "contains itself"),
    "a merge of itself": ("compose.yml", "services:\n  o: &o\n    <<: *o\n    image: x\n", "contains itself"),
    "deep YAML": ("compose.yml", "services:\n  o: " + "{a: " * 2_000 + "}" * 2_000, "nesting"),
    "an include of itself": (
        "compose.yml",
        "include: [compose.yml]\nservices: {o: {image: x}}",
        "is included again",
    ),
    "deep variables": ("compose.yml", "services: {o: {image: '" + "${A:-" * 3_000 + "'}}", ""),
    "a chain of extends": (
        "compose.yml",
        "services:\n" + "".join(f"  s{n}: {{extends: s{(n + 1) % 100}}}\n" for n in range(100)),
        "extends itself",
    ),
    "wrong types": (
        "compose.yml",
        (
            "services:\n  a: null\n  b: text\n  d:\n    image: [a]\n    environment: x\n    ports: {a: b}\n    volumes: 5\n"
            "    secrets: {a: b}\n    configs: [[a]]\n    env_file: {a: b}\n    labels: [1, {a: b}]\n    tmpfs: {}\n"
            "secrets: [a]\nconfigs: x\ninclude: {a: b}\n"
        ),
        "",
    ),
    "deep nginx": ("nginx.conf", "server {\n" * 3_000, "nested too deeply"),
    "deep Lua in nginx": (
        "nginx.conf",
        "server {\n  set $a '" + "{" * 60 + "';\n" + "  # {\n" * 60 + "}\n",
        "",
    ),
    "long nginx": ("nginx.conf", "server { listen 80; }\n" * 50_000, "longer than"),
    "deep JavaScript": ("app-config.js", "window.config = {a: " + "[" * 5_000 + "]" * 5_000 + "}", ""),
    "long JavaScript": ("app-config.js", "window.config = {a: [" + "{a: 1}," * 50_000 + "]}", "longer than"),
    "deep Caddyfile": ("Caddyfile", "x {\n" * 5_000, ""),
    "a growing variable": (
        "compose.yml",
        "services:\n  o:\n    build:\n      dockerfile_inline: |\n        FROM x\n"
        + "        ENV A=$$A$$A$$A$$A\n" * 200,
        "",
    ),
    "an endless line": (
        "compose.yml",
        "services:\n  o:\n    build:\n      dockerfile_inline: |\n" + "        COPY a \\\n" * 2_000,
        "",
    ),
    "snippets that grow": (
        "Caddyfile",
        "".join(f"(s{n}) {{\n  import s{n + 1} {{args[0]}}{{args[0]}}\n}}\n" for n in range(100))
        + "(s100) {\n  header {args[0]}\n}\nx.example.org {\n  import s0 ab\n}\n",
        "",
    ),
    "blank lines": ("x.txt", "\n" * 50_000, ""),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_texts_give_a_message(name: str) -> None:
    """What is wrong is said, and what is only unusual is read."""
    file, text, message = ODD[name]
    start = time.process_time()
    deployment = observe_texts({file: text})
    effective_text(deployment, StringIO())

    assert message in (deployment.findings[0].message if deployment.findings else "")
    assert bool(message) == bool(deployment.findings)
    assert time.process_time() - start < 3


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Binary, large, missing and special files, broken links and circles of folders become findings or are left out."""
    (tmp_path / "binary.json").write_bytes(bytes(range(256)))
    (tmp_path / "utf-16.json").write_text('{"DicomAet": "A"}', encoding="utf-16")
    (tmp_path / "mark.json").write_text('{"HttpPort": 1}', encoding="utf-8-sig")
    (tmp_path / "large.json").write_bytes(b" " * (4 * 1024 * 1024 + 1))
    (tmp_path / "circle.json").symlink_to("circle.json")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "loop").mkdir()
    (tmp_path / "loop/again").symlink_to("..")
    deployment = observe([str(tmp_path), str(tmp_path / "none.json")])

    assert {finding.location.file.rpartition("/")[2]: finding.message for finding in deployment.findings} == {
        "binary.json": "cannot be read: binary",
        "utf-16.json": "the file is UTF-16, not UTF-8",
        "large.json": "cannot be read: larger than 4 MB",
        "circle.json": "cannot be read: too many levels of symbolic links",
        "pipe.json": "cannot be read: not a regular file",
        "none.json": "cannot be read: no such file or directory",
    }
    assert deployment.orthancs[0].settings.value == {"HttpPort": 1, "DicomAet": "A"}


def test_a_large_folder_is_read_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a limit the entries of a folder are said to be unread."""
    (tmp_path / "orthanc.json").write_text('{"DicomAet": "A"}')
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(files, "_MAX_ENTRIES", 50)
    for number in range(60):
        (tmp_path / f"data/{number}").touch()
    deployment = observe([str(tmp_path)])

    assert deployment.orthancs[0].settings.value == {"DicomAet": "A"}
    assert deployment.unseen == (f"`{tmp_path}` has more than 50 entries. The others were not read.",)


def test_damaged_files_never_stop_the_reader() -> None:
    """Characters are lost, added and doubled at random places; something is read, or said."""
    texts = {
        "compose.yml": "x: &x {a: b}\nservices:\n  o:\n    <<: *x\n    image: orthancteam/orthanc:${TAG:-26.8.1}\n    ports: ['1:2']\n"
        "    volumes: ['./o.json:/etc/orthanc/o.json', {type: bind, source: ./n.conf, target: /etc/nginx/nginx.conf}]\n"
        '    environment:\n      ORTHANC_JSON: |\n        {"Name": "x", // y\n         "DicomAet": ${AET}}\n    extends: p\n  p: {labels: {}}\n',
        "o.json": '{"Name": "x", /* y */ "DicomWeb": {"Root": "${ROOT}", "Servers": {"a": ["b", "c", "d"]}}}',
        "n.conf": "http { server { listen 80; location / { proxy_pass http://o:8042/; set $a 'b c'; } } }",
        "app-config.js": "window.config = { dataSources: [{ a: 'b', c: () => 1 }], d: `e` };",
        "Caddyfile": "a.b {\n  handle_path /o/* {\n    reverse_proxy o:8042\n  }\n}\n",
        "values.yaml": 'a: |\n  {"DicomAet": 1}\nb: {DicomAet: x, orthanc: y}\n',
        ".env": "AET=b\nROOT='c'\n",
    }
    pieces = [
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        ":",
        ",",
        "\n",
        "$",
        "${",
        "&a",
        "*a",
        "<<: ",
        "!x ",
        "//",
        "\\",
        "\t",
        "\0",
        "|",
    ]
    chance = random.Random(13)
    for _ in range(40):
        name = chance.choice(list(texts))
        text = texts[name]
        for _ in range(chance.randint(1, 4)):
            start = chance.randrange(len(text) + 1)
            end = start + chance.randint(0, 12)
            text = chance.choice(
                [
                    text[:start] + text[end:],
                    text[:start] + chance.choice(pieces) + text[start:],
                    text[:start],
                    text[:end] + text[start:],
                ]
            )
        deployment = observe_texts({**texts, name: text})
        assert effective_text(deployment, StringIO())
        assert all(isinstance(shown, str) for shown in deployment.texts.values())


def test_the_heavy_parsers_are_imported_when_they_are_needed() -> None:
    """Reading Orthanc's JSON alone imports no parser of other formats."""
    code = (
        "import sys; from orthgen.observed.read import observe_texts; observe_texts({'o.json': '{\"DicomAet\": 1}'}); "
        "print([name for name in ('crossplane', 'dotenv', 'tree_sitter') if name in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
