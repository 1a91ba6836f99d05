"""What the rendered text says, release by release; real nginx has its own tests in tests/real/test_nginx.py."""

from __future__ import annotations

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthgen.authz.permissions import default_table
from orthgen.catalogue import load, releases
from orthgen.products.header import header
from orthgen.products.nginx import nginx_files
from orthgen.products.nginx.paths import public_names, public_pattern
from orthgen.products.orthanc import orthanc_settings
from tests.support.builders import EXAMPLES, example, make_deployment
from tests.support.rendered_nginx import changed

EVERY_VIEWER = "{ohif: {serve: plugin}, stone: {}, volview: {}, wsi: {}, stl: {}}"


def _text(**changes: str) -> str:
    return "\n".join(artifact.text for artifact in nginx_files(make_deployment(**changes)))


def test_every_file_says_where_it_comes_from() -> None:
    """Each file begins with the header that names the profile."""
    for artifact in nginx_files(example("paradim.yaml")):
        prefix = "// " if artifact.path.endswith(".js") else "# "
        assert artifact.text.startswith(header("paradim.yaml", prefix))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_same_profile_gives_the_same_bytes(name: str) -> None:
    """Rendering twice gives the same files in the same order."""
    assert nginx_files(example(name)) == nginx_files(example(name))


@pytest.mark.parametrize("release", releases())
def test_every_path_that_the_plugin_can_allow_is_public(release: str) -> None:
    """No row of a release's default permissions names a path that nginx hides, so nothing that a role may do is lost."""
    deployment = make_deployment(release=f"'{release}'", viewers=EVERY_VIEWER)
    public = re.compile(public_pattern(deployment))

    for row in default_table(load(release).components["authorization"]):
        for path in _beginnings(row.pattern):
            assert public.match(path) or path.startswith(UNKNOWN_VIEWERS), row.pattern


UNKNOWN_VIEWERS = ("/osimis-viewer", "/web-viewer")
"""Viewers that the table provides for and that no profile can enable."""


def _beginnings(pattern: str) -> list[str]:
    """The beginnings of the paths that a row's pattern matches, up to their first variable part."""
    text = pattern.removeprefix("^").removesuffix("$").replace("(|/)", "")
    start, _, rest = text.partition("(")
    if start.endswith("/") and rest and re.match(r"[a-z/|-]+\)", rest):
        return [start + word for word in rest.partition(")")[0].split("|")]
    return [start]


def test_viewers_that_orthanc_serves_bring_their_paths() -> None:
    """A viewer's folder is public where the viewer is enabled, and only there."""
    with_stone = re.compile(public_pattern(make_deployment(viewers="{stone: {}}")))
    without = re.compile(public_pattern(make_deployment()))

    assert with_stone.match("/stone-webviewer/index.html")
    assert not without.match("/stone-webviewer/index.html")


def test_every_public_name_is_in_lower_case() -> None:
    """A map of nginx compares words without regard to case, so the case is settled before (public-paths.conf)."""
    names = public_names(make_deployment(viewers=EVERY_VIEWER))

    assert all(re.fullmatch(r"tools/[a-z-]+|[a-z0-9-]+", name) for name in names)


def test_the_directives_follow_the_version_of_nginx() -> None:
    """HTTP/2, name resolution and the certificate cache are written as each version of nginx knows them."""
    deployment = make_deployment(deployment="{tls: {letsencrypt: {email: it@example.org}}}")
    components = {**deployment.release.components, "nginx": "1.22.1"}
    old = changed(deployment, release=changed(deployment.release, components=components))

    new_text = "\n".join(artifact.text for artifact in nginx_files(deployment))
    old_text = "\n".join(artifact.text for artifact in nginx_files(old))

    assert "http2 on;" in new_text
    assert " resolve " in new_text
    assert "ssl_certificate_cache" in new_text
    assert "listen 443 ssl http2;" in old_text
    assert "http2 on;" not in old_text
    assert " resolve " not in old_text
    assert "resolver" not in old_text
    assert "ssl_certificate_cache" not in old_text


