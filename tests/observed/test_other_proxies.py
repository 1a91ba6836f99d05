"""Caddy, Apache and Traefik are read in the words of nginx; OHIF's settings and Helm values as data."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from orthgen.observed.proxy_model import ProxyLocation
from orthgen.observed.read import observe, observe_texts

CADDY = """\
{
  email admin@clinic.example.org
}
clinic.example.org, http://inside {
  request_body {
    max_size 100MB
  }
  handle_path /orthanc/* {
    reverse_proxy orthanc:8042 {
      header_up Host {host}
    }
  }
  @web path /dicom-web/*
  reverse_proxy @web orthanc:8042
  reverse_proxy ohif:80 # the rest
}
"""
APACHE = """\
<VirtualHost *:443>
  ServerName clinic.example.org
  SSLEngine on
  LimitRequestBody 1048576
  <IfModule mod_proxy.c>
    ProxyPass /orthanc/ http://localhost:8042/ \\
      timeout=60
    ProxyPass /private/ !
  </IfModule>
  <Location "/ohif/">
    RequestHeader set X-Forwarded-Proto "https"
    ProxyPass http://localhost:3000
  </Location>
  RewriteRule ^/wado(.*)$ http://localhost:8042/wado$1 [P,L]
</VirtualHost>
"""
TRAEFIK = """\
services:
  traefik: {image: "traefik:v3"}
  orthanc:
    image: orthancteam/orthanc:26.8.1
    labels:
      - traefik.http.routers.web.rule=Host(`clinic.example.org`) && (PathPrefix(`/orthanc`) || Path(`/app`))
      - traefik.http.routers.web.middlewares=strip@docker,limit
      - traefik.http.routers.web.tls.certresolver=le
      - traefik.http.middlewares.strip.stripPrefix.prefixes=/orthanc
      - traefik.http.middlewares.limit.buffering.maxRequestBodyBytes=1000000
      - traefik.http.services.any.loadbalancer.server.port=8042
"""


def _shown(location: ProxyLocation) -> tuple[str, str, bool, tuple[str, ...], int]:
    sizes = tuple(size for each in location.directive("client_max_body_size") for size in each.arguments)
    return (
        f"{location.modifier}{location.path}",
        location.upstream,
        location.passes_uri,
        sizes,
        location.location.line,
    )


def test_the_sites_of_a_caddyfile_become_servers() -> None:
    """Sites, matchers and handlers become servers and locations; a site with a name has TLS."""
    (proxy,) = observe_texts({"Caddyfile": CADDY}).proxies
    (server,) = proxy.servers

    assert (server.names, server.uses_tls) == (("clinic.example.org", "inside"), True)
    assert [_shown(location) for location in server.locations] == [
        ("/orthanc/", "http://orthanc:8042/", True, ("100MB",), 9),
        ("/dicom-web/", "http://orthanc:8042", False, ("100MB",), 14),
        ("/", "http://ohif:80", False, ("100MB",), 15),
    ]
    assert [each.arguments for each in server.locations[0].directive("proxy_set_header")] == [
        ("Host", "{host}")
    ]


def test_the_rules_of_apache_become_locations() -> None:
    """`ProxyPass`, `<Location>` and `RewriteRule … [P]` become locations of a virtual host."""
    (proxy,) = observe_texts({"site.conf": APACHE}).proxies
    (server,) = proxy.servers

    assert ([each.arguments for each in server.listens], server.names, server.uses_tls) == (
        [("443",)],
        ("clinic.example.org",),
        True,
    )
    assert [_shown(location) for location in server.locations] == [
        ("/orthanc/", "http://localhost:8042/", True, ("1048576",), 6),
        ("/ohif/", "http://localhost:3000", False, ("1048576",), 12),
        ("~^/wado(.*)$", "http://localhost:8042/wado$1", True, ("1048576",), 14),
    ]
    assert [each.arguments for each in server.locations[1].directive("proxy_set_header")] == [
        ("X-Forwarded-Proto", "https")
    ]


def test_locations_of_apache_with_an_expression() -> None:
    """`<LocationMatch>`, and `<Location ~ …>`, which is the same; a plain one is a prefix."""
    text = "<VirtualHost *:80>\n" + "".join(
        f"<{name} {path}>\nProxyPass http://localhost:8042/\n</{name.split()[0]}>\n"
        for name, path in (("LocationMatch", '"^/a"'), ("Location ~", '"^/b"'), ("Location", '"/c/"'))
    )
    (proxy,) = observe_texts({"site.conf": text + "</VirtualHost>\n"}).proxies

    assert [(each.modifier, each.path) for each in proxy.servers[0].locations] == [
        ("~", "^/a"),
        ("~", "^/b"),
        ("", "/c/"),
    ]


def test_a_router_of_traefik_is_a_virtual_host() -> None:
    """A router is a virtual host; middlewares limit bodies and strip prefixes."""
    (proxy,) = observe_texts({"compose.yml": TRAEFIK}).proxies
    (server,) = proxy.servers

    assert proxy.service is not None
    assert (server.names, server.uses_tls) == (("clinic.example.org",), True)
    assert [_shown(location) for location in server.locations] == [
        ("/orthanc", "http://orthanc:8042/", True, ("1000000",), 6),
        ("=/app", "http://orthanc:8042/", True, ("1000000",), 6),
    ]


def test_ohif_is_data_without_its_code() -> None:
    """Functions and expressions are left out; every other value has its place, in characters."""
    text = """\
window.config = ({ servicesManager }) => ({
  /* é */ routerBasename: '/ohif', extensions: [a.b, 'c'],
  httpErrorHandler: error => { console.warn(error.status); },
  dataSources: [{ sourceName: `dicomweb`, configuration: { qidoRoot: "/é/" , lazy: true, wadoRoot: '/x' } }],
});
"""
    (ohif,) = observe_texts({"app-config.js": text}).ohifs

    assert ohif.settings.value == {
        "routerBasename": "/ohif",
        "extensions": [None, "c"],
        "dataSources": [
            {"sourceName": "dicomweb", "configuration": {"qidoRoot": "/é/", "lazy": True, "wadoRoot": "/x"}}
        ],
    }
    assert str(ohif.settings.locate(("routerBasename",))) == "app-config.js:2:27"
    place = ohif.settings.locate(("dataSources", 0, "configuration", "wadoRoot"))
    assert str(place) == f"app-config.js:4:{text.split(chr(10))[3].index(chr(39) + '/x') + 1}"


def test_a_mistake_in_javascript_is_found() -> None:
    """A missing comma is a finding, and what can be read is read."""
    deployment = observe_texts({"app-config.js": "window.config = {\n  a: 'x'\n  dataSources: [],\n};\n"})

    assert [f"{each.location} {each.rule.id}" for each in deployment.findings] == [
        "app-config.js:3:3 invalid-app-config"
    ]


def test_helm_values_and_manifests_hold_configurations() -> None:
    """Orthanc's settings stand in values as data or as text, and in the documents of a manifest."""
    deployment = observe_texts(
        {
            "values.yaml": "image: orthanc\nconfig:\n  DicomAet: HELM\n  DicomPort: 4242\nnginx: |\n  server {\n"
            "    location / { proxy_pass http://orthanc:8042; }\n  }\n",
            "k8s.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: orthanc}\n---\napiVersion: v1\nkind: ConfigMap\ndata:\n"
            '  orthanc.json: |\n    {"DicomAet": "K8S",\n     "HttpPort": 8042}\n',
        }
    )

    places = [
        (o.settings.get("DicomAet"), str(o.settings.locate(("DicomAet",)))) for o in deployment.orthancs
    ]
    assert places == [("K8S", "k8s.yaml:9:18"), ("HELM", "values.yaml:3:13")]
    assert deployment.orthancs[1].settings.get("DicomPort") == 4242
    assert [str(each.location) for each in deployment.proxies[0].servers[0].locations] == ["values.yaml:7:5"]
    assert "kind: Service" in deployment.texts["k8s.yaml"]


