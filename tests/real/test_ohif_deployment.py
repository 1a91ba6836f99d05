"""
OHIF in a rendered deployment: real nginx in front, OHIF's published build in its container's nginx, real Keycloak.

Only Orthanc behind its authorization plugin is a stand-in, which decides as the plugin does (docs/reports.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from orthgen.deployment import naming
from orthgen.targets import TARGETS
from tests.support.builders import make_deployment, write_artifacts
from tests.support.ohif.build import published
from tests.support.ohif.identity import claims, link
from tests.support.ohif.site import Site
from tests.support.ohif.study import STUDY
from tests.support.ohif.viewer import Viewer
from tests.support.real import web
from tests.support.real.nginx import listens
from tests.support.real.rendered import start_edge, start_ohif

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.support.real.keycloak import Keycloak
    from tests.support.real.network import Network
    from tests.support.real.nginx import Nginx

VERSION = "3.12.0"
INSTANT = link("viewer-instant-link", STUDY)
SHARE = link("ohif-viewer-publication", STUDY)


@dataclass(frozen=True)
class Deployed:
    """A running deployment: what reached its archive, and the password of `radiologist`."""

    archive: Site
    password: str


@pytest.fixture
def deployed(network: Network, nginx: Nginx, own_keycloak: Keycloak, tmp_path: Path) -> Iterator[Deployed]:
    """A deployment in which radiologists save reports, from its rendered files."""
    deployment = make_deployment(
        institution={"name": "Test", "url": "https://pacs.example.org", "languages": ["fr", "en"]},
        identity="{sign-in: [accounts: {otp: optional}]}",
        roles="{radiologist: {can: [view, report], collections: all}}",
        viewers={"ohif": {"reports": "signed-in"}},
        sharing="{viewer: ohif}",
    )
    write_artifacts(TARGETS["compose"].render(deployment), tmp_path)

    realm = own_keycloak.start(
        realms={"orthanc-realm.json": tmp_path / "keycloak/realm.json"},
        environment={"KC_HOSTNAME": f"{deployment.origin.url}/keycloak", "KC_PROXY_HEADERS": "xforwarded"},
    )
    orthanc = (network.service("orthanc"), 8042)
    archive = Site(published(VERSION), "", origin=deployment.origin.url, listen=(orthanc,))
    network.service("ohif")
    ohif = start_ohif(VERSION, tmp_path)
    start_edge(deployment, network, nginx, tmp_path)
    yield Deployed(archive, realm.add_user("orthanc", "radiologist", roles=["radiologist"]))
    ohif.stop()
    archive.close()


def test_a_person_saves_a_report_and_a_guest_only_looks(
    browser: Browser, deployed: Deployed, tmp_path: Path
) -> None:
    """Through the rendered edge and realm a person signs in and saves a report; a guest only looks."""
    person = Viewer(browser, deployed.archive)
    person.open(STUDY, INSTANT)
    person.sign_in("radiologist", deployed.password)
    person.sees_images()
    assert person.page.evaluate("window.crossOriginIsolated")
    person.measure()
    person.create_report()
    person.confirm_report()
    person.picture(tmp_path / "saved.png")
    person.reload()
    person.sees_images()
    person.sign_out()
    person.page.wait_for_selector("#username")
    person.close()

    (stow,) = [seen for seen in deployed.archive.seen if seen.method == "POST"]
    token = claims(stow.token)
    # The guard sends a report to the address of its study, where the plugin asks for the label.
    assert (stow.path, stow.status) == (f"/dicom-web/studies/{STUDY}/", 200)
    assert (token["preferred_username"], token["azp"]) == ("radiologist", "ohif")
    assert "account" in token["aud"]
    assert [report.Modality for report in deployed.archive.stored()] == ["SR"]
    assert person.errors == []

    before = len(deployed.archive.seen)
    guest = Viewer(browser, deployed.archive, locale="en-US")
    guest.open(STUDY, SHARE)
    guest.sees_images()
    guest.reload()
    guest.sees_images()
    guest.close()

    answers = {(seen.method, seen.token, seen.status) for seen in deployed.archive.seen[before:]}
    assert answers == {("GET", SHARE, 200)}
    assert guest.errors == []


def test_browsers_ask_again_only_for_files_that_may_change(network: Network, tmp_path: Path) -> None:
    """Each file of the build with a digest in its name is kept; browsers ask again for all others."""
    write_artifacts(TARGETS["compose"].render(make_deployment(viewers={"ohif": {}})), tmp_path)
    address = network.service("ohif")
    ohif = start_ohif(VERSION, tmp_path)
    url = f"http://{address}:{naming.PORTS[naming.OHIF]}/ohif"
    ohif.wait_until(lambda: listens(naming.PORTS[naming.OHIF], address), seconds=15, what="nginx")
    names = sorted(path.name for path in published(VERSION).iterdir() if path.is_file())

    rules = {name: web.get(f"{url}/{name}").headers["cache-control"] for name in names}
    ohif.stop()
    kept = {name for name, rule in rules.items() if "immutable" in rule}

    assert {name for name in names if re.search(r"[0-9a-f]{20}", name)} == kept
    assert {"app.bundle.css", "init-service-worker.js", "oidc-client.min.js", "index.html"} <= set(
        names
    ) - kept
    assert len(kept) > len(names) / 2
    # Style sheets and pictures are asked for once in ten minutes; whatever runs, at each visit.
    assert {rules[name] for name in names if name.endswith((".css", ".svg"))} == {"max-age=600"}
    assert {rules[name] for name in ("index.html", "app-config.js", "init-service-worker.js")} == {"no-cache"}
