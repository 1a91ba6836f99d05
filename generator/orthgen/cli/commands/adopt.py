"""`orthgen adopt`: a profile for a deployment that somebody else wrote."""

from __future__ import annotations

from pathlib import Path

import click

from orthgen.cli.options import FILE, observed_paths, output_format


@click.command
@observed_paths("Files and folders of the deployment; `-`: standard input.")
@click.option(
    "--out",
    metavar="FILE",
    type=FILE,
    help="Write the profile into this file, and the list to standard output; by default the profile goes there.",
)
@click.option("--force", is_flag=True, help="Overwrite the file of `--out`.")
@output_format("text", "json")
def adopt(paths: tuple[str, ...], out: Path | None, force: bool, output: str) -> None:
    """
    Write a profile from the files of an existing deployment.

    A comment behind each value names the place that it comes from. The list has the values that a person fills in, the
    secrets and data to take along, the changes, and the parts that no profile can have. Secrets become references; no
    value is shown.
    """
    from orthgen.cli.tasks.adopt import write_profile

    write_profile(paths, out, force=force, output=output)
