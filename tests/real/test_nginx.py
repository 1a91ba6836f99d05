"""Real nginx with the rendered configuration, in front of stand-ins: what reaches whom, and what reaches nobody."""

from __future__ import annotations

import functools
import gzip
import json
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from orthgen.deployment import naming
from orthgen.products.nginx import nginx_files
from orthgen.targets import TARGETS
from tests.support.builders import EXAMPLES, example, make_deployment, write_artifacts
from tests.support.certificate import make_certificate
from tests.support.every_nginx import Edge, Nginx, edge, every_nginx
from tests.support.filtered import link_token, user_token
from tests.support.real import parts, web
from tests.support.real.container import Confinement, Mount
from tests.support.services_behind_nginx import Answer, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.real.network import Network
    from tests.support.real.nginx import Nginx as Program

EVERY_NGINX = [pytest.param(nginx, id=str(nginx)) for nginx in every_nginx()]

SUB_PATHS = {
    "institution": "{name: T, url: 'https://pacs.example.org:8443', paths: {orthanc: /orthanc/}}",
    "viewers": "{ohif: {}, stone: {}, stl: {}}",
}


@pytest.fixture(scope="module", params=[*EVERY_NGINX, "cluster"])
def at_root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """Orthanc at `/`, OHIF in its container, TLS from files: on a host with every nginx, in a cluster with the newest."""
    in_cluster = request.param == "cluster"
    deployment = example("paradim.yaml", target="kubernetes" if in_cluster else "compose")
    nginx = None if in_cluster else request.param
    with edge(deployment, tmp_path_factory.mktemp("root"), nginx=nginx) as running:
        yield running


@pytest.fixture(scope="module", params=EVERY_NGINX)
def at_sub_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """Orthanc at `/orthanc/`, an origin with a port of its own."""
    with edge(make_deployment(**SUB_PATHS), tmp_path_factory.mktemp("sub"), nginx=request.param) as running:
        yield running


# ------------------------------------------------------------------------------------------------- the text


@pytest.mark.parametrize("nginx", EVERY_NGINX)
@pytest.mark.parametrize("name", EXAMPLES)
def test_nginx_accepts_every_example_without_a_warning(name: str, nginx: Nginx, tmp_path: Path) -> None:
    """`nginx -t` has nothing to say about any profile that the project ships."""
    with edge(example(name), tmp_path, nginx=nginx) as running:
        checked = running.check()

    assert checked.returncode == 0
    assert "[warn]" not in checked.stderr


