"""`deployment.compose.memory`: a total is shared by what is not named, and nothing gets too little to start."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from orthgen.profile.memory import Memory, megabytes_of
from orthgen.targets.services.composition import compose
from tests.support.builders import make_deployment


def sizes(**given: str) -> dict[str, Any]:
    """What each service may use."""
    memory = Memory.model_validate({name.replace("_", "-"): size for name, size in given.items()})
    return memory.model_dump(exclude={"total"})


def test_without_a_total_each_has_its_own() -> None:
    """As the reference says."""
    assert sizes(nginx="256m") == {
        "orthanc": "4g",
        "reader": None,
        "database": "2g",
        "keycloak": "2g",
        "nginx": "256m",
        "auth_service": "512m",
        "ohif": "256m",
    }


@pytest.mark.parametrize(
    "given",
    [
        {"total": "4g"},
        {"total": "16g"},
        {"total": "12g", "orthanc": "8g"},
        {"total": "64g", "database": "8g"},
    ],
)
def test_a_total_is_what_all_use_together(given: dict[str, str]) -> None:
    """With both databases and without readers; what is named keeps its size."""
    shared = {name: size for name, size in sizes(**given).items() if name != "reader"}

    assert all(shared[name] == size for name, size in given.items() if name != "total")
    used = sum(map(megabytes_of, shared.values())) + megabytes_of(shared["database"])
    assert 0 <= megabytes_of(given["total"]) - used < len(shared) + 1


def test_a_trial_on_localhost_fits_into_a_small_machine() -> None:
    """The smallest profile's limits leave room on 4 GB; an archive, and anybody who says so, has the sizes that are said."""
    local = "{name: Trial, url: 'http://localhost'}"

    def limits(**parts: str) -> int:
        services = compose(make_deployment(institution=local, **parts), []).services
        return sum(megabytes_of(service.limits.memory) for service in services)

    assert 3000 < limits() < 3800
    assert limits(deployment="{compose: {memory: {nginx: 256m}}}") == 11 * 1024 - 256
    served = "{tls: {terminated-by: proxy}}"
    assert make_deployment(deployment=served).memory.orthanc == "4g"


def test_the_least_total_is_said_and_is_enough() -> None:
    """The author need not try."""
    with pytest.raises(ValidationError) as refusal:
        sizes(total="2g", orthanc="3g")

    least = str(refusal.value.errors()[0]["ctx"]["hint"]).split("`")[1].removeprefix("total: ")
    assert sizes(total=least, orthanc="3g")["orthanc"] == "3g"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"total": "2g"}, "leaves 2048 MB for what is not named: too little"),
        ({"orthanc": "10m"}, "too little: Orthanc would be killed"),
        ({"total": "8g", "orthanc": "7g"}, "leaves 1024 MB"),
        ({"total": "4g", "orthanc": "8g"}, "leaves 0 MB"),
        ({"total": "a lot"}, "not an amount of memory"),
        ({"nginx": "1"}, "not an amount of memory"),
    ],
)
def test_what_nothing_starts_with_is_refused(given: dict[str, str], said: str) -> None:
    """A container without memory is killed again and again."""
    with pytest.raises(ValidationError, match=said):
        sizes(**given)
