"""The page about findings, `docs/findings.md`: every rule with its meaning, an example and the remedy."""

from __future__ import annotations

import importlib
from textwrap import dedent, wrap
from typing import TYPE_CHECKING

from orthgen.findings import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTRODUCTION = """\
# Findings

`orthgen validate` and every other command that reads a profile report findings. Each finding has a place, a remedy, and
an id in brackets:

```
site.yaml:9:17: warning: mails cross the network unencrypted [clear-text-smtp]
```

An **error** stops the work. A **warning** does not, and can be silenced in the profile, with the reason:

```yaml
silence:
  - finding: clear-text-smtp
    reason: the relay is in the same rack
    at: identity.smtp          # optional: only there, or below
```

Silenced warnings are counted in the last line; `orthgen validate --show-silenced` and `--format json` show them.

Each example is an overlay of `profiles/minimal.yaml`: save it in the same folder, with the line `extends: minimal.yaml`
above it. An example that begins with `extends:` is complete. Where an example is of another file, its name is above;
lines with `-` and `+` show what is changed in a good one.

Generated from the rules in `generator/orthgen/` by `python -m tests.support.regenerate`; do not edit.
"""

# The modules whose rules stand below a heading, in this order.
SECTIONS = {
    "Files": ("formats.yaml_errors", "formats.yaml_io", "profile.sources", "rendering.pipeline"),
    "Keys and values": ("profile.validation_errors", "profile.checks.effects", "profile.checks.lists"),
    "Names": ("profile.checks.references",),
    "Signing in": (
        "profile.checks.sign_in",
        "profile.checks.first_accounts",
        "profile.checks.providers",
        "profile.checks.sessions",
    ),
    "Rights": (
        "profile.checks.rights",
        "profile.checks.gathering",
        "profile.checks.limits",
        "profile.checks.signed_out",
    ),
    "Expectations": ("authz.expectations",),
    "Addresses and ports": (
        "profile.checks.addresses",
        "profile.checks.loopback",
        "profile.checks.ports",
        "profile.checks.subnets",
        "profile.checks.modalities",
        "profile.checks.cluster",
    ),
    "Databases": ("profile.checks.databases", "profile.checks.replicas"),
    "Links": ("profile.checks.links",),
    "Releases and raw settings": (
        "profile.checks.features",
        "profile.checks.raw_settings",
        "profile.checks.setting_values",
    ),
    "Silenced findings": ("profile.silencing",),
    "The lock of image digests": ("catalogue.digest_lock",),
    "Rendered files": (
        "consistency.public_addresses",
        "consistency.identity",
        "consistency.rights",
        "consistency.viewers",
        "consistency.services",
    ),
    "Files of an existing deployment": (
        "authz.config_files",
        "authz.config_section",
        "authz.plugin_config",
        "authz.auth_service",
    ),
    "Files that somebody else wrote": (
        "observed.files",
        "observed.json_text",
        "observed.variables",
        "observed.compose_project",
        "observed.inclusion",
        "observed.nginx",
        "observed.nginx_contexts",
        "observed.har",
        "diagnosis.silencing",
        "observed.ohif",
    ),
}


def findings_page() -> str:
    """The whole page, Markdown, with a final newline."""
    lines = [_INTRODUCTION]
    for title, rules in sections().items():
        lines += [f"## {title}", "", *(line for rule in rules for line in _entry(rule))]
    return "\n".join(lines)


def sections() -> dict[str, list[Rule]]:
    """The rules below each heading, each rule once."""
    seen: set[str] = set()
    result: dict[str, list[Rule]] = {}
    for title, names in SECTIONS.items():
        modules = [importlib.import_module(f"orthgen.{name}") for name in names]
        for rule in (value for module in modules for value in vars(module).values()):
            if isinstance(rule, Rule) and rule.id not in seen:
                seen.add(rule.id)
                result.setdefault(title, []).append(rule)
    return result


def _entry(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}"
    yield ""
    yield from wrapped(f"{rule.severity.value.capitalize()}. {rule.summary}")
    yield ""
    if rule.file != "example.yaml":
        yield f"`{rule.file}`:"
        yield ""
    yield f"```{_language(rule)}"
    yield dedent(rule.example).strip("\n")
    yield "```"
    yield ""
    if rule.also:
        yield f"The example also has {' and '.join(f'[{name}](#{name})' for name in rule.also)}."
        yield ""
    yield from wrapped(f"**Remedy:** {rule.remedy}")
    yield ""


def wrapped(text: str) -> list[str]:
    """A paragraph, in lines."""
    return wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def _language(rule: Rule) -> str:
    if dedent(rule.example).lstrip("\n").startswith(("- ", "+ ")) and rule.file != "example.yaml":
        return "diff"
    return language(rule.file)


def language(file: str) -> str:
    """The language of a file's text, as Markdown names it."""
    return _LANGUAGES.get(file.rpartition(".")[2], "yaml")


_LANGUAGES = {
    "json": "json",
    "conf": "nginx",
    "env": "sh",
    "js": "js",
    "txt": "json",
    "http": "http",
    "log": "text",
}
