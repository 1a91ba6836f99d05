"""Answers to one question about the authorization: a request, or an action."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from msgspec import Struct

from orthgen.authz.actions import ACTIONS_BY_NAME, ActionRequest
from orthgen.authz.matrix import can
from orthgen.authz.policy import Place, Policy, Principal, PrincipalKind, holding_all
from orthgen.authz.report_uploads import body_of, is_stow
from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.tasks.asked_policy import AskedPolicy, read_asked_policy
from orthgen.deployment.model import Deployment
from orthgen.diagnosis.refusal import orthanc_target
from orthgen.errors import OrthgenError
from orthgen.report.console import Console
from orthgen.report.decision import answer_form, answer_text, decision_form, decision_text
from orthgen.report.json_text import json_text
from orthgen.spelling import did_you_mean


class AccessQuestion(Struct, frozen=True):
    """A person and a place (a collection, or none) in a deployment."""

    asked: AskedPolicy
    policy: Policy
    principal: Principal
    place: Place

    @classmethod
    def read(cls, profile: str, persons: Sequence[str], collection: str | None) -> AccessQuestion:
        """The question about these names. Raises `OrthgenError` for a name that the profile does not have."""
        asked = read_asked_policy(profile)
        policy = asked.policy
        return cls(asked, policy, _principal(policy, persons), _place(policy, collection))


def explain_action(question: AccessQuestion, name: str, output: str) -> None:
    """Show whether the principal can do the action; exit with 5 where not."""
    action = ACTIONS_BY_NAME.get(name)
    if action is None:
        raise OrthgenError(f"unknown action `{name}`", hint=did_you_mean(name, ACTIONS_BY_NAME))
    console = Console()
    answer = can(question.policy, question.principal, action, question.place)
    console.say(json_text(answer_form(answer)) if output == "json" else answer_text(answer, console.out))
    if not answer.can:
        sys.exit(ExitCode.DENIED)


def explain_request(
    question: AccessQuestion, method: str, path: str, labels: Iterable[str], output: str
) -> None:
    """Show whether the request is granted, and every reason; exit with 5 where not."""
    policy, principal = question.policy, question.principal
    target = _inside(question.asked, path)
    study = policy.study_on_path(method, target, frozenset(labels) | question.place.labels)
    # A report stands for what DICOMweb stores: its body decides.
    body = body_of(study.names["uid"]) if is_stow(method, target) else None
    decision = policy.ask(principal, study, method, target, body)
    request, console = ActionRequest(method, target), Console()
    console.say(
        json_text(decision_form(request, decision))
        if output == "json"
        else decision_text(principal.name, request, decision, console.out)
    )
    if not decision.granted:
        sys.exit(ExitCode.DENIED)


def _principal(policy: Policy, names: Sequence[str]) -> Principal:
    principals = []
    for name in dict.fromkeys(names):
        principal = policy.principal(name)
        if principal is None:
            hint = did_you_mean(name, [known.name for known in policy.principals])
            raise OrthgenError(f"unknown role `{name}`", hint=hint)
        principals.append(principal)
    alone = next(
        (principal.name for principal in principals if principal.kind is not PrincipalKind.ROLE), None
    )
    if len(principals) > 1 and alone is not None:
        raise OrthgenError(
            f"`{alone}` is not a role, so it cannot be combined with another",
            hint="repeat `--as` for the roles that one person holds",
        )
    return holding_all(principals)


def _place(policy: Policy, name: str | None) -> Place:
    place = policy.place(name or "")
    if place is None:
        known = [collection.name for collection in policy.collections]
        hint = did_you_mean(name or "", known, otherwise="" if known else "there is none")
        raise OrthgenError(f"unknown collection `{name}`", hint=hint)
    return place


# What documentation writes in place of the identifier of a study, and an identifier as Orthanc makes them.
_PLACEHOLDER = re.compile(r"(?<=/)(?:(?:ORTHANC-)?ID|:id|\{[^/{}]*\}|<[^/<>]*>)(?=[/?]|$)")
_IDENTIFIER = "0f1e2d3c-4b5a6978-8796a5b4-c3d2e1f0-0f1e2d3c"


def _inside(asked: AskedPolicy, path: str) -> str:
    """
    A path as Orthanc sees it: without the origin and without the folder under which it is published.

    A placeholder such as `ID` becomes an identifier, because the rows of the permission table fit identifiers alone.

    Raises `OrthgenError` for a path that another service answers.
    """
    path = _PLACEHOLDER.sub(_IDENTIFIER, path)
    parts = urlsplit(path)
    if parts.scheme:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if asked.observed is not None:
        return orthanc_target(asked.observed, path)
    deployment = asked.deployment
    if deployment is None:  # pragma: no cover - an asked policy has one of the two
        return path
    for prefix, service in _others(deployment):
        if path.startswith(prefix):
            raise OrthgenError(
                f"`{path}` is answered by {service}, without asking Orthanc",
                hint=f"ask about a path below `{deployment.addresses.orthanc_path}`",
            )
    prefix = deployment.addresses.orthanc_path
    return "/" + path.removeprefix(prefix) if path.startswith(prefix) else path


def _others(deployment: Deployment) -> list[tuple[str, str]]:
    """The folders of the one address that belong to other services."""
    others = [
        (viewer.path, f"{viewer.title}'s own server, which knows no patient")
        for viewer in deployment.viewers
        if viewer.container
    ]
    if deployment.has_own_keycloak:
        others.append((deployment.addresses.keycloak_path, "Keycloak"))
    return others
