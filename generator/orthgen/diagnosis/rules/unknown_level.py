"""A level of resources that the authorization plugin does not know."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import did_you_mean, nearest

_LEVELS = ("patients", "studies", "series", "instances")
RULE = Rule(
    "unknown-level",
    Severity.ERROR,
    summary="`CheckedLevel` or `UncheckedLevels` names a level that does not exist.",
    consequence="Orthanc does not start.",
    remedy="Write `patients`, `studies`, `series` or `instances`; `UncheckedLevels` also takes `system`.",
    file="orthanc.json",
    example="""
        {"Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "study"}}
    """,
    counterexample="""
        {"Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}}
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Every level is one that the plugin knows."""
    for orthanc in deployment.orthancs:
        levels: list[tuple[Path, object]] = []
        checked = orthancs.setting(orthanc, "Authorization", "CheckedLevel")
        if checked is not None:
            levels.append((("Authorization", "CheckedLevel"), checked))
        unchecked = as_list(orthancs.setting(orthanc, "Authorization", "UncheckedLevels"))
        levels += [
            (("Authorization", "UncheckedLevels", index), level) for index, level in enumerate(unchecked)
        ]
        for path, level in levels:
            known = _LEVELS if path[1] == "CheckedLevel" else (*_LEVELS, "system")
            if level not in known:
                close = nearest(str(level), known)
                yield Finding(
                    RULE,
                    f"`{level}` is not a level of the authorization plugin",
                    orthanc.settings.locate(path),
                    did_you_mean(str(level), known),
                    replacement=f'"{close}"' if close else "",
                )
