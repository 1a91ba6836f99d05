"""Real nginx with the guard in a realm that other applications use too: whose tokens open anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real.test_guard import EVERY_NGINX, PROFILE, STORED, Stage
from tests.support.builders import make_deployment
from tests.support.filtered import API_KEY, FilteredOrthanc, archive, link_token, user_token
from tests.support.rendered_nginx import edge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHARED = "{keycloak: {server: 'https://sso.example.org', manage: clients-and-roles, other-clients: [ris]}, api-keys: true}"
IMAGE = "GET /dicom-web/studies/{A.uid}/series/{A.series-uid}/instances/{A.instance-uid}/frames/1"
REQUESTS = (
    ("GET /studies/{A}", None),
    (IMAGE, None),
    ("GET /dicom-web/studies", None),
    ("GET /patients", None),
    ("GET /statistics", None),
    ("POST /tools/find", {"Level": "Study", "Query": {}}),
    ("POST /tools/lookup", "{A.uid}"),
    ("DELETE /studies/{A}", None),
)


@pytest.fixture(scope="module", params=EVERY_NGINX)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The deployment of the guard's tests, whose realm has other applications."""
    viewers = "{ohif: {reports: signed-in}}"
    deployment = make_deployment(**{**PROFILE, "identity": SHARED, "viewers": viewers})
    orthanc = FilteredOrthanc(deployment, archive, STORED)
    folder = tmp_path_factory.mktemp("clients")
    with edge(deployment, folder, nginx=request.param, answers={"orthanc": orthanc}) as running:
        yield Stage(running, orthanc)


@pytest.mark.parametrize("client", ["orthanc", "ohif", "ris"])
@pytest.mark.parametrize("request_and_body", REQUESTS, ids=lambda pair: pair[0])
def test_tokens_of_the_profiles_clients_open_what_they_did(
    stage: Stage, client: str, request_and_body: tuple[str, object]
) -> None:
    """Explorer 2, OHIF, and what the profile names: in each header, with and without `Bearer`."""
    token = user_token("admin", client=client)
    for headers in ({"token": token}, {"Authorization": f"Bearer {token}"}):
        assert stage.ask(request_and_body[0], headers, request_and_body[1]).status == 200


@pytest.mark.parametrize("client", ["portal", "orthanc.", "orthanc-x", "Orthanc", "xorthanc", "", None])
@pytest.mark.parametrize("request_and_body", REQUESTS, ids=lambda pair: pair[0])
def test_tokens_of_other_applications_open_nothing(
    stage: Stage, client: str | None, request_and_body: tuple[str, object]
) -> None:
    """Their people may have every right here: the application would use it in their name."""
    token = user_token("admin", client=client)
    own = user_token("admin", client="orthanc")
    for headers in (
        {"token": token},
        {"Authorization": f"Bearer {token}"},
        {"token": own, "Authorization": token},
        {"token": token, "Authorization": f"Bearer {own}"},
    ):
        assert stage.ask(request_and_body[0], headers, request_and_body[1]).status == 403
    assert stage.ask(f"GET /studies/{{A}}?token={token}", {}).status == 403
    assert stage.orthanc.changes == []


def test_links_and_keys_belong_to_no_client(stage: Stage) -> None:
    """They open what they open in any realm."""
    link = {"token": link_token("A", own_id="download")}
    for request in ("GET /studies/{A}", IMAGE):
        assert [stage.ask(request, headers).status for headers in (link, {"api-key": API_KEY})] == [200, 200]


@pytest.mark.parametrize("roles", [["admin"], ["admin", "x"], ["admin", "xx"]], ids=len)
def test_images_are_handed_on_without_the_script(stage: Stage, roles: list[str]) -> None:
    """Wherever the client stands in the token: what the script alone sees, an end, is not looked at."""
    ended = {"token": user_token(*roles, ends=1, client="orthanc")}

    assert [stage.ask(request, ended).status for request in (IMAGE, "GET /studies/{A}")] == [200, 403]


def test_in_a_realm_of_its_own_every_client_is_orthgens(tmp_path: Path) -> None:
    """Where no other application is, nobody has to name a client that an administrator adds by hand."""
    deployment = make_deployment(**PROFILE)
    orthanc = FilteredOrthanc(deployment, archive, STORED)
    with edge(deployment, tmp_path, answers={"orthanc": orthanc}) as running:
        stage = Stage(running, orthanc)
        assert stage.ask("GET /studies/{A}", {"token": user_token("admin", client="tests")}).status == 200
