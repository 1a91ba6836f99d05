"""
A stand-in for Orthanc with its authorization plugin and the auth-service: the project's own model decides.

Takes a request as it arrives from nginx, reads its tokens as the plugin and the auth-service do, and lets it through
to a small archive of the recorded studies, or to a real Orthanc, only where the model grants it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from orthgen.authz.auth_service import AuthService, Profile
from orthgen.authz.decide import decide
from orthgen.authz.model import Request, Token, TokenKind
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.resources import Level, Resource, Resources
from orthgen.products.auth_service.permissions import anonymous_profile, permissions
from orthgen.products.orthanc import orthanc_settings
from tests.authz.builders import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orthgen.deployment.model import Deployment
    from tests.support.services_behind_nginx import Answer, Seen

# The real ones are RSA and a secret file; here two secrets sign, so that a changed header breaks a signature too.
_KEYCLOAK, _AUTH_SERVICE = b"the realm's key", b"the auth-service's key"


# -------------------------------------------------------------------------------------------------- tokens


def user_token(*roles: str, ends: int | None = None, client: str | None = "orthanc") -> str:
    """A user's token, as Keycloak signs it; `ends` is when, in seconds since 1970; `client` is for whom it was made."""
    payload: dict[str, Any] = {"realm_access": {"roles": list(roles)}, "sub": _subject(roles)}
    optional = {"exp": ends, "azp": client}
    payload |= {name: value for name, value in optional.items() if value is not None}
    return _signed({"alg": "RS256", "typ": "JWT"}, payload, _KEYCLOAK)


def _subject(roles: tuple[str, ...]) -> str:
    """The identifier of somebody with these roles."""
    return hashlib.sha256(repr(roles).encode()).hexdigest()[:8]


def link_token(
    *studies: str,
    kind: str = "viewer-instant-link",
    header: dict[str, Any] | None = None,
    own_id: str | None = None,
    ends: str | None = None,
) -> str:
    """A link to recorded studies, as the auth-service signs it; `header` for one that it would not."""
    named = (RESOURCES.studies[name][1] for name in studies)
    return link_token_to(*named, kind=kind, header=header, own_id=own_id, ends=ends)


def link_token_to(
    *studies: Resource,
    kind: str = "viewer-instant-link",
    header: dict[str, Any] | None = None,
    own_id: str | None = None,
    ends: str | None = None,
) -> str:
    """A link to any studies; `own_id` is what the guard had written into it, `ends` when it ends."""
    resources = [
        {"orthanc_id": study.orthanc_id, "dicom_uid": study.uid, "level": "study"} for study in studies
    ]
    payload = {"id": own_id, "resources": resources, "type": kind, "expiration_date": ends}
    return _signed(header or {"alg": "HS256", "typ": "JWT"}, payload, _AUTH_SERVICE)


def _signed(header: dict[str, Any], payload: dict[str, Any], key: bytes) -> str:
    text = f"{_encoded(header)}.{_encoded(payload)}"
    return f"{text}.{_signature(text, key)}"


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _signature(text: str, key: bytes) -> str:
    digest = hmac.new(key, text.encode("latin-1"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def read_token(name: str, value: str, *, argument: bool = False) -> Token:
    """What the auth-service makes of a token: it takes every `Bearer ` out of it, and believes signatures alone."""
    other = Token(name, TokenKind.OTHER, argument, basic=value.startswith("Basic "))
    parts = value.replace("Bearer ", "").split(".")
    if len(parts) != 3:
        return Token(name, TokenKind.USER, argument, roles=("robot",)) if value == API_KEY else other
    try:
        header, payload = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2])
        algorithm = header["alg"]
    except (ValueError, KeyError, TypeError):
        return other
    text = f"{parts[0]}.{parts[1]}"
    if algorithm == "RS256" and parts[2] == _signature(text, _KEYCLOAK):
        return Token(name, TokenKind.USER, argument, roles=tuple(payload["realm_access"]["roles"]))
    if algorithm == "HS256" and parts[2] == _signature(text, _AUTH_SERVICE):
        names = {resource[key] for resource in payload["resources"] for key in ("orthanc_id", "dicom_uid")}
        decodable = payload["type"].endswith("-publication")
        return Token(name, TokenKind.LINK, argument, studies=frozenset(names), decodable=decodable)
    return other


API_KEY = "the-key-of-a-robot"
"""An API key of somebody with the role `robot`."""


# ------------------------------------------------------------------------------------------------- the filter


