"""The effective configuration names the place of every value, and shows no secret."""

from __future__ import annotations

from io import StringIO

from orthgen.observed.read import observe_texts
from orthgen.report.effective_settings import effective_text

COMPOSE = """\
services:
  orthanc:
    image: orthancteam/orthanc:26.8.1
    volumes: ["./orthanc.json:/etc/orthanc/orthanc.json"]
    secrets: [ORTHANC__NAME]
    environment:
      ORTHANC_JSON: |
        {"RegisteredUsers": {"alice": "swordfish"}, "OrthancPeers": {"p": ["http://u:pw123@p/", "u", "peerpass"]}}
      ORTHANC__DICOM_AET: CLINIC
  auth:
    image: orthancteam/orthanc-auth-service:26.4.1
    environment:
      USERS: |
        {"share-user": "change-me"}
      SERVER_ID: ${ID:-clinic}
secrets:
  ORTHANC__NAME: {file: name}
"""
ORTHANC = '{"DicomAet": "OLD", "Gdcm": {}, "PostgreSQL": {"Password": "dbpass", "EnableIndex": true}}'


def test_every_value_has_its_place_and_no_secret_is_shown() -> None:
    """Values, places, what they replace, and the defaults that the image adds; secrets are placeholders."""
    deployment = observe_texts({"compose.yml": COMPOSE, "orthanc.json": ORTHANC, "name": "hunter44"})
    lines = [" ".join(line.split()) for line in effective_text(deployment, StringIO()).split("\n")]
    defaults = [line for line in lines if line.endswith("(defaults of the image)")]

    assert [line for line in lines if line not in defaults] == [
        "Orthanc `orthanc`",
        'DicomAet "CLINIC" compose.yml:9:27 (environment)',
        "replaces orthanc.json:1:14",
        "Gdcm {} orthanc.json:1:21",
        "PostgreSQL.Password (sensitive value) orthanc.json:1:60",
        "PostgreSQL.EnableIndex true orthanc.json:1:85",
        "RegisteredUsers.alice (sensitive value) compose.yml:8:39 (ORTHANC_JSON)",
        'OrthancPeers.p ["http://u:…@p/", "u", "(sensitive value)"] compose.yml:8:70 (ORTHANC_JSON)',
        "Name (sensitive value) compose.yml:5:15 (secrets)",
        "",
        "environment of `orthanc`",
        'ORTHANC__DICOM_AET "CLINIC" compose.yml:9:27',
        "",
        "environment of `auth`",
        'USERS "{\\"share-user\\": \\"(sensitive value)\\"}" compose.yml:13:14',
        'SERVER_ID "clinic" compose.yml:15:18',
    ]
    assert "RemoteAccessAllowed true compose.yml:3:12 (defaults of the image)" in defaults
    shown = "\n".join([*lines, *deployment.texts.values()])
    assert not any(
        secret in shown for secret in ("swordfish", "pw123", "peerpass", "dbpass", "hunter44", "change-me")
    )


def test_nothing_that_was_read_is_said() -> None:
    """A text without a deployment gives a sentence, not an empty page."""
    assert "Nothing was read" in effective_text(observe_texts({"x.txt": "hello"}), StringIO())
