"""A text where Orthanc expects true or false, a number, a list or an object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import secrets, value_types
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Orthanc

RULE = Rule(
    "text-as-value",
    Severity.ERROR,
    summary="A setting of Orthanc is a text, and Orthanc expects true or false, a number, a list or an object. In a variable of the "
    "environment the text is not valid JSON.",
    consequence="Orthanc stops at its start: `The configuration option … must be a Boolean`, `Badly formatted list`.",
    remedy='Write the value without quotes in JSON (`true`, `60`). In a variable write valid JSON: `\'["ohif"]\'`, `\'{"name": "password"}\'`.',
    file="orthanc.json",
    example='{"AuthenticationEnabled": "true", "RegisteredUsers": {"reception": "a-long-password-1"}}',
    counterexample='{"AuthenticationEnabled": true, "RegisteredUsers": {"reception": "a-long-password-1"}}',
)
_OBJECTS = ("RegisteredUsers", "DicomModalities", "OrthancPeers", "UserMetadata", "UserContentType")
_LISTS: tuple[Path, ...] = (
    ("Plugins",),
    ("LuaScripts",),
    ("AcceptedTransferSyntaxes",),
    *(
        ("Authorization", key)
        for key in (
            "StandardConfigurations",
            "TokenHttpHeaders",
            "TokenGetArguments",
            "UncheckedFolders",
            "UncheckedResources",
            "UncheckedLevels",
            "Permissions",
            "ExtraPermissions",
        )
    ),
)
_EXPECTED: Mapping[Path, str] = {
    **{(key,): "an object" for key in _OBJECTS},
    **dict.fromkeys(_LISTS, "a list"),
}
_WORDS = {"flag": "true or false", "number": "a number"}
# Python's and YAML's own form, which JSON does not know.
_HAS_SINGLE_QUOTES = r"\s*[\[{]\s*'"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Each setting has the type that Orthanc reads."""
    for orthanc in deployment.orthancs:
        for path, value, expected in _texts(orthanc):
            better = _better(value, expected)
            yield Finding(
                RULE,
                f"`{'.'.join(map(str, path))}` is a text; Orthanc expects {expected}",
                orthanc.settings.locate(path),
                f"write `{better}`" if better else _form(value, expected),
                replacement=better,
                is_sensitive=path == ("RegisteredUsers",),
            )


def _texts(orthanc: Orthanc) -> Iterator[tuple[Path, str, str]]:
    """The settings that are texts and should be something else: path, text, what Orthanc expects."""
    stated = [
        (path, value, _WORDS[kind]) for path, value, kind in value_types.stated(orthanc) if kind in _WORDS
    ]
    for path, expected in _EXPECTED.items():
        if expected != "a list" or len(path) == 1 or orthancs.loads(orthanc, str(path[0])):
            stated.append((path, orthanc.settings.get(*path), expected))
    for path, value, expected in stated:
        if isinstance(value, str) and (secrets.is_known(value.strip()) or _is_broken(value)):
            yield path, value, expected


# A value that a variable has may be text inside of quotes, or any JSON.
_REFERENCE = re.compile(r"\$\{[^}]*\}")


def _is_broken(text: str) -> bool:
    """Whether a text with variables is meant as JSON, and is none whatever the variables are."""
    if not (text.lstrip().startswith(("{", "[")) and _REFERENCE.search(text)):
        return False
    try:
        json.loads(_REFERENCE.sub("0", text))
    except (ValueError, RecursionError):
        return not text.lstrip().startswith(("${", "[${"))
    return False


def _form(value: str, expected: str) -> str:
    """The remedy for a text that is no JSON."""
    text = value.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return "write it without the quotes around it: in a list of variables they are a part of the value"
    return f"write {expected}, as JSON{' with double quotes' if re.match(_HAS_SINGLE_QUOTES, value) else ''}"


def _better(value: str, expected: str) -> str:
    text = value.strip()
    if expected == "true or false":
        return text.lower() if text.lower() in {"true", "false"} else ""
    return text if expected == "a number" and text.isdigit() else ""
