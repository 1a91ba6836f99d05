"""Recognition of what a file is, by its name and by what stands in it."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from pathlib import PurePath
from typing import Any

from msgspec import Struct

from orthgen.catalogue import configuration_keys, newest
from orthgen.findings import Finding
from orthgen.formats.yaml_io import EMPTY_FILE, Document, parse_yaml, placed_below
from orthgen.observed.compose_fragment import MARKS, completed
from orthgen.observed.files import TextFile
from orthgen.observed.json_text import read_json
from orthgen.observed.model import SourceKind
from orthgen.observed.variables import read_environment

# `!reset` and `!override` are Docker Compose's; the others stand in Helm values and Home Assistant's files.
TAGS = frozenset({"!reset", "!override"})


class Recognised(Struct, frozen=True):
    """A file with its kind; what was parsed to recognise it need not be parsed again."""

    file: TextFile
    kind: SourceKind
    document: Document | None = None
    findings: tuple[Finding, ...] = ()
    is_complete: bool = True


def recognise(file: TextFile) -> Recognised:
    """The kind of a file, and its data where it is JSON or YAML."""
    path = PurePath(file.name)
    start = file.text.lstrip("\ufeff \t\r\n")[:1]
    if path.suffix.lower() == ".har":
        return Recognised(file, SourceKind.HAR)
    if path.name == "Caddyfile" or path.suffix.lower() in {".caddy", ".caddyfile"}:
        return Recognised(file, SourceKind.CADDY)
    if path.name == "Dockerfile" or path.name.startswith("Dockerfile.") or path.suffix == ".Dockerfile":
        return Recognised(file, SourceKind.DOCKERFILE)
    if path.suffix.lower() in {".yml", ".yaml"}:
        return _of_yaml(file)
    if path.suffix.lower() in {".json", ".jsonc"} or (start in {"{", "["} and not path.suffix):
        return _of_json(file)
    kind = _of_text(path, file.text)
    if kind is SourceKind.UNKNOWN and start in {"{", '"', "/"} and path.suffix.lower() in _ANY:
        return _of_json(file)
    if kind is SourceKind.UNKNOWN and (
        re.search(r"(?m)^services:\s*$", file.text) or MARKS.search(file.text)
    ):
        return _of_yaml(file)
    findings = read_environment(file)[1] if kind is SourceKind.ENVIRONMENT else ()
    return Recognised(file, kind, None, tuple(findings), file.is_complete)


def recognise_text(file: TextFile) -> Recognised:
    """The kind of a text whose file's name says nothing about it."""
    if file.text.lstrip().startswith(("{", "[")):
        return _of_json(file)
    return Recognised(file, _of_text(PurePath(), file.text))


def _of_json(file: TextFile) -> Recognised:
    read = read_json(file)
    value = read.document.value
    kind = kind_of_json(value) if value is not None else _kind_of_broken_json(file.text)
    section = _section_of(value) if kind is SourceKind.UNKNOWN and _suffix(file) in _ANY else ""
    if section:
        inside = placed_below(read.document, section)
        return Recognised(file, SourceKind.ORTHANC, inside, read.findings, is_complete=False)
    return Recognised(file, kind, read.document, read.findings, read.is_complete and file.is_complete)


def _suffix(file: TextFile) -> str:
    return PurePath(file.name).suffix.lower()


def _section_of(value: Any) -> str:
    """The section of Orthanc's configuration that alone has all these keys; empty where there is none."""
    if not isinstance(value, dict) or not value:
        return ""
    sections = [section for section, keys in _section_keys().items() if value.keys() <= keys]
    return sections[0] if len(sections) == 1 else ""


@cache
def _section_keys() -> dict[str, frozenset[str]]:
    trees = (configuration_keys.merged({component: "999"}) for component in newest().components)
    sections = {name: keys for tree in trees for name, keys in tree.items() if isinstance(keys, dict)}
    return {name: frozenset(keys) - {"*"} for name, keys in sections.items()}


def kind_of_json(value: Any) -> SourceKind:
    """The kind of a JSON file by its keys."""
    if isinstance(value, list):
        is_realms = bool(value) and all(isinstance(each, dict) and "realm" in each for each in value)
        return SourceKind.REALM if is_realms else SourceKind.UNKNOWN
    if not isinstance(value, dict):
        return SourceKind.UNKNOWN
    if isinstance(value.get("log"), dict) and "entries" in value["log"]:
        return SourceKind.HAR
    if isinstance(value.get("realm"), str) and not orthanc_keys() & value.keys():
        return SourceKind.REALM
    if isinstance(value.get("roles"), dict) or "available-labels" in value:
        return SourceKind.PERMISSIONS
    if isinstance(value.get("permissions"), list) and value.keys() & {
        "authorized-labels",
        "authorized_labels",
        "validity",
        "name",
    }:
        return SourceKind.ANONYMOUS_PROFILE
    known = orthanc_keys() & value.keys()
    if known - {"Name", "Locale", "Plugins"} or (known and len(known) == len(value)):
        return SourceKind.ORTHANC
    return SourceKind.UNKNOWN


@cache
def orthanc_keys() -> frozenset[str]:
    """The keys at the top of Orthanc's configuration, of every version in the catalogue."""
    trees = (configuration_keys.merged({component: "999"}) for component in newest().components)
    return frozenset(key for tree in trees for key in tree)


