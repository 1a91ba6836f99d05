"""
Whole deployments to verify: Orthanc behind its filter, as the samples set it up and as we render it, and Keycloak.

The answers of Orthanc behind the filter were seen on Orthanc 1.12.10 and 1.13.0 (tests/real/test_verify.py asks a real one);
who gets there is decided by the project's model of the plugin.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Self

from orthgen.authz.auth_service import AuthService
from orthgen.authz.model import Request
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.probe.model import NO_STUDY, GivenStudies, Tokens
from tests.authz.builders import RESOURCES, configuration
from tests.support.filtered import FilteredOrthanc, archive, link_token, method_of, user_token
from tests.support.quiet_server import QuietServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orthgen.deployment.model import Deployment
    from tests.support.services_behind_nginx import Answer, Seen

STUDY, OTHER = RESOURCES.studies["A"][1], RESOURCES.studies["B"][1]
GIVEN_STUDIES = GivenStudies(STUDY.orthanc_id, OTHER.orthanc_id, OTHER.uid)
TOKENS = Tokens(user_token("limited"), link_token("A"))
"""Tokens that stand-ins and model understand: of somebody limited to the label `external`, and a link to study A."""

_LIMITED = {"permissions": ["view", "send", "upload"], "authorized-labels": ["external"]}


def _json(value: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _complaint(status: int) -> Answer:
    """How Orthanc describes an error of its own."""
    return _json({"HttpStatus": status, "OrthancError": "…", "OrthancStatus": 17}, status)


# ---------------------------------------------------------------------------------------- Orthanc behind its filter

_COMPLAINTS = {
    ("POST", "/instances"): 400,
    ("POST", "/dicom-web/studies"): 415,
    ("POST", "/tools/create-dicom"): 400,
    ("PUT", f"/studies/{NO_STUDY}/labels/orthgen-verify"): 404,
    ("DELETE", f"/studies/{NO_STUDY}/metadata/orthgen-verify"): 404,
    ("POST", f"/studies/{STUDY.orthanc_id}/modify"): 400,
    ("DELETE", f"/studies/{STUDY.orthanc_id}/metadata/orthgen-verify"): 404,
    ("POST", "/modalities/orthgen-verify-nowhere/store"): 404,
    ("GET", "/tools/create-archive"): 404,
}
_VALUES: dict[str, Any] = {
    "/system": {"ApiVersion": 27},
    "/changes": {"Changes": [{"ID": "x"}], "Done": False, "Last": 1},
    "/dicom-web/studies": [{"0020000D": {"vr": "UI", "Value": ["1.2"]}}],
    "/studies": [STUDY.orthanc_id],
    "/plugins/postgresql/audit-logs": [{"UserId": "x", "Action": "deleted-study"}],
    "/statistics": {"CountStudies": 3, "CountInstances": 9, "CountPatients": 3, "TotalDiskSize": "1"},
}
_PAGES = {
    "/app/explorer.html": b"<title>Orthanc Explorer</title>",
    "/tools/metrics-prometheus": b"orthanc_count_studies 3 1700000000000\n",
    "/webdav/": b"<title>WebDAV</title>",
}


@dataclass
class Archive:
    """Answers what the filter let through. `origin` is where Keycloak is, as the start page is told."""

    origin: str = ""

    def __call__(self, orthanc: FilteredOrthanc, seen: Seen, request: Request) -> Answer:
        """Answer one request."""
        path, method = seen.path.partition("?")[0], method_of(request)
        if (method, path) in _COMPLAINTS:
            return _complaint(_COMPLAINTS[method, path])
        if path == f"/studies/{STUDY.orthanc_id}/statistics":
            return _json({"CountInstances": 2}) if method == "GET" else (405, {"Allow": "GET"}, b"")
        if path == "/ui/api/pre-login-configuration":
            told = {
                "Enable": True,
                "Url": f"{self.origin}/keycloak/",
                "Realm": "orthanc",
                "ClientId": "orthanc",
            }
            return _json({"Keycloak": told})
        if path == "/tools/execute-script":
            return 403, {}, b""
        return _reading(orthanc, seen, request, path)


def _reading(orthanc: FilteredOrthanc, seen: Seen, request: Request, path: str) -> Answer:
    if path in _VALUES:
        return _json(_VALUES[path])
    if path in _PAGES:
        return 200, {}, _PAGES[path]
    if path == f"/studies/{STUDY.orthanc_id}":
        tags = {"StudyInstanceUID": STUDY.uid}
        patient = RESOURCES.studies["A"][0].orthanc_id
        return _json(
            {"ID": STUDY.orthanc_id, "ParentPatient": patient, "MainDicomTags": tags, "Labels": ["external"]}
        )
    if path == "/tools/find":
        return _json([])
    if path.endswith("/patient"):
        return _json({"ID": RESOURCES.studies["A"][0].orthanc_id, "Studies": [STUDY.orthanc_id]})
    if path.startswith("/patients/") and path.endswith("/studies"):
        return _json([{"ID": STUDY.orthanc_id}])
    return archive(orthanc, seen, request)


@dataclass
class SampleOrthanc(FilteredOrthanc):
    """Orthanc with the plugin as the samples set it up: default permissions, the image's own anonymous profile."""

    def __post_init__(self) -> None:
        """Take the recorded configuration instead of a rendered one."""
        recorded = configuration("c01-default-anon")
        self._configuration = PluginConfiguration.compile(recorded["orthanc"])
        self._service = AuthService.compile({"roles": {"limited": _LIMITED}}, recorded["anonymous_profile"])


