"""What differs at nginx from profile to profile: sub-paths, OHIF, Keycloak, headers, compression, the log."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import example, make_deployment
from tests.support.filtered import link_token, user_token
from tests.support.real.nginx_requests import EVERY_NGINX, SUB_PATHS
from tests.support.rendered_nginx import Nginx, edge
from tests.support.services_behind_nginx import Answer, Seen

if TYPE_CHECKING:
    from collections.abc import Callable


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