# Endings of files that may hold anything.
_ANY = frozenset({"", ".txt", ".template", ".bak", ".orig", ".sample"})
_JSON_KEY = r'"([A-Za-z][\w-]*)"\s*:'


def _kind_of_broken_json(text: str) -> SourceKind:
    keys = {match[1] for match in re.finditer(_JSON_KEY, text[:20_000])}
    if {"realm", "clients"} <= keys:
        return SourceKind.REALM
    if "roles" in keys and "permissions" in keys:
        return SourceKind.PERMISSIONS
    if keys & orthanc_keys() - {"Name", "Locale", "Plugins"}:
        return SourceKind.ORTHANC
    return SourceKind.UNKNOWN


def _of_yaml(file: TextFile) -> Recognised:
    if re.search(r"(?m)^apiVersion:", file.text):
        is_about = "orthanc" in file.text.lower()
        return Recognised(file, SourceKind.MANIFEST if is_about else SourceKind.UNKNOWN)
    document, findings = parse_yaml(file.text.removeprefix("\ufeff"), file.name, merge_keys=True, tags=TAGS)
    if findings and findings[0].rule is EMPTY_FILE:
        return Recognised(file, SourceKind.UNKNOWN)
    value = document.value
    is_named_compose = re.search(r"compose", PurePath(file.name).name) is not None
    if isinstance(value, dict):
        is_compose = isinstance(value.get("services"), dict) or (is_named_compose and "version" in value)
        kind = SourceKind.COMPOSE if is_compose else _kind_of_values(file, value)
    else:
        kind = SourceKind.COMPOSE if is_named_compose else SourceKind.UNKNOWN
    piece = completed(document) if kind is SourceKind.UNKNOWN and MARKS.search(file.text) else None
    if piece is not None:
        return Recognised(file, SourceKind.COMPOSE, piece, tuple(findings), is_complete=False)
    # The profile that a cluster's Job provisions Keycloak from.
    if (
        kind is SourceKind.UNKNOWN
        and isinstance(value, dict)
        and file.text.startswith(_HEADER)
        and "orthgen" in value
    ):
        kind = SourceKind.ORTHGEN
    return Recognised(file, kind, document, tuple(findings), file.is_complete)


def _kind_of_values(file: TextFile, value: dict[str, Any]) -> SourceKind:
    is_named = "values" in PurePath(file.name).name
    return SourceKind.HELM if is_named and "orthanc" in str(value).lower() else SourceKind.UNKNOWN


# No pattern crosses a line or begins with something that matches line ends: a text of a million blank lines is read
# once, not a million times.
_PATTERNS = (
    (SourceKind.OHIF, re.compile(r"window\.config[ \t]*=|\bdataSources[ \t]*:")),
    (SourceKind.IIS, re.compile(r"(?i)<system\.webServer\b|<requestLimits\b|<rewrite>")),
    (
        SourceKind.HAPROXY,
        re.compile(
            r"(?m)^(?:frontend|backend|listen)[ \t]+\S+[ \t]*$|^[ \t]*(?:use_backend|default_backend)[ \t]+\S"
        ),
    ),
    (
        SourceKind.APACHE,
        re.compile(
            r"(?mi)^[ \t]*(?:<VirtualHost|<Location|<Proxy|ProxyPass(?:Reverse|Match)?[ \t]|RewriteRule[ \t]"
            r"|ProxyPreserveHost[ \t]|RequestHeader[ \t]|LimitRequestBody[ \t]|SSLEngine[ \t]|Include(?:Optional)?[ \t]+[^ \t;]+$)"
        ),
    ),
    (
        SourceKind.NGINX,
        re.compile(
            r"(?m)^[ \t]*(?:http|server|events|upstream[ \t]+\S{1,200}|(?:location|map)[ \t][^{};\n]{0,500})[ \t\r\n]{0,20}\{"
            r"|^[ \t]*(?:proxy_\w{1,40}|client_max_body_size|listen|server_name|include|add_header)[ \t][^;{}\n]{0,500};"
        ),
    ),
    (SourceKind.CADDY, re.compile(r"(?m)^[ \t]*reverse_proxy[ \t]")),
)
# Written by orthgen alone: the guard's settings, the rules that label studies, the page of rights.
_OWN_NAMES = frozenset({"settings.js", "labels-settings.lua", "ACCESS.md"})
_HEADER_LENGTH = 400
_HEADER = "# Generated by orthgen from "
_ASSIGNMENT = re.compile(r"[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=")


def _of_text(path: PurePath, text: str) -> SourceKind:
    if path.name in _OWN_NAMES and "orthgen" in text[:_HEADER_LENGTH]:
        return SourceKind.ORTHGEN
    if path.name.startswith(".env") or path.suffix == ".env":
        return SourceKind.ENVIRONMENT
    for kind, pattern in _PATTERNS:
        if pattern.search(text):
            return kind
    return SourceKind.ENVIRONMENT if _is_environment(text) else SourceKind.UNKNOWN


def _is_environment(text: str) -> bool:
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    first = next(lines, None)
    return first is not None and all(map(_ASSIGNMENT.match, chain([first], lines)))