@pytest.mark.parametrize("name", [*EXAMPLES, "reports by link"])
@pytest.mark.parametrize("scanner", ["gixy-ng", "gixy-next"])
def test_scanners_find_nothing(scanner: str, name: str, tmp_path: Path) -> None:
    """
    gixy-ng and gixy-next have no finding on any example's nginx, and there is no list of findings to allow.

    Every main file that is rendered is scanned, OHIF's own server included.
    """
    by_link = make_deployment(viewers="{ohif: {reports: instant-link}}")
    deployment = by_link if name == "reports by link" else example(name)
    write_artifacts(TARGETS["compose"].render(deployment), tmp_path)

    found = {}
    for main in tmp_path.rglob("nginx.conf"):
        command = [str(parts.tool(scanner, "gixy")), "-f", "json", str(main)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found[main.parent.name] = (done.returncode, json.loads(done.stdout))

    assert found == dict.fromkeys(["nginx", *deployment.viewer_containers], (0, []))


def test_the_unchanged_configuration_runs_confined_as_a_container(
    nginx: Program, network: Network, tmp_path: Path
) -> None:
    """
    With a read-only root, no capability, an ordinary user and only /tmp to write to, nginx starts, and finds its
    services by their names, though they start later than itself.
    """
    deployment = example("paradim.yaml")
    image = deployment.release.image("nginx")
    artifacts = nginx_files(deployment)
    write_artifacts(artifacts, tmp_path)
    mounts: dict[str, Path | Mount] = {
        f"/etc/{artifact.path}": tmp_path / artifact.path for artifact in artifacts
    }
    for name in ("tls_certificate", "tls_key"):
        mounts[f"/run/secrets/{name}"] = tmp_path / name
    make_certificate(tmp_path / "tls_certificate", tmp_path / "tls_key", deployment.origin.host)
    (tmp_path / "tls_key").chmod(0o644)
    network.publish(deployment.origin.host)
    user = str(naming.CONTAINER_USER)
    confinement = Confinement(read_only=True, tmpfs=image.tmpfs, capabilities=(), user=f"{user}:{user}")

    running = nginx.start(mounts, confinement, ports=(80, 443))
    services = {naming.ORTHANC: 8042, naming.OHIF: 80, naming.KEYCLOAK: 8080}
    for name, port in services.items():
        nginx.service(name, port)

    trust = web.trusting(str(tmp_path / "tls_certificate"))
    asked = {
        naming.ORTHANC: "/studies/x?expand",
        naming.OHIF: "/ohif/viewer",
        naming.KEYCLOAK: "/keycloak/realms/orthanc/account",
    }
    for name, path in asked.items():
        url = f"{deployment.origin.url}{path}"
        running.program.wait_until(functools.partial(_answers, url, trust), seconds=30, what=name)
        assert web.get(url, trust=trust).json()["service"] == name
    assert "[warn]" not in running.log


# -------------------------------------------------------------------------------------------- public and private

PUBLIC = [
    # path at the root, the service, the path that it sees
    ("/ui/app/", "orthanc", "/ui/app/"),
    ("/ui/app/token-landing.html?token=abc", "orthanc", "/ui/app/token-landing.html?token=abc"),
    ("/ui/api/configuration", "orthanc", "/ui/api/configuration"),
    ("/studies/6b9e19d9?expand", "orthanc", "/studies/6b9e19d9?expand"),
    ("/studies/6b9e19d9/archive", "orthanc", "/studies/6b9e19d9/archive"),
    ("/tools/now", "orthanc", "/tools/now"),
    ("/plugins/delayed-deletion/status", "orthanc", "/plugins/delayed-deletion/status"),
    (
        "/dicom-web/studies?limit=101&00100010=*A%20B*",
        "orthanc",
        "/dicom-web/studies?limit=101&00100010=*A%20B*",
    ),
    (
        "/dicom-web/studies/1.2/series/1.3/instances/1.4/frames/1,2",
        "orthanc",
        "/dicom-web/studies/1.2/series/1.3/instances/1.4/frames/1,2",
    ),
    ("/auth/user/profile", "orthanc", "/auth/user/profile"),
    ("/volview/index.html", "orthanc", "/volview/index.html"),
    ("/wsi/app/viewer.html?series=1", "orthanc", "/wsi/app/viewer.html?series=1"),
    ("/modalities/a%20b/echo", "orthanc", "/modalities/a%20b/echo"),
    ("/instances/x/content/0040-a730/0/a%3fb", "orthanc", "/instances/x/content/0040-a730/0/a%3Fb"),
    ("/studies/%c3%a9?x=%2f%3f", "orthanc", "/studies/%C3%A9?x=%2f%3f"),
    ("/studies//x/./y/../z", "orthanc", "/studies/x/z"),
    ("/ohif/viewer?StudyInstanceUIDs=1.2&token=abc", "ohif", "/ohif/viewer"),
    ("/ohif/callback?code=abc", "ohif", "/ohif/callback"),
    (
        "/keycloak/realms/orthanc/protocol/openid-connect/auth?client_id=orthanc",
        "keycloak",
        "/realms/orthanc/protocol/openid-connect/auth?client_id=orthanc",
    ),
    (
        "/keycloak/realms/orthanc/login-actions/authenticate?a=b",
        "keycloak",
        "/realms/orthanc/login-actions/authenticate?a=b",
    ),
    (
        "/keycloak/realms/orthanc/broker/entra-id/endpoint?code=c",
        "keycloak",
        "/realms/orthanc/broker/entra-id/endpoint?code=c",
    ),
    ("/keycloak/realms/orthanc/account", "keycloak", "/realms/orthanc/account"),
    (
        "/keycloak/realms/orthanc/.well-known/openid-configuration",
        "keycloak",
        "/realms/orthanc/.well-known/openid-configuration",
    ),
    ("/keycloak/resources/abc/login/style.css", "keycloak", "/resources/abc/login/style.css"),
]


@pytest.mark.parametrize(("path", "service", "seen"), PUBLIC, ids=[path for path, *_ in PUBLIC])
def test_a_public_path_reaches_its_service(at_root: Edge, path: str, service: str, seen: str) -> None:
    """Each public path reaches the right service, under the path that the service knows it by."""
    at_root.forget()

    reply = at_root.ask(path)

    assert reply.status == 200
    assert [(name, request.path) for name, request in at_root.reached()] == [(service, seen)]


PRIVATE = [
    ("/app/explorer.html", "the legacy explorer"),
    ("/webdav/", "WebDAV"),
    ("/tools/execute-script", "runs Lua"),
    ("/tools/reset", "restarts Orthanc"),
    ("/tools/shutdown", "stops Orthanc"),
    ("/plugins/postgresql/audit-logs", "the audit log"),
    ("/tools/reset/", "a trailing slash"),
    ("//tools//reset", "doubled slashes"),
    ("/./tools/./reset", "dots"),
    ("/tools/x/../reset", "going up"),
    ("/dicom-web/../tools/shutdown", "going up from a public folder"),
    ("/studies/%2e%2e/tools/reset", "encoded dots"),
    ("/studies/..%2ftools/reset", "an encoded slash"),
    ("/tools%2freset", "an encoded slash in between"),
    ("/tools/%72eset", "an encoded letter"),
    ("/tools/reset;x", "a parameter in the path"),
    ("/TOOLS/RESET", "upper case"),
    ("/SYSTEM", "a public name in upper case: a map of nginx would take it for the same"),
    ("/tools/Find", "the same for a tool"),
    ("/systems", "a public name with more behind it"),
    ("/tools/find/more", "a path below a tool"),
    ("/tools/reset%20", "a blank at the end"),
    ("/tools/reset%3f", "an encoded question mark"),
    ("/tools/metrics", "no tool that the pages use"),
    ("/instances/6b9e19d9/export", "Orthanc writes a file"),
    ("/instances/6b9e19d9/%65xport", "the same, encoded"),
    ("/instances//6b9e19d9//export/", "the same, doubled"),
    ("/studies/6b9e19d9/export", "a study's"),
    ("/wado?requestType=WADO", "the old WADO, which the plugin does not know"),
    ("/tools./reset", "a dot that Orthanc's web server takes off"),
    ("/tools/reset.", "the same at the end"),
    ("/studies/a\\..\\..\\tools\\reset", "backslashes, which it takes for slashes"),
    ("/studies/a%5c..%5ctools%5creset", "the same, encoded"),
    ("/auth-service/", "the auth-service"),
    ("/tokens/validate", "the auth-service's own path"),
    ("/metrics", "somebody's metrics"),
    ("/keycloak/", "Keycloak's welcome page"),
    ("/keycloak/admin/", "the admin console"),
    ("/keycloak/admin/realms/orthanc/users", "the admin API"),
    ("/keycloak/realms/master/protocol/openid-connect/token", "another realm"),
    ("/keycloak/realms/orthanc/../master/protocol/openid-connect/token", "another realm, going up"),
    ("/keycloak/realms/orthanc/clients-registrations/default", "client registration"),
    ("/keycloak/realms/orthanc;a/clients-registrations;b/default", "the same with matrix parameters"),
    (
        "/keycloak/realms/orthanc/protocol/openid-connect/..;/..;/..;/..;/admin/",
        "going up behind a semicolon",
    ),
    ("/keycloak/metrics", "Keycloak's metrics"),
    ("/keycloak/health", "Keycloak's health"),
    ("/.git/config", "a dot file"),
    ("/ui/app/.env", "a dot file in a public folder"),
    ("/ohif/../.env", "a dot file, going up"),
    ("/nginx_status", "nothing"),
    ("/healthz", "the health check is another server's"),
]


@pytest.mark.parametrize(("path", "why"), PRIVATE, ids=[path for path, _ in PRIVATE])
def test_a_private_path_reaches_nobody(at_root: Edge, path: str, why: str) -> None:
    """Whatever is not public is refused before any service is asked, in every spelling."""
    at_root.forget()

    reply = at_root.ask(path)

    reached = [(name, request.path) for name, request in at_root.reached()]
    allowed = [("keycloak", "/realms/orthanc/protocol/openid-connect/..;/..;/..;/..;/admin/")]
    assert (reply.status in {400, 404} and not reached) or reached == allowed, why


@pytest.mark.parametrize("path", ["/dicom-web/studies%0a", "/tools/find%0d%0aX:%20y", "/%00", "/studies/%7f"])
def test_control_characters_in_an_address_are_refused(at_root: Edge, path: str) -> None:
    """An encoded control character ends the request with 400."""
    at_root.forget()

    assert at_root.ask(path).status == 400
    assert at_root.reached() == []


def test_below_a_sub_path_orthanc_sees_its_own_paths(at_sub_path: Edge) -> None:
    """With Orthanc at /orthanc/ the prefix is taken off, and the root's paths are nobody's."""
    at_sub_path.forget()

    assert at_sub_path.ask("/orthanc/studies/a%2520b?c=d").status == 200
    assert at_sub_path.ask("/orthanc/stone-webviewer/index.html").status == 200
    assert at_sub_path.ask("/studies/a").status == 404
    assert at_sub_path.ask("/orthanc/tools/reset").status == 404
    assert at_sub_path.ask("/orthanc/instances/a/export").status == 404
    assert at_sub_path.ask("/orthancx/studies").status == 404

    paths = [(name, request.path) for name, request in at_sub_path.reached()]
    assert paths == [("orthanc", "/studies/a%2520b?c=d"), ("orthanc", "/stone-webviewer/index.html")]


@pytest.mark.parametrize("path", ["/", "/orthanc", "/orthanc/"])
def test_the_root_leads_to_the_explorer(at_sub_path: Edge, path: str) -> None:
    """Anybody who types the bare address comes to Orthanc Explorer 2."""
    reply = at_sub_path.ask(path)

    assert (reply.status, reply.headers["location"]) == (302, "/orthanc/ui/app/")


def test_redirects_of_orthanc_keep_the_sub_path(tmp_path: Path) -> None:
    """A redirect of Orthanc's to one of its own paths stays below the sub-path."""

    def redirects(_: Seen) -> tuple[int, dict[str, str], bytes]:
        return 302, {"Location": "/ui/app/index.html"}, b""

    with edge(make_deployment(**SUB_PATHS), tmp_path, answers={"orthanc": redirects}) as running:
        assert running.ask("/orthanc/ui/").headers["location"] == "/orthanc/ui/app/index.html"


def test_ohif_by_the_plugin_is_orthancs(tmp_path: Path) -> None:
    """With `serve: plugin` OHIF's pages come from Orthanc, isolated as the container's are."""
    with edge(make_deployment(viewers="{ohif: {serve: plugin}}"), tmp_path) as running:
        reply = running.ask("/ohif/viewer?token=abc")

        assert [(name, seen.path) for name, seen in running.reached()] == [
            ("orthanc", "/ohif/viewer?token=abc")
        ]
        assert reply.headers["cross-origin-embedder-policy"] == "require-corp"


def test_an_older_ohif_image_has_its_files_at_the_root(tmp_path: Path) -> None:
    """The OHIF image of release 25.8 knows nothing of /ohif/, so it is taken off."""
    with edge(make_deployment(viewers="{ohif: {}}", release="25.8"), tmp_path) as running:
        running.ask("/ohif/viewer?x=1")

        assert [(name, seen.path) for name, seen in running.reached()] == [("ohif", "/viewer")]


def test_the_admin_console_is_public_only_where_the_profile_says_so(tmp_path: Path) -> None:
    """`identity.keycloak.admin-console` opens the console, its API and the master realm's sign-in, no metrics."""
    identity = "{sign-in: [accounts: {}], keycloak: {admin-console: true}}"
    with edge(make_deployment(identity=identity), tmp_path) as running:
        assert running.ask("/keycloak/admin/master/console/").status == 200
        assert running.ask("/keycloak/realms/master/protocol/openid-connect/token").status == 200
        assert running.ask("/keycloak/metrics").status == 404


def test_a_keycloak_elsewhere_has_no_path_here(tmp_path: Path) -> None:
    """Where the institution has its own Keycloak, /keycloak/ is nothing."""
    with edge(example("clinic.yaml"), tmp_path) as running:
        assert running.ask("/keycloak/realms/orthanc/account").status == 404
        assert running.reached() == []


# ----------------------------------------------------------------------------------------------------- headers

LIES = {
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-IP": "6.6.6.6",
    "Forwarded": "for=6.6.6.6;host=evil.example;proto=gopher",
}


def test_orthanc_learns_the_origin_from_forwarded_alone(at_sub_path: Edge) -> None:
    """Orthanc gets one Forwarded with the public origin, and nothing of what a client claims."""
    at_sub_path.forget()

    at_sub_path.ask(
        "/orthanc/system", headers={**LIES, "Cookie": "a=b", "Authorization": "Bearer x", "api-key": "k"}
    )

    headers = at_sub_path.services["orthanc"].seen[0].headers
    assert headers["forwarded"] == "for=127.0.0.1;proto=https;host=pacs.example.org:8443"
    assert not [name for name in headers if name.startswith("x-forwarded")]
    assert "x-real-ip" not in headers
    assert "cookie" not in headers
    assert (headers["authorization"], headers["api-key"]) == ("Bearer x", "k")


def test_keycloak_learns_the_origin_from_x_forwarded_alone(at_sub_path: Edge) -> None:
    """Keycloak gets X-Forwarded-* with the public origin, overwritten and not appended, and its cookies."""
    at_sub_path.forget()

    at_sub_path.ask("/keycloak/realms/orthanc/account", headers={**LIES, "Cookie": "a=b"})

    headers = at_sub_path.services["keycloak"].seen[0].headers
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-host"] == "pacs.example.org:8443"
    assert headers["x-forwarded-port"] == "8443"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["cookie"] == "a=b"
    assert not {"forwarded", "x-forwarded-prefix", "x-real-ip"} & headers.keys()


def test_the_ohif_container_gets_no_token(at_root: Edge) -> None:
    """OHIF's files are the same for everybody, so no token reaches their container."""
    at_root.forget()

    at_root.ask(
        "/ohif/viewer?token=abc",
        headers={"Authorization": "Bearer x", "token": "x", "Cookie": "a=b", "api-key": "k"},
    )

    seen = at_root.services["ohif"].seen[0]
    assert seen.path == "/ohif/viewer"
    assert not {"authorization", "token", "cookie", "api-key"} & seen.headers.keys()
    assert at_root.ask("/ohif/", method="POST", body=b"x").status == 403


def test_answers_carry_the_security_headers(at_root: Edge) -> None:
    """Every answer is safe to be framed, sniffed and referred from by nobody else; OHIF's pages are isolated."""
    for path in ("/ui/app/", "/nothing", "/ohif/"):
        headers = at_root.ask(path).headers
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-security-policy"] == "frame-ancestors 'self'"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["server"] == "nginx"
        assert ("cross-origin-opener-policy" in headers) == (path == "/ohif/")


def test_a_header_that_a_service_sets_is_not_doubled(tmp_path: Path) -> None:
    """What the services say for themselves is replaced, or left alone where they know better."""
    said = {
        "X-Content-Type-Options": "nosniff",
        "Strict-Transport-Security": "max-age=1",
        "X-Robots-Tag": "none",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "frame-src 'self'",
    }

    with edge(example("paradim.yaml"), tmp_path, answers={"keycloak": lambda _: (200, said, b"")}) as running:
        headers = running.ask("/keycloak/realms/orthanc/account").headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"] == "frame-src 'self'"


def test_two_tokens_in_one_header_of_an_image_request_are_both_judged(tmp_path: Path) -> None:
    """A user's token opens an image without the script; a link that ended does not pass beside it, in either order."""
    user, link = user_token("reader"), link_token("A", ends="2020-01-01T00:00:00+00:00")
    path = "/dicom-web/studies/1.2/series/1.3/instances/1.4/frames/1"
    both = ({"token": user, "Token": link}, {"token": link, "Token": user})

    with edge(example("paradim.yaml"), tmp_path) as running:
        alone = running.ask(path, headers={"Authorization": f"Bearer {user}"}).status
        answers = [running.ask(path, headers=headers).status for headers in both]

    assert (alone, answers) == (200, [403, 403])


# -------------------------------------------------------------------------------- compression and browsers' caches

_COMPRESSED = {"Accept-Encoding": "gzip"}
_METADATA = json.dumps([{"00080018": {"vr": "UI", "Value": [f"1.2.3.{number}"]}} for number in range(500)])


def _typed(kind: str) -> Callable[[Seen], Answer]:
    return lambda _: (200, {"Content-Type": kind}, _METADATA.encode())


@pytest.mark.parametrize("nginx", EVERY_NGINX)
def test_metadata_is_compressed_and_nothing_is_that_may_tell_a_secret(nginx: Nginx, tmp_path: Path) -> None:
    """A tenth of the metadata's bytes is sent; Keycloak's pages go out as they are, as compressed ones would leak."""
    answers = {"orthanc": _typed("application/dicom+json"), "keycloak": _typed("text/html")}
    with edge(example("paradim.yaml"), tmp_path, nginx=nginx, answers=answers) as running:
        metadata = running.ask("/dicom-web/studies/1.2/metadata", headers=_COMPRESSED)
        plain = running.ask("/dicom-web/studies/1.2/metadata")
        page = running.ask("/keycloak/realms/orthanc/account", headers=_COMPRESSED)

    assert metadata.headers["content-encoding"] == "gzip"
    assert gzip.decompress(metadata.body).decode() == plain.body.decode() == _METADATA
    assert len(metadata.body) < len(_METADATA) / 10
    assert "Accept-Encoding" in plain.headers["vary"]
    assert ("content-encoding" in page.headers, page.body.decode()) == (False, _METADATA)


@pytest.mark.parametrize(
    ("path", "cache_control"),
    [
        ("ui/app/assets/main-bKuohmMm.js", "max-age=31536000, immutable"),
        ("ui/app/assets/bootstrap-icons-D_x-4a1b.woff2", "max-age=31536000, immutable"),
        ("ui/app/index.html", None),
        ("ui/app/assets/logo.png", None),
        ("ui/app/customizable/custom.css", None),
        ("dicom-web/studies/1.2/metadata", None),
    ],
)
def test_a_file_named_after_its_content_is_asked_for_once(
    at_root: Edge, path: str, cache_control: str | None
) -> None:
    """Explorer 2's files with a digest in the name stay in the browser; pages and data do not."""
    assert at_root.ask(f"/{path}").headers.get("cache-control") == cache_control


def test_below_a_sub_path_files_stay_in_the_browser_too(at_sub_path: Edge) -> None:
    """The address as the browser knows it decides, with or without arguments."""
    answers = [
        at_sub_path.ask(f"/orthanc/ui/app/assets/main-bKuohmMm.js{query}").headers for query in ("", "?v=1")
    ]

    assert [headers["cache-control"] for headers in answers] == ["max-age=31536000, immutable"] * 2


# ---------------------------------------------------------------------------------------------- sizes and streams


def test_long_tokens_and_many_studies_pass(at_root: Edge) -> None:
    """A token of 12 kB, in a header and in the address, and the address of 15 studies reach Orthanc whole."""
    token = "x" * 12_000
    uids = ",".join(f"1.2.826.0.1.3680043.8.498.{'7' * 38}{number:02}" for number in range(15))
    at_root.forget()

    for http2 in (True, False):
        path = f"/stone-webviewer/../volview/index.html?study={uids}&token={token}"
        assert at_root.ask(path, headers={"Authorization": f"Bearer {token}"}, http2=http2).status == 200
        assert at_root.ask(f"/ohif/viewer?StudyInstanceUIDs={uids}&token={token}", http2=http2).status == 200

    first = at_root.services["orthanc"].seen[0]
    assert first.headers["authorization"] == f"Bearer {token}"
    assert first.path == f"/volview/index.html?study={uids}&token={token}"


def test_bodies_are_limited_where_no_study_is_sent(at_root: Edge) -> None:
    """A body of 3 MB is too large for a search, and none for an upload or a description of an object."""
    body = b"x" * 3_000_000
    at_root.forget()

    assert at_root.ask("/tools/find", method="POST", body=body).status == 413
    assert at_root.reached() == []
    for path in ("/instances", "/dicom-web/studies", "/dicom-web/studies/1.2.3"):
        assert at_root.ask(path, method="POST", body=body).status == 200
    assert [request.length for _, request in at_root.reached()] == [len(body)] * 3


class _Watch:
    """Samples the memory of nginx's workers and the files that they write, while something runs."""

    def __init__(self, running: Edge) -> None:
        self.running, self.most, self.files = running, 0, 0
        # Workers that just started have not yet touched what they always use.
        while len(running.workers) < 4 or min(self._each()) < 2**20:
            time.sleep(0.02)
        self.before = self._memory()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()
        self.most = max(self.most, self._memory())

    @property
    def grown(self) -> int:
        """By how much the workers grew at most, in bytes."""
        return self.most - self.before

    def _memory(self) -> int:
        return sum(self._each())

    def _each(self) -> list[int]:
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.running.workers]
        lines = [
            line.split() for text in rollups for line in text.splitlines() if line.startswith("Anonymous:")
        ]
        return [int(words[1]) * 1024 for words in lines]

    def _sample(self) -> None:
        while not self.stop.wait(0.02):
            self.most = max(self.most, self._memory())
            folders = (self.running.scratch / "client_body", self.running.scratch / "proxy")
            self.files += sum(path.is_file() for folder in folders for path in folder.rglob("*"))