_INCLUDED = {
    "compose.yml": """
        services:
          caddy:
            image: caddy:2.10
            volumes: ["./caddy:/etc/caddy"]
          apache:
            image: httpd:2.4
            volumes: ["./apache/httpd.conf:/usr/local/apache2/conf/httpd.conf", "./apache/sites:/usr/local/apache2/conf/sites"]
    """,
    "caddy/Caddyfile": """
        (host) {
            header_up X-Forwarded-Host {args[0]}
        }
        import sites/*.caddy
    """,
    "caddy/sites/pacs.caddy": """
        pacs.example.org {
            import ../limits.caddy
            reverse_proxy /orthanc/* orthanc:8042 {
                import host pacs.example.org
            }
            import pacs.caddy
        }
    """,
    "caddy/limits.caddy": "request_body {\n    max_size 10MB\n}\n",
    "apache/httpd.conf": """
        <VirtualHost *:443>
            IncludeOptional conf/sites/*.conf
            Include conf/httpd.conf
            IncludeOptional conf/nowhere.conf
        </VirtualHost>
    """,
    "apache/sites/pacs.conf": """
        LimitRequestBody 10
        ProxyPass /orthanc/ http://orthanc:8042/
    """,
}


def test_imported_and_included_files_are_a_part_of_the_proxy(tmp_path: Path) -> None:
    """`import` and `Include` are followed, with patterns and snippets; a file that includes itself is read once."""
    for name, text in _INCLUDED.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
    proxies = observe([str(tmp_path)]).proxies

    shown = [
        (
            proxy.product.value,
            server.names,
            location.path,
            location.upstream,
            [directive.arguments for directive in location.directive("client_max_body_size")],
            [directive.arguments for directive in location.directive("proxy_set_header")],
            location.location.file.rpartition("/")[2],
        )
        for proxy in proxies
        for server in proxy.servers
        for location in server.locations
    ]
    assert shown == [
        (
            "caddy",
            ("pacs.example.org",),
            "/orthanc/",
            "http://orthanc:8042",
            [("10MB",)],
            [("X-Forwarded-Host", "pacs.example.org")],
            "pacs.caddy",
        ),
        ("apache", (), "/orthanc/", "http://orthanc:8042/", [("10",)], [], "pacs.conf"),
    ]


