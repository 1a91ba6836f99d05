"""`orthgen explain`: one decision and the whole chain of its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import OneProfile

if TYPE_CHECKING:
    from orthgen.authz.policy import Place, Policy, Principal
    from orthgen.deployment.model import Deployment


def explain(
    profile: OneProfile,
    method: Annotated[str | None, typer.Argument(metavar="[METHOD", help="GET, POST, PUT or DELETE.")] = None,
    path: Annotated[
        str | None, typer.Argument(metavar="PATH]", help="As browsers or as Orthanc see it, with its query.")
    ] = None,
    who: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="WHO",
            help="A role, `signed-out`, `instant-link` or `share-link`; roles that one person holds: repeat it. "
            "[default: signed-out]",
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", help="A label of the study that the path names; may be repeated."),
    ] = None,
    can: Annotated[
        str | None, typer.Option("--can", metavar="ACTION", help="An action instead of a request.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="COLLECTION", help="The collection that it is about.")
    ] = None,
    output: Annotated[Literal["text", "json"], typer.Option("--format", help="How it is told.")] = "text",
) -> None:
    """
    Explain one authorization decision: which stage decided, and which line of which file.

    Asks about one request (METHOD PATH, for a study with the labels given) or about an action (`--can`). A link
    is taken to be one to the very study. Tokens are sent in a header, or where PATH has one (`?token=…`), there.
    Exits with 5 where the answer is no.
    """
    from orthgen.products.access_page.model import access_policy
    from orthgen.rendering.pipeline import resolve_profile

    if (can is None) == (method is None or path is None):
        raise typer.BadParameter("ask for METHOD PATH, or for `--can ACTION`")
    deployment, loaded = resolve_profile(profile)
    policy = access_policy(deployment, loaded)
    principal = _principal(policy, who or ["signed-out"])
    place = _place(policy, on)
    if can is not None:
        granted = _explain_action(policy, principal, can, place, output)
    else:
        labels = frozenset(label or ()) | place.labels
        target = _inside(deployment, path or "")
        granted = _explain_request(policy, principal, (method or "").upper(), target, labels, output)
    if not granted:
        raise typer.Exit(ExitCode.DENIED)


def _explain_action(policy: Policy, principal: Principal, name: str, place: Place, output: str) -> bool:
    from orthgen.authz.actions import ACTIONS_BY_NAME
    from orthgen.authz.matrix import can
    from orthgen.errors import OrthgenError
    from orthgen.findings import did_you_mean
    from orthgen.report.console import Console
    from orthgen.report.decision import answer_text, answer_value, json_text

    action = ACTIONS_BY_NAME.get(name)
    if action is None:
        raise OrthgenError(f"unknown action `{name}`", hint=did_you_mean(name, ACTIONS_BY_NAME))
    console = Console()
    answer = can(policy, principal, action, place)
    console.say(json_text(answer_value(answer)) if output == "json" else answer_text(answer, console.out))
    return answer.can


def _explain_request(
    policy: Policy, principal: Principal, method: str, target: str, labels: frozenset[str], output: str
) -> bool:
    from orthgen.authz.actions import Step
    from orthgen.authz.report_uploads import body_of, is_stow
    from orthgen.report.console import Console
    from orthgen.report.decision import decision_text, decision_value, json_text

    study = policy.study_on_path(method, target, labels)
    # A report stands for what DICOMweb stores: what its body is decides.
    body = body_of(study.names["uid"]) if is_stow(method, target) else None
    decision = policy.ask(principal, study, method, target, body)
    step, console = Step(method, target), Console()
    told = (
        json_text(decision_value(step, decision))
        if output == "json"
        else decision_text(principal.name, step, decision, console.out)
    )
    console.say(told)
    return decision.granted


def _principal(policy: Policy, names: list[str]) -> Principal:
    from orthgen.authz.policy import PrincipalKind, holding_all
    from orthgen.errors import OrthgenError
    from orthgen.findings import did_you_mean

    principals = []
    for name in dict.fromkeys(names):
        principal = policy.principal(name)
        if principal is None:
            hint = did_you_mean(name, [known.name for known in policy.principals])
            raise OrthgenError(f"nobody is called `{name}` in this profile", hint=hint)
        principals.append(principal)
    alone = next(
        (principal.name for principal in principals if principal.kind is not PrincipalKind.ROLE), None
    )
    if len(principals) > 1 and alone is not None:
        raise OrthgenError(
            f"`{alone}` is nobody's role, so it cannot be held beside another one",
            hint="repeat `--as` for the roles that one person holds",
        )
    return holding_all(principals)


def _place(policy: Policy, name: str | None) -> Place:
    from orthgen.errors import OrthgenError
    from orthgen.findings import did_you_mean

    place = policy.place(name or "")
    if place is None:
        hint = did_you_mean(
            name or "", [known.name for known in policy.collections], otherwise="the profile has none"
        )
        raise OrthgenError(f"unknown collection `{name}`", hint=hint)
    return place


def _inside(deployment: Deployment, path: str) -> str:
    """
    A path as Orthanc sees it: without the origin and without the folder under which it is published.

    Raises `OrthgenError` for a path that another service answers.
    """
    from orthgen.errors import OrthgenError

    parts = urlsplit(path)
    if parts.scheme:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
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
    addresses = deployment.addresses
    others = []
    if deployment.ohif is not None and deployment.ohif.in_container:
        others.append((addresses.ohif_path, "OHIF's own server, which knows no patient"))
    if deployment.has_own_keycloak:
        others.append((addresses.keycloak_path, "Keycloak"))
    return others
