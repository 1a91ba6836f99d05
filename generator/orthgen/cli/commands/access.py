"""`orthgen access`: rights of each person on each collection, and gains and losses of a change."""

from __future__ import annotations

import click

from orthgen.cli.options import output_format


@click.command
@click.argument(
    "profile",
    metavar="[PROFILE]",
    required=False,
    help="The profile (YAML); `-`: standard input. Not with `--diff`.",
)
@click.option(
    "--diff",
    nargs=2,
    metavar="OLD NEW",
    help="What each person gains and loses: two profiles, or a git revision (`HEAD~1`, `v2:site.yaml`) of one.",
)
@output_format("text", "markdown", "json")
def access(profile: str | None, diff: tuple[str, str] | None, output: str) -> None:
    """
    Show what each person can do on which collection.

    Asks a model of the plugin, the auth-service and the guard. Every action stands for the requests that it takes,
    all of which have to be granted. With `--diff` the exit code is 5 where somebody gains something.
    """
    from orthgen.cli.tasks.access import show_difference, show_rights

    if (profile is None) == (diff is None):
        raise click.BadParameter("give one profile, or `--diff OLD NEW`")
    if diff is not None:
        show_difference(*diff, output)
    else:
        show_rights(str(profile), output)