def test_files_without_a_container_are_included_by_their_names() -> None:
    """A loose Caddyfile imports a loose file, which is no proxy of its own."""
    texts = {
        "etc/caddy/Caddyfile": "import conf.d/*.caddy\n",
        "etc/caddy/conf.d/a.caddy": "a.example.org {\n    reverse_proxy orthanc:8042\n}\n",
    }
    proxies = observe_texts(texts).proxies

    assert [[server.names for server in proxy.servers] for proxy in proxies] == [[("a.example.org",)]]


@pytest.mark.parametrize(
    ("texts", "name", "place"),
    [
        ({"Caddyfile": "import b.caddy\n", "b.caddy": "\nimport Caddyfile\n"}, "Caddyfile", "b.caddy:2:1"),
        ({"Caddyfile": "(a) {\n  import b\n}\n(b) {\n  import a\n}\nx.org {\n  import a\n}\n"}, "a", "Caddyfile:5:3"),
        ({"httpd.conf": "Include b.conf\nListen 80\n<VirtualHost *:80>\n</VirtualHost>\n", "b.conf": "ProxyPass / http://a/\nInclude httpd.conf\n"}, "httpd.conf", "b.conf:2:1"),
        ({"compose.yml": "include: [b.yml]\nservices: {o: {image: x}}", "b.yml": "include: [compose.yml]\nservices: {}"}, "compose.yml", "b.yml:1:11"),
    ],
    ids=["Caddy's files", "Caddy's snippets", "Apache", "Compose"],
)  # fmt: skip
def test_a_circle_of_inclusion_is_an_error(texts: dict[str, str], name: str, place: str) -> None:
    """Each program refuses it; the file is read once, and the line that closes the circle is shown."""
    (finding,) = observe_texts(texts).findings

    assert (finding.rule.id, finding.message) == (
        "include-cycle",
        f"`{name}` is included again by what it includes",
    )
    assert str(finding.location) == place


def test_a_mounted_file_that_imports_itself_is_an_error_and_read(tmp_path: Path) -> None:
    """The path in the container is certain, so that its own name is no other file."""
    (tmp_path / "Caddyfile").write_text(
        "pacs.example.org {\n  import Caddyfile\n  reverse_proxy orthanc:8042\n}\n"
    )
    (tmp_path / "compose.yml").write_text(
        "services: {web: {image: 'caddy:2', volumes: ['./Caddyfile:/etc/caddy/Caddyfile']}}"
    )
    deployment = observe([str(tmp_path)])

    assert [finding.rule.id for finding in deployment.findings] == ["include-cycle"]
    assert [server.names for proxy in deployment.proxies for server in proxy.servers] == [
        ("pacs.example.org",)
    ]


def test_a_middleware_of_another_container_strips_the_path() -> None:
    """Traefik has the middlewares of all containers under their names."""
    label = "      - traefik.http.middlewares.strip.stripPrefix.prefixes=/orthanc\n"
    moved = TRAEFIK.replace(label, "").replace(
        'image: "traefik:v3"}', f'image: "traefik:v3", labels: [{label.strip()[2:]}]}}'
    )
    (proxy,) = observe_texts({"compose.yml": moved}).proxies

    assert {location.upstream for location in proxy.servers[0].locations} == {"http://orthanc:8042/"}


def test_data_of_a_chart_is_read_and_its_variables_are_named_as_unread() -> None:
    """Permissions may stand in the values as data; the roles of another program are none."""
    values = """\
auth: {env: [{name: ENABLE_KEYCLOAK, value: "true"}]}
orthancJson: {DicomAet: K8S, AuthenticationEnabled: false}
permissionsJson: {roles: {doctor: {permissions: [view], authorized_labels: ["*"]}}}
rbac: {roles: {reader: {verbs: [get]}}}
"""
    deployment = observe_texts({"values.yaml": values})

    assert [each.permissions.value for each in deployment.auth_services if each.permissions is not None] == [
        {"roles": {"doctor": {"permissions": ["view"], "authorized_labels": ["*"]}}}
    ]
    assert deployment.unseen == (
        "`values.yaml` sets variables of containers. Of the values of a chart, configuration files are read, and no variables.",
    )


def test_long_files_of_haproxy_and_iis_are_bounded() -> None:
    """What a file repeats without end is read in part, and once."""
    hosts = "".join(
        f" use_backend b if {{ hdr(host) h{number} }}\n default_backend b\n" for number in range(4000)
    )
    haproxy = f"frontend a\n mode http\n{hosts}backend b\n server x y:1\n"
    iis = "<system.webServer><rewrite>" + "<!--" * 50_000 + "<rule>" * 50_000
    proxies = observe_texts({"haproxy.cfg": haproxy, "web.config": iis}).proxies

    assert sorted(len(proxy.servers) for proxy in proxies) == [1, 50]
