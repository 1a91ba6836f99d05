"""The page about raw settings, `docs/settings.md`: what each key needs, and which are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.catalogue import newest
from orthgen.catalogue.prerequisites import PrerequisiteKind, rules
from orthgen.catalogue.setting_values import accepted_values
from orthgen.protected_settings import PROTECTED_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orthgen.catalogue.prerequisites import Prerequisite
    from orthgen.catalogue.setting_values import AcceptedValues

_INTRODUCTION = """\
# Raw settings

`archive.settings` accepts keys of Orthanc's configuration that the profile does not have, `interface.settings` those of
`OrthancExplorer2.UiOptions`. orthgen checks them, and merges them over its own:

- If the release does not read a key, orthgen reports an error with the nearest key that it reads.
- If a key would undo a protection of the deployment, orthgen refuses it, and names the key of the profile to use instead.
- If a key cannot work in this deployment, orthgen refuses it. It accepts nothing without effect.
- If a component does not accept the word or the number, orthgen refuses it, and names what it accepts.
- For a secret, write a reference, never the value.

This page is made from `prerequisites.json` and `setting_values.json` in `generator/orthgen/catalogue/`, and from
`generator/orthgen/protected_settings.py`, by `python -m tests.support.regenerate`. A key includes all keys below it; `*` is any name. Numbers and switches that are not on
this page have no condition.

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

`{secret: NAME}` can replace any value below `archive.settings`, also a whole object (then the file contains JSON). No output
contains the value: `orthgen secrets` asks for the file, and Orthanc's image reads it when the container starts. The image
cannot name elements of a list, or a key with `_`, `.` or `/`. It reads a value of digits as a number.

The following keys are always secrets. So are values that look like a secret (a key such as `…Password` or `…Token`, a
connection string, a bearer token, an address with a user in it):

"""


def settings_page() -> str:
    """The whole page, Markdown, with a final newline."""
    secret = [key for rule in rules() if rule.need is PrerequisiteKind.SECRET for key in rule.keys]
    network = [key for rule in rules() if rule.need is PrerequisiteKind.NETWORK for key in rule.keys]
    lines = [
        _INTRODUCTION + _listed(secret),
        "",
        "## Other servers",
        "",
        "Orthanc is on internal networks only. With one of these keys, it gets a network with access to other servers:",
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
            if rule.need not in {PrerequisiteKind.SECRET, PrerequisiteKind.NETWORK, PrerequisiteKind.NOTHING}
        ),
        "",
        "`HttpsCACertificates` may name the system's own file, `/etc/ssl/certs/ca-certificates.crt`.",
        "",
        "## What stays as it is",
        "",
        "A value that changes nothing is accepted.",
        "",
        "| key | why | instead |",
        "|---|---|---|",
        *(f"| {_keys(setting.keys)} | {setting.why} | {setting.instead} |" for setting in PROTECTED_SETTINGS),
        "",
        "## Words and numbers",
        "",
        "Orthanc and most plugins do not start with another word or number; small and capital letters count.",
        "",
        "| key | accepts |",
        "|---|---|",
        *(
            f"| `{key}` | {_accepts(accepted)} |"
            for key, accepted in accepted_values(newest().components).items()
        ),
        "",
        "## What needs nothing",
        "",
        *_sections([key for rule in rules() if rule.need is PrerequisiteKind.NOTHING for key in rule.keys]),
    ]
    return "\n".join(lines) + "\n"


def _accepts(accepted: AcceptedValues) -> str:
    if accepted.what or not accepted.values:
        return accepted.expected
    flags = ["`true`", "`false`"] if accepted.flag else []
    return ", ".join([*(f"`{word}`" for word in accepted.values), *flags])


def _when(rule: Prerequisite) -> str:
    if rule.need is PrerequisiteKind.VOLUME:
        return "beside S3: "
    return f"without `{rule.part}`: " if rule.part else ""


def _sections(keys: Iterable[str]) -> Iterator[str]:
    """A line for each section of Orthanc's configuration, the keys of the top level first."""
    sections: dict[str, list[str]] = {"": []}
    for key in keys:
        section, dot, _ = key.rpartition(".")
        sections.setdefault(section if dot else "", []).append(key)
    yield from (f"- {_listed(names)}" for names in sections.values() if names)


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys) + "."


def _keys(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)