def test_unused_connections_leave_most_threads_of_orthanc() -> None:
    """All processes of nginx together keep at most half as many connections as Orthanc has threads."""
    text = _text()
    processes = int(re.findall(r"worker_processes (\d+);", text)[0])
    kept = int(re.findall(r"upstream orthanc \{[^}]*keepalive (\d+);", text)[0])

    assert 0 < processes * kept <= orthanc_settings(make_deployment())["HttpThreadsCount"] / 2


def test_without_tls_nothing_speaks_of_it() -> None:
    """On http://localhost there is no TLS, no redirect to it, and no promise that it will always be there."""
    text = _text(institution="{name: T, url: 'http://localhost:8080'}", deployment="{}")

    assert "ssl" not in text
    assert "add_header Strict-Transport-Security" not in text
    assert "host=localhost:8080" in text


def test_an_ipv6_origin_stands_in_brackets() -> None:
    """An origin that is an IPv6 address is written with its brackets wherever a host stands."""
    text = _text(institution="{name: T, url: 'http://[::1]'}", deployment="{}")

    assert "server_name [::1];" in text
    assert "host=[::1]" in text


def test_a_keycloak_elsewhere_leaves_no_trace() -> None:
    """With the institution's own Keycloak there is neither a location nor a service for it."""
    text = "\n".join(artifact.text for artifact in nginx_files(example("clinic.yaml")))

    assert "upstream keycloak" not in text
    assert "to-keycloak" not in text


def test_other_paths_are_followed() -> None:
    """The sub-paths of the profile are those of the locations."""
    text = _text(
        institution="{name: T, url: 'https://x.example', paths: {orthanc: /pacs/, keycloak: /login/, ohif: /ohif/}}",
        viewers="{ohif: {}}",
    )

    assert "location = /pacs/ {" in text
    assert "location ^~ /login/realms/orthanc/login-actions/ {" in text
    assert "location ^~ /ohif/ {" in text


def test_only_the_proxies_of_the_profile_say_who_the_client_is() -> None:
    """Without any, a proxy may have any private address; nobody else is believed either way."""
    tls = "{{tls: {{terminated-by: proxy{}}}}}"

    named = _text(deployment=tls.format(", proxies: [10.20.0.5, 'fd00::/8']"))
    private = _text(deployment=tls.format(""))

    assert re.findall(r"set_real_ip_from (\S+);", named) == ["10.20.0.5", "fd00::/8"]
    assert "10.0.0.0/8" in re.findall(r"set_real_ip_from (\S+);", private)


_CLIENTS = ["orthanc", "ris", "https://portal.example.org/", "Röntgen", "a$(b"]
_SHARED = f"{{server: 'https://sso.example.org', manage: clients-and-roles, other-clients: {json.dumps(_CLIENTS[1:])}}}"
_IMAGES = next(
    artifact.text
    for artifact in nginx_files(make_deployment(identity=f"{{keycloak: {_SHARED}}}"))
    if artifact.path.endswith("images-to-orthanc.conf")
)


@given(
    client=st.sampled_from(_CLIENTS)
    | st.sampled_from(_CLIENTS).map(lambda client: f"{client}-")
    | st.text(max_size=9),
    others=st.dictionaries(
        st.text(max_size=3), st.text(max_size=9) | st.sampled_from(['"azp":"ris",', "x"]), max_size=3
    ),
    last=st.booleans(),
)
def test_an_image_passes_without_the_script_by_the_tokens_of_the_clients_alone(
    client: str, others: dict[str, str], *, last: bool
) -> None:
    """Wherever the claim stands, and whatever another claim's text is; everything else goes to the script."""
    pattern = re.search(r'http_token !~ "\^\$\|(\S*)"\) {', _IMAGES)
    assert pattern is not None
    claims = {**others, "azp": client} if last else {"azp": client, **others}
    payload = json.dumps({**claims, "azp": client}, ensure_ascii=False, separators=(",", ":"))
    text = base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")

    assert bool(re.search(pattern[1], text)) is (client in _CLIENTS)


def test_no_client_is_looked_for_in_a_realm_of_its_own() -> None:
    """Every client of such a realm is orthgen's, or an administrator's."""
    assert "azp" not in "".join(a.text for a in nginx_files(make_deployment()) if a.path.endswith(".conf"))
