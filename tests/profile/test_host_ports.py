"""Ports that the host publishes: written, following from the origin, or defaults."""

from __future__ import annotations

import pytest

from orthgen.profile.host_ports import host_ports
from tests.support.builders import make_profile


@pytest.mark.parametrize(
    ("url", "deployment", "ports"),
    [
        pytest.param("http://localhost", "", [("127.0.0.1", 80)], id="a local trial stays on this machine"),
        pytest.param("http://localhost:8080", "", [("127.0.0.1", 8080)], id="http has the origin's port"),
        pytest.param(
            "https://pacs.example.org:8443",
            "{tls: {own-authority: {}}}",
            [("", 80), ("", 8443)],
            id="https has the origin's port, http its own",
        ),
        pytest.param(
            "https://pacs.example.org",
            "{tls: {own-authority: {}}, compose: {http-port: 8080, https-port: 8443, bind: 10.0.0.1}}",
            [("10.0.0.1", 8080), ("10.0.0.1", 8443)],
            id="the profile has the last word",
        ),
        pytest.param(
            "https://pacs.example.org",
            "{tls: {terminated-by: proxy}, compose: {http-port: 8080}}",
            [("", 8080)],
            id="a proxy ends TLS",
        ),
    ],
)
def test_the_ports_of_the_web(url: str, deployment: str, ports: list[tuple[str, int]]) -> None:
    """The host publishes http, and https where nginx ends TLS."""
    ports_of = host_ports(
        make_profile(
            institution={"name": "Clinic", "url": url},
            identity="{sign-in: [accounts: {}]}",
            deployment=deployment or None,
        )
    )

    assert [(port.address, port.port) for port in ports_of.all()] == ports


@pytest.mark.parametrize(
    ("archive", "ports"),
    [
        pytest.param("{aet: PACS}", [], id="nobody speaks DICOM"),
        pytest.param("{aet: PACS, modalities: {ct: {aet: CT, host: 10.0.0.2}}}", [4242], id="a modality"),
        pytest.param("{aet: PACS, dicom: {port: 104}}", [104], id="a port of its own"),
        pytest.param("{aet: PACS, dicom: {publish: false}}", [], id="not published"),
    ],
)
def test_the_ports_of_dicom(archive: str, ports: list[int]) -> None:
    """DICOM is published where a peer can come from outside, and the profile does not say otherwise."""
    published = host_ports(make_profile(archive=archive)).dicom

    assert ([published.port] if published is not None else []) == ports
