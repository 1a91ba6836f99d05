"""`orthgen diagnose`: an explanation of a deployment that somebody else wrote."""

from __future__ import annotations

from pathlib import Path

import click

from orthgen.cli.options import FILE, observed_paths, output_format

FAIL_ON = ("error", "warning", "note", "never")


@click.command
@observed_paths("Files and folders of a deployment, pasted texts, HAR recordings, logs; `-`: standard input.")
@output_format("text", "json", "sarif", "github", "gitlab")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="error",
    help="The least severity of a finding that gives exit code 5.",
)
@click.option(
    "--silence",
    "silence_file",
    metavar="FILE",
    type=FILE,
    help="The file of accepted findings; by default `.orthgen-diagnose.yaml` in a folder of PATH or the working folder.",
)
@click.option("--show-silenced", is_flag=True, help="Also show the findings that are accepted.")
@click.option(
    "--effective",
    is_flag=True,
    help="Show only the settings in force, of Orthanc and of each container, with the place of each value.",
)
def diagnose(
    paths: tuple[str, ...],
    output: str,
    fail_on: str,
    silence_file: Path | None,
    show_silenced: bool,
    effective: bool,
) -> None:
    """
    Explain a deployment: its mistakes, and why a request was refused.

    Reads configuration of Orthanc, Docker Compose, the auth-service, Keycloak and proxies, and requests, tokens and log
    lines, whole or as people paste them. Shows no secret and no token, and opens no connection. A finding is accepted by
    `silence: [{finding: ID, reason: TEXT, at: FILE}]` in `.orthgen-diagnose.yaml`, or by a comment
    `# orthgen: silence ID: TEXT` in its line or the line above. `sarif`, `github` and `gitlab` have the findings
    alone, as in `validate`.
    """
    from orthgen.cli.tasks.diagnose import diagnose_paths, show_effective

    if effective:
        if output not in {"text", "json"}:
            raise click.UsageError(
                f"`--format {output}` has findings: take `text` or `json` with `--effective`"
            )
        show_effective(paths, output)
        return
    diagnose_paths(paths, output, fail_on=fail_on, silence_file=silence_file, show_silenced=show_silenced)
