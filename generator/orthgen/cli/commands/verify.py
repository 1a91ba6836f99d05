"""`orthgen verify`: weaknesses of a running deployment, seen from outside."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import Struct

from orthgen.cli.options import FILE, SECRET_REFERENCE, option_group, output_format


class SubjectOptions(Struct, frozen=True):
    """Tokens (as references) and studies that the requests are about."""

    user_token: str | None
    link_token: str | None
    study: str | None
    other_study: str | None
    other_study_uid: str | None


@click.command
@click.argument("url", metavar="URL", help="Orthanc's address as browsers see it; nothing else is asked.")
@option_group(
    "subjects",
    SubjectOptions,
    click.option(
        "--user-token",
        metavar="REF",
        help=f"Where the token of somebody limited to some labels is ({SECRET_REFERENCE}).",
    ),
    click.option(
        "--link-token",
        metavar="REF",
        help=f"Where the token of a link to one study is ({SECRET_REFERENCE}).",
    ),
    click.option("--study", metavar="ID", help="The Orthanc id of a study that the limited user sees."),
    click.option(
        "--other-study", metavar="ID", help="The Orthanc id of a study that the limited user must not see."
    ),
    click.option(
        "--other-study-uid",
        metavar="UID",
        help="The DICOM UID of a study that the limited user must not see.",
    ),
)
@click.option("--yes", is_flag=True, help="Send what goes beyond reading without asking.")
@click.option("--list", "only_list", is_flag=True, help="Only show which requests may be sent; send none.")
@output_format("text", "json")
@click.option("--ca-file", metavar="FILE", type=FILE, help="The authority that signed the certificate (PEM).")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(0.1, 600),
    default=10,
    help="How long to wait for an answer.",
)
def verify(
    url: str,
    subjects: SubjectOptions,
    yes: bool,
    only_list: bool,
    output: str,
    ca_file: Path | None,
    timeout: float,
) -> None:
    """
    Ask a running deployment harmless questions, and show its weaknesses.

    Reads, and asks before it sends what would be a write: each of those is about something that cannot exist, or is
    no DICOM and no JSON, so that nothing happens even where it is let through. Requests go to the given address only;
    no redirect is followed. Exits with 0 where nothing is found open, 5 where something is, 6 where no Orthanc answers.
    """
    from orthgen.cli.tasks.verify import list_requests, probe
    from orthgen.probe.client import Client, parse_address

    client = Client(parse_address(url), ca_file=ca_file, seconds=timeout)
    if only_list:
        list_requests(output)
    else:
        probe(client, subjects, output, yes=yes)
