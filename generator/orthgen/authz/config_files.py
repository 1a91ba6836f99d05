"""
Configuration of an existing deployment, read from its raw files for `orthgen decide`.

Takes the contents of orthanc.json, permissions.json and the anonymous profile with their places, or a file that
holds all three (`orthanc`, `permissions`, `anonymous_profile`), and answers requests line by line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from orthgen.authz.auth_service import SHIPPED_ANONYMOUS_PROFILE, AuthService, Locate
from orthgen.authz.decide import decide
from orthgen.authz.model import Decision, Reason
from orthgen.authz.permission_table import UndecidablePattern
from orthgen.authz.plain_request import PLAIN_KEYS, PlainRequestReader
from orthgen.authz.plugin_config import FILTER_URLS, PluginConfiguration
from orthgen.authz.request_log import RECORDED_KEYS, RecordedRequestReader
from orthgen.authz.stored_studies import STUDY_KEYS, BadLine, StoredStudies
from orthgen.errors import InputError
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.yaml_io import Document, Path, parse_json
from orthgen.spelling import did_you_mean

_NOWHERE = re.compile(
    r"https?://(?:[^/]*:0*[019](?:/|$)|[^/:]*\.invalid\b|(?:localhost|127\.0\.0\.1|\[::1\])(?!:8000(?:/|$)))"
)
# Keycloak's own paths, and those that OpenID Connect and OAuth 2 give an identity provider.
_PROVIDER = re.compile(
    r"/realms/|/protocol/openid-connect|/\.well-known/|/userinfo\b|/oauth2?/|//login\.microsoftonline\.com"
)


class ConfigFiles(Struct, frozen=True):
    """The parsed files of a deployment. Without `anonymous` the profile that the image ships is in force."""

    orthanc: Document
    permissions: Document
    resources: Document | None = None
    anonymous: Document | None = None

    @property
    def texts(self) -> dict[str, str]:
        """The contents by file name, for excerpts."""
        documents = (self.orthanc, self.permissions, self.resources, self.anonymous)
        return {document.file: document.text for document in documents if document is not None}


SILENT_AUTH_SERVICE = Rule(
    "silent-auth-service",
    Severity.WARNING,
    summary="No auth-service can be answering at the configured address, so that requests are decided without it.",
    remedy="Correct the address, or pass `--auth-service up`.",
    file="orthanc.json",
    example="""
        {"Authorization": {"WebServiceRootUrl": "http://localhost:9/"}}
    """,
)
INCOMPLETE_ANONYMOUS_PROFILE = Rule(
    "incomplete-anonymous-profile",
    Severity.WARNING,
    summary="The anonymous profile lacks keys without which the auth-service (25.8 to 26.4.1) drops it.",
    remedy='Add `"name": "Anonymous"` and `"validity": 60`.',
    file="anonymous.json",
    example="""
        {"permissions": ["view"], "authorized-labels": []}
    """,
)
MISSING_PLUGIN_SECTION = Rule(
    "missing-plugin-section",
    Severity.WARNING,
    summary="Orthanc's configuration has no `Authorization` section, so that the plugin filters nothing.",
    remedy="Give `--orthanc` the file that has the section.",
    file="orthanc.json",
    example="""
        {"Name": "clinic"}
    """,
)
UNKNOWN_STUDY_KEY = Rule(
    "unknown-study-key",
    Severity.WARNING,
    summary="A study in the file of studies has a key that `orthgen decide` does not read.",
    remedy="Correct the key; docs/decide.md lists all keys.",
    file="resources.json",
    example="""
        {"A": {"study": "1.2.3", "label": ["cardio"]}}
    """,
)
UNREADABLE_INPUT = Rule(
    "unreadable-input",
    Severity.ERROR,
    summary="A file that was given to a command cannot be read, or is not what it should be.",
    remedy="Correct the path or the file.",
    file="permissions.json",
    example="""
        ["roles"]
    """,
)


class RefusedLine(Struct, frozen=True):
    """A line that got no answer, and why."""

    line: int
    message: str
    column: int = 1


class Remark(Struct, frozen=True):
    """A warning about a line that is answered all the same."""

    line: int
    message: str
    column: int = 1


class ConfiguredDeployment(Struct, frozen=True):
    """A configuration, an auth-service and a reader for each format of requests, ready to answer."""

    configuration: PluginConfiguration
    service: AuthService
    plain: PlainRequestReader
    recorded: RecordedRequestReader
    notes: tuple[Finding, ...] = ()

    @classmethod
    def compile(
        cls, files: ConfigFiles, release: str | None = None, *, reachable: bool | None = None
    ) -> ConfiguredDeployment:
        """
        The deployment of these files under a release of the plugin (the newest known without one).

        `reachable` is whether the auth-service answers. Left open, it does, save at an address where none can be
        listening, or with roles that it cannot read; a finding says so then. Raises `UnknownRelease`, and `InputError` where a file
        is not what it should be or Orthanc would not start with it.
        """
        orthanc, at = _part(files.orthanc, "orthanc")
        if "Authorization" not in orthanc and "roles" in orthanc:
            message = "this is the auth-service's permissions.json; give it to `--permissions`"
            raise _not_readable(files.orthanc, message, ("roles",))
        silent = _silent_address(orthanc) if reachable is None else None
        permissions, at_roles = _part(files.permissions, "permissions")
        anonymous, at_anonymous = _anonymous(files)
        studies = _studies(files.resources)
        service = AuthService.compile(
            permissions,
            anonymous,
            locate=at_roles,
            locate_anonymous=at_anonymous,
            reachable=silent is None if reachable is None else reachable,
        )
        if reachable is None and not service.starts:
            service = service.stopped()
        try:
            configuration = PluginConfiguration.compile(orthanc, release, at)
        except InputError as error:
            raise InputError(error.message, error.findings, texts=files.texts) from None
        return cls(
            configuration,
            service,
            PlainRequestReader(studies),
            RecordedRequestReader(studies),
            (
                *_missing_section(orthanc, at),
                *([_silence(silent, at)] if silent else []),
                *_incomplete(files.anonymous),
                *_unknown_study_keys(files.resources),
            ),
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings about values that the model cannot read with certainty, or that the auth-service refuses."""
        return self.notes + self.configuration.findings + self.service.findings

    def answer(self, line: Mapping[str, Any]) -> Decision:
        """The decision on one request. Raises `BadLine` and `UndecidablePattern`."""
        if "uri" not in line:
            return decide(self.configuration, self.service, self.plain.read(line))
        request = self.recorded.read(line)
        service = self.service
        # A recorded profile of null says that the auth-service gave no answer, where it was asked for one.
        needs_profile = "profile" in line and self.configuration.profiles
        if needs_profile and line["profile"] is None and service.reachable:
            service = service.stopped()
        return decide(self.configuration, service, request)

    def answers(self, lines: Iterable[str]) -> Iterator[str | RefusedLine | Remark]:
        """For each line that is not blank: its answer as a JSON line, or why there is none; once a key, a remark."""
        remarked: set[str] = set()
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                request = json.loads(line)
                if not isinstance(request, dict):
                    raise BadLine("not a JSON object")  # noqa: TRY301 - one way out for every bad line
                decision = self.answer(request)
            except json.JSONDecodeError as problem:
                yield RefusedLine(number, f"not JSON: {problem.msg.lower()}", problem.colno)
            except BadLine as problem:
                yield RefusedLine(number, str(problem), _column(line, *problem.path))
            except UndecidablePattern as problem:
                yield RefusedLine(number, str(problem), _column(line, "uri" if "uri" in request else "path"))
            except (ValueError, RecursionError):  # numbers without end, nesting without end, half a character
                yield RefusedLine(number, "no request that could have been sent")
            else:
                unknown_keys = request.keys() - (RECORDED_KEYS if "uri" in request else PLAIN_KEYS) - remarked
                if unknown_keys:
                    yield from _unknown_request_keys(unknown_keys, number, line)
                    remarked |= unknown_keys
                yield _json_line(decision, number)


