"""
A Keycloak in memory, behind the four methods of `AdminApi`: what the kinds use of the admin API, and no more.

Where it differs from a real one the tests in tests/real/ say so: every story runs on both.
"""

from __future__ import annotations

import copy
import json
import re
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote

from orthgen.errors import KeycloakConflict
from orthgen.realm.admin.api import NotFound
from orthgen.realm.admin.representations import checked
from tests.realm.fake_import import import_realm
from tests.realm.fake_realm import Identifiers, Json, Realm
from tests.realm.fake_routes import ROUTES

T = TypeVar("T")

Hook = Callable[[int, str, str, bool], None]
"""Called before (False) and after (True) each request, with its number; what it raises, the caller gets."""


def _nothing(number: int, verb: str, path: str, after: bool) -> None:  # noqa: FBT001
    """Let every request pass."""


class FakeKeycloak:
    """The four verbs. `hook` sees each request and may raise in its place, or after it was carried out."""

    def __init__(self) -> None:
        self.realms: dict[str, Realm] = {}
        self.log: list[tuple[str, str]] = []
        self.hook: Hook = _nothing
        self._ids = Identifiers(1)
        self._lock = threading.RLock()

    def __deepcopy__(self, memo: dict[int, Any]) -> FakeKeycloak:
        copied = FakeKeycloak()
        copied.realms, copied._ids = copy.deepcopy(self.realms, memo), Identifiers(1000)
        return copied

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Every request that changed something."""
        return [entry for entry in self.log if entry[0] != "GET"]

    def get(self, path: str, kind: type[T], **query: Any) -> T:
        return checked(self.ask("GET", path, None, query), kind)

    def post(self, path: str, body: Any) -> str:
        return str(self.ask("POST", path, copy.deepcopy(body), {}) or "")

    def put(self, path: str, body: Any) -> None:
        self.ask("PUT", path, copy.deepcopy(body), {})

    def delete(self, path: str, body: Any = None) -> None:
        try:
            self.ask("DELETE", path, copy.deepcopy(body), {})
        except NotFound:
            return

    def ask(self, verb: str, path: str, body: Any, query: Json) -> Any:
        """Answer one request."""
        json.dumps(body)  # what cannot travel fails here as it would on the wire
        with self._lock:
            number = len(self.log)
            self.log.append((verb, path))
        self.hook(number, verb, path, False)
        # One request at a time, and its answer copied before the next: a run has several threads.
        with self._lock:
            answer = copy.deepcopy(self._dispatch(verb, path, body, query))
        self.hook(number, verb, path, True)
        return answer

    def _dispatch(self, verb: str, path: str, body: Any, query: Json) -> Any:
        parts = [unquote(part) for part in path.split("/")][2:]
        if not parts:
            return self._import(body)
        realm = self.realms.get(parts[0])
        if realm is None:
            raise NotFound(path)
        below = "/".join(parts[1:])
        for pattern, handler in ROUTES:
            match = re.fullmatch(pattern, f"{verb} {below}")
            if match is not None:
                try:
                    return handler(realm, *match.groups(), *(() if verb == "GET" else (body,)), **query)
                except (KeyError, StopIteration) as error:
                    raise NotFound(path) from error
        raise AssertionError(f"the fake does not know {verb} {path}")

    def _import(self, body: Json) -> str:
        if body["realm"] in self.realms:
            raise KeycloakConflict("realm exists")
        self.realms[body["realm"]] = import_realm(Realm(body["realm"], self._ids), body)
        return str(body["realm"])


def empty_realm(fake: FakeKeycloak, name: str) -> Realm:
    """A realm that somebody made by hand and left as Keycloak makes it."""
    fake.post("admin/realms", {"realm": name, "enabled": True})
    fake.log.clear()
    return fake.realms[name]
