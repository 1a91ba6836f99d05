"""Adoption of any rendered deployment, and of damaged files: many examples, for the part of CI that has the time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from orthgen.adoption.adopt import adopt
from orthgen.adoption.comparison import comparable
from orthgen.adoption.recognised_guard import guarded, observed_guard
from orthgen.authz.difference import difference
from orthgen.authz.summary import summary
from orthgen.diagnosis.filter_model import orthanc_of_people, policy_of
from orthgen.errors import OrthgenError
from orthgen.formats.yaml_io import blank_comments
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.observed.read import observe_texts
from orthgen.products.access_page.model import access_policy
from orthgen.rendering.pipeline import resolve_profile
from tests.adoption.support import SAMPLE_NAMES, SAMPLES, assert_adopted, files_of
from tests.support.builders import EXAMPLES, example, texts_of
from tests.support.real.parts import REPOSITORY
from tests.support.strategies import damaged, profiles
from tests.test_golden import GOLDEN

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.authz.policy import Policy
    from orthgen.observed.model import ObservedDeployment

SLOW = settings(
    max_examples=12,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# A collection's name is in ACCESS.md alone, where its label is another word.
NAMES_COLLECTIONS = "ACCESS.md"
# With a Keycloak of the institution's own no file has the realm, so nothing but this page names the secrets of its providers.
NAMES_SECRETS = "secrets/README.md"
CASES = REPOSITORY / "tests/diagnosis/cases"


@SLOW
@given(profiles())
def test_any_rendered_deployment_is_adopted_as_it_is(tree: dict[str, Any]) -> None:
    """Every file of any valid profile comes back, byte for byte, but for the names that no other file repeats; and all rights."""
    is_realm_elsewhere = "server" in tree["identity"]["keycloak"]
    # Whether people have passwords in a realm elsewhere, which they may change, no file says.
    assume(not is_realm_elsewhere or len(tree["identity"]["sign-in"]) > 1)
    text = dump_yaml(tree)
    rendered = files_of(text, "p.yaml")

    again = files_of(adopt(observe_texts(rendered), "p.yaml").text, "p.yaml")

    lost = (
        {NAMES_COLLECTIONS, NAMES_SECRETS}
        if "server" in tree["identity"]["keycloak"]
        else {NAMES_COLLECTIONS}
    )
    assert {path for path in rendered if rendered[path] != again.get(path)} <= lost
    assert again.keys() == rendered.keys()
    deployment, loaded = resolve_profile("p.yaml", read=lambda _: text.encode())
    assert_same_rights(observe_texts(rendered), access_policy(deployment, loaded))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_files_of_an_example_give_the_rights_of_its_profile(name: str) -> None:
    """The guard in the files is counted on: every person can do the same, and nothing differs by name or order."""
    observed = observe_texts(texts_of(GOLDEN / name.removesuffix(".yaml") / "compose"))
    policy, of_profile = assert_same_rights(observed, access_policy(example(name)))

    assert (policy.roles, policy.collections) == (of_profile.roles, of_profile.collections)


def assert_same_rights(observed: ObservedDeployment, of_profile: Policy) -> tuple[Policy, Policy]:
    """Hold the rights that files give against those of the profile; both policies."""
    orthanc, guard = orthanc_of_people(observed), observed_guard(observed)
    assert orthanc is not None
    assert guard.deployment is not None, guard.problem
    policy = guarded(policy_of(observed, orthanc), guard)
    policies, renamed = comparable(policy, of_profile)
    before, after = policies
    assert not difference(summary(before), summary(after), renamed)
    return policy, of_profile


@pytest.mark.parametrize("path", sorted(CASES.glob("*.txt")), ids=lambda path: path.stem)
def test_a_broken_deployment_is_adopted(path: Path) -> None:
    """Every case of the diagnosis, without an error of the program."""
    assert_adopted(path)


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