def _silent_address(orthanc: Mapping[str, Any]) -> str | None:
    """
    The key of the auth-service's address, if no auth-service can be answering there.

    That is port 0, 1 or 9, a `.invalid` host, this very machine at another port than the service's own (its
    image listens on 8000 and knows no other: orthanc-auth-service 25.8 to 26.4.1), and an address of an identity
    provider's. An empty root is an address to the plugin, too.
    """
    section = orthanc.get("Authorization")
    values = section if isinstance(section, Mapping) else {}
    if values.get("WebServiceRootUrl") == "":
        return "WebServiceRootUrl"
    # With a root the plugin reads no other address.
    keys = FILTER_URLS[:1] if "WebServiceRootUrl" in values else FILTER_URLS[1:]
    addresses = ((key, str(values.get(key, ""))) for key in keys)
    return next((key for key, url in addresses if _NOWHERE.match(url) or _PROVIDER.search(url)), None)


def _missing_section(orthanc: Mapping[str, Any], locate: Locate) -> list[Finding]:
    if "Authorization" in orthanc:
        return []
    message = "there is no `Authorization` section, so the plugin filters nothing"
    at = locate(()) or Location("orthanc.json", 1, 1)
    return [Finding(MISSING_PLUGIN_SECTION, message, at, "give `--orthanc` the file that has the section")]


