"""First profile from the answers to `questions`: its values, its comments, and the complaint about one answer."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, get_args

from orthgen.adoption.draft import DraftEntry
from orthgen.adoption.profile_text import profile_text
from orthgen.catalogue import releases
from orthgen.field_types import SecretRef
from orthgen.findings import Severity
from orthgen.formats.templates import template_text
from orthgen.profile.deployment import TLS_VARIANTS
from orthgen.profile.model_lookup import field_at, kind_at, model_at, placeholder
from orthgen.rendering.validation import validate_profile
from orthgen.repository.questions import (
    KUBERNETES,
    NONE,
    ROLES,
    SETTING,
    SIGN_IN,
    TLS,
    first_keys,
    has_claims,
    model_of,
    questions,
)
from orthgen.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.formats.yaml_io import Path
    from orthgen.rendering.validation import Validation
    from orthgen.repository.questions import Answers, InitQuestion

LOCAL_PORT = 8081
SCHEMA = "profile.schema.json"
_HEADING = (
    f"yaml-language-server: $schema={SCHEMA}",
    "",
    "Every key is described in the schema beside this file: editors show it.",
)
_REMARKS: dict[Path, str] = {
    ("institution", "url"): "the one address of the deployment; every other URL follows from it",
    ("institution", "languages"): "the first is the default",
    ("release",): "a tested set of versions; `orthgen upgrade` changes it",
    (
        "identity",
        "keycloak",
        "local-port",
    ): "Keycloak on this machine alone, for `orthgen provision-keycloak`",
    (
        "deployment",
        KUBERNETES,
    ): "the objects of a cluster; its keys name the namespace, the entry, volumes, secrets",
    (*TLS, "own-authority"): "`orthgen secrets` makes it; browsers have to trust it",
    (*TLS, "terminated-by"): "`proxies: [10.1.2.3]` beside it names the proxy's address",
    ("roles", ROLES["administrators"], "collections"): "every study, with or without a label",
}
_TITLES = {"administrators": "PACS administrator", "readers": "Reader"}
_RIGHTS = {"administrators": ["everything", "administer"], "readers": ["view", "download"]}
_EXPECTATIONS = (
    {"role": ROLES["readers"], "can": "view"},
    {"role": ROLES["readers"], "cannot": "delete"},
    {"anyone": "signed-out", "cannot": "view"},
)


def file_name(institution: str) -> str:
    """The name of the profile's file, which names the deployment as well: `Lakeside Heart Centre` is `lakeside-heart-centre`."""
    ascii_text = unicodedata.normalize("NFKD", institution).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
    name = words if words[:1].isalpha() else f"pacs-{words}".strip("-")
    return f"{name[:40].rstrip('-')}.yaml"


def first_profile(answers: Answers) -> str:
    """The text of the profile that says what the answers say."""
    entries = {path: DraftEntry(value, remark=_REMARKS.get(path, "")) for path, value in _values(answers)}
    return profile_text(entries, _HEADING) + "\n" + template_text("repository/examples.yaml")


def complaint(question: InitQuestion, answers: Answers) -> tuple[str, str] | None:
    """Message and hint about the newest answer, those of `orthgen validate`; None where the profile can have it."""
    answer = answers[question.key]
    if question.choices:
        for word in _words(answer) if question.is_list else [answer]:
            if word not in question.choices:
                return f"`{word}` is not one of the answers", did_you_mean(word, tuple(question.choices))
        if question.is_list and NONE in _words(answer) and len(_words(answer)) > 1:
            return f"`{NONE}` is not an answer beside others", "name the others only"
    return next(
        (
            (finding.message, finding.hint or finding.rule.remedy)
            for finding in validate_text(first_profile(_completed(answers))).findings
            if _is_about(finding, question)
        ),
        None,
    )


def _is_about(finding: Finding, question: InitQuestion) -> bool:
    path = question.path
    return finding.severity is Severity.ERROR and bool(path) and finding.path[: len(path)] == path


def validate_text(text: str, name: str = "example.yaml") -> Validation:
    """The validation of a profile that is not in a file."""
    return validate_profile(name, read=lambda _: text.encode())


def _completed(answers: Answers) -> Answers:
    """The answers, with stand-ins for those that are not given yet."""
    filled = dict(answers)
    for question in questions(filled):
        filled.setdefault(question.key, question.default or _stand_in(question))
    return filled


def _stand_in(question: InitQuestion) -> str:
    if question.choices:
        return next(iter(question.choices), "")
    field = field_at(question.path)
    return str(placeholder(field)) if field is not None else ""


def _words(answer: str) -> list[str]:
    return [word.strip() for word in answer.split(",")]


def _values(answers: Answers) -> Iterator[tuple[Path, Any]]:
    """The values of the profile, in the order of the language."""
    yield ("orthgen",), 1
    yield ("institution", "name"), answers["name"]
    yield ("institution", "url"), answers["url"]
    yield ("institution", "languages"), _words(answers["languages"])
    yield ("release",), releases()[0]
    yield ("identity", "keycloak", "local-port"), LOCAL_PORT
    yield from _section((*SIGN_IN, answers["sign-in"]), answers)
    for key, role in ROLES.items():
        yield ("roles", role, "title"), _TITLES[key]
        yield ("roles", role, "can"), _RIGHTS[key]
        yield ("roles", role, "collections"), "all"
        if has_claims(answers):
            yield ("roles", role, "granted-by", 0), {answers["sign-in"]: answers[key]}
    if answers["viewers"] != NONE:
        for viewer in _words(answers["viewers"]):
            yield ("viewers", viewer), {}
    if "tls" in answers:
        keys = next((keys for keys in TLS_VARIANTS if keys[0] == answers["tls"]), ())
        for key in keys:
            yield from _section((*TLS, key), answers)
    if answers["target"] == KUBERNETES:
        yield ("deployment", KUBERNETES), {}
    for index, expectation in enumerate(_EXPECTATIONS):
        yield ("expectations", index), expectation


def _section(path: Path, answers: Answers) -> Iterator[tuple[Path, Any]]:
    """The settings of the sign-in method or of TLS at `path`; `{}` where it needs none."""
    if model_at(path) is None:
        choices = get_args(kind_at(path))
        yield path, choices[0] if choices else answers[f"{SETTING}{path[-1]}"]
        return
    model = model_of(path)
    keys = first_keys(model)
    if not keys:
        yield path, {}
    for key in keys:
        is_secret = kind_at((*path, key)) is SecretRef
        yield (*path, key), {"secret": f"{path[-1]}-{key}"} if is_secret else answers[SETTING + key]
    if "endpoints" in model.model_fields and f"{SETTING}token" in answers:
        endpoints = first_keys(model_of((*path, "endpoints")))
        yield (*path, "endpoints"), {key: answers[SETTING + key] for key in endpoints}
