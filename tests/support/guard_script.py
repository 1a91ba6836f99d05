"""
The rendered scripts of the guard in QuickJS, an engine of the language that njs reads, without nginx.

`GuardScript.asks` gives a request to the function to which nginx's location would give it, and answers its questions to
Orthanc by a stand-in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import quickjs

from orthgen.products.nginx import paths
from orthgen.products.nginx.guard import ASK, FOLDER, guard_scripts
from tests.support.services_behind_nginx import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orthgen.deployment.model import Deployment
    from tests.support.services_behind_nginx import Answer

# What njs has beside the language: modules, buffers and a subrequest.
_RUNTIME = """
const sources = {}, loaded = {};
function load(name) {
    if (!(name in loaded)) {
        loaded[name] = new Function('load', sources[name])(load);
    }
    return loaded[name];
}
loaded.fs = {};
loaded.crypto = { createHash: () => ({ update: (text) => ({ digest: () => pySha256(text) }) }) };
globalThis.crypto = { getRandomValues: () => undefined };
globalThis.Buffer = {
    from: (value, encoding) => ({ toString: () => encoding === 'base64url' ? pyBase64(value) : String(value) }),
    alloc: (size) => ({ toString: () => '0'.repeat(2 * size) })
};
async function run(name, text) {
    const outcome = {}, r = JSON.parse(text);
    r.headersOut = {};
    r.return = (status, body) => { outcome.status = status; outcome.body = body; };
    r.internalRedirect = (location) => { outcome.location = location; };
    r.subrequest = (uri, options) => {
        const reply = JSON.parse(pyAsk(uri, options.method, options.args || '', options.body));
        return Promise.resolve({ status: reply[0], responseText: reply[1], headersOut: {} });
    };
    try {
        outcome.value = await load('guard')[name](r);
    } catch (error) {
        outcome.error = String(error) + error.stack;
    }
    outcome.sent = r.variables.guard_body;
    return JSON.stringify(outcome);
}
function start(name, text) {
    globalThis.result = '';
    run(name, text).then((outcome) => { globalThis.result = outcome; });
}
"""


class Asked(NamedTuple):
    """A request at the edge, with the path as Orthanc receives it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str = ""


class Outcome(NamedTuple):
    """What the scripts did: `status` is that of a refusal, 0 where they hand the request on; `sent` is another body."""

    status: int
    sent: str | None = None


class GuardScript:
    """The scripts of a deployment; `orthanc` answers their questions."""

    def __init__(self, deployment: Deployment, orthanc: Callable[[Seen], Answer]) -> None:
        self.prefix = deployment.addresses.orthanc_path.rstrip("/")
        self.orthanc = orthanc
        self.headers: Mapping[str, str] = {}
        self.handlers = [
            ("makeLink", paths.link_pattern(deployment)),
            ("passListed", paths.listing_pattern(deployment)),
            ("passSelected", paths.selection_pattern(deployment)),
            ("modify", paths.modification_pattern(deployment)),
            ("create", paths.creation_pattern(deployment)),
            ("search", paths.search_pattern(deployment)),
            ("listStudies", paths.study_list_pattern(deployment)),
        ]
        self.files = paths.files_pattern(deployment)
        self.public = paths.public_pattern(deployment)
        self.whole_archive = paths.whole_archive_pattern(deployment)
        self.context = quickjs.Context()
        self.context.add_callable("pyAsk", self._answer)
        self.context.add_callable("pySha256", lambda text: hashlib.sha256(text.encode()).hexdigest())
        self.context.add_callable(
            "pyBase64", lambda text: base64.urlsafe_b64decode(text + "==").decode("utf-8", "replace")
        )
        self.context.eval(_RUNTIME)
        for artifact in guard_scripts(deployment):
            name = artifact.path.removeprefix(f"{FOLDER}/").removesuffix(".js")
            self.context.eval(f"sources[{json.dumps(name)}] = {json.dumps(_as_function(artifact.text))}")

    def asks(self, asked: Asked) -> Outcome:
        """The outcome of a request, as nginx's configuration combines the functions."""
        reads = asked.method in ("GET", "HEAD", "OPTIONS")
        public_path = self.prefix + asked.path.partition("?")[0]
        refusal = self._run("refusesRead" if reads else "refusesWrite", asked, public_path)
        if refusal["value"]:
            return Outcome(403)
        handler = next((name for name, pattern in self.handlers if _matches(pattern, public_path)), None)
        # nginx asks by itself, with `auth_request`, whether the caller sees every study.
        asks_first = handler == "create" or (handler is None and _matches(self.whole_archive, public_path))
        if asks_first and self._sees_everything(asked):
            return Outcome(0)
        if handler is None:
            is_open = _matches(self.public, public_path) and not asks_first
            return Outcome(0 if is_open else 403)
        outcome = self._run(handler, asked, public_path)
        if "location" in outcome:
            return Outcome(0, outcome.get("sent") if outcome["location"] == "@passed-body" else None)
        return Outcome(outcome["status"])

    def _sees_everything(self, asked: Asked) -> bool:
        """Whether the caller may list patients."""
        self.headers = asked.headers
        return self._ask("GET", "/patients?since=0&limit=1", "")[0] == 200

    def _run(self, name: str, asked: Asked, public_path: str) -> dict[str, Any]:
        self.headers = asked.headers
        path, _, arguments = asked.path.partition("?")
        request = {
            "method": asked.method,
            "uri": self.prefix + path,
            "requestText": asked.body,
            "headersIn": dict(asked.headers),
            "rawHeadersIn": list(asked.headers.items()),
            "variables": {
                "args": arguments,
                "is_page": "",
                "is_file": "1" if _matches(self.files, public_path) else "",
                "page_token": "",
                "link_type": path.rpartition("/auth/tokens/")[2],
            },
        }
        self.context.get("start")(name, json.dumps(request))
        while self.context.execute_pending_job():
            pass
        outcome: dict[str, Any] = json.loads(self.context.get("result"))
        assert "error" not in outcome, outcome["error"]
        return outcome

    def _answer(self, uri: str, method: str, arguments: str, body: str) -> str:
        path = "/" + uri.removeprefix(ASK)
        status, text = self._ask(method, path + (f"?{arguments}" if arguments else ""), body)
        return json.dumps([status, text])

    def _ask(self, method: str, path: str, body: str) -> tuple[int, str]:
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, _, answer = self.orthanc(Seen(method, path, headers, body.encode(), len(body)))
        return status, answer.decode()


def _matches(pattern: str, path: str) -> bool:
    return re.match(pattern.replace("(?<", "(?P<"), path) is not None


def _as_function(module: str) -> str:
    """The module as the body of a function that returns its default export."""
    imported = re.sub(
        r"^import (\w+) from '(?:\./)?(\w+)(?:\.js)?';", r"const \1 = load('\2');", module, flags=re.MULTILINE
    )
    return imported.replace("export default ", "return ")
