"""The commands that send studies to a new deployment, in the list of `adopt` and on a page."""

from __future__ import annotations

from orthgen.adoption.parts.sending import SENDING
from tests.support.builders import PROFILES

PAGE = PROFILES.parent / "docs/move-in.md"


def test_the_page_has_the_commands_of_the_list() -> None:
    """Line by line, so that the test that carries out the page carries out the list too."""
    lines = [line.strip() for line in PAGE.read_text(encoding="utf-8").splitlines()]

    assert [command for command in SENDING if command not in lines] == []