@dataclass
class FilteredOrthanc:
    """
    Answers like Orthanc with the plugin that `deployment` configures; give it to a stand-in as its `answer`.

    `behind` answers what the model grants; `resources` are the studies that there are. `changes` are the granted requests that changed something.
    """

    deployment: Deployment
    behind: Callable[[FilteredOrthanc, Seen, Request], Answer]
    resources: Resources = RESOURCES.all
    reads: Callable[..., Token] = read_token
    """What the auth-service makes of a token, by its header or argument and its value."""
    changes: list[str] = field(default_factory=list)
    _configuration: PluginConfiguration = field(init=False)
    _service: AuthService = field(init=False)

    def __post_init__(self) -> None:
        release = self.deployment.release.components["authorization"]
        self._configuration = PluginConfiguration.compile(orthanc_settings(self.deployment), release)
        self._service = AuthService.compile(permissions(self.deployment), anonymous_profile(self.deployment))

    def __call__(self, seen: Seen) -> Answer:
        """Answer one request."""
        request = self._read(seen)
        if not self.grants(request):
            return 403, {}, b""
        if method_of(request) not in {"GET", "HEAD", "OPTIONS"} and not _READING.get(request.target):
            self.changes.append(f"{seen.method} {seen.path}")
        return self.behind(self, seen, request)

    def grants(self, request: Request) -> bool:
        """Whether filter and handlers let a request through."""
        return decide(self._configuration, self._service, request).granted

    def profile(self, request: Request) -> Profile:
        """Whose request it is, as the auth-service says of its first token."""
        profile = self._service.profile(request.tokens[0] if request.tokens else None)
        assert profile is not None
        return profile

    def sees(self, request: Request, path: str) -> bool:
        """Whether the caller of `request` may GET `path`."""
        return self.grants(Request("GET", path, request.tokens, request.resources))

    def _read(self, seen: Seen) -> Request:
        tokens = tuple(self._tokens(seen))
        try:
            body = json.loads(seen.body)
        except ValueError:
            body = None
        override = seen.headers.get("x-http-method-override", "")
        members = body if isinstance(body, dict) else None
        return Request(seen.method, seen.path, tokens, self.resources, members, override)

    def _tokens(self, seen: Seen) -> Iterator[Token]:
        arguments = dict(
            pair.partition("=")[::2] for pair in unquote_plus(seen.path.partition("?")[2]).split("&")
        )
        for carrier in self._configuration.carriers:
            value = (
                arguments.get(carrier.name) if carrier.argument else seen.headers.get(carrier.name.lower())
            )
            # Orthanc reads arguments of GET alone.
            if value and (not carrier.argument or seen.method == "GET"):
                yield self.reads(carrier.name, value, argument=carrier.argument)


# POST requests that only read.
_READING = dict.fromkeys(
    ("/tools/find", "/tools/lookup", "/tools/count-resources", "/auth/tokens/decode"), True
)


def method_of(request: Request) -> str:
    """The method that Orthanc makes of a request."""
    if request.override:
        return request.override.upper()
    for pair in unquote_plus(request.target.partition("?")[2]).split("&"):
        name, _, value = pair.partition("=")
        if request.method == "GET" and name == "_method":
            return value.upper()
    return request.method


# ---------------------------------------------------------------------------------------------- a small archive

_FOLDERS = {
    "patients": Level.PATIENT,
    "studies": Level.STUDY,
    "series": Level.SERIES,
    "instances": Level.INSTANCE,
}
_TYPES = {Level.PATIENT: "Patient", Level.STUDY: "Study", Level.SERIES: "Series", Level.INSTANCE: "Instance"}


# The studies that each job is about, by the recorded names.
_JOBS = {
    "/jobs/11111111-1111-4111-8111-111111111111": "B",
    "/jobs/22222222-2222-4222-8222-222222222222": "A",
}


def archive(orthanc: FilteredOrthanc, seen: Seen, request: Request) -> Answer:
    """The recorded studies, as Orthanc reveals them; whatever else is asked is done."""
    path = seen.path.partition("?")[0]
    if path == "/tools/lookup":
        return _json(_hits(orthanc.resources, seen.body.decode()))
    if path in _JOBS:
        study = RESOURCES.studies[_JOBS[path]][1].orthanc_id
        content = {"Description": "REST API", "Resources": [study], "RemoteAet": "OTHER"}
        return _json({"ID": path[6:], "State": "Success", "Progress": 100, "Content": content})
    if path == "/auth/user/profile":
        return _json(_profile(orthanc, request))
    if path == "/auth/tokens/decode":
        return _json(_decoded(json.loads(seen.body or b"{}").get("TokenValue", "")))
    if path == "/tools/count-resources":
        return _json(
            {
                "Count": sum(
                    orthanc.sees(request, f"/studies/{study}") for study in _studies(orthanc.resources)
                )
            }
        )
    if path.startswith("/statistics"):
        return _json(
            {"CountStudies": len(_studies(orthanc.resources)), "CountPatients": 7, "TotalDiskSizeMB": 9}
        )
    if path.startswith("/auth/tokens/") and seen.method == "PUT":
        return _json({"Token": "made", "Url": None, "Asked": json.loads(seen.body)})
    return _described(orthanc, seen, request) or _json({"done": f"{seen.method} {path}"})


