"""Refused requests are explained by the model of the plugin, over what was observed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orthgen.authz.plugin_releases import releases
from orthgen.diagnosis.refusal import MAX_REFUSALS, Refusal, refusals
from orthgen.formats.yaml_io import Document, parse_json
from orthgen.observed.model import AuthService, ObservedDeployment, Orthanc
from orthgen.observed.read import observe_texts
from orthgen.observed.settings import Layer, Settings
from orthgen.observed.text import observe_text
from tests.support.web_tokens import encoded

REPORT = (Path(__file__).parents[1] / "data/reported-403.txt").read_text(encoding="utf-8")
SECTION = """
{"Authorization": {"WebServiceRootUrl": "http://auth:8000/", "StandardConfigurations": ["orthanc-explorer-2", "ohif"],
 "CheckedLevel": "studies"%s}}
"""
ROLES = """
{"roles": {"reader": {"permissions": ["view"], "authorized-labels": ["cardio"]}}}
"""
ANONYMOUS = '{"name": "Anonymous", "authorized-labels": [], "permissions": [], "validity": 60}'
STUDY = "1.2.826.0.1"
LINK = encoded(
    {"alg": "HS256"},
    {"type": "viewer-instant-link", "resources": [{"dicom_uid": STUDY, "orthanc_id": "a-b"}]},
)
USER = {"iss": "k", "aud": ["account"], "azp": "orthanc", "realm_access": {"roles": ["reader"]}}


def _document(text: str, name: str) -> Document:
    document, findings = parse_json(text, name)
    assert findings == []
    return document


def _deployment(
    text: str, section: str | None = SECTION % "", roles: str | None = ROLES
) -> ObservedDeployment:
    """What a pasted text and these files show."""
    parts = observe_text(text, "t.txt")
    orthancs = [
        Orthanc("orthanc", Settings((Layer.of(parse_json(each.text, "t.txt")[0]),)), is_complete=False)
        for each in parts.excerpts
    ]
    if section is not None:
        orthancs.append(Orthanc("orthanc", Settings((Layer.of(_document(section, "orthanc.json")),))))
    services = (
        (AuthService(None, "", _document(roles, "permissions.json"), _document(ANONYMOUS, "anonymous.json")),)
        if roles is not None
        else ()
    )
    return ObservedDeployment(
        orthancs=tuple(orthancs),
        auth_services=services,
        exchanges=parts.exchanges,
        tokens=parts.tokens,
        log_lines=parts.log_lines,
    )


def _refusal(text: str, **files: str | None) -> Refusal:
    (refusal,) = refusals(_deployment(text, **files))
    return refusal


def _texts(refusal: Refusal, title: str) -> str:
    return " ".join(each.text for step in refusal.steps if step.title == title for each in step.statements)


def _asked(
    method: str, target: str, token: str = "", answer: str = "HTTP/1.1 403 Forbidden\ncontent-length: 0\n"
) -> str:
    header = f"Authorization: Bearer {token}\n" if token else ""
    return f"{method} {target} HTTP/1.1\nHost: a\n{header}\n{answer}"


def test_the_report_is_explained() -> None:
    """The plugin refused, because a link has no profile, and the path names no study; each reason has its line."""
    refusal = _refusal(REPORT, section=None, roles=None)

    assert refusal.refused_by.value == "authorization plugin"
    assert [step.title for step in refusal.steps] == ["Refused by", "Token", "Profile", "Permission", "Link"]
    lines = {
        step.title: [each.location.line for each in step.statements if each.location]
        for step in refusal.steps
    }
    assert lines == {
        "Refused by": [29],
        "Token": [38, 82, 38],
        "Profile": [36],
        "Permission": [94],
        "Link": [103],
    }
    assert "`nginx/1.22.1` only passed the response on" in _texts(refusal, "Refused by")
    assert "its end is 21:52:31 UTC, the response came 19 minutes later" in _texts(refusal, "Token")
    assert (
        'row 15 of the plugin\'s default table in version 0.8.1, `["post", "^/dicom-web/studies$", "all|upload"]`'
        in (_texts(refusal, "Permission"))
    )
    assert "the newest on 2024-12-17; the row is the same from 0.7.0 on" in _texts(refusal, "Permission")


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        pytest.param(
            _asked("GET", "/studies/1-2", LINK), "Link", "another study than the path", id="other study"
        ),
        pytest.param(
            _asked("POST", "/tools/find", LINK), "Link", "`/tools/find` names none", id="system path"
        ),
        pytest.param(_asked("GET", "/studies/1-2"), "Token", "carries no token", id="signed out"),
        pytest.param(
            _asked("GET", "/studies/1-2"), "Profile", "That profile has no permission", id="anonymous profile"
        ),
        pytest.param(
            _asked("POST", "/instances", encoded({"alg": "RS256"}, USER)),
            "Profile",
            "The profile is that of `reader`: `view`.",
            id="user without the permission",
        ),
        pytest.param(
            _asked("GET", "/studies/1-2", encoded({"alg": "RS256"}, USER)),
            "Labels",
            "`cardio`",
            id="label missing",
        ),
        pytest.param(
            _asked("GET", "/studies/1-2", encoded({"alg": "RS256"}, USER | {"aud": "orthanc"})),
            "Token",
            "lacks `account`",
            id="wrong audience",
        ),
        pytest.param(
            _asked("GET", "/studies/1-2", encoded({"alg": "PS256"}, USER)),
            "Token",
            "signed with PS256",
            id="algorithm",
        ),
        pytest.param(
            _asked(
                "GET",
                "/studies/1-2",
                encoded({"alg": "RS256"}, USER | {"exp": 1734473471}),
                "HTTP/1.1 403\ndate: Tue, 17 Dec 2024 22:11:52 GMT\n",
            ),
            "Token",
            "had expired at 22:11:11 UTC",
            id="expired",
        ),
        pytest.param(
            _asked("POST", "/instances", encoded({"alg": "RS256"}, USER | {"realm_access": {}})),
            "Token",
            "It has no realm role",
            id="no role",
        ),
        pytest.param(
            _asked("PUT", "/no/such/route", LINK), "Permission", "No row of the permission table", id="no row"
        ),
        pytest.param(
            "GET /studies HTTP/1.1\nAuthorization: Bearer REDACTED\n\nHTTP/1.1 403 F\n",
            "Token",
            "was removed from the text",
            id="token removed",
        ),
        pytest.param(
            "GET https://a/orthanc/studies/1-2 403 (Forbidden)",
            "Token",
            "The headers of the request were not seen",
            id="headers not seen",
        ),
    ],
)
def test_each_cause_is_named(text: str, title: str, expected: str) -> None:
    """The cause of a refusal is in the step that it belongs to."""
    assert expected in _texts(_refusal(text), title)


@pytest.mark.parametrize(
    ("answer", "refused_by", "expected"),
    [
        pytest.param(
            "HTTP/1.1 403 Forbidden\ncontent-type: text/html\n\n<html><hr><center>nginx/1.27.4</center></html>\n",
            "reverse proxy",
            "the page in the response is the proxy's",
            id="proxy's page",
        ),
        pytest.param(
            "HTTP/1.1 403 Forbidden\nserver: nginx\ncontent-type: text/html\ncontent-length: 146\n",
            "reverse proxy",
            "the page in the response is the proxy's",
            id="headers of the proxy's page",
        ),
        pytest.param(
            'HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Basic realm="Orthanc Secure Area"\n',
            "Orthanc's own authentication",
            "`AuthenticationEnabled`",
            id="Orthanc's authentication",
        ),
        pytest.param(
            'HTTP/1.1 401 Unauthorized\nserver: nginx\nWWW-Authenticate: Basic realm="members"\n',
            "reverse proxy",
            "The reverse proxy (`nginx`) asks for a user name",
            id="proxy's authentication",
        ),
        pytest.param(
            'HTTP/1.1 403 Forbidden\ncontent-type: application/json\n\n{"HttpError" : "Forbidden"}\n',
            "Orthanc, behind its filter",
            "Orthanc's own JSON",
            id="handler",
        ),
    ],
)
def test_the_part_that_refused_is_told_by_its_answer(answer: str, refused_by: str, expected: str) -> None:
    """Proxy, Orthanc's authentication, filter and handlers answer in different forms."""
    refusal = _refusal(_asked("GET", "/studies", answer=answer))

    assert refusal.refused_by.value == refused_by
    assert expected in _texts(refusal, "Refused by")


