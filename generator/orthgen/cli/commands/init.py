"""`orthgen init`: the first profile of an institution, in a folder that is a git repository."""

from __future__ import annotations

from pathlib import Path

import click

from orthgen.cli.init_options import GivenAnswers, given_answers
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
@click.option("--yes", is_flag=True, help="Ask nothing: use the default where no option has the answer.")
@output_format("text", "json")
def init(folder: Path, given: GivenAnswers, yes: bool, output: str) -> None:
    """
    Write the first profile of an institution, and make its folder a git repository.

    Asks for what no option says, and checks each answer at once. If standard input is not a terminal, the command asks
    nothing. Beside the profile it writes its schema for editors, a README, a `.gitignore` that keeps secrets out of git,
    and a pipeline. Existing files stay as they are; in a folder with a profile the command changes nothing.
    """
    from orthgen.cli.tasks.init import start_repository

    start_repository(folder, given, output, yes=yes)
