"""User-visible text keeps to plain words: tests/wording.yaml lists what it avoids, and what to write instead."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


def _expressions() -> dict[str, tuple[re.Pattern[str], str]]:
    """By avoided words: the expression that finds them, also over the end of a line, and the advice."""
    expressions = {}
    for entry in yaml.safe_load((ROOT / "tests/wording.yaml").read_text(encoding="utf-8")):
        unless = rf"(?!\s+(?:{'|'.join(entry['unless'])})\b)" if "unless" in entry else ""
        for words in entry["avoid"]:
            expression = r"\s+".join(map(re.escape, words.split()))
            start, end = (r"\b" if words[0].isalpha() else ""), (r"\b" if words[-1].isalpha() else "")
            pattern = re.compile(f"{start}{expression}{end}{unless}", re.IGNORECASE)
            expressions[words.lower()] = pattern, entry["rather"]
    return expressions


_AVOIDED = _expressions()
_SPLIT_STRING = re.compile(r'"\s*\n\s*f?"')
_COMMENT = re.compile(r'^ *(?:#[^\n]*|r?""".*?""")$', re.MULTILINE | re.DOTALL)


def _hits(text: str) -> list[tuple[int, str]]:
    """Line and advice of each avoided text. The plain search comes first, because it takes a tenth of the time."""
    plain = " ".join(text.lower().split())
    return [
        (text.count("\n", 0, match.start()), f"write `{rather}` instead of `{match.group()}`")
        for words, (expression, rather) in _AVOIDED.items()
        if words in plain
        for match in expression.finditer(text)
    ]


def _messages(source: str, *, is_command: bool) -> Iterator[tuple[int, str]]:
    """Line and text of a module's strings. A docstring counts where it is the help of a command."""
    strings = source if is_command else _COMMENT.sub("", source)
    if not _hits(_SPLIT_STRING.sub("", strings)):
        return  # parsing every module would take most of the time
    tree = ast.parse(source)
    comments = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and not is_command}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            comments.update(map(id, node.values))
            parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in comments:
            yield node.lineno, node.value


def test_pages_and_templates_use_plain_words() -> None:
    """No page and no template has a word that the list avoids. (CHANGELOG.md tells what was.)"""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
    templates = [path for path in ROOT.glob("templates/**/*") if path.is_file()]

    assert [
        f"{path.relative_to(ROOT)}:{line + 1}: {advice}"
        for path in [*pages, *templates]
        for line, advice in _hits(path.read_text(encoding="utf-8"))
    ] == []


def test_messages_and_help_use_plain_words() -> None:
    """No message and no help text has a word that the list avoids."""
    assert [
        f"{path.relative_to(ROOT)}:{first + line}: {advice}"
        for path in ROOT.glob("generator/orthgen/**/*.py")
        for first, text in _messages(
            path.read_text(encoding="utf-8"), is_command=path.parent.name == "commands"
        )
        for line, advice in _hits(text)
    ] == []


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        pytest.param("the port is not to\nbe had", "available", id="over the end of a line"),
        pytest.param("Whoever asks is answered", "anybody who", id="capital"),
        pytest.param("`x` is no service", "is not a", id="after a name"),
        pytest.param("it is no longer there", None, id="followed by an exception"),
        pytest.param("there is no service", None, id="plain"),
    ],
)
def test_list_finds_its_words(text: str, advice: str | None) -> None:
    """Words are found over line ends and in either case, and the advice is shown."""
    hits = _hits(text)

    assert len(hits) == (advice is not None)
    assert advice is None or advice in hits[0][1]
