"""`orthgen validate`: everything that is wrong with a profile, at once."""

from __future__ import annotations

import click

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import profiles, quiet


@click.command
@profiles
@click.option("--show-silenced", is_flag=True, help="Show the warnings that the profile silences, too.")
@quiet
def validate(profiles: tuple[str, ...], show_silenced: bool, quiet: bool) -> None:
    """Check profiles: shape, references, what the release can do, and every expectation. Writes nothing."""
    from orthgen.errors import OrthgenError
    from orthgen.products.access_page.model import access_policy
    from orthgen.rendering.pipeline import check_expectations, resolve_profile
    from orthgen.report.console import Console
    from orthgen.report.error import error_text
    from orthgen.report.findings import count_text, findings_text

    console = Console()
    failed = 0
    for path in profiles:
        try:
            deployment, loaded = resolve_profile(path)
            check_expectations(path, loaded, access_policy(deployment, loaded))
        except OrthgenError as error:
            failed += 1
            console.tell(error_text(error, console.err))
            continue
        if quiet:
            continue
        text = findings_text(loaded.warnings, loaded.sources.texts, console.err, with_silenced=show_silenced)
        if text:
            console.tell(text)
        expectations = len(deployment.profile.expectations)
        noted = f", {count_text(loaded.warnings)}" if loaded.warnings else ""
        held = f"; {expectations} expectations hold" if expectations else ""
        console.say(f"{path}: valid for release {deployment.release.name}{held}{noted}")
    if failed:
        raise click.exceptions.Exit(ExitCode.FAILED)
