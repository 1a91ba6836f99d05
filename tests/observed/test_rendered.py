"""A deployment that orthgen rendered is recognised completely."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orthgen.formats.yaml_io import parse_json
from orthgen.observed.model import SourceKind
from orthgen.observed.read import observe
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from orthgen.observed.model import ObservedDeployment


GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="module", params=sorted(path.name for path in GOLDEN.iterdir()))
def rendered(request: pytest.FixtureRequest) -> tuple[Path, ObservedDeployment]:
    """The folder of an example profile, and what is read from it."""
    folder = GOLDEN / request.param / "compose"
    return folder, observe([str(folder)])


def test_every_file_is_recognised_and_placed(rendered: tuple[Path, ObservedDeployment]) -> None:
    """No file is of unknown kind, nothing is wrong with any, and each belongs to a container."""
    _, deployment = rendered

    assert {source.kind for source in deployment.sources} >= {
        SourceKind.COMPOSE,
        SourceKind.ORTHANC,
        SourceKind.NGINX,
    }
    assert SourceKind.UNKNOWN not in {source.kind for source in deployment.sources}
    assert (deployment.findings, deployment.unseen) == ((), ())
    assert {service.name for service in deployment.services if service.product is Product.OTHER} <= {
        "certbot"
    }
    services = [
        *(part.service for part in deployment.orthancs),
        *(part.service for part in deployment.auth_services),
        *(part.service for part in deployment.keycloaks),
        *(part.service for part in deployment.proxies),
    ]
    assert None not in services
    assert all(service.permissions is not None for service in deployment.auth_services)
    assert all(keycloak.realms for keycloak in deployment.keycloaks)


def test_orthanc_has_what_its_file_says(rendered: tuple[Path, ObservedDeployment]) -> None:
    """The effective settings are those of orthanc.json with the secrets, and each stands where its text is."""
    folder, deployment = rendered
    (orthanc,) = deployment.orthancs
    document, _ = parse_json((folder / "orthanc/orthanc.json").read_text(encoding="utf-8"), "orthanc.json")
    lines = document.text.split("\n")

    assert orthanc.settings.layers[0].value == document.value
    assert {layer.name for layer in orthanc.settings.layers[1:]} <= {"secrets"}
    for name, value in document.value.items():
        place = orthanc.settings.locate((name,))
        if isinstance(value, str):
            assert lines[place.line - 1][place.column - 1 :].startswith(f'"{value}"'), (name, place)


def test_nginx_has_every_location(rendered: tuple[Path, ObservedDeployment]) -> None:
    """As many locations are read as the files have."""
    folder, deployment = rendered
    proxies = {proxy.service.name: proxy for proxy in deployment.proxies if proxy.service is not None}
    places = {location.location for server in proxies["nginx"].servers for location in server.locations}
    texts = (path.read_text(encoding="utf-8") for path in (folder / "nginx").rglob("*.conf"))
    written = sum(len(re.findall(r"(?m)^\s*location\s", text)) for text in texts)

    assert len(places) == written
