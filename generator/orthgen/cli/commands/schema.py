"""`orthgen schema`: the profile's JSON Schema for editors, or its reference page."""

from __future__ import annotations

from typing import Annotated, Literal

import typer


def schema(
    form: Annotated[
        Literal["json", "markdown"],
        typer.Option(
            "--format",
            metavar="json|markdown",
            help="`json`: for editors. `markdown`: the reference page.",
        ),
    ] = "json",
) -> None:
    """Print the JSON Schema of the profile, which editors use for completion, hover and errors."""
    from orthgen.formats.yaml_io import dump_json
    from orthgen.profile.json_schema import json_schema
    from orthgen.profile.reference import reference_page
    from orthgen.report.console import Console

    Console().say((dump_json(json_schema()) if form == "json" else reference_page()).rstrip("\n"))
