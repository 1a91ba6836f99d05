"""How `--help` reads: usage, what the command does, its arguments and options in words; as wide as the terminal."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterable

# Lines longer than this are hard to read, however wide the terminal is.
WIDEST = 100

Rows = list[tuple[str, str]]


class Command(TyperCommand):
    """A command whose help names every argument and option as it is typed, without Python's types."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`PROFILE... [OPTIONS]`, with required options written out."""
        required = [option for option in options(self, ctx) if option.required]
        return [
            *(argument_name(argument) for argument in arguments(self, ctx)),
            *(f"{option.opts[0]} {value_name(option)}" for option in required),
            "[OPTIONS]",
        ]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Two lists: arguments, options."""
        _write(formatter, "Arguments", argument_rows(self, ctx))
        _write(formatter, "Options", option_rows(self, ctx))


class Commands(TyperGroup):
    """The program itself: its commands, each with the first sentence of its help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Answer a call for a command's help before anything is parsed: typer imports pydantic to parse."""
        command = self.commands.get(args[0]) if args else None
        if command is not None and not set(ctx.help_option_names).isdisjoint(args):
            own: Any = typer.Context(command, parent=ctx, info_name=args[0])
            typer.echo(command.get_help(own), color=ctx.color)
            ctx.exit()
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        """`COMMAND …`."""
        return ["COMMAND ..."]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Two lists: commands, options."""
        _write(formatter, "Commands", [(name, summary(self.commands[name])) for name in self.commands])
        _write(formatter, "Options", option_rows(self, ctx))


def summary(command: Any) -> str:
    """The first sentence of a command's help, on one line."""
    first = inspect.cleandoc(command.help or "").split("\n\n")[0].replace("\n", " ")
    return first.split(". ")[0].rstrip(".") + "."


def arguments(command: Any, ctx: Any) -> list[Any]:
    """The command's arguments, in their order."""
    return [parameter for parameter in command.get_params(ctx) if parameter.param_type_name == "argument"]


def options(command: Any, ctx: Any) -> list[Any]:
    """The command's options, in their order; `--help` last."""
    return [parameter for parameter in command.get_params(ctx) if parameter.param_type_name == "option"]


def argument_name(argument: Any) -> str:
    """`PROFILE`, `PROFILE...` where several may stand, `[REQUESTS]` where none has to."""
    name = str(argument.metavar or argument.name.upper()).strip("[]").removesuffix("...")
    name = f"{name}..." if argument.nargs != 1 else name
    return name if argument.required else f"[{name}]"


def argument_rows(command: Any, ctx: Any) -> Rows:
    """Each argument and what it is."""
    return [(argument_name(argument), argument.help or "") for argument in arguments(command, ctx)]


def option_rows(command: Any, ctx: Any) -> Rows:
    """Each option as it is typed, and what it does."""
    return [(_option_name(option), _option_text(option)) for option in options(command, ctx)]


def _option_name(option: Any) -> str:
    names = ", ".join(sorted((*option.opts, *option.secondary_opts), key=len))  # typer keeps them in a set
    return names if option.is_flag else f"{names} {value_name(option)}"


def value_name(option: Any) -> str:
    """What stands for the option's value: its own word for it, the words that it may be, or its name."""
    choices = getattr(getattr(option, "type_descriptor", None), "choices", None) or ()
    return str(option.metavar or "|".join(map(str, choices)) or option.name.upper())


def _option_text(option: Any) -> str:
    default = "" if option.is_flag or callable(option.default) else option.default
    notes = [
        *(["required"] if option.required else []),
        *([f"default: {default}"] if default not in {None, ""} and option.show_default else []),
    ]
    return f"{option.help or ''}{'  [' + '; '.join(notes) + ']' if notes else ''}"


def _write(formatter: Any, title: str, rows: Iterable[tuple[str, str]]) -> None:
    listed = list(rows)
    if listed:
        with formatter.section(title):
            formatter.write_dl(listed, col_max=36)
