"""The page about raw settings, `docs/settings.md`: what each key needs, and which are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.catalogue.prerequisites import Kind, rules
from orthgen.protected_settings import GUARANTEES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orthgen.catalogue.prerequisites import Prerequisite

_INTRODUCTION = """\
# Raw settings

For what the profile has no word for: `archive.settings` holds keys of Orthanc's own configuration, `interface.settings`
those of `OrthancExplorer2.UiOptions`. They are merged over what orthgen writes, and checked first:

- a key that the release does not read is an error, with the nearest one that it reads;
- a key that would undo what the deployment promises is refused, with the way of asking for what was meant;
- a key that cannot work here is refused: nothing is accepted without effect;
- a secret is named and never written.

This page is made from `generator/orthgen/catalogue/prerequisites.json` and `generator/orthgen/protected_settings.py` by
`python -m tests.support.regenerate`. A key stands for all below it, `*` for any name. A number or a switch that is not on
this page needs nothing.

## Secrets

```yaml
archive:
  settings:
    OrthancPeers:
      lyon:
        Url: https://lyon.example.org/orthanc/
        Username: alice
        Password: {secret: lyon-password}      # the name of a file below secrets/
```

`{secret: NAME}` may stand for any value below `archive.settings`, a whole object included (the file then holds JSON). It is
written nowhere: `orthgen secrets` asks for the file, and Orthanc's image reads it when the container starts. The image has no
name for the elements of a list, nor for a key with `_`, `.` or `/`. A value of digits alone becomes a number.

These are always secrets; so is what looks like one (a key such as `…Password` or `…Token`, a connection string, a bearer
token, an address with a user in it):

"""


def settings_page() -> str:
    """The whole page, Markdown, with a final newline."""
    secret = [key for rule in rules() if rule.need is Kind.SECRET for key in rule.keys]
    network = [key for rule in rules() if rule.need is Kind.NETWORK for key in rule.keys]
    lines = [
        _INTRODUCTION + _listed(secret),
        "",
        "## Other servers",
        "",
        "Orthanc is on internal networks only. Where one of these is configured, it gets a network that leads out:",
        "",
        _listed(network),
        "",
        "## What cannot work",
        "",
        "| key | why | instead |",
        "|---|---|---|",
        *(
            f"| {_keys(rule.keys)} | {_when(rule)}{rule.why} | {rule.instead} |"
            for rule in rules()
            if rule.need not in {Kind.SECRET, Kind.NETWORK, Kind.NOTHING}
        ),
        "",
        "`HttpsCACertificates` may name the system's own file, `/etc/ssl/certs/ca-certificates.crt`.",
        "",
        "## What stays as it is",
        "",
        "A value that changes nothing is let through.",
        "",
        "| key | why | instead |",
        "|---|---|---|",
        *(f"| {_keys(one.keys)} | {one.why} | {one.instead} |" for one in GUARANTEES),
        "",
        "## What needs nothing",
        "",
        *_sections([key for rule in rules() if rule.need is Kind.NOTHING for key in rule.keys]),
    ]
    return "\n".join(lines) + "\n"


def _when(rule: Prerequisite) -> str:
    if rule.need is Kind.VOLUME:
        return "beside S3: "
    return f"without `{rule.part}`: " if rule.part else ""


def _sections(keys: Iterable[str]) -> Iterator[str]:
    """A line for each section of Orthanc's configuration, the keys of the top level first."""
    sections: dict[str, list[str]] = {"": []}
    for key in keys:
        section, dot, _ = key.rpartition(".")
        sections.setdefault(section if dot else "", []).append(key)
    yield from (f"- {_listed(found)}" for found in sections.values() if found)


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys) + "."


def _keys(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)
