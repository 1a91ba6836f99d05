"""
One origin for the browser: OHIF's real build, the rendered app-config.js, and stand-ins for what is behind.

Orthanc with its authorization plugin is stood in for by the few
decisions that a viewer meets (the facts are in docs/reports.md): a user token opens what its role may, a link
opens reads of its study and no upload.
"""

from __future__ import annotations

import json
import mimetypes
import re
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.ohif.build import based
from tests.support.ohif.identity import REALM_PATH, Answer, IdentityProvider, claims
from tests.support.ohif.study import STUDY, Archive
from tests.support.quiet_server import QuietServer

WEB = "/dicom-web"
ORTHANC_ID = "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"
"""The study's own id in Orthanc, which the guard looks up before it lets a report in."""

POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
    "connect-src 'self' blob: data:; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
"""The strictest policy that OHIF's pages run under with uncompressed images: what we add must not need more."""
_MAY = {"radiologist": {"view", "upload"}, "reader": {"view"}}


@dataclass(frozen=True)
class Seen:
    """A DICOMweb request as it arrived, and what it was answered."""

    method: str
    path: str
    token: str
    status: int


@dataclass(frozen=True)
class Asked:
    """A DICOMweb request, with the token of its `Authorization` header."""

    method: str
    path: str
    query: str
    token: str
    kind: str
    body: bytes


@dataclass
class Site:
    """OHIF below `base` with `app_config`, a study, and people who sign in."""

    dist: Path
    app_config: str
    base: str = "/ohif/"
    callback: str = "/ohif/callback"
    plugin_part: str = ""
    """What Orthanc's plugin appends to the configuration; with it, only the plugin's own pages are served."""
    origin: str = ""
    """The address that browsers use; that of the first listener where nothing stands before it."""
    listen: tuple[tuple[str, int], ...] = (("localhost", 0),)
    archive: Archive = field(default_factory=Archive)
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start to listen."""
        self.archive.add_slices(3)
        self._rewritten: dict[str, bytes] = {}
        handler = type("Handler", (_Handler,), {"site": self})
        self._servers = [QuietServer(address, handler) for address in self.listen]
        self.origin = self.origin or f"http://localhost:{self._servers[0].server_port}"
        self.identity = IdentityProvider(self.callback, self.origin)
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def stored(self) -> list[Any]:
        """What was saved beside the images."""
        return [dataset for uid, dataset in self.archive.instances.items() if uid not in self.archive.pixels]

    # ------------------------------------------------------------------------------------------- OHIF

    def page(self, path: str) -> Answer:
        """OHIF's files; every other path is one of its pages."""
        name = unquote(path.removeprefix(self.base))
        if name == "app-config.js":
            # Whatever port the test got stands in for the profile's origin.
            text = re.sub(r"http://localhost(?::\d+)?(?=/)", self.origin, self.app_config) + self.plugin_part
            return _file(name, text.encode())
        file = self.dist / name
        if not name or not file.is_file():
            pages = {"", "viewer", "tmtv", "segmentation", "microscopy"}
            if self.plugin_part and name not in pages:
                return Answer(404)
            name = "index.html"
        if name not in self._rewritten:
            self._rewritten[name] = based((self.dist / name).read_bytes(), name, self.base)
        return _file(name, self._rewritten[name])

    # ---------------------------------------------------------------------------------------- DICOMweb

    def web(self, asked: Asked) -> Answer:
        """Orthanc's DICOMweb behind its authorization plugin."""
        if not _allowed(asked.method, asked.path, asked.token):
            return Answer(403)
        name = asked.path.removeprefix(WEB)
        if asked.method == "POST":
            return self._store(asked.body, asked.kind)
        frame = re.fullmatch(r"/studies/[\d.]+/series/[\d.]+/instances/([\d.]+)/frames/1", name)
        if frame and frame[1] in self.archive.pixels:
            return _multipart(self.archive.pixels[frame[1]])
        metadata = re.fullmatch(r"/studies/[\d.]+(?:/series/([\d.]+))?/metadata", name)
        if metadata:
            return _dicom_json(self.archive.metadata(metadata[1]))
        if re.fullmatch(r"/studies/[\d.]+/series", name):
            return _dicom_json(self.archive.series())
        if name == "/studies":
            studies = parse_qs(asked.query).get(
                "StudyInstanceUID", parse_qs(asked.query).get("0020000D", [STUDY])
            )
            return _dicom_json(self.archive.studies() if STUDY in studies else [])
        return Answer(404)

    def lookup(self, identifier: str) -> Answer:
        """Orthanc's answer to `POST /tools/lookup`, which the plugin leaves to everybody."""
        hits = [{"ID": ORTHANC_ID, "Path": f"/studies/{ORTHANC_ID}", "Type": "Study"}]
        return _json(hits if identifier == STUDY else [])

    def profile(self, token: str) -> Answer:
        """Whose token it is, as the auth-service says: the guard asks before it lets a report in."""
        payload = claims(token)
        if "realm_access" not in payload:
            return _json({"name": "Anonymous", "permissions": []})
        return _json({"name": "", "user-id": payload["sub"], "permissions": ["view"]})

    def study(self, token: str) -> Answer:
        """The study as Orthanc describes it, for anybody who may see it."""
        if not _allowed("GET", f"{WEB}/studies/{STUDY}/", token):
            return Answer(403)
        patient = next(iter(self.archive.instances.values())).PatientID
        return _json({"ID": ORTHANC_ID, "PatientMainDicomTags": {"PatientID": patient}})

    def _store(self, body: bytes, kind: str) -> Answer:
        message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
        stored = []
        for part in message.walk():
            content = part.get_payload(decode=True)
            if not isinstance(content, bytes):
                continue  # the whole, which the parts make up
            dataset = self.archive.store(content)
            stored.append(
                {
                    "00081150": {"vr": "UI", "Value": [dataset.SOPClassUID]},
                    "00081155": {"vr": "UI", "Value": [dataset.SOPInstanceUID]},
                }
            )
        return _dicom_json({"00081199": {"vr": "SQ", "Value": stored}})


