"""What an answer means: tables of answers, for each check what is open, what is closed and what nobody can tell."""

from __future__ import annotations

import json

import pytest

from orthgen.formats.templates import template_text
from orthgen.probe.checks import CHECKS
from orthgen.probe.model import ProbeReply, Verdict
from orthgen.probe.verdict import verdict_on

BY_NAME = {check.name: check for check in CHECKS}
OPEN, CLOSED, UNKNOWN = Verdict.OPEN, Verdict.CLOSED, Verdict.UNKNOWN

COMPLAINT = json.dumps({"HttpStatus": 400, "OrthancStatus": 15}).encode()
NGINX = b"<html><h1>400 Bad Request</h1></html>"
TOTALS = {"CountStudies": 5, "CountInstances": 7, "TotalDiskSize": "9"}
OWN = {"CountStudies": 2, "CountInstances": 0, "CountPatients": 0, "TotalDiskSize": "0"}


def _reply(status: int, body: object = b"", **headers: str) -> ProbeReply:
    return ProbeReply(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


TABLE = [
    # A write: refused, done, or complained about by Orthanc itself.
    ("anonymous-upload", _reply(403), CLOSED),
    ("anonymous-upload", _reply(401), CLOSED),
    ("anonymous-upload", _reply(200, {"ID": "x"}), OPEN),
    ("anonymous-upload", _reply(400, COMPLAINT), OPEN),
    ("anonymous-upload", _reply(400, NGINX), UNKNOWN),
    ("anonymous-upload", _reply(404, NGINX), UNKNOWN),
    ("anonymous-upload", _reply(302), UNKNOWN),
    ("anonymous-upload", _reply(502, NGINX), UNKNOWN),
    ("anonymous-upload", ProbeReply(failure="no answer within 10 seconds"), UNKNOWN),
    ("anonymous-stow", _reply(415, COMPLAINT), OPEN),
    ("anonymous-stow", _reply(403), CLOSED),
    ("anonymous-create", _reply(400, COMPLAINT), OPEN),
    ("anonymous-label", _reply(404, COMPLAINT), OPEN),
    ("anonymous-label", _reply(403), CLOSED),
    ("anonymous-delete", _reply(404, COMPLAINT), OPEN),
    ("anonymous-delete", _reply(404), UNKNOWN),
    ("anonymous-delete", _reply(403), CLOSED),
    ("execute-script", _reply(200), OPEN),
    ("execute-script", _reply(403), CLOSED),
    ("execute-script", _reply(404), CLOSED),
    # Reading: what the answer has to look like, since some servers answer everything with their start page.
    ("anonymous-changes", _reply(200, {"Changes": []}), OPEN),
    ("anonymous-changes", _reply(200, b"<html>welcome</html>"), UNKNOWN),
    ("anonymous-changes", _reply(302, b"", location="https://login.example.org/"), CLOSED),
    ("anonymous-statistics", _reply(200, TOTALS), OPEN),
    ("anonymous-metrics", _reply(200, b"orthanc_jobs_failed 0"), OPEN),
    ("anonymous-search", _reply(200, [{}]), OPEN),
    ("anonymous-search", _reply(200, []), UNKNOWN),
    ("anonymous-search", _reply(403), CLOSED),
    ("anonymous-list", _reply(200, []), OPEN),
    ("anonymous-list", _reply(200, b"<html>welcome</html>"), UNKNOWN),
    ("anonymous-lookup", _reply(200, [{"ID": "x"}]), OPEN),
    ("anonymous-lookup", _reply(200, []), CLOSED),
    ("legacy-explorer", _reply(200, b"<title>Orthanc Explorer</title>"), OPEN),
    ("legacy-explorer", _reply(200, b"<title>Welcome</title>"), UNKNOWN),
    ("legacy-explorer", _reply(404), CLOSED),
    ("webdav", _reply(404), CLOSED),
    ("auth-service", _reply(200, {"openapi": "3.1.0"}), OPEN),
    ("auth-service", _reply(404, NGINX), CLOSED),
    ("orthanc-for-api", _reply(200, {"ApiVersion": 27}), OPEN),
    ("orthanc-for-shares", _reply(403), CLOSED),
    # Links.
    ("link-changes-its-study", _reply(400, COMPLAINT), OPEN),
    ("link-changes-its-study", _reply(403), CLOSED),
    ("link-deletes-in-its-study", _reply(404, COMPLAINT), OPEN),
    ("link-deletes-in-its-study", _reply(405, NGINX), CLOSED),
    ("method-in-the-address", _reply(405, b"", allow="GET"), OPEN),
    ("method-in-the-address", _reply(405, NGINX), UNKNOWN),
    ("method-in-the-address", _reply(405, NGINX, allow="GET"), UNKNOWN),
    ("method-in-the-address", _reply(200, TOTALS), CLOSED),
    ("method-in-the-address", _reply(403), CLOSED),
    ("method-in-a-header", _reply(405, b"", allow="GET"), OPEN),
    ("method-in-a-header", _reply(403), CLOSED),
    ("link-opens-other-studies", _reply(404, COMPLAINT), OPEN),
    ("link-opens-other-studies", _reply(404, NGINX), UNKNOWN),
    ("link-opens-other-studies", _reply(403), CLOSED),
    ("link-opens-other-studies", _reply(400), CLOSED),
    # A limited user.
    ("link-for-any-study", _reply(200, {"Token": "secret"}), OPEN),
    ("link-for-any-study", _reply(403), CLOSED),
    ("link-for-any-study", _reply(500), UNKNOWN),
    ("link-by-another-spelling", _reply(400, NGINX), CLOSED),
    ("link-by-another-spelling", _reply(200, {"Token": "secret"}), OPEN),
    (
        "link-for-ever",
        _reply(403, {"Refused": "a link of this type is valid for 3600 seconds at most"}),
        CLOSED,
    ),
    ("link-for-ever", _reply(403), UNKNOWN),
    ("link-for-ever", _reply(200, {"Token": "secret"}), OPEN),
    ("patients-of-anybody", _reply(200, [{"ID": "x"}]), OPEN),
    ("patients-of-anybody", _reply(403), CLOSED),
    ("patients-of-anybody", _reply(401), UNKNOWN),
    ("search-by-patient", _reply(200, []), OPEN),
    ("search-by-patient", _reply(200, ["x"]), OPEN),
    ("search-by-patient", _reply(404, COMPLAINT), OPEN),
    ("search-by-patient", _reply(404, NGINX), UNKNOWN),
    ("search-by-patient", _reply(403), CLOSED),
    ("search-by-patient", _reply(400), UNKNOWN),
    ("siblings", _reply(200, {"Studies": ["x"]}), OPEN),
    ("siblings", _reply(403), CLOSED),
    ("changes", _reply(200, {"Changes": []}), OPEN),
    ("changes", _reply(403), CLOSED),
    ("statistics", _reply(200, {**OWN, "TotalDiskSize": "9"}), OPEN),
    ("statistics", _reply(200, TOTALS), OPEN),
    ("statistics", _reply(200, OWN), CLOSED),
    ("statistics", _reply(200, b"5"), UNKNOWN),
    ("metrics", _reply(200, b"orthanc_up_time_s 9"), OPEN),
    ("audit-log", _reply(200, [{"UserId": "x"}]), OPEN),
    ("audit-log", _reply(200, []), OPEN),
    ("audit-log", _reply(404), CLOSED),
    ("audit-log", _reply(200, b"<html>welcome</html>"), UNKNOWN),
    ("lookup", _reply(200, []), CLOSED),
    ("lookup", _reply(200, [{"ID": "x"}]), OPEN),
    ("another-root", _reply(200, []), CLOSED),
    ("another-root", _reply(404, COMPLAINT), OPEN),
    ("another-root", _reply(403), UNKNOWN),
    ("labels", _reply(200, {"MainDicomTags": {}}), OPEN),
    ("labels", _reply(403), CLOSED),
    ("sending-any-study", _reply(404, COMPLAINT), OPEN),
    ("sending-any-study", _reply(403), CLOSED),
    # Keycloak.
    ("keycloak-console", _reply(200, b"<title>Keycloak Administration Console</title>"), OPEN),
    ("keycloak-console", _reply(404), CLOSED),
    ("keycloak-master-realm", _reply(200, {"issuer": "x"}), OPEN),
    ("keycloak-metrics", _reply(200, b"# TYPE x gauge"), OPEN),
    ("keycloak-metrics", _reply(404), CLOSED),
    ("keycloak-health", _reply(200, b'{"status": "UP"}'), OPEN),
    ("keycloak-administration", _reply(401), OPEN),
    ("keycloak-administration", _reply(404), CLOSED),
    ("keycloak-redirects", _reply(400, b"Invalid parameter: redirect_uri"), CLOSED),
    ("keycloak-redirects", _reply(200, b"Sign in"), OPEN),
    ("keycloak-redirects", _reply(302, b"", location="https://verify.invalid/?error=x"), OPEN),
    ("keycloak-direct-grants", _reply(400, {"error": "unauthorized_client"}), CLOSED),
    ("keycloak-direct-grants", _reply(401, {"error": "invalid_client"}), CLOSED),
    ("keycloak-direct-grants", _reply(400, {"error": "invalid_request"}), OPEN),
    ("keycloak-direct-grants", _reply(400, {"error": "other"}), UNKNOWN),
    ("anonymous-create", _reply(403), CLOSED),
    ("anonymous-statistics", _reply(403), CLOSED),
    ("anonymous-metrics", _reply(403), CLOSED),
    ("webdav", _reply(200, b"<title>WebDAV</title>"), OPEN),
    ("anonymous-list", _reply(403), CLOSED),
    ("keycloak-health", _reply(302), CLOSED),
    ("orthanc-for-api", _reply(404), CLOSED),
    ("orthanc-for-shares", _reply(200, {"ApiVersion": 27}), OPEN),
    ("metrics", _reply(403), CLOSED),
    ("keycloak-master-realm", _reply(404), CLOSED),
    ("keycloak-health", _reply(404), CLOSED),
    # From http to https.
    ("http-redirect", _reply(301, b"", location="https://pacs.example.org/"), CLOSED),
    ("http-redirect", _reply(301, b"", location="http://pacs.example.org/ui/"), UNKNOWN),
    ("http-redirect", _reply(301, b"", location="https://elsewhere.example.org/"), UNKNOWN),
    ("http-redirect", _reply(200, b"hello"), OPEN),
    ("http-redirect", _reply(403, b""), CLOSED),
    ("http-redirect", _reply(404, b""), CLOSED),
    ("http-redirect", _reply(426, b""), CLOSED),
]


@pytest.mark.parametrize(
    ("name", "reply", "verdict"),
    [pytest.param(*row, id=f"{row[0]}-{row[1].status}-{row[2].name.lower()}") for row in TABLE],
)
def test_an_answer_means_what_the_table_says(name: str, reply: ProbeReply, verdict: Verdict) -> None:
    """Each answer gets its verdict, and nothing of its contents is repeated."""
    found = verdict_on(BY_NAME[name], reply, "pacs.example.org")

    assert found.verdict is verdict
    assert "secret" not in found.reason


def test_every_check_has_an_open_and_a_closed_answer_in_the_table() -> None:
    """No check that asks is left without an example of either verdict."""
    told = {(name, verdict) for name, _, verdict in TABLE}
    asking = [check for check in CHECKS if check.request is not None]

    assert [
        (check.name, verdict)
        for check in asking
        for verdict in (OPEN, CLOSED)
        if (check.name, verdict) not in told
    ] == []


def test_the_guard_says_what_a_check_reads() -> None:
    """A check that needs the guard's own words has them from the script that says them."""
    (expected,) = BY_NAME["link-for-ever"].closed

    assert expected.text in template_text("nginx/njs/links.js")
