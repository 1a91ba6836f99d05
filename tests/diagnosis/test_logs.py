"""Lines of logs and of browsers' consoles, as people paste them, and the cause that each tells."""

from __future__ import annotations

import pytest

from orthgen.diagnosis.check import findings_of
from orthgen.observed.read import observe_texts

_CORS = "from origin 'https://viewer.example.org' has been blocked by CORS policy:"
_KEYCLOAK = '2026-03-01 14:48:05,613 WARN  [org.keycloak.events] (executor-thread-1) type="LOGIN_ERROR"'


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (
            "W0301 10:00:00.000000 DICOM-3 CommandDispatcher.cpp:605] Rejected association, because of a bad called AET in the request (PACS1)",
            "calls another AE title",
        ),
        (
            'W0301 10:00:01.000000 DICOM-2 OrthancConfiguration.cpp:847] Modality "CT9" is not listed in the "DicomModalities" configuration option',
            "does not know the AE title of the sender",
        ),
        (
            "E0301 10:00:00.000000 MAIN main.cpp:1430] The version of the database schema (7) is too recent for this version of Orthanc.",
            "a newer Orthanc",
        ),
        (
            "orthanc-1  | E0301 10:00:00.000000 MAIN main.cpp:2043] Uncaught exception, stopping now: [Cannot write to file] (code 2009)",
            "may not write into its storage folder",
        ),
        (
            "E0301 10:00:00.000000 HTTP-3 HttpClient.cpp:115] libCURL error: Could not resolve hostname while accessing http://auth:8000/user/get-profile",
            "no host of that name",
        ),
        (
            "orthanc-auth-service-1  | WARNING:root:Keycloak is not configured, all users are considered anonymous",
            "does not use Keycloak",
        ),
        (
            "ERROR:root:Unable to decode JWT token - this might happen if trying to decode a basic auth token instead of a JWT",
            "refuses the token",
        ),
        (f'{_KEYCLOAK}, clientId="orthanc", error="cookie_not_found"', "did not send Keycloak's cookie"),
        (f'{_KEYCLOAK}, clientId="null", error="ssl_required"', "takes the request for http"),
        (
            "keycloak-1  | The '--optimized' flag was used for first ever server start. Please don't use this flag",
            "was not built",
        ),
        ("db-1  |   /var/lib/postgresql/data (unused mount/volume)", "PostgreSQL 18"),
        (
            "db-1  | 2026-03-01 10:00:00.000 UTC [1] FATAL:  database files are incompatible with server",
            "another major version",
        ),
        ("orthanc-1 exited with code 137", "more memory"),
        (
            "Error response from daemon: failed to create task for container: not a directory: unknown: Are you trying to mount a directory onto a file",
            "made a folder of its name",
        ),
        (
            (
                "Mixed Content: The page at 'https://pacs.example.org/ohif/' was loaded over HTTPS, but requested an insecure resource "
                "'http://pacs.example.org/dicom-web/studies'."
            ),
            "given an `http://` address",
        ),
        (
            "main.js:12 Uncaught (in promise) {error: 'Timeout when waiting for 3rd party check iframe message.'}",
            "does not open in a frame",
        ),
        ("Uncaught ReferenceError: SharedArrayBuffer is not defined", "no headers that isolate them"),
        (
            'Failed to load module script: Expected a JavaScript module script but the server responded with a MIME type of "text/html".',
            "a page came in its place",
        ),
        (
            "app.js:1 GET http://orthanc:8042/dicom-web/studies?limit=101 net::ERR_NAME_NOT_RESOLVED",
            "cannot look up",
        ),
        (
            f"Access to fetch at 'https://sso.example.org/realms/orthanc' {_CORS} No 'Access-Control-Allow-Origin' header is present",
            "does not list the address of the page",
        ),
        (
            f"Access to fetch at 'https://pacs.example.org/dicom-web' {_CORS} No 'Access-Control-Allow-Origin' header is present",
            "on different hosts or ports",
        ),
        (
            (
                f"Access to fetch at 'https://pacs.example.org/dicom-web' {_CORS} Response to preflight request doesn't pass access control "
                "check: It does not have HTTP ok status."
            ),
            "asks by OPTIONS first",
        ),
        (
            (
                f"Access to fetch at 'https://pacs.example.org/dicom-web' {_CORS} The 'Access-Control-Allow-Origin' header contains multiple "
                "values '*, *', but only one is allowed."
            ),
            "set twice",
        ),
        (
            "Refused to frame 'https://sso.example.org/' because an ancestor violates the directive: \"frame-ancestors 'self'\".",
            "forbids other sites to show it",
        ),
        (
            (
                "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at "
                "https://sso.example.org/realms/orthanc/.well-known/openid-configuration. (Reason: CORS header ‘Access-Control-Allow-Origin’ "
                "missing). Status code: 200."
            ),
            "does not list the address of the page",
        ),
        ("Error: Crypto.subtle is available only in secure contexts (HTTPS).", "at an `http://` address"),
        (
            'nginx: [emerg] unknown log format "main" in /etc/nginx/conf.d/site.conf:4',
            "no log format of that name",
        ),
        (
            (
                'nginx: [emerg] "proxy_busy_buffers_size" must be less than the size of all "proxy_buffers" minus one buffer in '
                "/etc/nginx/nginx.conf:40"
            ),
            "was raised",
        ),
        (
            "2026/03/01 10:00:00 [emerg] 1#1: bind() to 0.0.0.0:80 failed (13: Permission denied)",
            "does not run as root",
        ),
        (
            (
                "2026/03/01 10:00:00 [crit] 9#9: *3 connect() to 127.0.0.1:8042 failed (13: Permission denied) while connecting to "
                "upstream, client: 10.0.0.7"
            ),
            "SELinux",
        ),
        (
            '{"error":"invalid_scope","error_description":"Invalid scopes: openid roles"}',
            "not all of these scopes",
        ),
        (
            '{"error":"invalid_grant","error_description":"Account is not fully set up"}',
            "still asks the person",
        ),
        ("Unexpected error when authenticating with identity provider", "does not get a token"),
        (
            "db-1  | Error: in 18+, these Docker images are configured to store database data in a",
            "PostgreSQL 18",
        ),
    ],
)
def test_a_line_tells_its_cause(line: str, cause: str) -> None:
    """A line between others has one finding, at its place."""
    text = f"I see this since the update:\n{line}\nCan you help me?\n"
    findings = findings_of(observe_texts({"pasted.txt": text}))

    assert [(each.rule.id, each.location.line) for each in findings] == [("known-error-in-log", 2)]
    assert cause in findings[0].message


def test_causes_are_in_the_order_of_the_lines() -> None:
    """A cause is told once, at the first line that tells it; the first line comes first."""
    text = (
        "orthanc-1 exited with code 137\n"
        "2026/03/01 10:00:00 [error] 29#29: *7 client intended to send too large body: 4829184 bytes\n"
        "orthanc-1 exited with code 137\n"
    )
    findings = findings_of(observe_texts({"pasted.txt": text}))

    assert [each.location.line for each in findings] == [1, 2]


def test_lines_without_a_known_cause_have_no_finding() -> None:
    """A request that succeeded, a start and a page's own words are no errors."""
    text = (
        "orthanc-1  | W0301 10:00:00.000000 MAIN main.cpp:2021] Orthanc has started\n"
        "Uncaught TypeError: cannot read properties of undefined\n"
        "keycloak-1  | Running the server in production mode.\n"
    )

    assert findings_of(observe_texts({"pasted.txt": text})) == []