@pytest.mark.parametrize("protocol", ["--http1.1", "--http2"])
def test_an_upload_of_two_gibibytes_streams(tmp_path: Path, protocol: str) -> None:
    """2 GiB pass while they arrive, over HTTP/1.1 and HTTP/2: no file is written and the workers do not grow."""
    size = 2 * 2**30
    with edge(example("paradim.yaml"), tmp_path) as running:
        url = f"https://{running.deployment.origin.host}/dicom-web/studies"
        command = f"head -c {size} /dev/zero | curl -sSk {protocol} -X POST -T - -H Expect: -o /dev/null"
        command += f" -w '%{{http_code}}' --connect-to ::127.0.0.1:{running.https} {url}"
        with _Watch(running) as watch:
            done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)

        assert done.stdout == "200"
        assert [request.length for _, request in running.reached()] == [size]
        assert watch.files == 0
        # The buffer of 4 MB that keeps HTTP/2 fast over a distance, filled and handed on.
        assert watch.grown < 12 * 2**20


def test_an_upload_reaches_orthanc_before_it_ends(at_root: Edge) -> None:
    """Orthanc sees the first bytes of an upload while the client is still sending."""
    begun = at_root.services["orthanc"].begun
    begun.clear()
    head = f"POST /instances HTTP/1.1\r\nHost: {at_root.deployment.origin.host}\r\nContent-Length: 200000\r\n\r\n"

    with socket.create_connection(("127.0.0.1", at_root.https)) as raw, _tls(raw, at_root) as client:
        client.sendall(head.encode() + b"x" * 100_000)
        assert begun.wait(5)
        client.sendall(b"x" * 100_000)
        assert client.recv(15) == b"HTTP/1.1 200 OK"


