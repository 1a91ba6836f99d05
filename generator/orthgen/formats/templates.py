"""The only Jinja environment. Templates hold loops and ready values, and no decisions."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined


@cache
def _environment() -> Environment:
    # A wheel carries the templates inside the package; a checkout has them beside it.
    packaged = Path(__file__).parent.parent / "_templates"
    folder = packaged if packaged.is_dir() else Path(__file__).parents[3] / "templates"
    return Environment(
        bytecode_cache=_bytecode_cache(),
        autoescape=False,  # noqa: S701 - nginx, JavaScript and Lua, not HTML; values are checked in the profile
        keep_trailing_newline=True,
        loader=FileSystemLoader(folder),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )


def _bytecode_cache() -> FileSystemBytecodeCache | None:
    """
    Jinja's cache of compiled templates, in the user's cache folder; none where that cannot be written.

    Without it `render` takes 1.14 times the processor time. Jinja compiles a template anew whose text changed.
    """
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "orthgen"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK | os.X_OK) else None


def render_template(name: str, **values: Any) -> str:
    """The text of the template `name` with `values`; a missing value is an error with a name."""
    return _environment().get_template(name).render(**values)


def render_html(name: str, **values: Any) -> str:
    """The text of the HTML template `name`; a value is text and becomes no markup, unless it says that it is markup."""
    return _environment().overlay(autoescape=True).get_template(name).render(**values)


def template_text(name: str) -> str:
    """The text of the template `name` as it stands: one with nothing to fill in need not be compiled."""
    environment = _environment()
    assert environment.loader is not None  # noqa: S101 - set where the environment is made
    return environment.loader.get_source(environment, name)[0]
