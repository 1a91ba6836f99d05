"""
The command line: the one place where an expected error becomes a message and an exit code.

Commands import what they need when they run, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys

import typer

from generator import __version__
from generator.cli.commands.access import access
from generator.cli.commands.decide import decide
from generator.cli.commands.explain import explain
from generator.cli.commands.provision_keycloak import provision_keycloak
from generator.cli.commands.render import render
from generator.cli.commands.schema import schema
from generator.cli.commands.secrets import secrets
from generator.cli.commands.validate import validate
from generator.cli.exit_codes import ExitCode
from generator.cli.help import WIDEST, Command, Commands
from generator.errors import KeycloakRefused, KeycloakUnavailable, OrthgenError, Refused, UnsafePlan

app = typer.Typer(
    add_completion=False,
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
    help="One YAML profile of an institution becomes a whole, consistent, hardened Orthanc deployment.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # what is not an OrthgenError is a bug, and keeps its traceback
    rich_markup_mode=None,  # plain help: it reads well in every terminal, pipe and log, and is twice as fast
)

_COMMANDS = (render, validate, secrets, access, explain, decide, provision_keycloak, schema)
for _command in _COMMANDS:
    app.command(name=_command.__name__.replace("_", "-"), cls=Command)(_command)


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"orthgen {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: bool = typer.Option(
        False,
        "--version",
        callback=lambda value: _version(wanted=value),
        is_eager=True,
        help="Print the version.",
    ),
) -> None:
    """One YAML profile of an institution becomes a whole, consistent, hardened Orthanc deployment."""


def main() -> None:
    """Run a command line; every expected failure is shown by `views.error_view`."""
    # Looking for plugins of pydantic's reads the metadata of every installed package; none takes part here.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        app(prog_name="orthgen")
    except OrthgenError as error:
        from generator.views.error_view import error_text

        sys.stderr.write(error_text(error, sys.stderr) + "\n")
        sys.exit(exit_code(error))
    except BrokenPipeError:
        # The reader of our output went away (`orthgen … | head`): nothing is wrong, and nothing can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.FAILED)


def exit_code(error: OrthgenError) -> ExitCode:
    """The exit code that says what kind of failure `error` is."""
    codes = (
        (Refused | KeycloakRefused, ExitCode.REFUSED),
        (KeycloakUnavailable, ExitCode.UNREACHABLE),
        (UnsafePlan, ExitCode.UNSAFE),
    )
    return next((code for kind, code in codes if isinstance(error, kind)), ExitCode.FAILED)
