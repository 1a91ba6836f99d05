"""Warnings that a profile silences, each with the author's reason."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.authz import expectations
from orthgen.catalogue import digest_lock
from orthgen.findings import UNKNOWN_FINDING, UNUSED_SILENCE, Rule, Severity
from orthgen.formats import yaml_errors, yaml_io
from orthgen.profile import sources, validation_errors
from orthgen.profile.checks import CHECK_MODULES
from orthgen.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from orthgen.findings import Finding
    from orthgen.profile.checks import CheckContext
    from orthgen.profile.root import Silence

SILENCED_ERROR = Rule(
    "silenced-error",
    Severity.ERROR,
    summary="`silence` names an error. Errors stop the work and cannot be silenced.",
    remedy="Remove the item, and correct what the error says.",
    example="""
        silence: [{finding: plain-http, reason: the network is our own}]
    """,
)


@cache
def rules() -> dict[str, Rule]:
    """Every rule that a profile and its lock of image digests can have a finding of, by id."""
    modules = (yaml_errors, yaml_io, sources, validation_errors, *CHECK_MODULES, digest_lock, expectations)
    module_rules = [value for module in modules for value in vars(module).values() if isinstance(value, Rule)]
    return {rule.id: rule for rule in (*module_rules, UNKNOWN_FINDING, SILENCED_ERROR, UNUSED_SILENCE)}


def warnings() -> list[Rule]:
    """The rules that can be silenced."""
    return [rule for rule in rules().values() if rule.severity is Severity.WARNING]


def check_silences(context: CheckContext) -> Iterator[Finding]:
    """Every silence names a warning."""
    for index, silence in enumerate(context.profile.silence):
        path = ("silence", index, "finding")
        rule = rules().get(silence.finding)
        if rule is None:
            hint = did_you_mean(silence.finding, [each.id for each in warnings()])
            yield context.finding(UNKNOWN_FINDING, path, f"no finding is called `{silence.finding}`", hint)
        elif rule.severity is Severity.ERROR:
            message = f"`{silence.finding}` is an error, and errors cannot be silenced"
            yield context.finding(SILENCED_ERROR, path, message, SILENCED_ERROR.remedy)


def silenced(findings: Iterable[Finding], silences: Sequence[Silence]) -> list[Finding]:
    """The findings, those that a silence applies to with its reason."""
    if not silences:
        return list(findings)
    return [
        replace(finding, silenced=next((each.reason for each in silences if applies(each, finding)), ""))
        for finding in findings
    ]


def applies(silence: Silence, finding: Finding) -> bool:
    """Whether the silence is about this warning, at this place."""
    if finding.rule.id != silence.finding or finding.severity is not Severity.WARNING:
        return False
    place = dotted(finding.path)
    return silence.at is None or place == silence.at or place.startswith(f"{silence.at}.")


def dotted(path: tuple[str | int, ...]) -> str:
    """A path of keys as `at` names it: `identity.sign-in.0.ldap`."""
    return ".".join(str(element) for element in path)


def unused_silences(context: CheckContext, findings: Sequence[Finding]) -> Iterator[Finding]:
    """A warning for each silence that no finding is silenced by."""
    for index, silence in enumerate(context.profile.silence):
        if any(applies(silence, finding) for finding in findings):
            continue
        same = [finding for finding in findings if finding.rule.id == silence.finding and finding.path]
        message = f"nothing to silence: the profile has no warning `{silence.finding}`"
        hint = "remove the item"
        if same:
            message += f" at `{silence.at}`"
            hint = f"write `at: {dotted(same[0].path)}`, or remove the item"
        yield context.finding(UNUSED_SILENCE, ("silence", index, "finding"), message, hint)
