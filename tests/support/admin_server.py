"""A server on loopback that answers the admin client from a list, and the client that asks it."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from orthgen.realm.admin.client import AdminClient, Administrator

Echo = dict[str, str]

ADMIN = Administrator(user="admin", password="right")


@dataclass
class StandIn:
    """A server that answers from a list, then 200; tokens are counted."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    tokens: int = 0
    forms: list[str] = field(default_factory=list)
    token_life: int = 300
    refresh_token: str = "r"
    complaint: str = "so"
    lock: threading.Lock = field(default_factory=threading.Lock)


def handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    """A handler that answers as `stand_in` says."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if self.path.endswith("/token"):
                self._token(body)
                return
            with stand_in.lock:
                stand_in.seen.append((self.command, self.path, self.headers.get("Authorization", "")))
                code, headers = stand_in.answers.pop(0) if stand_in.answers else (200, {})
            if code == 0:
                self.close_connection = True
                return
            self._answer(code, {"path": self.path} if code < 300 else {"error": stand_in.complaint}, headers)

        def _token(self, body: str) -> None:
            with stand_in.lock:
                stand_in.forms.append(body)
                if "password=wrong" in body:
                    self._answer(401, {"error": "invalid_grant"}, {})
                    return
                stand_in.tokens += 1
                token = {
                    "access_token": f"t{stand_in.tokens}",
                    "refresh_token": stand_in.refresh_token,
                    "expires_in": stand_in.token_life,
                }
            self._answer(200, token, {})

        def _answer(self, code: int, content: object, headers: dict[str, str]) -> None:
            text = json.dumps(content).encode()
            self.send_response_only(code)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the names that the server looks for

    return Handler


def admin_client(
    stand_in: StandIn, waits: list[float] | None = None, who: Administrator = ADMIN
) -> AdminClient:
    """An admin client that notes how long it would wait."""
    return AdminClient(stand_in.url, who, sleep=(waits if waits is not None else []).append)


def ask(call: AdminClient, verb: str, path: str) -> None:
    """Use one of the four verbs."""
    if verb == "get":
        call.get(path, Echo)
    else:
        getattr(call, verb)(path, {})
