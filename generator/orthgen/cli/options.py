"""Shared arguments and options, and groups of options that reach a command as one object."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from orthgen.cli.exit_codes import ExitCode, exit_code
from orthgen.errors import OrthgenError
from orthgen.report.error import error_form
from orthgen.report.error_forms import ErrorForm, Failure
from orthgen.report.json_text import json_text

Command = Callable[..., None]
Decorator = Callable[[Command], Command]

SECRET_REFERENCE = "env:NAME, file:PATH, command:LINE or prompt"  # noqa: S105 - how references are written
STANDARD_INPUT = "-"


class _Folder(click.Path):
    """A folder's path. An empty one is refused: scripts write it where a variable is not set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("names no folder: write `.` for the current one", param, ctx)
        return super().convert(value, param, ctx)


FOLDER = _Folder(path_type=Path)
FILE = click.Path(path_type=Path, allow_dash=True)
PROFILE_FILE = click.Path(allow_dash=True)
"""The path of a profile, as text; shells complete it as a file."""


def completed(words: Callable[[], Iterable[str]]) -> Callable[..., list[str]]:
    """Completion in the shell from `words`, which are read when somebody presses the tab key."""

    def complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
        return [word for word in words() if word.startswith(incomplete)]

    return complete


def option_group(parameter: str, group: type[Struct], *options: Decorator) -> Decorator:
    """
    Add `options` to a command; their values arrive as one `group` object in the command's `parameter`.

    The group has one field for each option, of the option's name.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_group(**values: Any) -> None:
            fields = {field: values.pop(field) for field in group.__struct_fields__}
            command(**values, **{parameter: group(**fields)})

        decorated: Command = with_group
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def output_format(*formats: str) -> Decorator:
    """`--format`, one of `formats`; the first is the default. With `json`, an error is JSON as well."""
    option = click.option(
        "--format",
        "output",
        type=click.Choice(formats),
        default=formats[0],
        help="The form of the result on standard output.",
    )

    def decorate(command: Command) -> Command:
        @wraps(command)
        def reporting(**values: Any) -> None:
            try:
                command(**values)
            except (OrthgenError, click.UsageError) as error:
                if values["output"] == "json":
                    _report(error)
                raise

        decorated: Command = option(reporting)
        return decorated

    return decorate


def _report(error: OrthgenError | click.UsageError) -> None:
    """Write an error as JSON to standard output."""
    if isinstance(error, OrthgenError):
        form = error_form(error, exit_code(error))
    else:
        form = ErrorForm(Failure(error.format_message(), None), ExitCode.USAGE)
    click.echo(json_text(form))


profiles = click.argument(
    "profiles",
    nargs=-1,
    required=True,
    type=PROFILE_FILE,
    metavar="PROFILE...",
    help="The profiles (YAML); `-`: standard input.",
)
one_profile = click.argument(
    "profile", metavar="PROFILE", type=PROFILE_FILE, help="The profile (YAML); `-`: standard input."
)
profile_or_deployment = click.argument(
    "profile",
    metavar="PROFILE",
    type=PROFILE_FILE,
    help="The profile (YAML), or a folder, Compose file, orthanc.json or pasted text of a deployment; `-`: a profile from standard input.",
)
quiet = click.option(
    "--quiet", is_flag=True, help="Show errors only: no warnings, no progress, no line for success."
)


class DeploymentFolder(Struct, frozen=True):
    """The folder of a profile's deployment: `--out`, or below `--parent` by the name of the profile's file."""

    out: Path | None
    parent: Path

    def of(self, profile: str) -> Path:
        """The folder of the deployment of `profile`."""
        return self.out if self.out is not None else folder_of(profile, self.parent)


deployment_folder = option_group(
    "folder",
    DeploymentFolder,
    click.option(
        "--out",
        metavar="DIR",
        type=FOLDER,
        help="The deployment's folder, for one profile; by default PARENT/NAME, with the name of the profile's file.",
    ),
    click.option(
        "--parent",
        metavar="DIR",
        type=FOLDER,
        default=Path("deployment"),
        help="The parent folder of the deployments.",
    ),
)


def observed_paths(help_text: str) -> Decorator:
    """The files and folders of a deployment that somebody else wrote."""
    return click.argument(
        "paths",
        nargs=-1,
        required=True,
        type=click.Path(allow_dash=True),
        metavar="PATH...",
        help=help_text,
    )


def folder_of(profile: str, parent: Path = Path("deployment")) -> Path:
    """The folder of a profile's deployment where no option names it: named as the profile's file."""
    if profile == STANDARD_INPUT:
        raise click.UsageError("a profile from standard input has no folder: pass `--out`")
    name = Path(profile).name.removesuffix(".yaml").removesuffix(".yml")
    if name.strip(".") == "":
        raise click.UsageError(f"`{profile}` has no name for its folder: pass `--out`")
    return parent / name