def test_a_row_of_the_configuration_has_its_place() -> None:
    """A row of `Permissions` is named by its number and its line."""
    section = (
        SECTION % ',\n "Permissions": [["get", "^/system$", "view"],\n ["post", "^/instances$", "upload"]]'
    )
    refusal = _refusal(_asked("POST", "/instances", LINK), section=section)
    (step,) = (step for step in refusal.steps if step.title == "Permission")

    assert "row 2 of `Permissions`" in step.statements[0].text
    assert str(step.statements[0].location) == "orthanc.json:5:2"


def test_a_request_that_the_files_allow_is_said_to_be_allowed() -> None:
    """The tool does not make up a cause that it did not see."""
    refusal = _refusal(_asked("GET", "/system", encoded({"alg": "RS256"}, USER)))

    assert "The cause is in a part that was not seen" in _texts(refusal, "Decision")
    assert refusal.remedies == ()


def test_without_configuration_the_samples_are_assumed() -> None:
    """A recording alone is explained by the official samples' settings, and that is said."""
    refusal = _refusal(_asked("POST", "/dicom-web/studies", LINK), section=None, roles=None)

    assert "the official samples' configuration" in _texts(refusal, "Refused by")
    assert releases()[-1] in _texts(refusal, "Permission")


def test_a_configuration_that_does_not_start_is_not_decided() -> None:
    """Where Orthanc would not start, no decision is made up."""
    refusal = _refusal(_asked("GET", "/studies"), section=SECTION % ', "UncheckedLevels": ["series"]')

    assert "Orthanc does not start" in _texts(refusal, "Permission")


