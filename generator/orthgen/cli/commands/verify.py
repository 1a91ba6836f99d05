"""`orthgen verify`: what a running deployment lets through, seen from outside."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orthgen.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from orthgen.probe.discovery import Survey
    from orthgen.probe.model import Tokens
    from orthgen.report.console import Console

_REF = "env:NAME, file:PATH, command:LINE or prompt"


def verify(
    address: Annotated[
        str,
        typer.Argument(metavar="URL", help="Orthanc's address as browsers see it; nothing else is asked."),
    ],
    user_token: Annotated[
        str,
        typer.Option(metavar="REF", help=f"Where the token of somebody limited to some labels is ({_REF})."),
    ] = "",
    link_token: Annotated[
        str, typer.Option(metavar="REF", help=f"Where the token of a link to one study is ({_REF}).")
    ] = "",
    study: Annotated[
        str, typer.Option(metavar="ID", help="The Orthanc id of a study that the limited user sees.")
    ] = "",
    other_study: Annotated[
        str, typer.Option(metavar="ID", help="The Orthanc id of a study that the limited user must not see.")
    ] = "",
    other_study_uid: Annotated[
        str, typer.Option(metavar="UID", help="The DICOM UID of a study that the limited user must not see.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Send what goes beyond reading without asking.")] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="Only show which requests may be sent; send none.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The results as JSON.")] = False,
    ca_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The authority that signed the certificate (PEM)."),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, max=600, help="How long to wait for an answer.")
    ] = 10,
) -> None:
    """
    Ask a running deployment harmless questions, and say which of the stack's weaknesses are open or closed.

    Reads, and asks before it sends what would be a write: each of those is about something that cannot exist, or is
    no DICOM and no JSON, so that nothing happens even where it is let through. Requests go to the given address only;
    no redirect is followed. Exits with 0 where nothing is found open, 5 where something is, 6 where no Orthanc answers.
    """
    from orthgen.probe.client import Client, parse_address
    from orthgen.probe.discovery import survey
    from orthgen.probe.model import Subjects
    from orthgen.probe.run import opened, run
    from orthgen.report.console import Console
    from orthgen.report.probe import results_json, results_text

    client, console = Client(parse_address(address), ca_file=ca_file, seconds=timeout), Console()
    if listed:
        _list(console)
        return
    tokens = _tokens(user_token, link_token)
    known = survey(client, tokens, Subjects(study, other_study, other_study_uid))
    results = run(client, known, tokens, with_writes=yes or _agreed(known, console))
    shown = client.address.origin + client.address.path
    console.say(results_json(results, shown) if as_json else results_text(results, shown, console.out))
    if opened(results):
        raise typer.Exit(ExitCode.DENIED)


def _list(console: Console) -> None:
    from orthgen.probe.checks import CHECKS
    from orthgen.probe.discovery import SURVEY
    from orthgen.report.probe import requests_text

    console.say(requests_text([*SURVEY, *(check.ask for check in CHECKS if check.ask is not None)]))


def _agreed(known: Survey, console: Console) -> bool:
    """Whether a person who is there agrees to the requests that go beyond reading."""
    from orthgen.probe.run import writes
    from orthgen.report.probe import requests_text

    wanted = writes(known)
    if not wanted or not sys.stdin.isatty():
        return False
    console.tell("These requests go beyond reading. Where they are let through, Orthanc has nothing to do:")
    console.tell(requests_text(wanted))
    return typer.confirm("Send them?", err=True)


def _tokens(user: str, link: str) -> Tokens:
    from orthgen.probe.model import Tokens
    from orthgen.secret_source import SecretSource

    source = SecretSource(Path())
    if not sys.stdin.isatty():
        source.ask = None
    found = {
        name: source.resolve(reference, f"{name}-token").strip().removeprefix("Bearer ") if reference else ""
        for name, reference in (("user", user), ("link", link))
    }
    return Tokens(**found)
