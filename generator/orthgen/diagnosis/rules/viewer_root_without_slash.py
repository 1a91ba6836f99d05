"""An address of OHIF without its last slash."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "viewer-root-without-slash",
    Severity.ERROR,
    summary="`OhifViewer3PublicRoot` does not end in a slash.",
    consequence="The button opens an address that does not exist: `…/ohifviewer?…`.",
    remedy="Write the slash at the end.",
    file="orthanc.json",
    example='{"OrthancExplorer2": {"UiOptions": {"EnableOpenInOhifViewer3": true, "OhifViewer3PublicRoot": "/ohif"}}}',
    counterexample='{"OrthancExplorer2": {"UiOptions": {"EnableOpenInOhifViewer3": true, "OhifViewer3PublicRoot": "/ohif/"}}}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The address of OHIF ends in a slash."""
    path = ("OrthancExplorer2", "UiOptions", "OhifViewer3PublicRoot")
    for orthanc in deployment.orthancs:
        root = orthanc.settings.get(*path)
        if isinstance(root, str) and root and not root.endswith("/") and "$" not in root:
            yield Finding(
                RULE,
                f"`OhifViewer3PublicRoot` is `{root}`, without a slash at the end",
                orthanc.settings.locate(path),
                f"write `{root}/`",
                replacement=f'"{root}/"',
            )
