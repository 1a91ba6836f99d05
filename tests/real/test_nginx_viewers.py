"""Real nginx and what viewers and the inbox need of it: the token of a page, and the answers of the inbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import make_deployment
from tests.support.rendered_nginx import Edge, edge, every_nginx

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = "https://pacs.example.org/orthanc/"
PAGE = ROOT + "wsi/app/viewer.html?series=1&token="
TILE = "/orthanc/wsi/tiles/0a-1/0/0/0"


@pytest.fixture(scope="module", params=[pytest.param(nginx, id=str(nginx)) for nginx in every_nginx()])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """The slide viewer and an inbox below `/orthanc/`."""
    deployment = make_deployment(
        institution='{name: T, url: "https://pacs.example.org", paths: {orthanc: /orthanc/}}',
        viewers="{wsi: {}}",
        inbox="{title: In}",
    )
    with edge(deployment, tmp_path_factory.mktemp("viewers"), nginx=request.param) as started:
        yield started


def token_of(running: Edge, **headers: str) -> str | None:
    """The token that reaches Orthanc with the request for a tile."""
    running.forget()
    running.ask(TILE, headers=headers)
    reached = running.reached()
    assert [name for name, _ in reached] == ["orthanc"]
    return {name.lower(): value for name, value in reached[0][1].headers.items()}.get("token")


def test_a_tile_is_asked_for_with_the_token_of_its_page(running: Edge) -> None:
    """The page's own address carries it, wherever it stands there."""
    assert token_of(running, Referer=PAGE + "aaa.bbb-c_d.eee") == "aaa.bbb-c_d.eee"
    assert token_of(running, Referer=PAGE + "aaa&description=x") == "aaa"


@pytest.mark.parametrize(
    "referer",
    [
        pytest.param("", id="no page"),
        pytest.param(ROOT + "wsi/app/viewer.html?series=1", id="a page without a token"),
        pytest.param("https://evil.example/orthanc/wsi/app/viewer.html?token=x", id="another site"),
        pytest.param(ROOT + "ui/app/?token=x", id="another page"),
        pytest.param(ROOT + "wsi/app/viewer.html#?token=x", id="behind the address"),
        pytest.param(PAGE + "a%20b", id="no token's letters"),
    ],
)
def test_no_other_address_lends_its_token(running: Edge, referer: str) -> None:
    """Only the viewer's own pages of this origin are read."""
    assert token_of(running, Referer=referer) is None


def test_a_token_that_is_sent_is_the_one_that_counts(running: Edge) -> None:
    """Programs send their own."""
    assert token_of(running, Referer=PAGE + "page", Token="own") == "own"


def test_nothing_but_reading_is_done_in_a_pages_name(running: Edge) -> None:
    """Any other method stops at nginx."""
    running.forget()

    status = running.ask(TILE, method="DELETE", headers={"Referer": PAGE + "x"}).status

    assert (status, running.reached()) == (403, [])


def test_the_inbox_is_told_that_nothing_is_left_to_do(running: Edge) -> None:
    """Both questions of the page are answered by nginx, in JSON."""
    running.forget()

    done = running.ask("/orthanc/inbox/commit", method="POST", body=b'{"OrthancStudiesIds": []}')
    progress = running.ask("/orthanc/inbox/progress", method="POST", body=done.body)

    assert (done.status, progress.status, running.reached()) == (200, 200, [])
    assert json.loads(done.body) == {"Message": "The files have arrived."}
    assert json.loads(progress.body)["IsComplete"] is True
    assert progress.headers["content-type"] == "application/json"
