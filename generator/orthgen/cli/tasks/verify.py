"""Probe of a running deployment: requests, consent to those that go beyond reading, results."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.terminal import is_interactive, secret_source
from orthgen.probe.checks import CHECKS
from orthgen.probe.discovery import DISCOVERY_REQUESTS, discover
from orthgen.probe.expected.callers import known_callers
from orthgen.probe.expected.compare import Comparer, differs
from orthgen.probe.expected.questions import PROFILES, QUESTIONS
from orthgen.probe.model import GivenStudies, Tokens
from orthgen.probe.run import any_open, run, write_requests
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.probe import (
    comparisons_form,
    comparisons_text,
    consent_text,
    request_forms,
    requests_text,
    results_form,
    results_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.cli.caller_options import CallerOptions
    from orthgen.probe.client import Client
    from orthgen.probe.model import ProbeRequest


def list_requests(output: str, *, expects: bool) -> None:
    """Show every request that may be sent."""
    checked = [check.request for check in CHECKS if check.request is not None]
    compared = [*PROFILES, *(question.request for question in QUESTIONS)]
    requests = [*DISCOVERY_REQUESTS, *(compared if expects else checked)]
    Console().say(json_text(request_forms(requests)) if output == "json" else requests_text(requests))


def probe(client: Client, options: CallerOptions, output: str, *, yes: bool) -> None:
    """Send the requests and show the results; exit with 5 where a weakness is open."""
    console = Console()
    tokens, studies = _tokens(options), _given_studies(options)
    discovery = discover(client, tokens, studies)
    with_writes = yes or _agreed(write_requests(discovery), console)
    results = run(client, discovery, tokens, with_writes=with_writes)
    address = client.address.origin + client.address.path
    console.say(
        json_text(results_form(results, address))
        if output == "json"
        else results_text(results, address, console.out)
    )
    if any_open(results):
        sys.exit(ExitCode.DENIED)


def compare(client: Client, options: CallerOptions, expected: str, output: str, *, yes: bool) -> None:
    """Send the requests and show which answers are not those of the expected deployment; exit with 5 where some are not."""
    from orthgen.cli.tasks.asked_policy import read_asked_policy  # noqa: PLC0415 - the check for weaknesses reads no profile

    console = Console()
    tokens, studies = _tokens(options), _given_studies(options)
    asked = read_asked_policy(expected)
    discovery = discover(client, tokens, studies)
    policy = asked.policy
    has_proxy = asked.observed is not None and bool(asked.observed.proxies)
    known = known_callers(client, discovery, policy, tokens, studies)
    comparer = Comparer(client, discovery, policy, known, tokens, has_proxy and policy.guard is None)
    comparisons = comparer.compare(with_writes=yes or _agreed(comparer.write_requests(), console))
    address = client.address.origin + client.address.path
    console.say(
        json_text(comparisons_form(comparisons, address, expected))
        if output == "json"
        else comparisons_text(comparisons, address, expected, console.out)
    )
    if differs(comparisons):
        sys.exit(ExitCode.DENIED)


def _agreed(requests: Sequence[ProbeRequest], console: Console) -> bool:
    """Whether a person at the terminal agrees to the requests that go beyond reading."""
    if not requests or not is_interactive():
        return False
    console.tell(consent_text(requests))
    return click.confirm("Send them?", err=True)


def _given_studies(options: CallerOptions) -> GivenStudies:
    return GivenStudies(options.study or "", options.other_study or "", options.other_study_uid or "")


def _tokens(options: CallerOptions) -> Tokens:
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
