"""
The command line: the one place where an expected error becomes a message and an exit code.

Commands import what they need when they run, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import typer

from orthgen import __version__
from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.help import WIDEST, Command, Commands
from orthgen.errors import (
    DeploymentUnreachable,
    KeycloakRefused,
    KeycloakUnavailable,
    OrthgenError,
    Refused,
    UnsafePlan,
)

# In the order of `--help`. Each is a function in a module of `commands`, both of the same name.
COMMANDS = (
    "render",
    "validate",
    "secrets",
    "upgrade",
    "first-sign-in",
    "access",
    "explain",
    "decide",
    "provision-keycloak",
    "verify",
    "schema",
)


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"orthgen {__version__}")
        raise typer.Exit


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


def application(*names: str) -> typer.Typer:
    """The program with the commands of these names, or with all."""
    app = typer.Typer(
        add_completion=False,
        cls=Commands,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
        help="One YAML profile of an institution becomes a whole, consistent, hardened Orthanc deployment.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,  # what is not an OrthgenError is a bug, and keeps its traceback
        rich_markup_mode=None,  # plain help: it reads well in every terminal, pipe and log, and is twice as fast
    )
    app.callback()(_options)
    for name in names or COMMANDS:
        function = name.replace("-", "_")
        module = import_module(f"orthgen.cli.commands.{function}")
        app.command(name=name, cls=Command)(getattr(module, function))
    return app


def main() -> None:
    """Run a command line; every expected failure is shown by `views.error_view`."""
    # Only the command that is asked for is imported and inspected: all of them take longer than a render.
    wanted = [word for word in sys.argv[1:2] if word in COMMANDS]
    try:
        application(*wanted)(prog_name="orthgen")
    except OrthgenError as error:
        from orthgen.report.error import error_text

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
        (KeycloakUnavailable | DeploymentUnreachable, ExitCode.UNREACHABLE),
        (UnsafePlan, ExitCode.UNSAFE),
    )
    return next((code for kind, code in codes if isinstance(error, kind)), ExitCode.FAILED)
