"""Paths of OHIF that do not fit together."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, routing
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "ohif-path-differs",
    Severity.ERROR,
    summary="OHIF's `routerBasename`, the reverse proxy and the address of OHIF do not name the same path.",
    consequence="OHIF shows a blank page, or 404 for its files.",
    remedy="Write `routerBasename: '/ohif'` without a slash at the end, serve it at `/ohif/`, and write `OhifViewer3PublicRoot` with "
    "that path.",
    file="app-config.js",
    example="""
        ==> orthanc.json <==
        {"OrthancExplorer2": {"UiOptions": {"OhifViewer3PublicRoot": "https://pacs.example.org/ohif/"}}}
        ==> app-config.js <==
        window.config = {
          routerBasename: '/viewer',
          dataSources: [],
        };
    """,
    counterexample="""
        ==> orthanc.json <==
        {"OrthancExplorer2": {"UiOptions": {"OhifViewer3PublicRoot": "https://pacs.example.org/ohif/"}}}
        ==> app-config.js <==
        window.config = {
          routerBasename: '/ohif',
          dataSources: [],
        };
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """OHIF is where its addresses lead."""
    for ohif in deployment.ohifs:
        base = ohif.settings.get("routerBasename")
        if not isinstance(base, str) or "$" in base:
            continue
        place = ohif.settings.locate(("routerBasename",))
        if len(base) > 1 and base.endswith("/") and ohif.settings.get("oidc", 0) is not None:
            yield Finding(
                RULE,
                f"`routerBasename` `{base}` ends in a slash: OHIF never finds the page after the sign-in",
                place,
                f"write `{base.rstrip('/')}`",
                replacement=f"'{base.rstrip('/')}'",
            )
        if len(deployment.ohifs) > 1:
            continue
        for name, path, location in _paths(deployment):
            if path != addresses.folder(base):
                better = path.rstrip("/") or "/"
                yield Finding(
                    RULE,
                    f"`routerBasename` is `{base}`, and {name} has OHIF at `{path}`",
                    place,
                    f"write `{better}`",
                    related=((location, name),),
                    replacement=f"'{better}'",
                )
                break


def _paths(deployment: ObservedDeployment) -> Iterator[tuple[str, str, Location]]:
    """The public paths of OHIF: what names them, the path, its place."""
    setting = ("OrthancExplorer2", "UiOptions", "OhifViewer3PublicRoot")
    for orthanc in deployment.orthancs:
        root = orthanc.settings.get(*setting)
        if isinstance(root, str) and root and "$" not in root:
            yield "Orthanc Explorer 2", addresses.folder(root), orthanc.settings.locate(setting)
    for _, _, location in routing.routes(deployment, Product.OHIF):
        if routing.prefix(location).endswith("/"):
            yield "the reverse proxy", location.path, location.location