def test_requests_that_differ_in_ids_are_explained_once() -> None:
    """Of alike requests one is explained and the others are counted; kinds are bounded."""
    alike = "".join(_asked("GET", f"/dicom-web/studies/1.2.{number}00/series") for number in range(3))
    kinds = "".join(_asked("GET", f"/kind{number}") for number in range(MAX_REFUSALS + 3))

    (first,) = refusals(_deployment(alike))
    assert first.alike == 2
    assert len(refusals(_deployment(kinds))) == MAX_REFUSALS


def test_only_orthancs_refusals_are_explained() -> None:
    """Keycloak's refusals and successful requests are not the plugin's."""
    text = _asked("POST", "/keycloak/realms/orthanc/protocol/openid-connect/token") + _asked(
        "GET", "/studies", answer="HTTP/1.1 200 OK\n"
    )

    assert refusals(_deployment(text)) == ()


def test_the_published_folder_is_cut_off() -> None:
    """A request below `/orthanc/` is decided as Orthanc receives it."""
    refusal = _refusal(_asked("POST", "/orthanc/instances", LINK))

    assert refusal.target == "/instances"
    assert "POST `/instances` needs `all` or `upload`" in _texts(refusal, "Permission")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((["Accept"], ["Accept"]), "browsers leave it out"),
        ((["Accept"], ["Accept", "Cookie"]), "carries no token"),
    ],
)
def test_a_sanitized_recording_shows_no_token(names: tuple[list[str], list[str]], expected: str) -> None:
    """A recording without any secret header says nothing about tokens; one that has such headers does."""
    entries = [
        {
            "request": {
                "method": "GET",
                "url": "https://a/studies/1-2",
                "headers": [{"name": name, "value": "x"} for name in each],
            },
            "response": {"status": status},
        }
        for each, status in zip(names, (403, 200), strict=True)
    ]
    deployment = observe_texts({"a.har": json.dumps({"log": {"entries": entries}})})
    (refusal,) = refusals(deployment)

    assert expected in _texts(refusal, "Token")
