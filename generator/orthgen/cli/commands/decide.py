"""`orthgen decide`: decisions on many requests, line by line, for programs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from orthgen.cli.options import FILE, completed


def _plugin_releases() -> Iterable[str]:
    from orthgen.authz.plugin_releases import releases

    return releases()


@click.command
@click.argument(
    "requests",
    metavar="[REQUESTS]",
    type=FILE,
    default=Path("-"),
    help="One JSON object per line, plain or gzipped; by default `-`, standard input.",
)
@click.option(
    "--orthanc",
    metavar="FILE",
    type=FILE,
    required=True,
    help="Orthanc's configuration, with or without comments.",
)
@click.option(
    "--permissions", metavar="FILE", type=FILE, required=True, help="The auth-service's permissions.json."
)
@click.option(
    "--resources",
    metavar="FILE",
    type=FILE,
    help="The studies that the requests name, with labels; a request can bring its own.",
)
@click.option(
    "--anonymous",
    metavar="FILE",
    type=FILE,
    help="The auth-service's anonymous profile; by default the image's own.",
)
@click.option(
    "--release",
    metavar="R",
    shell_complete=completed(_plugin_releases),
    help="The version of the authorization plugin; by default the newest known.",
)
@click.option(
    "--auth-service",
    type=click.Choice(["up", "down"]),
    help="Whether the auth-service answers; by default derived from its address.",
)
def decide(
    requests: Path,
    orthanc: Path,
    permissions: Path,
    resources: Path | None,
    anonymous: Path | None,
    release: str | None,
    auth_service: str | None,
) -> None:
    """
    Decide requests against an existing deployment's raw files, as the authorization plugin does.

    Writes one JSON object a line: allowed, denied_by (null, filter, callback or orthanc-401), reason, and the
    number of the request's line. An invalid line is reported with line and column; the rest goes on.
    """
    from orthgen.cli.tasks.decide import decide_lines, read_deployment

    given = {
        "orthanc": orthanc,
        "permissions": permissions,
        "resources": resources,
        "anonymous": anonymous,
    }
    files = {name: path for name, path in given.items() if path is not None}
    if [requests, *files.values()].count(Path("-")) > 1:
        raise click.UsageError("standard input (`-`) can be one of the files only")
    reachable = None if auth_service is None else auth_service == "up"
    decide_lines(read_deployment(files, release, reachable=reachable), requests)
