"""Whole rendered deployments under the diagnosis: nothing is found in them, and every broken agreement is."""

from __future__ import annotations

import pytest

from orthgen.diagnosis.check import findings_of
from orthgen.findings import Finding
from orthgen.observed.read import observe_texts
from orthgen.products.artifact import Artifact
from tests.consistency.test_consistency import CASES, LUA, REALM, URL, broken, rendered
from tests.support.builders import EXAMPLES


def found(artifacts: tuple[Artifact, ...]) -> list[Finding]:
    """The findings about the files of a rendered deployment."""
    return findings_of(observe_texts({artifact.path: artifact.text for artifact in artifacts}))


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_is_found_in_what_is_rendered(name: str) -> None:
    """The deployment of an example has no finding at all."""
    assert [f"{each.location}: {each.message}" for each in found(rendered(name))] == []


# Not asked: the scripts of orthgen's own labels, which the diagnosis does not read; and the origins of a client whose Keycloak
# is on the page's own origin, where a browser asks for no permission. `orthgen render` compares both with the other files.
BROKEN = [case for case in CASES if case[1] != LUA and (case[1], case[2]) != (REALM, f'"{URL}"')]


@pytest.mark.parametrize(
    ("name", "path", "old", "new"),
    [pytest.param(*case[:4], id=f"{case[4]}: {case[3].strip()} in {case[1]}") for case in BROKEN],
)
def test_a_broken_agreement_is_found(name: str, path: str, old: str, new: str) -> None:
    """One changed value in one file, and the diagnosis finds fault with the deployment."""
    assert found(broken(name, path, old, new)) != []