def _allowed(method: str, path: str, token: str) -> bool:
    payload = claims(token)
    if "realm_access" in payload:
        granted = set().union(*(_MAY.get(role, set()) for role in payload["realm_access"]["roles"]))
        return ("upload" if method == "POST" else "view") in granted
    if "resources" not in payload or method != "GET":
        return False
    # A search for studies passes with a publication link, not with an instant link (authorization 0.11.4).
    if path == f"{WEB}/studies":
        return str(payload["type"]).endswith("-publication")
    return any(f"/studies/{resource['dicom_uid']}/" in path + "/" for resource in payload["resources"])


def _file(name: str, content: bytes) -> Answer:
    kind = (
        "text/javascript"
        if name.endswith(".js")
        else mimetypes.guess_type(name)[0] or "application/octet-stream"
    )
    isolation = (
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Embedder-Policy", "require-corp"),
    )
    return Answer(200, content, (("Content-Type", kind), ("Content-Security-Policy", POLICY), *isolation))


def _json(value: Any) -> Answer:
    return Answer(200, json.dumps(value).encode(), (("Content-Type", "application/json"),))


def _dicom_json(value: Any) -> Answer:
    return Answer(200, json.dumps(value).encode(), (("Content-Type", "application/dicom+json"),))


def _multipart(frame: bytes) -> Answer:
    head = b"--frame\r\nContent-Type: application/octet-stream;transfer-syntax=1.2.840.10008.1.2.1\r\n\r\n"
    kind = 'multipart/related; type="application/octet-stream"; boundary=frame'
    return Answer(200, head + frame + b"\r\n--frame--\r\n", (("Content-Type", kind),))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        """Answer a read."""
        self._answer()

    def do_POST(self) -> None:
        """Answer a write."""
        self._answer()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if parts.path.startswith(REALM_PATH):
            form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
            cookies = {
                key: item.value for key, item in SimpleCookie(self.headers.get("Cookie") or "").items()
            }
            answer = self.site.identity.answer(parts.path, parts.query, form, cookies, token)
        elif parts.path.startswith(WEB):
            kind = self.headers.get("Content-Type") or ""
            answer = self.site.web(Asked(self.command, parts.path, parts.query, token, kind, body))
            self.site.seen.append(Seen(self.command, parts.path, token, answer.status))
        elif parts.path.startswith(self.site.base):
            answer = self.site.page(parts.path)
        elif parts.path == "/auth/user/profile":
            answer = self.site.profile(token)
        elif parts.path == "/tools/lookup":
            answer = self.site.lookup(body.decode())
        elif parts.path == f"/studies/{ORTHANC_ID}":
            answer = self.site.study(token)
        elif parts.path == "/ui/app/":
            answer = Answer(200, b"Orthanc Explorer 2", (("Content-Type", "text/html"),))
        else:
            answer = Answer(404)
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        with suppress(ConnectionError):  # a page that is left does not wait for its pictures
            self.end_headers()
            self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Keep quiet: the tests look at `Site.seen`."""
