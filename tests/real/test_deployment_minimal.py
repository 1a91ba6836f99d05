"""The smallest profile, rendered and started on a container engine as README says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orthgen.deployment import naming
from tests.support.builders import PROFILES
from tests.support.real import deployment_checks as checks
from tests.support.real import dicom, images
from tests.support.real.engine import Engine, Host
from tests.support.real.stage import Stage


@pytest.fixture(scope="module")
def stage(engine: tuple[Engine, Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The deployment, healthy."""
    stage = Stage(*engine, PROFILES / "minimal.yaml", tmp_path_factory.mktemp("minimal"))
    stage.render()
    stage.up()
    yield stage
    stage.remove()


def test_everything_is_healthy_within_the_rendered_limits(stage: Stage) -> None:
    """At the first try."""
    checks.assert_healthy_within_limits(stage)


def test_no_log_has_anything_that_an_operator_would_have_to_explain(stage: Stage) -> None:
    """From nothing to healthy without a warning."""
    checks.assert_nothing_to_explain(stage)


def test_the_doctor_finds_the_deployment_healthy(stage: Stage) -> None:
    """On the engine's machine: every check of the running deployment is ok, and no check is an error."""
    found = stage.doctor()
    expected = {
        name: {"ok"} for name in ("files", "secrets", "ports", "containers", "images", "issuer", "weaknesses")
    }

    assert {name: set(found.get(name, ())) for name in expected} == expected, stage.said
    assert len(found["issuer"]) == 2
    assert "error" not in {status for statuses in found.values() for status in statuses}, stage.said


def test_the_doctor_finds_a_stopped_container_and_another_image(stage: Stage) -> None:
    """A stopped auth-service is an error; a compose file with another limit is a warning of two checks."""
    compose = stage.out / "docker-compose.yml"
    text = compose.read_text()
    stage.compose("stop", naming.AUTH_SERVICE)
    compose.write_text(text.replace("mem_limit: 682m", "mem_limit: 683m", 1))
    try:
        found = stage.doctor()
    finally:
        compose.write_text(text)
        stage.compose("start", naming.AUTH_SERVICE)
        stage.wait_until_healthy(120)

    assert set(found["containers"]) == {"error"}, stage.said
    assert f"`{naming.AUTH_SERVICE}` does not run" in stage.said["containers"]
    assert set(found["images"]) == {"warning"}, stage.said
    assert set(found["files"]) == {"warning"}, stage.said


def test_somebody_signs_in_uploads_a_study_and_sees_it(stage: Stage) -> None:
    """Through nginx, on Keycloak's own page; without a sign-in there is nothing to see."""
    with stage.keycloak() as keycloak:
        password = keycloak.add_user(stage.realm, "casey", roles=["staff"])
    token = stage.sign_in("casey", password)["access_token"]
    made = dicom.study(size=2)

    assert stage.studies(token) == []
    assert [
        stage.request("POST", "/instances", token=token, body=dicom.encode(one)).status for one in made
    ] == [200, 200]
    assert [study["MainDicomTags"]["StudyInstanceUID"] for study in stage.studies(token)] == [
        made[0].StudyInstanceUID
    ]
    assert stage.request("POST", "/tools/find", json_body={"Level": "Study", "Query": {}}).status == 403


def test_each_image_says_what_it_stands_for(stage: Stage) -> None:
    """Stand-ins call themselves so; official images say nothing."""
    labels = {name: container["Config"]["Labels"] for name, container in stage.containers().items()}
    told = {name: some.get(images.STANDS_FOR, "") for name, some in labels.items()}

    assert all(told.values()) is not images.REAL
    assert {name for name, text in told.items() if "stand-in" in text} == (
        set() if images.REAL else {naming.ORTHANC, naming.AUTH_SERVICE}
    )