def _described(orthanc: FilteredOrthanc, seen: Seen, request: Request) -> Answer | None:
    """What is shown of stored resources, where a request asks for that."""
    path = seen.path.partition("?")[0]
    parts = path.strip("/").split("/")
    if path == "/tools/find" and "ParentPatient" in (request.body or {}):
        return _json(_studies_of(orthanc, request))
    if len(parts) not in (2, 3) or parts[0] not in _FOLDERS or seen.method != "GET":
        return None
    if len(parts) == 2:
        return _one(orthanc.resources, _FOLDERS[parts[0]], parts[1])
    is_ancestor = parts[2] in ("study", "patient")
    return _ancestor(orthanc.resources, _FOLDERS[parts[0]], parts[1], parts[2]) if is_ancestor else None


def _profile(orthanc: FilteredOrthanc, request: Request) -> dict[str, Any]:
    profile = orthanc.profile(request)
    first = request.tokens[0] if request.tokens else None
    return {
        "name": profile.title,
        "permissions": sorted(profile.permissions),
        "authorized-labels": sorted(profile.labels),
        **({"user-id": _subject(first.roles)} if first is not None and first.kind is TokenKind.USER else {}),
    }


def _decoded(value: str) -> dict[str, Any]:
    """What a link is, if the auth-service made it."""
    if read_token("token", value).kind is not TokenKind.LINK:
        return {"ErrorCode": "invalid"}
    return {"TokenType": json.loads(base64.urlsafe_b64decode(value.split(".")[1] + "=="))["type"]}


def _studies(resources: Resources) -> list[str]:
    return [orthanc_id for level, orthanc_id in resources.by_id if level is Level.STUDY]


def _studies_of(orthanc: FilteredOrthanc, request: Request) -> list[str]:
    """The studies of a patient that the caller sees, as the plugin confines a search."""
    patient = orthanc.resources.with_id(Level.PATIENT, (request.body or {})["ParentPatient"])
    studies = orthanc.resources.studies_of(patient) if patient is not None else ()
    return [study.orthanc_id for study in studies if orthanc.sees(request, f"/studies/{study.orthanc_id}")]


def _ancestor(resources: Resources, level: Level, orthanc_id: str, word: str) -> Answer:
    resource = resources.with_id(level, orthanc_id)
    if resource is None:
        return 404, {}, b""
    if word == "study":
        return _one(resources, Level.STUDY, resource.chain[1].orthanc_id)
    studies = [study.orthanc_id for study in resources.studies_of(resource.chain[0])]
    return _json({"ID": resource.chain[0].orthanc_id, "Studies": studies, "Type": "Patient"})


def _one(resources: Resources, level: Level, orthanc_id: str) -> Answer:
    resource = resources.with_id(level, orthanc_id)
    if resource is None:
        return 404, {}, b""
    tags = {
        Level.STUDY: "StudyInstanceUID",
        Level.SERIES: "SeriesInstanceUID",
        Level.INSTANCE: "SOPInstanceUID",
    }
    main = {tags[level]: resource.uid} if level in tags else {"PatientID": resource.uid}
    answer: dict[str, Any] = {"ID": resource.orthanc_id, "MainDicomTags": main, "Type": _TYPES[level]}
    if level is Level.STUDY:
        answer["ParentPatient"] = resource.chain[0].orthanc_id
        answer["PatientMainDicomTags"] = {"PatientID": resource.ancestors[0].uid}
    return _json(answer)


def _hits(resources: Resources, uid: str) -> list[dict[str, str]]:
    return [
        {"ID": resource.orthanc_id, "Path": f"/{folder}/{resource.orthanc_id}", "Type": _TYPES[level]}
        for folder, level in _FOLDERS.items()
        if (resource := resources.with_uid(level, uid)) is not None
    ]


def _json(value: object) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()
