"""What the plugin's own handlers do with a granted request: answer it, confine a search, take labels out of an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from orthgen.authz.evaluation_state import route_of
from orthgen.authz.handler_routes import Handled
from orthgen.authz.model import Request
from orthgen.authz.permissions import Permission
from orthgen.authz.plugin_config import PluginConfiguration
from tests.support.images.orthanc.callers import AuthServiceClient, Caller
from tests.support.images.orthanc.stored import Archive

_EVERY_LABEL = "*"
_STUDY = "StudyInstanceUID"
_DESCRIBED = re.compile(
    r"/(?:patients|studies|series)/[^/]+|/(?:instances|series|studies)/[^/]+/(?:patient|study|series)"
    r"|/(?:patients|studies|series)/[^/]+/(?:studies|series|instances)"
    r"|/(?:patients|studies|series|instances)/[^/]+/labels|/tools/labels"
)


@dataclass(frozen=True)
class Context:
    """All that a handler looks at besides the request."""

    plugin: PluginConfiguration
    archive: Archive
    auth_service: AuthServiceClient
    caller: Caller

    @property
    def profile(self) -> dict[str, Any]:
        """The profile that handlers go by: that of the first token."""
        tokens = self.caller.tokens
        return self.caller.described(tokens[0] if tokens else None)

    @property
    def labels(self) -> frozenset[str] | None:
        """The labels that the caller is confined to; None where every label is open."""
        labels = frozenset(self.profile["authorized-labels"])
        return None if _EVERY_LABEL in labels else labels


def own_answer(context: Context, request: Request, body: Any) -> Any:
    """What the plugin answers itself, or None where Orthanc does."""
    target = route_of(context.plugin, request).target
    method, path, ask = target.method, target.path, context.auth_service.ask
    if (method, path) == ("GET", "/auth/user/profile"):
        return {name: value for name, value in context.profile.items() if name != "validity"}
    if (method, path) == ("POST", "/auth/tokens/decode"):
        return _decoded(ask("POST", "tokens/decode", _token(body)))
    if method == "PUT" and path.startswith("/auth/tokens/"):
        kind = path.removeprefix("/auth/tokens/")
        made = ask("PUT", f"tokens/{kind}", _link(kind, body))
        return {"Token": made["token"], "Url": made["url"]}
    if path == "/auth/settings/roles":
        return ask(method, "settings/roles", body if method == "PUT" else None)
    if (method, path) == ("GET", "/auth/settings/permissions"):
        return [permission.value for permission in Permission]
    return [] if (method, path) == ("GET", "/auth/audit-logs") else None


def _token(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"token-key": body.get("TokenKey"), "token-value": body.get("TokenValue")}


def _decoded(told: Mapping[str, Any]) -> dict[str, Any]:
    named = {"RedirectUrl": "redirect-url", "ErrorCode": "error-code", "TokenType": "token-type"}
    answer: dict[str, Any] = {name: told[key] for name, key in named.items() if told.get(key)}
    for name, key in (("ResourcesDicomIds", "dicom-uid"), ("ResourcesOrthancIds", "orthanc-id")):
        answer[name] = sorted({resource[key] for resource in told["resources"] if resource[key]})
    return answer


def _link(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    named = {"ID": "id", "ExpirationDate": "expiration-date", "ValidityDuration": "validity-duration"}
    fields = {"DicomUid": "dicom-uid", "OrthancId": "orthanc-id", "Url": "url", "Level": "level"}
    resources = [
        {key: resource[name] for name, key in fields.items() if name in resource}
        for resource in body["Resources"]
    ]
    return {
        **{key: body[name] for name, key in named.items() if name in body},
        "type": kind,
        "resources": resources,
    }


def confined(context: Context, request: Request, body: Any) -> tuple[str, Any]:
    """The target and, where it changes, the body of a granted search, confined to what the caller may see."""
    handler = route_of(context.plugin, request).handler
    if handler is None or handler.kind is not Handled.FIND:
        return request.target, None
    query = handler.query if handler.query is not None else body
    level = str(query.get("Level", "")).lower() if isinstance(query, dict) else ""
    labels = context.labels
    # Below the study a granted search names the study already.
    if labels is None or (labels and level not in ("study", "studies")):
        return request.target, None
    if labels and not handler.inner:
        return request.target, body if "Labels" in body else _labelled(body, labels)
    if _STUDY in query.get("Query", {}):
        return request.target, None
    studies = [study["MainDicomTags"][_STUDY] for study in context.archive.studies(labels)] if labels else []
    studies = studies or context.caller.shared_studies()
    # A search for none at all would find everything.
    wanted = studies or ["0"]
    if handler.inner:
        joint = "&" if "?" in request.target else "?"
        return f"{request.target}{joint}{_STUDY}={quote(','.join(wanted))}", None
    return request.target, {**body, "Query": {**body["Query"], _STUDY: "\\".join(wanted)}}


def _labelled(body: Mapping[str, Any], labels: frozenset[str]) -> dict[str, Any]:
    return {**body, "Labels": sorted(labels), "LabelsConstraint": "Any"}


def hides_labels(context: Context, request: Request) -> bool:
    """Whether an answer tells labels that its reader may not know."""
    target = route_of(context.plugin, request).target
    path = target.path.rstrip("/")
    told = _DESCRIBED.fullmatch(path) and target.method == "GET"
    return bool(told or path == "/tools/find") and context.labels is not None


def without_labels(context: Context, content: bytes) -> bytes:
    """The answer with the labels alone that its reader may know."""
    labels = context.labels or frozenset()
    value = json.loads(content)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        known = {label for study in context.archive.studies() for label in study.get("Labels", ())}
        return json.dumps([item for item in value if item not in known or item in labels]).encode()
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and "Labels" in item:
            item["Labels"] = [label for label in item["Labels"] if label in labels]
    return json.dumps(value).encode()
