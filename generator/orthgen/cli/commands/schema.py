"""`orthgen schema`: the profile's JSON Schema for editors, or its reference page."""

from __future__ import annotations

import click

from orthgen.cli.options import output_format


@click.command
@output_format("json", "markdown")
def schema(output: str) -> None:
    """
    Print the JSON Schema of the profile, for editors.

    Editors use it for completion, hover and errors. `--format markdown` prints the reference page of the language.
    """
    from orthgen.formats.yaml_io import dump_json
    from orthgen.profile.json_schema import json_schema
    from orthgen.profile.reference import reference_page
    from orthgen.report.console import Console

    Console().say((dump_json(json_schema()) if output == "json" else reference_page()).rstrip("\n"))
