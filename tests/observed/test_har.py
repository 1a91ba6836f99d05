"""A HAR recording gives its requests with their places, whatever is cut off, and costs little."""

from __future__ import annotations

import json

import pytest

from orthgen.observed import har
from orthgen.observed.har import observe_har


def _recording(count: int, body: str = "") -> str:
    entries = [
        {
            "startedDateTime": "2024-12-17T22:11:05.000Z",
            "request": {
                "method": "POST" if number % 2 else "GET",
                "url": f"https://pacs.example/studies/{number}?token=hunter2",
                "headers": [{"name": "Cookie", "value": "hunter2"}],
            },
            "response": {
                "status": 403 if number % 2 else 200,
                "headers": [{"name": "server", "value": "nginx"}],
                "content": {"mimeType": "text/plain", "text": body},
            },
        }
        for number in range(count)
    ]
    return json.dumps({"log": {"version": "1.2", "entries": entries}}, indent=1)


def test_each_request_has_its_place() -> None:
    """The place of a request is the line where its entry begins; the body of a failed one is kept."""
    text = _recording(3, body="refused")
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if line == "   {"]

    parts = observe_har(text, "a.har")

    assert [(each.method, each.target, each.status, each.response_body) for each in parts.exchanges] == [
        ("GET", "/studies/0?token=…", 200, ""),
        ("POST", "/studies/1?token=…", 403, "refused"),
        ("GET", "/studies/2?token=…", 200, ""),
    ]
    assert [each.location.line for each in parts.exchanges] == lines
    assert parts.exchanges[0].header("host") == "pacs.example"
    assert parts.exchanges[0].response_header("date") == "2024-12-17T22:11:05.000Z"
    assert "hunter2" not in str(parts)


def test_a_recording_that_breaks_off_gives_what_is_before() -> None:
    """The requests before the break are read, and a finding says where the file ends."""
    text = _recording(3, body='a "quoted" {brace}\\')
    whole = text.rindex('"startedDateTime"')

    parts = observe_har(text[: whole + 200], "a.har")

    assert [each.target for each in parts.exchanges] == ["/studies/0?token=…", "/studies/1?token=…"]
    assert [finding.message for finding in parts.findings] == [
        "the recording breaks off or is malformed; 2 requests were read"
    ]


def test_what_is_no_recording_is_said() -> None:
    """Text that only looks like a recording gives no request and one finding."""
    for text in (
        "",
        "{" * 100_000,
        '{"log": {"entries": 7}}',
        '{"log": {"entries": [{"request": []}]}}',
        "\ud800",
    ):
        parts = observe_har(text, "a.har")

        assert parts.exchanges == ()
        assert len(parts.findings) <= 1


def test_many_requests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a recording without end the first requests are read, and the rest is counted."""
    monkeypatch.setattr(har, "MAX_ENTRIES", 3)

    parts = har.observe_har(_recording(5), "a.har")

    assert len(parts.exchanges) == 3
    assert parts.unseen == ("`a.har` has 2 more requests than the 3 that were read.",)
