"""The only Jinja environment. Templates are text with loops and ready values; nothing in them decides."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orthgen.formats.template_cache import TemplateCache


@cache
def _environment() -> Environment:
    # A wheel carries the templates inside the package; a checkout has them beside it.
    packaged = Path(__file__).parent.parent / "_templates"
    folder = packaged if packaged.is_dir() else Path(__file__).parents[3] / "templates"
    return Environment(
        bytecode_cache=TemplateCache(),
        autoescape=False,  # noqa: S701 - nginx, JavaScript and Lua, not HTML; values are checked in the profile
        keep_trailing_newline=True,
        loader=FileSystemLoader(folder),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )


def render_template(name: str, **values: Any) -> str:
    """The text of the template `name` with `values`; a missing value is an error with a name."""
    return _environment().get_template(name).render(**values)


def template_text(name: str) -> str:
    """The text of the template `name` as it stands: one with nothing to fill in need not be compiled."""
    environment = _environment()
    assert environment.loader is not None  # noqa: S101 - set where the environment is made
    return environment.loader.get_source(environment, name)[0]
