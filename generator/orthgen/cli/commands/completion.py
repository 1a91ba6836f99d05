"""`orthgen completion`: completion of commands and options in the shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from orthgen.report.console import Console

PROGRAM = "orthgen"
VARIABLE = "_ORTHGEN_COMPLETE"
"""The environment variable by which click's scripts ask the program."""


@click.command
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), help="The shell.")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """
    Print a script that completes commands, options and paths.

    bash: add `eval "$(orthgen completion bash)"` to ~/.bashrc; zsh: the same with `zsh`, to ~/.zshrc; fish:
    `orthgen completion fish > ~/.config/fish/completions/orthgen.fish`.
    """
    script = get_completion_class(shell)
    assert script is not None  # noqa: S101 - click knows the three
    Console().say(script(context.find_root().command, {}, PROGRAM, VARIABLE).source())
