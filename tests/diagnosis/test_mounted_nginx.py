"""Files of nginx that are mounted at the place of another kind of file."""

from __future__ import annotations

import pytest

from orthgen.diagnosis.check import findings_of
from orthgen.observed.read import observe_texts

_WHOLE = "events {}\nhttp {\n    server { listen 80; }\n}\n"
_SERVER = "server { listen 80; }\n"


def _messages(target: str, text: str, environment: str = "{}") -> list[str]:
    compose = f"""
services:
  nginx:
    image: nginx:1.30.6
    environment: {environment}
    volumes: ["./file.conf:{target}:ro"]
"""
    deployment = observe_texts({"docker-compose.yml": compose, "file.conf": text})
    return [f"{finding.location}: {finding.message}" for finding in deployment.findings]


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("/etc/nginx/nginx.conf", _WHOLE),
        ("/etc/nginx/nginx.conf", "include /etc/nginx/events.conf;\n"),
        ("/etc/nginx/conf.d/site.conf", _SERVER),
        ("/etc/nginx/templates/site.conf.template", _SERVER),
    ],
)
def test_a_file_at_its_place_has_no_finding(target: str, text: str) -> None:
    """The main file has `events` and `http`; the files that it includes begin with `server`."""
    assert _messages(target, text) == []


def test_a_main_file_among_included_ones_is_found() -> None:
    """A whole configuration below `conf.d` stops nginx."""
    assert _messages("/etc/nginx/conf.d/default.conf", f"# the site\n{_WHOLE}") == [
        "file.conf:2:1: nginx does not allow `events` at the top of a file that its main file includes into `http`"
    ]


def test_a_server_as_the_main_file_is_found() -> None:
    """A server without `http` around it stops nginx, and so does a main file without `events`."""
    assert _messages("/etc/nginx/nginx.conf", _SERVER) == [
        "file.conf:1:1: nginx does not allow `server` at the top of its main file"
    ]
    assert _messages("/etc/nginx/nginx.conf", f"http {{ {_SERVER} }}\n") == [
        "file.conf:1:1: nginx's main file has no `events`"
    ]


def test_a_template_with_another_output_folder_may_be_the_main_file() -> None:
    """With `NGINX_ENVSUBST_OUTPUT_DIR` a template can become nginx's main file."""
    variable = "{NGINX_ENVSUBST_OUTPUT_DIR: /etc/nginx}"

    assert _messages("/etc/nginx/templates/nginx.conf.template", _WHOLE, variable) == []
    assert _messages("/etc/nginx/templates/nginx.conf.template", _WHOLE) != []


def test_a_file_that_nobody_mounts_has_no_place() -> None:
    """A file beside a Compose file that does not mount it is not taken for an included one."""
    compose = "services:\n  nginx:\n    image: nginx:1.30.6\n"

    assert observe_texts({"docker-compose.yml": compose, "nginx.conf": _WHOLE}).findings == ()


def test_a_lost_header_is_shown_where_the_server_sets_it() -> None:
    """Nginx inherits no header into a location that sets one itself."""
    text = """server {
  listen 443 ssl;
  server_name pacs.example.org;
  client_max_body_size 0;
  proxy_set_header X-Forwarded-Proto $scheme;
  location / {
    proxy_pass http://orthanc:8042;
    proxy_set_header Connection "";
  }
}
"""
    findings = findings_of(observe_texts({"site.conf": text}))

    assert [(each.rule.id, [place.line for place, _ in each.related]) for each in findings] == [
        ("https-not-forwarded", [5])
    ]