def test_a_large_download_streams_to_a_slow_client(tmp_path: Path) -> None:
    """256 MiB for a client that reads slowly wait in Orthanc, not in files or in nginx's memory."""
    content = bytes(256 * 2**20)

    with edge(
        example("paradim.yaml"), tmp_path, answers={"orthanc": lambda _: (200, {}, content)}
    ) as running:
        url = f"https://{running.deployment.origin.host}/studies/6b9e19d9/archive"
        command = ["curl", "-sSk", "--limit-rate", "40M", "-o", "/dev/null", "-w", "%{size_download}"]
        command += ["--connect-to", f"::127.0.0.1:{running.https}", url]
        with _Watch(running) as watch:
            done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == str(len(content))
    assert watch.files == 0
    assert watch.grown < 4 * 2**20


# ---------------------------------------------------------------------------------------------------------- TLS


def _answers(url: str, trust: ssl.SSLContext) -> bool:
    return web.get(url, trust=trust).status == 200


def _tls(raw: socket.socket, running: Edge, host: str | None = None, *, http2: bool = False) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    return context.wrap_socket(raw, server_hostname=host or running.deployment.origin.host)


def test_tls_is_modern_and_http_2_is_spoken(at_root: Edge) -> None:
    """TLS 1.3 and HTTP/2 are agreed on."""
    with (
        socket.create_connection(("127.0.0.1", at_root.https)) as raw,
        _tls(raw, at_root, http2=True) as client,
    ):
        assert (client.version(), client.selected_alpn_protocol()) == ("TLSv1.3", "h2")

    assert at_root.ask("/ui/app/").protocol == "HTTP/2"


