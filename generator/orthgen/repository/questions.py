"""
Questions of `orthgen init`, made from the profile's models: sign-in methods, viewers and settings have no second list.

Which questions follow depends on earlier answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, cast, get_args, get_origin

from msgspec import Struct

from orthgen.field_types import Model, SecretRef, fields_of
from orthgen.formats.yaml_io import Path
from orthgen.profile.deployment import TLS_VARIANTS
from orthgen.profile.first_accounts import KINDS_WITHOUT_CLAIMS
from orthgen.profile.identity import Google, Ldap, OpenIdProvider, Saml, SignIn
from orthgen.profile.issuers import known_endpoints
from orthgen.profile.model_lookup import field_at, kind_at, model_at
from orthgen.viewers import VIEWERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIGN_IN: Path = ("identity", "sign-in", 0)
TLS: Path = ("deployment", "tls")
NONE = "none"
SETTING = "set "
"""The beginning of the keys of answers that `--set KEY=VALUE` gives: settings of the sign-in method or of TLS."""
PIPELINES = {
    "github": "GitHub Actions",
    "gitlab": "GitLab CI",
    "none": "no file for a pipeline",
}
KUBERNETES = "kubernetes"
TARGETS = {
    "compose": "one machine",
    KUBERNETES: "a cluster",
}
_CERTBOT = "letsencrypt"

# Optional keys without which a first profile is not valid, or open to everybody.
_FURTHER_KEYS: dict[type[Model], str] = {
    OpenIdProvider: "client-secret",
    Google: "hosted-domain",
    Saml: "metadata-url",
    Ldap: "groups-dn",
}


class InitQuestion(Struct, frozen=True):
    """A question: its key among the answers, its text, and the place of the answer in the profile."""

    key: str
    text: str
    path: Path = ()
    default: str | None = None
    choices: Mapping[str, str] = {}
    """The possible answers, each with its meaning; empty where any text is an answer."""
    is_list: bool = False
    """Whether an answer can have several words, separated by commas."""

    @property
    def option(self) -> str:
        """The option that gives the answer on the command line."""
        return f"--{self.key}=…" if self.key.startswith(SETTING) else f"--{self.key}"


Answers = dict[str, str]
"""Answers by the keys of their questions, as people write them."""


def questions(answers: Answers) -> Iterator[InitQuestion]:
    """The questions in their order. The caller puts each answer into `answers` before it takes the next question."""
    yield InitQuestion("name", "Name of the institution", ("institution", "name"), "Trial")
    yield InitQuestion(
        "url",
        "Address that browsers use, such as https://pacs.example.org; http://localhost for a trial",
        ("institution", "url"),
        "http://localhost",
    )
    yield InitQuestion(
        "languages",
        "Languages of the pages, the first is the default",
        ("institution", "languages"),
        "en",
        is_list=True,
    )
    yield InitQuestion("sign-in", "How people sign in", SIGN_IN, "accounts", _described_methods())
    yield from sign_in_settings(answers)
    yield from _holders(answers)
    yield InitQuestion("target", "Where it runs", ("deployment", KUBERNETES), "compose", TARGETS)
    yield from _tls(answers)
    viewers = {viewer.name: viewer.title for viewer in VIEWERS} | {
        NONE: "only the lists of Orthanc Explorer 2"
    }
    yield InitQuestion("viewers", "Viewers", ("viewers",), VIEWERS[0].name, viewers, is_list=True)
    yield InitQuestion("pipeline", "Pipeline that checks each change", (), "github", PIPELINES)


def choices(key: str) -> tuple[str, ...]:
    """The possible answers to the question `key` that does not depend on the sign-in method."""
    answers: Answers = {}
    for question in questions(answers):
        if question.key == key:
            return tuple(question.choices)
        answers[question.key] = (
            "https://pacs.example.org" if question.key == "url" else question.default or ""
        )
    return ()


def sign_in_settings(answers: Answers) -> Iterator[InitQuestion]:
    """The questions about the chosen sign-in method."""
    path = (*SIGN_IN, answers["sign-in"])
    yield from _settings(path, model_of(path))
    if not _has_endpoints(answers):
        endpoints = (*path, "endpoints")
        yield from _settings(endpoints, model_of(endpoints))


def _has_endpoints(answers: Answers) -> bool:
    """Whether nobody has to write the endpoints of the provider."""
    issuer = answers.get(f"{SETTING}issuer")
    return issuer is None or known_endpoints(issuer) is not None


def model_of(path: Path) -> type[Model]:
    """The model of the mapping at `path`."""
    model = model_at(path)
    assert model is not None  # noqa: S101 - the path leads to a mapping of the language
    return cast("type[Model]", model)


def _settings(path: Path, model: type[Model]) -> Iterator[InitQuestion]:
    """A question for each key that a first profile needs, except secrets."""
    for key in first_keys(model):
        if kind_at((*path, key)) is not SecretRef:
            kind = kind_at((*path, key))
            choices = {str(value): "" for value in get_args(kind)} if get_origin(kind) is Literal else {}
            text = f"`{key}`: {_described((*path, key))}"
            yield InitQuestion(SETTING + key, text, (*path, key), choices=choices)


def first_keys(model: type[Model]) -> list[str]:
    """The keys of a mapping that a first profile has."""
    further = {key for kind, key in _FURTHER_KEYS.items() if issubclass(model, kind)}
    return [key for key, field in fields_of(model).items() if field.is_required() or key in further]


def has_claims(answers: Answers) -> bool:
    """Whether the sign-in method sends values by which `granted-by` can give different people different roles."""
    return answers["sign-in"] not in KINDS_WITHOUT_CLAIMS


def _holders(answers: Answers) -> Iterator[InitQuestion]:
    if not has_claims(answers):
        return
    text = "App role, claim or group of {}, as the sign-in method sends it"
    for key, people in (("administrators", "administrators"), ("readers", "people who read images")):
        yield InitQuestion(key, text.format(people), ("roles", ROLES[key], "granted-by"), f"pacs-{key}")


ROLES = {"administrators": "pacs-admin", "readers": "reader"}
"""The two roles of a first profile, by the answer that says who holds them."""


def _tls(answers: Answers) -> Iterator[InitQuestion]:
    if not answers["url"].startswith("https:"):
        return
    # In a cluster, cert-manager speaks with Let's Encrypt, by an issuer that no question asks for.
    variants = [keys for keys in TLS_VARIANTS if answers["target"] != KUBERNETES or keys[0] != _CERTBOT]
    choices = {keys[0]: _described((*TLS, keys[0])) for keys in variants}
    yield InitQuestion("tls", "End of TLS", TLS, "own-authority", choices)
    keys = next((keys for keys in TLS_VARIANTS if keys[0] == answers["tls"]), ())
    for key in keys:
        path = (*TLS, key)
        if model_at(path) is not None:
            yield from _settings(path, model_of(path))
        elif get_origin(kind_at(path)) is not Literal:
            yield InitQuestion(SETTING + key, f"`{key}`: {_described(path)}", path)


def _described_methods() -> dict[str, str]:
    """The sign-in methods, each with its description."""
    return {key: _described((*SIGN_IN, key)) for key in fields_of(SignIn)}


def _described(path: Path) -> str:
    """The description of a key, without the value that it begins with: `proxy`: another proxy…"""
    field = field_at(path)
    text = re.sub(r"^`[^`]*`: ", "", field.description or "") if field is not None else ""
    return text[:1].upper() + text[1:].rstrip(".")
