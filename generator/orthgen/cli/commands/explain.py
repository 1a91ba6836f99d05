"""`orthgen explain`: one decision with all its reasons."""

from __future__ import annotations

from collections.abc import Iterable

import click

from orthgen.cli.options import completed, output_format, profile_or_deployment

METHODS = ("GET", "POST", "PUT", "DELETE")


def _actions() -> Iterable[str]:
    from orthgen.authz.actions import ACTIONS_BY_NAME

    return ACTIONS_BY_NAME


@click.command
@profile_or_deployment
@click.argument(
    "method",
    metavar="[METHOD]",
    required=False,
    shell_complete=completed(lambda: METHODS),
    help="GET, POST, PUT or DELETE.",
)
@click.argument(
    "path", metavar="[PATH]", required=False, help="The path with its query, as browsers or Orthanc see it."
)
@click.option(
    "--as",
    "persons",
    metavar="WHO",
    multiple=True,
    shell_complete=completed(lambda: ("signed-out", "instant-link", "share-link")),
    help="A role, `signed-out`, `instant-link` or `share-link`; roles that one person holds: repeat it. "
    "By default signed-out.",
)
@click.option(
    "--label",
    "labels",
    metavar="LABEL",
    multiple=True,
    help="A label of the study that the path names; may be repeated.",
)
@click.option(
    "--can",
    "action",
    metavar="ACTION",
    shell_complete=completed(_actions),
    help="An action instead of a request.",
)
@click.option("--on", "collection", metavar="COLLECTION", help="The collection of the studies.")
@output_format("text", "json")
def explain(
    profile: str,
    method: str | None,
    path: str | None,
    persons: tuple[str, ...],
    labels: tuple[str, ...],
    action: str | None,
    collection: str | None,
    output: str,
) -> None:
    """
    Explain one authorization decision: which stage decided, on which line.

    Give one request (METHOD PATH, for a study with the given labels) or an action (`--can`). A link is a link to this
    study. The token is in a header, or in PATH (`?token=…`). Exit code 5 if the decision is no.
    """
    from orthgen.cli.tasks.explain import AccessQuestion, explain_action, explain_request

    is_request = method is not None and path is not None
    if (action is None) != is_request or (action is not None and method is not None):
        raise click.UsageError("ask for METHOD PATH, or for `--can ACTION`")
    if action is not None and labels:
        raise click.UsageError("`--label` goes with METHOD PATH; with `--can`, use `--on COLLECTION`")
    if method is not None and method.upper() not in METHODS:
        raise click.UsageError(f"`{method}` is not a method of Orthanc: {', '.join(METHODS)}")
    if path is not None and not path.startswith(("/", "http://", "https://")):
        raise click.UsageError(f"a path begins with `/`: `/{path}`")
    question = AccessQuestion.read(profile, persons or ("signed-out",), collection)
    if action is not None:
        explain_action(question, action, output)
    else:
        explain_request(question, (method or "").upper(), path or "", labels, output)
