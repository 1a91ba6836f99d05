"""Why requests were refused: the reasons of the model (`orthgen.authz`), over the observed files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from orthgen.authz.decide import decide
from orthgen.authz.evaluation_state import route_of
from orthgen.authz.model import Decision, Request, Token, TokenKind
from orthgen.authz.permission_table import UndecidablePattern
from orthgen.authz.policy import Study, make_study
from orthgen.authz.resources import STORED_LEVELS, Level
from orthgen.authz.touched_resources import Named
from orthgen.diagnosis.filter_model import ObservedFilter, filter_of, orthanc_with_filter
from orthgen.diagnosis.refusal_steps import label_step, link_step, permission_step, profile_step, role_step
from orthgen.diagnosis.remedies import remedies_for
from orthgen.diagnosis.responses import Answerer, answerer, time_of
from orthgen.diagnosis.sent_tokens import SentToken, sent_token
from orthgen.diagnosis.statements import ReasonStep, Statement
from orthgen.errors import InputError
from orthgen.findings import Location
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.observed.recording_model import Exchange
from orthgen.observed.settings import Layer, Settings

_FORBIDDEN = 403
_REFUSED = frozenset({401, _FORBIDDEN})
# Requests that differ in their ids only are explained once; of the others, so many.
MAX_REFUSALS = 8
_MAX_ROLES = 8
_ID = r"(?<=/)(?:[0-9a-f]{8}(?:-[0-9a-f]{8}){4}|[0-9.]{6,})(?=/|$|\?)"
_KEYCLOAK_PATH = r"(?:/[^/?]+)*/(?:realms|protocol|admin/realms)/"
# How the official samples set the plugin up (orthanc-auth-service 26.4.1, minimal-setup/keycloak).
_SAMPLE: dict[str, Any] = {
    "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
    "StandardConfigurations": ["orthanc-explorer-2", "stone-webviewer", "ohif"],
    "CheckedLevel": "studies",
}


class Refusal(Struct, frozen=True):
    """
    A refused request with the chain of reasons.

    `decision` is the model's, None where the plugin was not asked. `alike` counts further requests that differ in ids only.
    """

    exchange: Exchange
    refused_by: Answerer
    steps: tuple[ReasonStep, ...]
    remedies: tuple[str, ...]
    token: SentToken | None = None
    target: str = ""
    decision: Decision | None = None
    filter: ObservedFilter | None = None
    alike: int = 0


def refusals(deployment: ObservedDeployment) -> tuple[Refusal, ...]:
    """The explanations of the refused requests, each kind once, in the order in which they were seen."""
    kinds: dict[tuple[object, ...], list[Exchange]] = {}
    for exchange in deployment.exchanges:
        path = exchange.target.partition("?")[0]
        if exchange.status not in _REFUSED or not exchange.method or re.match(_KEYCLOAK_PATH, path):
            continue
        token_types = tuple(str(token.claims.get("type")) for token in exchange.tokens)
        kind = (exchange.method, re.sub(_ID, "ID", path), exchange.status, token_types)
        kinds.setdefault(kind, []).append(exchange)
    alike = list(kinds.values())[:MAX_REFUSALS]
    return tuple(replace(_explained(deployment, each[0]), alike=len(each) - 1) for each in alike)


def _explained(deployment: ObservedDeployment, exchange: Exchange) -> Refusal:
    refused_by, evidence = answerer(exchange)
    has_plugin = orthanc_with_filter(deployment) is not None
    first = ReasonStep("Refused by", (evidence,))
    if refused_by in {Answerer.PROXY, Answerer.ORTHANC}:
        remedies = remedies_for(refused_by, exchange.method, None, None, has_plugin=has_plugin)
        return Refusal(exchange, refused_by, (first,), remedies)
    orthanc, is_sample = _orthanc(deployment, exchange.status)
    time = time_of(exchange)
    sent = sent_token(deployment, orthanc, exchange, time)
    target = orthanc_target(deployment, exchange.target)
    try:
        observed = filter_of(deployment, orthanc, f"{time:%Y-%m-%d}" if time is not None else "")
        steps, decision = _steps(deployment, observed, exchange.method, target, sent)
    except (InputError, UndecidablePattern) as problem:
        steps = [ReasonStep("Permission", (Statement(f"Not decided: {problem.message}."),))]
        return Refusal(exchange, refused_by, (first, *steps), (), sent, target)
    if is_sample:
        text = "The plugin's configuration was not seen; these are the steps of the official samples' configuration."
        first = ReasonStep(first.title, (*first.statements, Statement(text)))
    return Refusal(
        exchange,
        refused_by,
        (first, *steps),
        remedies_for(refused_by, exchange.method, sent, decision, has_plugin=has_plugin),
        sent,
        target,
        decision,
        observed,
    )


def _steps(
    deployment: ObservedDeployment, observed: ObservedFilter, method: str, target: str, sent: SentToken | None
) -> tuple[list[ReasonStep], Decision]:
    tokens = (sent.token,) if sent is not None else ()
    study = _study(observed, method, target, sent)
    request = Request(method, target, tokens, study.resources)
    decision = decide(observed.configuration, observed.service, request)
    by_role = _decisions_by_role(observed, request, sent)
    if by_role and not any(each.granted for _, each in by_role):
        decision = by_role[0][1]  # of anybody who may have sent it
    steps = [
        ReasonStep(
            "Token", sent.statements if sent is not None else (Statement("The request carries no token."),)
        )
    ]
    steps.append(profile_step(deployment, observed, sent))
    steps += permission_step(observed, request)
    steps += role_step(observed, by_role) if by_role else label_step(decision)
    steps += link_step(observed, request, decision, sent)
    if decision.granted and sent is None and not observed.has_anonymous_profile:
        text = (
            "With that profile this request is allowed, so that another one is in force: the plugin asks for no anonymous profile "
            "before version 0.10.0, and the auth-service's image has an empty one before 25.8.0."
        )
        steps.append(ReasonStep("Decision", (Statement(text),)))
    if (
        decision.granted
        and sent is not None
        and (observed.has_roles or sent.token.kind is not TokenKind.USER)
    ):
        text = "By what was read, this request is allowed. The cause is in a part that was not seen."
        steps.append(ReasonStep("Decision", (Statement(text),)))
    return steps, decision


def _decisions_by_role(
    observed: ObservedFilter, request: Request, sent: SentToken | None
) -> list[tuple[str, Decision]]:
    """The decision for each role of permissions.json, where the token of the request was not seen."""
    if sent is None or sent.is_seen or not observed.has_roles or observed.has_shipped_roles:
        return []
    decisions = []
    for role in list(observed.service.roles)[:_MAX_ROLES]:
        token = Token(sent.token.name, TokenKind.USER, roles=(role,))
        asked = replace(request, tokens=(token,))
        decisions.append((role, decide(observed.configuration, observed.service, asked)))
    return decisions


def _study(observed: ObservedFilter, method: str, target: str, sent: SentToken | None) -> Study:
    """A study that answers to the ids of the path; a series or an instance is taken for one of the linked study."""
    touched = route_of(observed.configuration, Request(method, target)).touched
    identifiers: dict[Level, tuple[str, str]] = {}
    if touched.named in {Named.ORTHANC_ID, Named.SEVERAL} and touched.names:
        level = touched.level if touched.level is not Level.SYSTEM else Level.STUDY
        identifiers[level] = (touched.names[0], "")
    elif touched.named is Named.PATIENT_ID:
        identifiers[Level.PATIENT] = ("", touched.names[0])
    elif touched.named is Named.DICOM_UIDS:
        uids = zip(STORED_LEVELS[1:], touched.names, strict=False)
        identifiers = {level: ("", uid) for level, uid in uids}
    linked = sorted(sent.token.studies) if sent is not None else []
    if linked and Level.STUDY not in identifiers and identifiers:
        identifiers[Level.STUDY] = (linked[0], "")
    return make_study(target, frozenset(), identifiers)


def _orthanc(deployment: ObservedDeployment, status: int) -> tuple[Orthanc, bool]:
    """
    The Orthanc with the plugin's section, and whether that section is assumed: as the samples write it.

    Orthanc's own authentication answers 401. A 403 shows that it is off, or was passed.
    """
    with_plugin = orthanc_with_filter(deployment)
    observed = with_plugin or next(
        iter(deployment.orthancs), Orthanc("orthanc", Settings(), is_complete=False)
    )
    layers = observed.settings.layers
    if with_plugin is None:
        layers = (_layer({"Authorization": _SAMPLE}), *layers)
    if status == _FORBIDDEN:
        layers = (*layers, _layer({"AuthenticationEnabled": False}))
    return replace(observed, settings=Settings(layers)), with_plugin is None


def _layer(settings: dict[str, Any]) -> Layer:
    """Settings that no file states."""
    return Layer("assumed", settings, lambda _: Location("", 1, 1))


def orthanc_target(deployment: ObservedDeployment, target: str) -> str:
    """The target as Orthanc receives it: without the folder under which a proxy publishes Orthanc."""
    for prefix in _published_folders(deployment):
        if target.startswith(prefix):
            return "/" + target.removeprefix(prefix)
    return target


def _published_folders(deployment: ObservedDeployment) -> Iterator[str]:
    """Folders that a proxy cuts off before it asks Orthanc, the longest first; the samples' one where no proxy was seen."""
    folders = {
        location.path
        for proxy in deployment.proxies
        for server in proxy.servers
        for location in server.locations
        if location.passes_uri and location.path.endswith("/") and "orthanc" in location.upstream
    }
    yield from sorted(folders - {"/"}, key=len, reverse=True)
    if not deployment.proxies:
        yield "/orthanc/"
