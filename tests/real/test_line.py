"""
What people wait for, in numbers that do not depend on the machine: bytes, requests, questions to the auth-service.

`python -m benchmarks.line` measures the seconds.
"""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from orthgen.targets import TARGETS
from tests.support.builders import make_deployment, write_artifacts
from tests.support.ohif.build import published
from tests.support.ohif.identity import link
from tests.support.ohif.site import Site
from tests.support.ohif.study import STUDY
from tests.support.real import auth_questions, commented, dicom, web
from tests.support.real import browser as browsers
from tests.support.real.container import Confinement, Mount
from tests.support.real.rendered import start_edge, start_ohif

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Playwright
    from pydicom import Dataset

    from orthgen.deployment.model import Deployment
    from tests.support.real.network import Network
    from tests.support.real.nginx import Nginx
    from tests.support.real.orthanc import Orthanc, RunningOrthanc

OHIF = "3.12.0"
AT_ONCE = 8


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A deployment whose files are rendered into the test's folder."""
    made = make_deployment(viewers={"ohif": {"reports": "off"}})
    write_artifacts(TARGETS["compose"].render(made), tmp_path)
    return made


def start_archive(orthanc: Orthanc, folder: Path, **options: Any) -> RunningOrthanc:
    """Orthanc with the rendered settings; SQLite has the index."""
    settings = {"PostgreSQL": None, **options.pop("settings", {})}
    return orthanc.start(folder / "orthanc/orthanc.json", settings=settings, **options)


def store(archive: RunningOrthanc, made: list[Dataset]) -> str:
    """Store a series past nginx, all in one request; its address in DICOMweb."""
    assert archive.request("POST", "/instances", body=dicom.packed(made)).status == 200
    return f"/dicom-web/studies/{made[0].StudyInstanceUID}/series/{made[0].SeriesInstanceUID}"


def test_metadata_of_a_series_take_a_twentieth_of_their_bytes(
    deployment: Deployment, network: Network, nginx: Nginx, orthanc: Orthanc, tmp_path: Path
) -> None:
    """Orthanc's DICOM JSON of a CT reaches the browser compressed to less than 5 %."""
    archive = start_archive(orthanc, tmp_path)
    network.service("ohif")
    network.service("keycloak")
    edge = start_edge(deployment, network, nginx, tmp_path)
    url = deployment.origin.url + store(archive, dicom.ct_series(200, 8)) + "/metadata"
    trust = web.trusting(str(tmp_path / "tls_certificate"))
    edge.program.wait_until(lambda: web.get(url, trust=trust).status == 200, seconds=30, what="Orthanc")

    plain = web.get(url, trust=trust).body
    sent = web.get(url, trust=trust, headers={"Accept-Encoding": "gzip"}).body

    assert gzip.decompress(sent) == plain
    assert len(json.loads(plain)) == 200
    assert len(sent) <= len(plain) * 0.05


def test_two_large_objects_at_once_are_stored(
    deployment: Deployment, network: Network, nginx: Nginx, orthanc: Orthanc, tmp_path: Path
) -> None:
    """Two uploads of 400 MB together exceed the container's memory for temporary files, and both are stored."""
    image = deployment.release.image("orthanc")
    volume = tmp_path / "volume"
    volume.mkdir()
    archive = start_archive(
        orthanc,
        tmp_path,
        mounts={str(image.volume): Mount(volume, writable=True)},
        confinement=Confinement(read_only=True, tmpfs=image.tmpfs),
        environment=image.environment,
    )
    network.service("ohif")
    network.service("keycloak")
    edge = start_edge(deployment, network, nginx, tmp_path)
    trust = web.trusting(str(tmp_path / "tls_certificate"))
    url = deployment.origin.url
    edge.program.wait_until(
        lambda: web.get(f"{url}/system", trust=trust).status == 200, seconds=30, what="Orthanc"
    )

    with ThreadPoolExecutor() as pool:
        sent = [pool.submit(_upload_large, f"{url}/instances", trust, 400 * 10**6) for _ in range(2)]
        answers = [each.result() for each in sent]

    assert [answer.json()["Status"] for answer in answers] == ["Success", "Success"]
    sizes = [archive.get(f"/instances/{answer.json()['ID']}")["FileSize"] for answer in answers]
    assert min(sizes) > 400 * 10**6


def _upload_large(url: str, trust: Any, size: int) -> web.Response:
    """Send an object whose body never exists as a whole."""
    columns = 20_000
    head = dicom.encode(dicom.instance(Rows=size // columns, Columns=columns, PixelData=b""))
    begin = head[: head.rindex(b"OB\0\0") + 4] + size.to_bytes(4, "little")

    def body() -> Iterator[bytes]:
        yield begin
        yield from web.zeros(size)

    headers = {"Content-Length": str(len(begin) + size)}
    return web.request("POST", url, headers=headers, body=body(), trust=trust, seconds=240)


def test_a_second_visit_to_ohif_takes_ten_requests_at_most(
    deployment: Deployment, network: Network, nginx: Nginx, playwright: Playwright, tmp_path: Path
) -> None:
    """Of the fifty files that OHIF loads at the first visit, the browser asks again only for those that run."""
    address = (network.service("orthanc"), 8042)
    network.service("ohif")
    network.service("keycloak")
    archive = Site(published(OHIF), "", origin=deployment.origin.url, listen=(address,))
    ohif = start_ohif(OHIF, tmp_path)
    edge = start_edge(deployment, network, nginx, tmp_path)
    path = f"/ohif/viewer?StudyInstanceUIDs={STUDY}&token={link('viewer-instant-link', STUDY)}"

    requests = []
    with browsers.trusting(playwright, tmp_path / "tls_certificate") as running:
        page = running.new_context(viewport={"width": 600, "height": 400}).new_page()
        for _ in range(2):
            before = len(edge.access_log())
            page.goto(deployment.origin.url + path, wait_until="commit", timeout=120_000)
            page.locator(".cornerstone-canvas").first.wait_for(timeout=600_000)
            page.wait_for_load_state("networkidle")
            paths = [entry["path"] for entry in edge.access_log()[before:]]
            requests.append(sum(each.startswith("/ohif/") for each in paths))
    ohif.stop()
    archive.close()

    assert requests[0] > 40
    assert requests[1] <= 10


@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize("kind", ["user", "link"])
def test_the_auth_service_is_asked_as_often_as_requests_are_in_flight(
    kind: str, network: Network, orthanc: Orthanc, tmp_path: Path
) -> None:
    """With the rendered settings the plugin asks about a study, not about each of its images, and keeps the answer."""
    archive = start_archive(orthanc, tmp_path, settings={"HttpPort": 8041})
    made = dicom.ct_series(60, 8)
    address = store(archive, made)
    frames = [f"{address}/instances/{one.SOPInstanceUID}/frames/1" for one in made]
    configuration = commented.load(tmp_path / "orthanc/orthanc.json")

    asked = auth_questions.count(
        network, configuration, 8041, made[0].StudyInstanceUID, frames, link=kind == "link", at_once=AT_ONCE
    )

    assert asked
    assert max(asked.values()) <= AT_ONCE
