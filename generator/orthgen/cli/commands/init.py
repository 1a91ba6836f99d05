"""`orthgen init`: the first profile of an institution, in a folder that is a git repository."""

from __future__ import annotations

from pathlib import Path

import click

from orthgen.cli.init_options import Additions, GivenAnswers, additions, given_answers
from orthgen.cli.options import FOLDER, output_format


@click.command
@click.argument(
    "folder",
    type=FOLDER,
    default=Path(),
    metavar="[FOLDER]",
    help="The folder of the repository; by default the current one.",
)
@given_answers
@additions
@click.option("--yes", is_flag=True, help="Ask nothing: use the default where no option has the answer.")
@output_format("text", "json")
def init(folder: Path, given: GivenAnswers, additions: Additions, yes: bool, output: str) -> None:
    """
    Write the first profile of an institution, and make its folder a git repository.

    Asks for what no option says, and checks each answer at once. If standard input is not a terminal, the command asks
    nothing. Beside the profile it writes its schema for editors, a README, a `.gitignore` that keeps secrets out of git,
    and a pipeline. Existing files stay as they are; in a folder with a profile the command changes nothing.

    No registry is asked without `--lock`. Exit codes with it: 4 a registry refuses the sign-in, 6 it cannot be reached;
    then the files are written without the lock.
    """
    from orthgen.cli.tasks.init import start_repository

    start_repository(folder, given, additions, output, yes=yes)
