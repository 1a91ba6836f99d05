"""A standard configuration that the authorization plugin does not know."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.authz.plugin_releases import STANDARD_CONFIGURATIONS
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import did_you_mean, nearest

RULE = Rule(
    "unknown-standard-configuration",
    Severity.ERROR,
    summary="`StandardConfigurations` has a name that the authorization plugin silently ignores.",
    consequence="The viewer of that name shows an empty page: each of its files answers 403.",
    remedy="Correct the name.",
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "StandardConfigurations": ["orthanc-explorer-2", "ohif-viewer"],
            "CheckedLevel": "studies"
          }
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "StandardConfigurations": ["orthanc-explorer-2", "ohif"],
            "CheckedLevel": "studies"
          }
        }
    """,
)
_SINCE = {entry.name: ".".join(map(str, entry.since)) or "0" for entry in STANDARD_CONFIGURATIONS}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The plugin of this release knows every name."""
    for orthanc in deployment.orthancs:
        names = as_list(orthancs.setting(orthanc, "Authorization", "StandardConfigurations"))
        for index, name in enumerate(map(str, names)):
            location = orthancs.place(orthanc, "Authorization", "StandardConfigurations", index)
            close = _meant(name)
            if name not in _SINCE:
                yield Finding(
                    RULE,
                    f"the authorization plugin ignores the standard configuration `{name}`",
                    location,
                    f"did you mean `{close}`?" if close else did_you_mean(name, _SINCE),
                    replacement=f'"{close}"' if close else "",
                )
            elif orthancs.plugin_is_before(orthanc, _SINCE[name]):
                has = orthancs.component_version(orthanc, "authorization")
                yield Finding(
                    RULE,
                    f"the authorization plugin {has} does not know the standard configuration `{name}`",
                    location,
                    f"it is known from {_SINCE[name]} on: take a newer image of Orthanc",
                )


def _meant(name: str) -> str | None:
    """The name that another one is a part of, or is spelt like: `ohif-viewer` means `ohif`."""
    containing = [known for known in _SINCE if known in name or name in known]
    return containing[0] if len(containing) == 1 else nearest(name, _SINCE)
