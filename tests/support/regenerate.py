"""
Write the files that are made from the code: `python -m tests.support.regenerate`.

The tests fail where one of them is out of date; nothing else makes or changes them.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import click
from msgspec import UnsetType
from msgspec.structs import fields

from orthgen.cli import exit_codes
from orthgen.cli.app import COMMANDS, orthgen
from orthgen.formats.json_form import Form
from orthgen.formats.yaml_io import dump_json
from orthgen.profile.json_schema import json_schema
from orthgen.profile.reference import reference_page
from tests.support.diagnosis_page import diagnosis_page
from tests.support.findings_page import findings_page
from tests.support.images_page import images_page
from tests.support.import_graph import PAGE, imports_page
from tests.support.json_forms import FORMS, SHARED_FORMS
from tests.support.routes import routes_page
from tests.support.settings_page import settings_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]

_INTRODUCTION = """\
# The commands

Generated from the commands' own `--help` by `python -m tests.support.regenerate`; do not edit.

Results go to standard output; progress, warnings and errors go to standard error. With `--format json` standard output
holds one JSON value and nothing else, also if the command fails: see [Errors as JSON](#errors-as-json). `render` and
`validate` have an `error` for each profile instead. `-` as the name of a file is standard input. `--check` changes
nothing; exit code 3 means that there are changes. `--diff` shows the changes and never writes. Colour and width follow
the terminal, `NO_COLOR` and `FORCE_COLOR`. Completion in the shell: `orthgen completion`.
"""
_ERRORS = """\
A command that fails writes this JSON to standard output if it was called with `--format json`. The message for people is
on standard error, and the exit code is the same as without `--format json`. An option that does not exist, or a
value that it does not take, is reported on standard error only, with exit code 2.
"""
_EXIT_CODES = """\
## Exit codes

| code | meaning |
|---|---|
"""


def exit_code_rows() -> dict[int, str]:
    """Every exit code and its meaning, from the comments beside them."""
    lines = re.findall(r"^    [A-Z]+ = (\d+)  # (.+)$", inspect.getsource(exit_codes), re.MULTILINE)
    return {int(code): meaning for code, meaning in lines}


def commands() -> dict[str, tuple[click.Command, click.Context]]:
    """Every command, with the context in which its help is made."""
    program = click.Context(orthgen, info_name="orthgen", **orthgen.context_settings)
    contexts = {}
    for name in COMMANDS:
        command = orthgen.get_command(program, name)
        assert command is not None
        contexts[name] = command, click.Context(command, parent=program, info_name=name)
    return contexts


def subcommands(
    command: click.Command, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    """The commands of a group, with the contexts in which their help is made."""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield (
                command.commands[name],
                click.Context(command.commands[name], parent=context, info_name=name),
            )


def commands_page() -> str:
    """Markdown: every command with its arguments, options and exit codes."""
    lines = [_INTRODUCTION, "| command | does |", "|---|---|"]
    lines += [
        f"| [`{name}`](#orthgen-{name}) | {_first_sentence(command)} |"
        for name, (command, _) in commands().items()
    ]
    lines.append("")
    for command, context in commands().values():
        lines += _section(command, context)
    lines += ["## Errors as JSON", "", _ERRORS]
    for form in SHARED_FORMS:
        lines += _form(form)
    lines.append(_EXIT_CODES + "\n".join(f"| {code} | {text} |" for code, text in exit_code_rows().items()))
    return "\n".join(lines) + "\n"


def _first_sentence(command: click.Command) -> str:
    return command.get_short_help_str(limit=1000)


def _section(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## orthgen {context.info_name}"
    yield ""
    yield from _usage(command, context)
    for subcommand, below in subcommands(command, context):
        yield f"### {below.command_path}"
        yield ""
        yield from _usage(subcommand, below)
    for form in FORMS.get(context.info_name or "", ()):
        yield from _form(form)


def _usage(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"`{' '.join([context.command_path, *command.collect_usage_pieces(context)])}`"
    yield ""
    yield inspect.cleandoc(command.help or "")
    yield ""
    yield "| argument, option | meaning |"
    yield "|---|---|"
    for parameter in command.get_params(context):
        name, text = parameter.get_help_record(context) or ("", "")
        # GitHub cuts a table's cells before it reads what is code in them.
        cells = " | ".join(cell.replace("|", r"\|") for cell in (f"`{name}`", text))
        yield f"| {cells} |".replace("  [", " [")
    yield ""


def _form(form: type[Form]) -> Iterator[str]:
    description = inspect.cleandoc(form.__doc__ or "").rstrip(".")
    yield f"JSON, {form.__name__.removesuffix('Form')}: {description}."
    yield ""
    yield "| key | type | is |"
    yield "|---|---|---|"
    hints = get_type_hints(form, include_extras=True)
    for item in fields(form):
        kind, description = _described(hints[item.name])
        yield f"| `{item.encode_name}` | {kind} | {description} |"
    yield ""


_WORDS = {str: "text", bool: "true or false", int: "number", NoneType: "null", Any: "any"}


def _described(hint: Any) -> tuple[str, str]:
    """The type of a key in words, and its description."""
    kind, *metadata = get_args(hint)
    optional = ", or left out" if UnsetType in get_args(kind) else ""
    return _kind(kind) + optional, metadata[0].description


def _kind(kind: Any) -> str:
    if kind in _WORDS:
        return _WORDS[kind]
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if get_origin(kind) is tuple:
        return f"list of {_kind(arguments[0])}"
    if arguments:
        return " or ".join(_kind(part) for part in arguments if part is not UnsetType)
    return str(kind.__name__).removesuffix("Form")


GENERATED: dict[str, Callable[[], str]] = {
    "docs/commands.md": commands_page,
    "docs/contributing/images.md": images_page,
    PAGE: imports_page,
    "docs/diagnosis-rules.md": diagnosis_page,
    "docs/findings.md": findings_page,
    "docs/profile.md": reference_page,
    "docs/contributing/routes.md": routes_page,
    "docs/settings.md": settings_page,
    "profile.schema.json": lambda: dump_json(json_schema()),
}


def main() -> None:
    """Write each file that differs, and say so."""
    for name, make in GENERATED.items():
        path, text = ROOT / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{name} written\n")


if __name__ == "__main__":
    main()