def test_old_tls_is_refused(at_root: Edge) -> None:
    """A client that knows nothing newer than TLS 1.1 is told so."""
    host = at_root.deployment.origin.host
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{at_root.https}", "-servername", host]
    command += ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]

    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    assert "alert protocol version" in said.stderr


def test_another_host_name_is_nobodys(at_root: Edge) -> None:
    """Another name ends the handshake; another Host behind the right one gets 421, in plain http no answer at all."""
    with (
        socket.create_connection(("127.0.0.1", at_root.https)) as raw,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        _tls(raw, at_root, "evil.example")

    at_root.forget()
    assert at_root.ask("/ui/app/", host="evil.example").status == 421
    assert at_root.ask("/ui/app/", host="evil.example", scheme="http").status == 0
    assert at_root.reached() == []


@pytest.mark.parametrize("nginx", EVERY_NGINX)
@pytest.mark.parametrize("host", ["192.0.2.10", "[2001:db8::1]"])
def test_an_origin_that_is_an_address_is_reached(host: str, nginx: Nginx, tmp_path: Path) -> None:
    """Browsers name no server in the handshake with an address; another Host still reaches nobody."""
    institution = f"{{name: T, url: 'https://{host}'}}"
    with edge(make_deployment(institution=institution), tmp_path, nginx=nginx) as running:
        assert running.ask("/ui/app/").status == 200
        running.forget()
        assert running.ask("/ui/app/", host="evil.example").status == 421
        assert running.reached() == []


def test_plain_http_leads_to_the_origin(at_sub_path: Edge) -> None:
    """http:// leads to the one origin, port and address included, whatever the method."""
    for method in ("GET", "POST"):
        reply = at_sub_path.ask("/orthanc/a?b=c", scheme="http", method=method)
        assert (reply.status, reply.headers["location"]) == (
            308,
            "https://pacs.example.org:8443/orthanc/a?b=c",
        )


@pytest.mark.parametrize("nginx", EVERY_NGINX)
def test_nginx_starts_before_the_first_certificate_and_takes_each_new_one(
    nginx: Nginx, tmp_path: Path
) -> None:
    """With Let's Encrypt nginx runs without a certificate, answers the authority, and needs no reload for any new one."""
    deployment = make_deployment(deployment="{tls: {letsencrypt: {email: it@example.org}}}")
    with edge(deployment, tmp_path, nginx=nginx, certified=False) as running:
        challenge = tmp_path / "acme/.well-known/acme-challenge/abc"
        challenge.parent.mkdir(parents=True)
        challenge.write_text("abc.def")

        assert running.ask("/.well-known/acme-challenge/abc", scheme="http").body == b"abc.def"
        assert running.ask("/.well-known/acme-challenge/../../x", scheme="http").status == 308
        assert running.ask("/ui/app/").status == 0
        running.issue_certificate()
        assert running.ask("/ui/app/").status == 200

        first = _served(running)
        running.issue_certificate()
        assert _becomes_another(running, first)


def _served(running: Edge) -> bytes:
    with socket.create_connection(("127.0.0.1", running.https)) as raw, _tls(raw, running) as client:
        return client.getpeercert(binary_form=True) or b""


def _becomes_another(running: Edge, first: bytes) -> bool:
    """Whether every worker comes to serve another certificate."""
    for _ in range(100):
        if all(_served(running) != first for _ in range(16)):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("nginx", EVERY_NGINX)
def test_behind_another_proxy_only_that_proxy_is_believed(nginx: Nginx, tmp_path: Path) -> None:
    """With `terminated-by: proxy` the client's address comes from the proxy, quoted if it is IPv6, and plain http is redirected."""
    deployment = make_deployment(deployment="{tls: {terminated-by: proxy}}")
    with edge(deployment, tmp_path, nginx=nginx) as running:
        running.ask(
            "/system", headers={"X-Forwarded-For": "6.6.6.6, 2001:db8::7", "X-Forwarded-Proto": "https"}
        )
        running.ask("/keycloak/realms/orthanc/account", headers={"X-Forwarded-For": "203.0.113.9"})
        clear = running.ask("/system?a=b", headers={"X-Forwarded-Proto": "http"})

        orthanc, keycloak = running.services["orthanc"].seen[0], running.services["keycloak"].seen[0]
        assert orthanc.headers["forwarded"] == 'for="[2001:db8::7]";proto=https;host=pacs.example.org'
        assert keycloak.headers["x-forwarded-for"] == "203.0.113.9"
        assert keycloak.headers["x-forwarded-proto"] == "https"
        assert (clear.status, clear.headers["location"]) == (308, "https://pacs.example.org/system?a=b")


# -------------------------------------------------------------------------------------------------------- the log


@pytest.mark.parametrize("nginx", EVERY_NGINX)
def test_no_token_is_ever_logged(nginx: Nginx, tmp_path: Path) -> None:
    """Tokens in arguments and headers stay out of the log, also when the request fails in any of the usual ways."""
    with edge(example("paradim.yaml"), tmp_path, nginx=nginx) as running:
        secret = {"Authorization": "Bearer HIDDEN", "api-key": "HIDDEN", "Referer": "https://x/?token=HIDDEN"}
        running.ask("/studies/logged?token=HIDDEN", headers=secret)
        running.ask("/ui/app/token-landing.html%3Ftoken=HIDDEN", headers=secret)
        running.ask("/nothing?token=HIDDEN", headers=secret, http2=False)
        running.ask("/tools/find?token=HIDDEN", method="POST", body=bytes(3_000_000), headers=secret)
        running.ask("/studies/x?token=HIDDEN", host="evil.example", headers=secret)
        running.ask("/studies/x?token=HIDDEN", scheme="http", headers=secret)
        running.ask("/studies/x?token=HIDDEN" + "y" * 40_000, headers=secret, http2=False)
        # Its connections are given up first.
        time.sleep(0.8)
        running.services["orthanc"].stop()
        assert running.ask("/studies/x?token=HIDDEN", headers=secret).status == 502
        # A line is written when the answer is out.
        time.sleep(0.2)

        assert "/studies/logged" in running.log
        assert '"status":"502"' in running.log
        assert "HIDDEN" not in running.log