def unfiltered(deployment: Deployment, behind: Archive) -> Callable[[Seen], Answer]:
    """Orthanc without any filter (W10)."""
    orthanc = SampleOrthanc(deployment, behind)

    def answer(seen: Seen) -> Answer:
        override = seen.headers.get("x-http-method-override", "")
        return behind(orthanc, seen, Request(seen.method, seen.path, (), RESOURCES.all, None, override))

    return answer


def strict_keycloak(seen: Seen) -> Answer:
    """Keycloak as we provision it: it sends nobody elsewhere, and takes no password from programs."""
    path = seen.path.partition("?")[0]
    if path.endswith("/openid-connect/auth"):
        return 400, {}, b"Invalid parameter: redirect_uri"
    if path.endswith("/openid-connect/token"):
        return _json({"error": "unauthorized_client"}, 400)
    return open_keycloak(seen)


def open_keycloak(seen: Seen) -> Answer:
    """Keycloak as the samples publish it: the whole of it, a client with redirects to anywhere and direct grants."""
    path = seen.path.partition("?")[0]
    pages = {
        "/keycloak/admin/master/console/": b"<title>Keycloak Administration Console</title>",
        "/keycloak/realms/master/.well-known/openid-configuration": b'{"issuer": "x"}',
        "/keycloak/metrics": b"# TYPE jvm_info gauge\n",
        "/keycloak/health": b'{"status": "UP"}',
        "/keycloak/realms/orthanc/protocol/openid-connect/auth": b"<title>Sign in</title>",
    }
    if path in pages:
        return 200, {}, pages[path]
    if path.endswith("/token"):
        return _json({"error": "invalid_request"}, 401)
    return (401, {}, b"") if path == "/keycloak/admin/realms" else (404, {}, b"")


# ------------------------------------------------------------------------------------------------------ a bare server


@dataclass(frozen=True)
class Heard:
    """A request that arrived. Header names are in lower case; a stand-in of `edge` would call it `Seen`."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Served

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        heard = Heard(self.command, self.path, headers, body)
        self.server.heard.append(heard)
        status, answered, content = self.server.answer(heard)
        self.send_response(status)
        for name, value in {**answered, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the standard library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing."""


class Served(QuietServer):
    """A server on this machine that answers as `answer` says and remembers what it `heard`."""

    def __init__(self, answer: Callable[[Any], Answer], address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        super().__init__(address, _Handler)
        self.answer = answer
        self.heard: list[Heard] = []

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return "http://{}:{}".format(*self.server_address)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


@dataclass
class _Bare:
    """A bare `proxy_pass`: Orthanc at the root, Keycloak and the samples' other services beside."""

    orthanc: Callable[[Any], Answer]
    keycloak: Callable[[Any], Answer]
    beside: dict[str, Answer] = field(default_factory=dict)

    def __call__(self, seen: Any) -> Answer:
        if seen.path in self.beside:
            return self.beside[seen.path]
        return (self.keycloak if seen.path.startswith("/keycloak/") else self.orthanc)(seen)


@contextmanager
def bare(deployment: Deployment, *, filtered: bool = True) -> Iterator[Served]:
    """The samples' deployment with nothing before it; without the filter, everything is open."""
    behind = Archive()
    orthanc = SampleOrthanc(deployment, behind) if filtered else unfiltered(deployment, behind)
    system = _json({"ApiVersion": 27})
    beside = {
        "/auth-service/openapi.json": _json({"openapi": "3.1.0"}),
        "/orthanc-api/system": system,
        "/shares/system": system,
    }
    with Served(_Bare(orthanc, open_keycloak, beside)) as server:
        behind.origin = server.url
        yield server
