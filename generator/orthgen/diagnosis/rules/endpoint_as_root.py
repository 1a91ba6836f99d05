"""A single address of the auth-service where its root is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/ENDPOINT",
        "StandardConfigurations": ["orthanc-explorer-2"],
        "CheckedLevel": "studies"
      }
    }
"""
RULE = Rule(
    "endpoint-as-root",
    Severity.ERROR,
    summary="`WebServiceRootUrl` has the path of one question to the auth-service.",
    consequence="The plugin adds its own paths, as `user/get-profile`. The auth-service answers 404, and Orthanc 403 to everybody.",
    remedy="Write the address without the path: `http://orthanc-auth-service:8000/`.",
    file="orthanc.json",
    example=_FILES.replace("ENDPOINT", "tokens/validate"),
    counterexample=_FILES.replace("ENDPOINT", ""),
)
# The paths that the plugin adds: orthanc-authorization 0.11.4, Plugin.cpp.
_ENDPOINT = re.compile(r"(?<=/)(?:tokens(?:/(?:validate|decode))?|user(?:/get-profile)?|settings/roles)/?$")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The root of the auth-service has none of its own paths."""
    for orthanc in deployment.orthancs:
        url = orthancs.setting(orthanc, "Authorization", "WebServiceRootUrl")
        if not isinstance(url, str) or _ENDPOINT.search(url) is None:
            continue
        better = _ENDPOINT.sub("", url)
        yield Finding(
            RULE,
            f"`WebServiceRootUrl` is `{url}`: the plugin asks `{url.rstrip('/')}/user/get-profile`, which does not exist",
            orthancs.place(orthanc, "Authorization", "WebServiceRootUrl"),
            f"write `{better}`",
            replacement=better,
        )
