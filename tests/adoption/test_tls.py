"""Let's Encrypt of a proxy that asks for certificates itself keeps its address for warnings."""

from __future__ import annotations

import pytest

from orthgen.adoption.adopt import adopt
from orthgen.observed.read import observe_texts

TRAEFIK = """\
services:
  traefik:
    image: traefik:v3.1
    command: [--certificatesresolvers.le.acme.email=it@example.org]
    ports: ["443:443"]
  orthanc:
    image: orthancteam/orthanc:26.8.1
    labels: ["traefik.http.routers.o.rule=Host(`pacs.example.org`)", traefik.http.routers.o.tls.certresolver=le]
"""
CADDY = """\
services:
  caddy: {image: "caddy:2.8", ports: ["443:443"], volumes: ["./Caddyfile:/etc/caddy/Caddyfile"]}
  orthanc: {image: "orthancteam/orthanc:26.8.1"}
"""


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"compose.yml": TRAEFIK}, id="Traefik"),
        pytest.param(
            {
                "compose.yml": CADDY,
                "Caddyfile": "{\n  email it@example.org\n}\npacs.example.org {\n  reverse_proxy orthanc:8042\n}\n",
            },
            id="Caddy",
        ),
    ],
)
def test_the_address_for_warnings_is_taken_over(files: dict[str, str]) -> None:
    """From Traefik's command, or from the global options of the Caddyfile."""
    assert "email: it@example.org # from " in adopt(observe_texts(files), "site.yaml").text
