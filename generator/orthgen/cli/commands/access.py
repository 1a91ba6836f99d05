"""`orthgen access`: rights of each person on each collection, and gains and losses of a change."""

from __future__ import annotations

import click

from orthgen.cli.options import PROFILE_FILE, output_format


def _two_words(
    ctx: click.Context, param: click.Parameter, value: tuple[str, str] | None
) -> tuple[str, str] | None:
    """The two profiles; click itself takes an option behind `--diff` for one of them."""
    option = next((word for word in value or () if word.startswith("--")), None)
    if option is not None:
        raise click.BadParameter(f"`--diff` takes the two words after it, not `{option}`", ctx, param)
    return value


@click.command
@click.argument(
    "profile",
    metavar="[PROFILE]",
    required=False,
    type=PROFILE_FILE,
    help="The profile (YAML), or a folder, Compose file, orthanc.json or pasted text of a deployment; `-`: a profile from standard input. Not with `--diff`.",
)
@click.option(
    "--diff",
    nargs=2,
    type=PROFILE_FILE,
    metavar="OLD NEW",
    callback=_two_words,
    help="Show gains and losses between two profiles or deployments, or a git revision (`HEAD~1`, `v2:site.yaml`) and a profile.",
)
@click.option(
    "--language",
    metavar="TAG",
    help="The language of the page (`en`, `fr`, `de`, `nl`); by default the institution's first one. With `--html`.",
)
@click.option("--html", is_flag=True, help="The page for the people who approve: `--format html`.")
@output_format("text", "markdown", "json", "html")
def access(
    profile: str | None, diff: tuple[str, str] | None, output: str, language: str | None, html: bool
) -> None:
    """
    Show what each person can do on which collection.

    The answers come from a model of the plugin, the auth-service and the guard. An action is possible if all its
    requests are granted. A deployment is read as `orthgen diagnose` reads it; each label that a role names is a collection.
    Its nginx counts if it has the guard as this version of orthgen writes it. With `--diff`: exit code 5 if a person gains
    access. `--html` makes one page without scripts: the rights with their reasons, the roles, the connections, a digest, and
    lines for signatures; with `--diff` also the changes since OLD.
    """
    from orthgen.cli.tasks.access import show_difference, show_rights

    if (profile is None) == (diff is None):
        raise click.UsageError("give one profile, or `--diff OLD NEW`")
    if html and output not in {"text", "html"}:
        raise click.UsageError(f"`--html` is `--format html`, and not `--format {output}`")
    output = "html" if html else output
    if language is not None and output != "html":
        raise click.UsageError("`--language` goes with `--html`")
    if diff is not None:
        show_difference(*diff, output, language)
    else:
        show_rights(str(profile), output, language)
