"""nginx is read as virtual hosts with locations, each with the directives that are in force there."""

from __future__ import annotations

from textwrap import dedent

import pytest

from orthgen.observed.proxy_model import Proxy
from orthgen.observed.read import observe_texts

CONTAINER = """
services:
  proxy:
    image: nginx:1.30
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
      - ./snippets:/etc/nginx/snippets
"""
MAIN = """
worker_processes 1;
events {}
http {
  client_max_body_size 1m;
  proxy_set_header Host $host;
  upstream archive { server orthanc:8042; server orthanc-2:8042 backup; }
  server {
    listen 443 ssl;
    server_name clinic.example.org;
    set $keycloak http://keycloak:8080;
    include snippets/*.conf;
    location = /health { return 200 "ok; {}"; }
    location ~* ^/keycloak/(.*)$ {
      proxy_pass $keycloak/$1;
    }
  }
}
stream {
  server { listen 4242; proxy_pass orthanc:4242; }
}
"""
SNIPPET = """
# Orthanc
location /orthanc/ {
  client_max_body_size 0;
  proxy_set_header X-Forwarded-Proto https;
  proxy_pass http://archive/;
  location /orthanc/dicom-web/ { proxy_read_timeout 5m; proxy_pass http://archive; }
}
"""


def _proxy(files: dict[str, str]) -> Proxy:
    (proxy,) = observe_texts(files).proxies
    return proxy


def test_a_container_reads_its_main_file_and_what_it_includes() -> None:
    """Servers, upstreams, locations and nested locations are read through `include`, each at its place."""
    proxy = _proxy({"compose.yml": CONTAINER, "nginx.conf": MAIN, "snippets/orthanc.conf": SNIPPET})
    web, dicom = proxy.servers

    assert proxy.service is not None
    assert proxy.service.name == "proxy"
    assert proxy.upstreams == {"archive": ("orthanc:8042", "orthanc-2:8042")}
    assert (web.uses_tls, web.names) == (True, ("clinic.example.org",))
    assert [each.arguments for each in dicom.listens] == [("4242",)]
    assert [
        (each.modifier, each.path, each.upstream, each.passes_uri, str(each.location))
        for each in web.locations
    ] == [
        ("", "/orthanc/", "http://archive/", True, "snippets/orthanc.conf:3:1"),
        ("", "/orthanc/dicom-web/", "http://archive", False, "snippets/orthanc.conf:7:3"),
        ("=", "/health", "", False, "nginx.conf:13:5"),
        ("~*", "^/keycloak/(.*)$", "http://keycloak:8080/$1", True, "nginx.conf:14:5"),
    ]


def test_directives_are_inherited_until_a_level_states_its_own() -> None:
    """One `proxy_set_header` in a location replaces all of those above it; other directives come through."""
    proxy = _proxy({"compose.yml": CONTAINER, "nginx.conf": MAIN, "snippets/orthanc.conf": SNIPPET})
    orthanc, dicom_web, health, _ = proxy.servers[0].locations

    assert [each.arguments for each in orthanc.directive("proxy_set_header")] == [
        ("X-Forwarded-Proto", "https")
    ]
    assert [each.arguments for each in dicom_web.directive("proxy_set_header")] == [
        ("X-Forwarded-Proto", "https")
    ]
    assert [each.arguments for each in health.directive("proxy_set_header")] == [("Host", "$host")]
    assert [each.arguments for each in dicom_web.directive("client_max_body_size")] == [("0",)]
    assert [each.arguments for each in health.directive("client_max_body_size")] == [("1m",)]


def test_loose_files_include_each_other_by_their_names() -> None:
    """Without a container an `include` is found by the end of its path."""
    proxy = _proxy(
        {
            "etc/nginx.conf": "http { include /etc/nginx/conf.d/*.conf; }",
            "etc/conf.d/site.conf": "server { listen 80; location / { proxy_pass http://orthanc:8042; } }",
        }
    )

    assert [location.upstream for location in proxy.servers[0].locations] == ["http://orthanc:8042"]


def test_a_comment_ends_with_its_line_and_a_string_has_none() -> None:
    """Quotes and braces in comments are no syntax, and a line of a string may begin with `#`; places stay as they are."""
    proxy = _proxy(
        {
            "site.conf": dedent("""\
                server { # don't }
                  # it's {
                  listen 80; # "
                  return 200 "User-agent: *
                # not a comment; {
                  Disallow: /";
                  location /a#b { proxy_pass http://orthanc:8042; }
                }
            """)
        }
    )
    (server,) = proxy.servers

    assert [each.arguments for each in server.listens] == [("80",)]
    assert [each.arguments for each in server.directives if each.name == "return"] == [
        ("200", "User-agent: *\n# not a comment; {\n  Disallow: /")
    ]
    assert [(each.path, str(each.location)) for each in server.locations] == [("/a#b", "site.conf:7:3")]


def test_a_snippet_alone_is_a_server() -> None:
    """Locations without a server, as people paste them, are kept."""
    proxy = _proxy({"site.conf": SNIPPET})

    assert [location.path for location in proxy.servers[0].locations] == ["/orthanc/", "/orthanc/dicom-web/"]


def test_mistakes_are_findings_and_the_rest_is_read() -> None:
    """A missing brace or semicolon is found, and a circle of includes ends."""
    deployment = observe_texts(
        {
            "nginx.conf": dedent("""\
                server {
                  listen 80
                  server_name x;
                  location / {
                    proxy_pass http://orthanc:8042;
                  }
            """),
            "a.conf": "include b.conf;\nlocation /a { proxy_pass http://a; }",
            "b.conf": "include a.conf;",
        }
    )

    assert [
        f"{each.location} {each.message.removeprefix('not valid nginx configuration: ')}"
        for each in deployment.findings
    ] == [
        'nginx.conf:6:3 unexpected end of file, expecting "}"',
        "nginx.conf:2:3 no `;` ends `listen` before `server_name`",
        "b.conf:1:1 `a.conf` includes itself",
    ]
    assert [
        [location.path for each in proxy.servers for location in each.locations]
        for proxy in deployment.proxies
    ] == [["/"], ["/a"]]


@pytest.mark.parametrize(
    ("tag", "ohif", "headers"),
    [
        ("26.4.1", "http://ohif:80", ["Host", "Forwarded"]),
        ("25.7.0", "http://ohif:80/", ["Host", "X-Forwarded-For"]),
        ("latest", "http://ohif:80", ["Host", "Forwarded"]),
    ],
)
def test_the_image_of_orthancteam_makes_its_configuration(tag: str, ohif: str, headers: list[str]) -> None:
    """orthanc-nginx has no file to read: its locations follow from its variables, and stand at them."""
    compose = (
        f"services:\n  web:\n    image: orthancteam/orthanc-nginx:{tag}\n"
        '    environment: {ENABLE_OHIF: "true", ENABLE_KEYCLOAK: "false", ENABLE_HTTPS: "true"}\n'
    )
    proxy = _proxy({"compose.yml": compose})
    (server,) = proxy.servers

    assert server.uses_tls
    assert [(each.path, each.upstream, each.passes_uri, str(each.location)) for each in server.locations] == [
        ("/orthanc/", "http://orthanc:8042/", True, "compose.yml:3:12"),
        ("/ohif/", ohif, ohif.endswith("/"), "compose.yml:4:32"),
    ]
    assert [each.arguments[0] for each in server.locations[0].directive("proxy_set_header")] == headers
