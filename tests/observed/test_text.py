"""A pasted text is set apart into requests, tokens, log lines, questions and pieces of configuration."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from orthgen.formats.yaml_io import parse_json
from orthgen.observed.model import SourceKind
from orthgen.observed.read import observe
from orthgen.observed.redaction import redacted
from orthgen.observed.service_model import Product
from orthgen.observed.text import observe_text, split_files
from tests.support.web_tokens import encoded

REPORT = (Path(__file__).parents[1] / "data/reported-403.txt").read_text(encoding="utf-8")


TOKEN = encoded({"alg": "HS256", "typ": "JWT"}, {"type": "viewer-instant-link", "id": None})


def test_the_report_is_set_apart() -> None:
    """The report of the forum has a request with its response, a log line, a decoded token, keys and questions."""
    parts = observe_text(REPORT, "report.txt")

    assert [(source.kind, source.first_line) for source in parts.sources] == [
        (SourceKind.HTTP, 7),
        (SourceKind.LOG, 36),
        (SourceKind.TOKEN, 38),
    ]
    (exchange,) = parts.exchanges
    assert (exchange.method, exchange.target, exchange.status) == ("POST", "/dicom-web/studies", 403)
    assert exchange.header("authorization") == "Bearer …"
    assert exchange.response_header("Server") == "nginx/1.22.1"
    assert [line.product for line in parts.log_lines] == [Product.ORTHANC]
    assert [token.claims["type"] for token in parts.tokens] == ["viewer-instant-link"]
    assert [str(question.location) for question in parts.questions] == [
        "report.txt:52:1",
        "report.txt:105:1",
        "report.txt:106:1",
    ]


def test_line_ends_of_windows_change_nothing() -> None:
    """A text that was pasted on Windows has the same parts at the same places."""
    windows = observe_text(REPORT.replace("\n", "\r\n"), "report.txt")
    parts = observe_text(REPORT, "report.txt")

    assert windows.sources == parts.sources
    assert windows.exchanges == parts.exchanges
    assert windows.tokens == parts.tokens
    assert windows.questions == parts.questions
    assert [each.first_line for each in windows.excerpts] == [each.first_line for each in parts.excerpts]


def test_bare_keys_become_a_file_with_their_places() -> None:
    """A few keys without their braces are completed, and each keeps its line."""
    (excerpt,) = observe_text(REPORT, "report.txt").excerpts
    document, findings = parse_json(excerpt.text, "report.txt", trailing_commas=True)

    assert findings == []
    assert (excerpt.first_line, excerpt.is_complete) == (54, False)
    assert list(document.value) == ["Plugins", "OrthancExplorer2", "OHIF", "Authorization"]
    assert str(document.locate(("OrthancExplorer2", "IsDefaultUI"), key=True)) == "report.txt:58:1"


@pytest.mark.parametrize(
    ("text", "value", "is_complete"),
    [
        pytest.param('x:\n{"a": 1}\nend', {"a": 1}, True, id="whole"),
        pytest.param('{"a": {"b": [1,\n2', {"a": {"b": [1, 2]}}, False, id="cut off in a list"),
        pytest.param('{"a": 1,\n"b":\n', {"a": 1, "b": None}, False, id="cut off behind a key"),
        pytest.param('{"a": 1, ...\n}', {"a": 1}, False, id="with dots for what was left out"),
        pytest.param(
            '"a": "x...y", // why\n"b": 2,\n\nIs it?', {"a": "x...y", "b": 2}, False, id="bare keys"
        ),
        pytest.param('"a": {"b": 1},\n"c": 2\n}\n}', {"a": {"b": 1}, "c": 2}, False, id="too many brackets"),
    ],
)
def test_json_is_completed(text: str, value: dict[str, object], is_complete: bool) -> None:  # noqa: FBT001
    """JSON that was cut off anywhere is completed; a part that was left out makes it an excerpt."""
    (excerpt,) = observe_text(text, "t.txt").excerpts
    document, findings = parse_json(excerpt.text, "t.txt", trailing_commas=True)

    assert findings == []
    assert (document.value, excerpt.is_complete) == (value, is_complete)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("POST /dicom-web/studies HTTP/1.1\nHost: a\n\nHTTP/1.1 403 Forbidden\n", id="raw"),
        pytest.param(
            "> POST /dicom-web/studies HTTP/1.1\n> Host: a\n>\n< HTTP/1.1 403 Forbidden\n<\n", id="curl -v"
        ),
        pytest.param(
            "Request URL: https://a/dicom-web/studies\nRequest Method: POST\nStatus Code: 403 Forbidden\n",
            id="Chrome",
        ),
        pytest.param("POST https://a/dicom-web/studies 403 (Forbidden)", id="console"),
        pytest.param("we see `POST /dicom-web/studies` answer with a 403.", id="prose"),
        pytest.param(
            "curl 'https://a/dicom-web/studies' \\\n  -X POST -H 'Accept: */*'\nHTTP/2 403\n",
            id="copied as curl",
        ),
        pytest.param(
            '10.0.0.1 - - [17/Dec/2024:22:11:05 +0000] "POST /dicom-web/studies HTTP/1.1" 403 0 "-" "x"',
            id="nginx",
        ),
        pytest.param(
            'web-1 | 10.0.0.1 - - [17/Dec/2024:22:11:05 +0000] "POST /dicom-web/studies HTTP/1.1" 403 0',
            id="compose",
        ),
    ],
)
def test_requests_are_read_in_every_form(text: str) -> None:
    """The forms in which tools show a request give the same exchange."""
    exchanges = observe_text(text, "t.txt").exchanges

    assert [(each.method, each.target, each.status) for each in exchanges] == [
        ("POST", "/dicom-web/studies", 403)
    ]


@pytest.mark.parametrize(
    ("text", "carrier"),
    [
        pytest.param(f"GET /studies HTTP/1.1\nAuthorization: Bearer {TOKEN}\n", "Authorization", id="header"),
        pytest.param(f"GET /studies?token={TOKEN} HTTP/1.1\n", "?token", id="argument"),
        pytest.param(f"curl https://a/studies -H 'token: {TOKEN}'", "token", id="curl"),
        pytest.param(f"the token is {TOKEN}", None, id="alone"),
    ],
)
def test_tokens_are_decoded_and_not_kept(text: str, carrier: str | None) -> None:
    """A token is decoded where it is carried, and is in nothing that is shown."""
    parts = observe_text(text, "t.txt")
    (token,) = parts.tokens if carrier is None else parts.exchanges[0].tokens

    assert token.claims["type"] == "viewer-instant-link"
    assert token.header["alg"] == "HS256"
    assert token.carrier == (carrier or "")
    assert TOKEN not in redacted(text)
    assert TOKEN not in str(parts)


@pytest.mark.parametrize(
    "text",
    [
        "Cookie: session=hunter2hunter2",
        "  authorization:  Basic aHVudGVyMjpodW50ZXIy",
        '"WebServicePassword": "hunter2hunter2"',
        "postgresql://orthanc:hunter2hunter2@db/orthanc",
        "https://a/?access_token=hunter2hunter2&x=1",
        "-----BEGIN PRIVATE KEY-----\nhunter2hunter2\n-----END PRIVATE KEY-----",
        "KEYCLOAK_CLIENT_SECRET=hunter2hunter2",
    ],
)
def test_secrets_are_redacted(text: str) -> None:
    """No secret is shown, and every line keeps its number."""
    shown = redacted(f"above\n{text}\nbelow")

    assert "hunter2" not in shown
    assert "aHVudGVy" not in shown
    assert shown.count("\n") == text.count("\n") + 2


@pytest.mark.parametrize(
    ("line", "product"),
    [
        ("W1217 17:22:14.318589 HTTP-48 PluginsManager.cpp:158] refused", Product.ORTHANC),
        ("E0101 00:00:00.000001 PluginsManager.cpp:158] refused", Product.ORTHANC),
        (
            "E1128 04:26:42.696480           MAIN AWS S3 Storage:/StoragePlugin.cpp:600] refused",
            Product.ORTHANC,
        ),
        (
            "orthanc-1  | W1217 17:22:14.318589 HTTP-48 (plugins) PluginsManager.cpp:158] refused",
            Product.ORTHANC,
        ),
        ("2024/12/17 22:11:05 [error] 7#7: *1 refused", Product.NGINX),
        ("2024-12-17 22:11:05,123 WARN  [org.keycloak.events] (executor-thread-1) refused", Product.KEYCLOAK),
        ("ERROR:root:refused", Product.AUTH_SERVICE),
        ("orthanc-auth-service-1  | refused", Product.AUTH_SERVICE),
        ("nginx: [emerg] refused", Product.NGINX),
        ("2024-12-17T22:11:05.123Z refused", Product.OTHER),
    ],
)
def test_log_lines_are_read(line: str, product: Product) -> None:
    """A log line has its product and its message without time and thread."""
    (log_line,) = observe_text(line, "t.txt").log_lines

    assert (log_line.product, log_line.message) == (product, "refused")


@pytest.mark.parametrize(
    ("line", "product"),
    [
        ('type="LOGIN_ERROR", clientId="orthanc", error="invalid_redirect_uri"', Product.KEYCLOAK),
        ("CODE_TO_TOKEN_ERROR, clientId=orthanc, error=invalid_client_credentials", Product.KEYCLOAK),
        ("The UserProfile for 'Anonymous' does not contain any authorized labels", Product.ORTHANC),
        ("ERROR: failed to install libX.so: Operation not permitted", Product.OTHER),
        ("jwt.exceptions.InvalidAudienceError: Invalid audience", Product.OTHER),
    ],
)
def test_lines_without_their_beginning_are_read(line: str, product: Product) -> None:
    """People copy a message without its time; the whole line is the message."""
    (log_line,) = observe_text(f"We see this:\n{line}\nWhat is it?", "t.txt").log_lines

    assert (log_line.product, log_line.message) == (product, line)


def test_other_configuration_is_kept_in_its_lines() -> None:
    """YAML, nginx and variables in prose are pieces of configuration, below blank lines."""
    text = dedent(
        """\
        Our compose file:
        services:
          web:
            image: nginx

        and nginx:
        server {
          listen 80;
        }
        Variables:
        ORTHANC__NAME=x

        ```yaml
        a: 1
        ```
        Thanks.
        """
    )
    excerpts = observe_text(text, "t.txt").excerpts

    assert [(each.first_line, each.text.strip().splitlines()[0]) for each in excerpts] == [
        (2, "services:"),
        (7, "server {"),
        (11, "ORTHANC__NAME=x"),
        (14, "a: 1"),
    ]
    assert all(
        each.text.count("\n", 0, each.text.index(each.text.strip()[0])) == each.first_line - 1
        for each in excerpts
    )


def test_files_are_split_at_the_lines_of_head() -> None:
    """Several files in one text, as `head` and `tail` show them, keep their names."""
    assert split_files("see:\n==> a.json <==\n{}\n\n==> b.yml <==\nx: 1\n") == (
        "see:\n",
        (("a.json", "{}\n\n"), ("b.yml", "x: 1\n")),
    )
    assert split_files("==> a.json <==\r\n{}\r\n") == ("", (("a.json", "{}\r\n"),))
    assert split_files("no files") == ("no files", ())


def test_a_file_of_several_files_is_those_files(tmp_path: Path) -> None:
    """A text file that `head` wrote is read as its files, which name each other by their paths."""
    (tmp_path / "post.txt").write_text(
        "My files:\n"
        "==> docker-compose.yml <==\n"
        "services:\n"
        "  orthanc:\n"
        "    image: orthancteam/orthanc:26.8.1\n"
        '    volumes: ["./conf/orthanc.json:/etc/orthanc/orthanc.json"]\n'
        "==> conf/orthanc.json <==\n"
        '{"Name": "clinic"}\n',
        encoding="utf-8",
    )

    deployment = observe([str(tmp_path / "post.txt")])

    assert [source.file for source in deployment.sources] == [
        str(tmp_path / "docker-compose.yml"),
        str(tmp_path / "conf/orthanc.json"),
    ]
    assert deployment.orthancs[0].settings.get("Name") == "clinic"
    assert not any("is not there" in sentence for sentence in deployment.unseen)
