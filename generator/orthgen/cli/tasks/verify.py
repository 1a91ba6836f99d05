"""Probe of a running deployment: requests, consent to those that go beyond reading, results."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.terminal import is_interactive, secret_source
from orthgen.probe.checks import CHECKS
from orthgen.probe.discovery import DISCOVERY_REQUESTS, discover
from orthgen.probe.model import Subjects, Tokens
from orthgen.probe.run import any_open, run, write_requests
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.probe import consent_text, requests_text, requests_value, results_text, results_value

if TYPE_CHECKING:
    from orthgen.cli.subject_options import SubjectOptions
    from orthgen.probe.client import Client
    from orthgen.probe.discovery import Discovery


def list_requests(output: str) -> None:
    """Show every request that may be sent."""
    requests = [*DISCOVERY_REQUESTS, *(check.request for check in CHECKS if check.request is not None)]
    Console().say(json_text(requests_value(requests)) if output == "json" else requests_text(requests))


def probe(client: Client, options: SubjectOptions, output: str, *, yes: bool) -> None:
    """Send the requests and show the results; exit with 5 where a weakness is open."""
    console = Console()
    tokens = _tokens(options)
    subjects = Subjects(options.study or "", options.other_study or "", options.other_study_uid or "")
    discovery = discover(client, tokens, subjects)
    results = run(client, discovery, tokens, with_writes=yes or _agreed(discovery, console))
    address = client.address.origin + client.address.path
    console.say(
        json_text(results_value(results, address))
        if output == "json"
        else results_text(results, address, console.out)
    )
    if any_open(results):
        sys.exit(ExitCode.DENIED)


def _agreed(discovery: Discovery, console: Console) -> bool:
    """Whether a person at the terminal agrees to the requests that go beyond reading."""
    requests = write_requests(discovery)
    if not requests or not is_interactive():
        return False
    console.tell(consent_text(requests))
    return click.confirm("Send them?", err=True)


def _tokens(options: SubjectOptions) -> Tokens:
    source = secret_source()
    references = {"user": options.user_token, "link": options.link_token}
    return Tokens(
        **{
            name: source.resolve(reference, f"{name}-token").strip().removeprefix("Bearer ")
            if reference
            else ""
            for name, reference in references.items()
        }
    )
