"""`orthgen validate`: everything that is wrong with a profile, at once."""

from __future__ import annotations

import click

from orthgen.cli.options import output_format, profiles, quiet


@click.command
@profiles
@output_format("text", "json", "sarif", "markdown", "github", "gitlab")
@click.option("--show-silenced", is_flag=True, help="Also show the warnings that the profile silences.")
@quiet
def validate(profiles: tuple[str, ...], output: str, show_silenced: bool, quiet: bool) -> None:
    """
    Check profiles: shape, references, features of the release, expectations. Writes nothing.

    Each finding has an id in brackets; docs/findings.md explains it. SARIF 2.1.0 is for code scanning; `markdown`
    has a table for each profile; `github` marks the lines of a pull request by workflow commands; `gitlab` is a code
    quality report. If the environment variable ORTHGEN_DOCS_URL has the web address of the folder docs,
    SARIF links each rule to its entry there.
    """
    from orthgen.cli.tasks.validate import validate_profiles

    validate_profiles(profiles, output, show_silenced=show_silenced, quiet=quiet)
