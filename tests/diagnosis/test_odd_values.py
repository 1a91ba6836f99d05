"""Values that no program writes: a rule looks at them, and neither stops nor repeats them as they are."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from orthgen.diagnosis.check import findings_of
from orthgen.diagnosis.rules import rules
from orthgen.observed.read import observe_texts
from tests.support.diagnosis_page import files_of

_ODD: tuple[Any, ...] = (None, 0, True, "", "http://[", "x:y:z", [], {}, [1], [None], {"a": None}, "*")
_NUMBER = 120


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inside:
        yield from _paths(below, (*path, key))


def _changed(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    copied = json.loads(json.dumps(value))
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = odd
    return copied


def test_odd_values_stop_no_rule() -> None:
    """One value of an example's JSON is replaced by one that does not belong there, many times."""
    chance = random.Random(20260301)
    examples = [
        (files, name, json.loads(text))
        for rule in rules()
        for files in (files_of(rule.counterexample, rule.file),)
        for name, text in files.items()
        if name.endswith(".json") and "//" not in text.replace("://", "")
    ]
    for _ in range(_NUMBER):
        files, name, value = chance.choice(examples)
        path = chance.choice(list(_paths(value)))
        changed = _changed(value, path, chance.choice(_ODD))
        findings = findings_of(observe_texts({**files, name: json.dumps(changed, indent=1)}))

        assert all(finding.message and finding.location.line >= 1 for finding in findings)


def test_quotes_in_a_list_of_variables_are_a_part_of_the_value() -> None:
    """A list of variables takes quotes as they stand, so that JSON in quotes is no JSON."""
    text = """
services:
  orthanc:
    image: orthancteam/orthanc:26.8.1
    environment:
      - ORTHANC__REGISTERED_USERS='{"ann":"Zd8-uw2.Rm5t"}'
    volumes: ["studies:/var/lib/orthanc/db"]
volumes: {studies: }
"""
    findings = findings_of(observe_texts({"docker-compose.yml": text}))

    assert [each.hint for each in findings if each.rule.id == "text-as-value"] == [
        "write it without the quotes around it: in a list of variables they are a part of the value"
    ]
