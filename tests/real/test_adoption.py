"""Adoption of any rendered deployment, and of damaged files: many examples, for the part of CI that has the time."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orthgen.adoption.adopt import adopt
from orthgen.errors import OrthgenError
from orthgen.formats.yaml_io import blank_comments
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.observed.read import observe_texts
from tests.adoption.support import SAMPLE_NAMES, SAMPLES, files_of, texts_of
from tests.support.strategies import damaged, profiles

SLOW = settings(
    max_examples=12,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# A collection's name is in ACCESS.md alone, where its label is another word.
NAMES_COLLECTIONS = "ACCESS.md"


@SLOW
@given(profiles())
def test_any_rendered_deployment_is_adopted_as_it_is(tree: dict[str, Any]) -> None:
    """Every file of any valid profile comes back, byte for byte, but for the names that no other file repeats."""
    rendered = files_of(dump_yaml(tree), "p.yaml")

    again = files_of(adopt(observe_texts(rendered), "p.yaml").text, "p.yaml")

    assert {path for path in rendered if rendered[path] != again.get(path)} <= {NAMES_COLLECTIONS}
    assert again.keys() == rendered.keys()


@settings(SLOW, max_examples=40)
@given(st.data())
def test_damaged_files_are_adopted_or_refused(data: st.DataObject) -> None:
    """Whatever stands where, the answer is a profile or a message, never a traceback."""
    texts = texts_of(SAMPLES / data.draw(st.sampled_from(SAMPLE_NAMES)))
    name = data.draw(st.sampled_from([name for name in texts if name.endswith((".json", ".jsonc", ".yml"))]))
    is_yaml = name.endswith(".yml")
    tree = yaml.safe_load(texts[name]) if is_yaml else json.loads(blank_comments(texts[name]))
    broken = data.draw(damaged(st.just(tree)))
    texts[name] = yaml.safe_dump(broken) if is_yaml else json.dumps(broken)

    try:
        adoption = adopt(observe_texts(texts), "site.yaml")
    except OrthgenError:
        return
    assert adoption.text.startswith("# Adopted from")
