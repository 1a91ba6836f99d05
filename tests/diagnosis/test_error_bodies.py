"""The JSON with which Orthanc answers a request that fails, as people paste it."""

from __future__ import annotations

import json

import pytest

from orthgen.diagnosis.diagnose import diagnose
from orthgen.observed.read import observe_texts


def _pasted(
    status: int, uri: str, details: str = "", message: str = "Unknown resource", method: str = "GET"
) -> str:
    body = {
        "HttpError": "Not Found",
        "HttpStatus": status,
        "Message": message,
        "Method": method,
        "OrthancError": message,
        "OrthancStatus": 17,
        "Uri": uri,
    } | ({"Details": details} if details else {})
    return f"I am new to this. The viewer stays empty, and the network panel has:\n\n{json.dumps(body, indent=3)}\n\nThanks!\n"


def _findings(text: str) -> list[tuple[str, str]]:
    return [
        (finding.message, finding.hint) for finding in diagnose(observe_texts({"post.txt": text})).findings
    ]


@pytest.mark.parametrize(
    ("uri", "message", "hint"),
    [
        ("/dicom-web/studies", "its plugin DICOMweb is not loaded", "DICOM_WEB_PLUGIN_ENABLED"),
        ("/ohif/viewer", "its plugin OHIF is not loaded", "OHIF_PLUGIN_ENABLED"),
        (
            "/stone-webviewer/index.html",
            "its plugin Stone Web Viewer is not loaded",
            "STONE_WEB_VIEWER_PLUGIN_ENABLED",
        ),
        (
            "/pacs/ui/app/",
            "whose folder `/pacs/` is the reverse proxy's",
            "let the reverse proxy remove `/pacs/`",
        ),
    ],
)
def test_an_unknown_resource_has_its_cause(uri: str, message: str, hint: str) -> None:
    """A 404 names the plugin that does not load, or the folder that the reverse proxy does not remove."""
    ((found, remedy),) = _findings(_pasted(404, uri))

    assert message in found
    assert hint in remedy


@pytest.mark.parametrize(
    "uri", ["/studies/0a1b2c3d-0a1b2c3d", "/dicom-web/studies/1.2.3/metadata", "/auth/settings/roles"]
)
def test_a_study_that_is_not_there_has_no_finding(uri: str) -> None:
    """Nothing is wrong with a deployment that has no such study."""
    assert _findings(_pasted(404, uri)) == []


def test_the_details_tell_the_cause() -> None:
    """The message and the details of an error are read as a line of Orthanc's log."""
    text = _pasted(
        400, "/ui/api/configuration", "List of strings expected in field: permissions", "Bad file format"
    )
    ((message, hint),) = _findings(text)

    assert "is not the auth-service" in message
    assert "port 8000" in hint


def test_a_refusal_is_explained() -> None:
    """A 403 of a handler is a refused request, with its path and its method."""
    diagnosis = diagnose(observe_texts({"post.txt": _pasted(403, "/tools/find", "", "Forbidden", "POST")}))

    assert [(each.exchange.method, each.exchange.target) for each in diagnosis.refusals] == [
        ("POST", "/tools/find")
    ]
    assert "Orthanc's own JSON" in diagnosis.refusals[0].steps[0].statements[0].text


def test_a_secret_in_an_error_is_not_shown() -> None:
    """A token in the details or in the path is replaced."""
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLXRoaXM"
    diagnosis = diagnose(
        observe_texts({"post.txt": _pasted(404, f"/pacs/ui/app/?token={token}", f"token {token}")})
    )

    assert token not in str(diagnosis.findings)
    assert token not in str(diagnosis.deployment.log_lines)
    assert token not in str(diagnosis.deployment.exchanges)