def _unknown_request_keys(keys: Iterable[str], number: int, line: str) -> Iterator[Remark]:
    for key in sorted(keys):
        hint = did_you_mean(
            key, sorted(PLAIN_KEYS | RECORDED_KEYS), otherwise="docs/decide.md lists the keys"
        )
        yield Remark(number, f"`{key}` is not a key of a request and is ignored; {hint}", _column(line, key))


def _column(line: str, *path: str | int) -> int:
    """The column of a value in a line; of the nearest part that exists."""
    return parse_json(line, "")[0].locate(path).column


def _studies(resources: Document | None) -> StoredStudies:
    if resources is None:
        return StoredStudies()
    try:
        return StoredStudies.read(resources.value)
    except BadLine as problem:
        raise _not_readable(resources, str(problem), problem.path) from None


def _unknown_study_keys(resources: Document | None) -> list[Finding]:
    """The first place of each key that is not read."""
    if resources is None:
        return []
    places = {
        key: (name, key)
        for name, study in reversed(resources.value.items())
        for key in study
        if key not in STUDY_KEYS
    }
    return [
        Finding(
            UNKNOWN_STUDY_KEY,
            f"`{key}` is not a key of a study and is ignored",
            resources.locate(path),
            did_you_mean(key, sorted(STUDY_KEYS), otherwise="docs/decide.md lists the keys"),
        )
        for key, path in places.items()
    ]


def _silence(key: str, locate: Locate) -> Finding:
    at = locate(("Authorization", key)) or Location("orthanc.json", 1, 1)
    message = f"no auth-service can be answering at `{key}`; decided as if it did not"
    hint = "pass `--auth-service up` if one does; the plugin asks orthanc-auth-service, not the identity provider"
    return Finding(SILENT_AUTH_SERVICE, message, at, hint)


def _incomplete(anonymous: Document | None) -> list[Finding]:
    """
    The keys missing from the anonymous profile; the auth-service then ignores the file (25.8 to 26.4.1).

    Recorded configurations leave these out, so that the permissions count here all the same.
    """
    if (
        anonymous is None
        or not isinstance(anonymous.value, Mapping)
        or "anonymous_profile" in anonymous.value
    ):
        return []
    missing = [f"`{key}`" for key in ("name", "validity") if key not in anonymous.value]
    if not missing:
        return []
    message = (
        f"without {' and '.join(missing)} the auth-service drops this profile; decided as if they were there"
    )
    at = Location(anonymous.file, 1, 1)
    return [Finding(INCOMPLETE_ANONYMOUS_PROFILE, message, at, '"name": "Anonymous", "validity": 60')]


def _json_line(decision: Decision, number: int) -> str:
    """The JSON that docs/commands.md describes for `decide`, written by hand: it is made for each of many requests."""
    reason = _reason_text(decision.decisive)
    allowed = "true" if decision.allowed else "false"
    denied_by = f'"{decision.denied_by.value}"' if decision.denied_by else "null"
    return f'{{"allowed": {allowed}, "denied_by": {denied_by}, "reason": {reason}, "line": {number}}}'


def _reason_text(reason: Reason) -> str:
    text = f"{reason.stage.value}: needs {reason.needed}; found {reason.found}"
    if reason.remedy:
        text += f"; to allow it: {reason.remedy}"
    if reason.location is not None:
        text += f" ({reason.location})"
    return json.dumps(text)  # ASCII: a path may hold what is no text in any encoding


def _anonymous(files: ConfigFiles) -> tuple[Mapping[str, Any], Locate | None]:
    for document in (files.anonymous, files.permissions, files.orthanc):
        if document is None:
            continue
        whole = isinstance(document.value, Mapping) and isinstance(
            document.value.get("anonymous_profile"), Mapping
        )
        if document is files.anonymous or whole:
            return _part(document, "anonymous_profile")
    return SHIPPED_ANONYMOUS_PROFILE, None


def _part(document: Document, name: str) -> tuple[Mapping[str, Any], Locate]:
    """The object under `name` in a file that holds several, or the whole file, with the places of its parts."""
    value = document.value
    inner = value.get(name) if isinstance(value, Mapping) else None
    prefix: Path = ()
    if isinstance(inner, Mapping):
        value, prefix = inner, (name,)
    if not isinstance(value, Mapping):
        raise _not_readable(document, "not a JSON object")

    # What is missing is missed at the nearest place that there is, in this file.
    return value, lambda path: document.locate(prefix + path)


def _not_readable(document: Document, message: str, path: Path = ()) -> InputError:
    finding = Finding(UNREADABLE_INPUT, message, document.locate(path))
    text = {document.file: document.text}
    return InputError(f"`{document.file}` cannot be read as what it should be", [finding], texts=text)
