"""
The program: its commands, and the conversion of an expected error to a message and an exit code.

A command's module in `commands` declares its arguments and options; its work is in `tasks` and is imported when the
command runs, so that `--help` and completion of every command take a tenth of a second.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from orthgen import __version__
from orthgen.cli.exit_codes import ExitCode, exit_code
from orthgen.errors import OrthgenError
from orthgen.report.error import error_text
from orthgen.spelling import did_you_mean

# In the order of `--help`. Each is a click command in a module of `commands`, both of the same name.
COMMANDS = (
    "init",
    "render",
    "validate",
    "lock",
    "secrets",
    "rotate",
    "doctor",
    "add",
    "rename",
    "upgrade",
    "first-sign-in",
    "access",
    "explain",
    "decide",
    "diagnose",
    "provision-keycloak",
    "check-token",
    "verify",
    "adopt",
    "schema",
    "completion",
)
# Longer lines are hard to read, however wide the terminal is.
MAX_WIDTH = 100


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for (click's documentation, "Lazily Loading Subcommands")."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of `--help`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        function = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"orthgen.cli.commands.{function}"), function)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the line; an unknown name gets the nearest one as a hint."""
        if not ctx.resilient_parsing and args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], COMMANDS, otherwise="`orthgen --help` lists the commands")
            ctx.fail(f"there is no command `{args[0]}`; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands with whole sentences; click alone cuts each at the width of the terminal."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, command.get_short_help_str(limit=200)) for name, command in commands if command]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(
    cls=LazyGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": MAX_WIDTH,
        "show_default": True,
    },
)
@click.version_option(
    __version__, prog_name="orthgen", message="%(prog)s %(version)s", help="Show the version."
)
def orthgen() -> None:
    """One YAML profile of an institution becomes a whole, consistent, hardened Orthanc deployment."""


def main() -> None:
    """Run a command line; show an expected failure as a message, end with its exit code."""
    try:
        orthgen(prog_name="orthgen")
    except OrthgenError as error:
        sys.stderr.write(error_text(error, sys.stderr) + "\n")
        sys.exit(exit_code(error))
    except BrokenPipeError:
        # The reader of the output ended (`orthgen … | head`): nothing is wrong, and nothing can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.FAILED)
