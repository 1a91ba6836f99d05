"""Whatever people write where they may write anything stays what it is, in every language that a deployment is written in."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from orthgen.formats.yaml_io import blank_comments
from orthgen.rendering.pipeline import render_profile
from tests.support.builders import write_artifacts
from tests.support.free_text import PAYLOADS, profile_of
from tests.support.real import compose, parts
from tests.support.rendered_nginx import edge

if TYPE_CHECKING:
    from orthgen.formats.yaml_io import Path as KeyPath
    from orthgen.rendering.pipeline import Rendered

# Of the turns after which every place has had every text, as many as a check has time for.
TURNS = range(0, len(PAYLOADS), 5)


def rendered(folder: Path, turn: int) -> tuple[Rendered, dict[KeyPath, str]]:
    """The deployment of a profile full of people's texts, written to the folder; and the texts."""
    text, written = profile_of(turn)
    (folder / "p.yaml").write_text(text)
    result = render_profile(str(folder / "p.yaml"))
    write_artifacts(result.artifacts, folder)
    return result, written


@pytest.mark.parametrize("turn", TURNS)
def test_a_text_stays_a_text_in_every_file(turn: int, tmp_path: Path) -> None:
    """
    A profile with a text in every place that takes one renders, and each file is what it was for its reader.

    Judges: JSON's and YAML's parsers, Docker Compose, node, Lua's compiler, GitHub's Markdown, nginx.
    """
    result, written = rendered(tmp_path, turn)

    assert len(written) > 30
    assert _wrong(tmp_path) == []
    titles = [text for path, text in written.items() if path[0] == "roles" and path[-1] == "title"]
    assert _in_markdown((tmp_path / "ACCESS.md").read_text(), titles) == []
    assert _in_markdown((tmp_path / "secrets/README.md").read_text(), [written["institution", "name"]]) == []
    assert written["institution", "name"] in _texts(
        json.loads((tmp_path / "keycloak/realm.json").read_text())
    )
    (tmp_path / "edge").mkdir()
    with edge(result.deployment, tmp_path / "edge") as running:
        checked = running.check()
    assert (checked.returncode, "[warn]" in checked.stderr) == (0, False)


def _wrong(folder: Path) -> list[str]:
    wrong = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, text = str(path.relative_to(folder)), path.read_text()
        if path.suffix == ".json":
            json.loads(blank_comments(text))
        elif path.suffix == ".yml":
            yaml.safe_load(text)
            compose.config(path)
        elif path.suffix == ".js":
            module = path.with_suffix(".mjs") if "njs" in name else path
            module.write_text(text)
            wrong += _said(parts.command("node"), "--check", str(module))
        elif path.suffix == ".lua":
            wrong += _said(parts.command("luac5.4"), "-p", str(path))
    return wrong


def _said(*command: str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [done.stderr] if done.returncode else []


def _in_markdown(text: str, payloads: list[str]) -> list[str]:
    """What GitHub's own parser makes of a page that people's words may not make of it."""
    command = [parts.command("cmark-gfm"), "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough"]
    html = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    shown = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    wrong = re.findall(r"<a [^>]*evil[^>]*>|<img[^>]*>|<script|<b>|<del>", shown)
    plain = re.sub(r"<[^>]+>", "", shown)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        plain = plain.replace(entity, character)
    for payload in payloads:
        if " ".join(payload.split()) not in " ".join(plain.split()):
            wrong.append(f"not there as it was written: {payload}")
    tables = re.findall(r"(?:<table>)(.*?)</table>", shown, re.DOTALL)
    rows = [[row.count("<td") or row.count("<th") for row in table.split("<tr>")[1:]] for table in tables]
    return [*wrong, *(f"a table with rows of {counts}" for counts in rows if len(set(counts)) > 1)]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in (*value.values(), list(value)) for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []
