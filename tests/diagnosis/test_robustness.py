"""Broken, hostile and endless input gets a diagnosis in bounded time, and never an exception."""

from __future__ import annotations

import time
from random import Random

import pytest

from orthgen.diagnosis.diagnose import diagnose
from orthgen.diagnosis.rules import rule_modules
from orthgen.observed import text as text_reader
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.read import observe_texts
from orthgen.observed.text import observe_text
from tests.diagnosis.test_refusal import REPORT

# Text as people and programs write it, in any order.
_PIECES = (
    "{", "}", "[", "]", '"', ":", ",", "\n", " ", "//", "/*", "*/", "\\", "...", "${A}", "```", "```yaml\n", "services:\n",
    "GET /studies HTTP/1.1\n", "HTTP/1.1 403 F\n", "Authorization: Bearer x\n", "content-length: 0\n", '"Authorization": {\n',
    "eyJhbGciOi.eyJ0eXBl.x", "W1217 17:22:14.318589 HTTP-48 a.cpp:1] x\n", "a | b\n", "curl https://a -H '", "server {\n",
    "==> a.json <==\n", "?", "\x00", "\u2028", "\ufeff", '"CheckedLevel": 7', '"resources": 7, "type": null',
)  # fmt: skip


def assert_read(text: str) -> None:
    """A text has a diagnosis: no rule failed (which is caught, and told), and each place is in the text."""
    diagnosis = diagnose(observe_texts({"t.txt": text}))
    lines = [finding.location.line for finding in diagnosis.findings]

    assert [failure for failure in diagnosis.deployment.unseen if "a bug of orthgen" in failure] == []
    assert [line for line in lines if not 1 <= line <= len(text.split("\n"))] == []


@pytest.mark.parametrize("end", range(0, len(REPORT), 373))
def test_a_report_that_breaks_off_anywhere_is_read(end: int) -> None:
    """A text that was cut at any place has a diagnosis."""
    assert_read(REPORT[:end])


@pytest.mark.parametrize("seed", range(20))
def test_pieces_in_any_order_are_read(seed: int) -> None:
    """No order of the pieces that readers look for ends in an exception."""
    assert_read("".join(Random(seed).choices(_PIECES, k=40)))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{\n" * 6_000, id="open brackets"),
        pytest.param('{"a": x\n' * 3_000, id="broken JSON"),
        pytest.param("curl \\\n" * 3_000, id="a command without end"),
        pytest.param("why? " * 6_000, id="one long line"),
        pytest.param("/* " * 6_000, id="open comments"),
        pytest.param("```yaml\n" * 3_000, id="fences"),
    ],
)
def test_endless_texts_cost_little(text: str) -> None:
    """The time grows with the length of a text, not with its square."""
    start = time.process_time()
    observe_text(text, "t.txt")

    assert time.process_time() - start < 5


def test_a_long_text_is_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines behind the limit are not read, and that is said."""
    monkeypatch.setattr(text_reader, "MAX_TEXT_LINES", 3)
    parts = observe_text("\n\n\n\nGET /x HTTP/1.1\n", "t.txt")

    assert parts.exchanges == ()
    assert parts.unseen == ("`t.txt` is a long text: its first 3 lines were read.",)


def test_a_rule_that_fails_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in one rule is said, and the findings of the other rules and the reasons are there."""

    def fail(_deployment: ObservedDeployment) -> None:
        raise KeyError

    monkeypatch.setattr(rule_modules()[0], "check", fail)

    diagnosis = diagnose(observe_texts({"t.txt": REPORT}))

    assert "unread-orthanc-key" in {finding.rule.id for finding in diagnosis.findings}
    assert len(diagnosis.refusals) == 1
    assert any("failed (KeyError): a bug of orthgen" in text for text in diagnosis.deployment.unseen)
