"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Profiles = Annotated[
    list[str], typer.Argument(metavar="PROFILE...", help="The profile (YAML); several are worked on at once.")
]
OneProfile = Annotated[str, typer.Argument(metavar="PROFILE", help="The profile (YAML).")]


def folder(text: str) -> Path:
    # `Path("")` would be the working directory: what a script writes where its variable is empty.
    if not text:
        raise typer.BadParameter("names no folder: write `.` for the one that you are in")
    return Path(text)


Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        parser=folder,
        help="The deployment's folder, for one profile; by default PARENT/NAME, by the name of the profile's file.",
    ),
]
Parent = Annotated[
    Path,
    typer.Option("--parent", metavar="DIR", parser=folder, help="The folder that the deployments are in."),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", help="Say only what is wrong: no warnings, no line for what succeeded.")
]
PARENT = Path("deployment")


def folder_of(profile: str, parent: Path = PARENT) -> Path:
    """Where the deployment of a profile is unless `--out` says so: a folder named as the profile's file."""
    name = Path(profile).name.removesuffix(".yaml").removesuffix(".yml")
    if name.strip(".") == "":
        raise typer.BadParameter(f"`{profile}` names no folder for its deployment: give it one with `--out`")
    return parent / name
