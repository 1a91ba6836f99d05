"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Profiles = Annotated[
    list[str], typer.Argument(metavar="PROFILE...", help="The profile (YAML); several are worked on at once.")
]
OneProfile = Annotated[str, typer.Argument(metavar="PROFILE", help="The profile (YAML).")]
