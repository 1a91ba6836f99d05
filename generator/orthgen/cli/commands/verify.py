"""`orthgen verify`: weaknesses of a running deployment, seen from outside."""

from __future__ import annotations

from pathlib import Path

import click

from orthgen.cli.caller_options import CallerOptions, caller_options
from orthgen.cli.options import FILE, PROFILE_FILE, output_format


@click.command
@click.argument(
    "url", metavar="URL", help="Orthanc's address as browsers see it; requests go to no other address."
)
@click.option(
    "--expect",
    metavar="PROFILE",
    type=PROFILE_FILE,
    help="Compare the answers with the rights of this profile (YAML), or of this folder, Compose file, orthanc.json or pasted text of a "
    "deployment, and do not look for weaknesses.",
)
@caller_options
@click.option("--yes", is_flag=True, help="Send requests with a write method without confirmation.")
@click.option("--list", "only_list", is_flag=True, help="Show the possible requests, and send none.")
@output_format("text", "json")
@click.option("--ca-file", metavar="FILE", type=FILE, help="The authority that signed the certificate (PEM).")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(0.1, 600),
    default=10,
    help="The time limit for an answer, in seconds.",
)
def verify(
    url: str,
    expect: str | None,
    callers: CallerOptions,
    yes: bool,
    only_list: bool,
    output: str,
    ca_file: Path | None,
    timeout: float,
) -> None:
    """
    Ask a running deployment harmless questions, and show its weaknesses.

    The command reads. It asks before it sends requests with a write method. Each of these names a study that cannot
    exist, or has a body that is neither DICOM nor JSON, so that Orthanc changes nothing even if it accepts the request.
    Requests go to the given address only; the command follows no redirect. With `--expect`, any user may have the
    `--user-token`: the roles in it are expected to have the rights that the profile gives them. Exit codes: 0 no weakness is
    open, 5 a weakness is open or an answer differs, 6 no Orthanc answers.
    """
    from orthgen.cli.tasks.verify import compare, list_requests, probe
    from orthgen.probe.client import Client, parse_address

    client = Client(parse_address(url), ca_file=ca_file, seconds=timeout)
    if only_list:
        list_requests(output, expects=expect is not None)
    elif expect is not None:
        compare(client, callers, expect, output, yes=yes)
    else:
        probe(client, callers, output, yes=yes)
