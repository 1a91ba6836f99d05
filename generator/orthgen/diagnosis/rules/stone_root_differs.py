"""A Stone Web Viewer that looks for DICOMweb at another path."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import relpath
from urllib.parse import urljoin

from orthgen.diagnosis.facts import addresses, routing
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

_FILE = """
    {
      "RegisteredUsers": {"reception": "a-long-password-1"},
      "DicomWeb": {"Enable": true, "Root": "/dicomweb/"},
      "StoneWebViewer": {"DicomWebRoot": "ROOT"}
    }
"""
RULE = Rule(
    "stone-root-differs",
    Severity.ERROR,
    summary="The Stone Web Viewer asks for images at `StoneWebViewer.DicomWebRoot` (by default `../dicom-web`, whatever `DicomWeb.Root` "
    "is), and DICOMweb is at another path.",
    consequence="The viewer opens and stays black, with 404 in the browser's console.",
    remedy='Write the path of DICOMweb, from the folder of the viewer\'s page: `"DicomWebRoot": "../dicomweb"` for `"Root": '
    '"/dicomweb/"`.',
    file="orthanc.json",
    example=_FILE.replace("ROOT", "../dicom-web"),
    counterexample=_FILE.replace("ROOT", "../dicomweb"),
)
_KEY = ("StoneWebViewer", "DicomWebRoot")
_DEFAULT = "../dicom-web"
_PAGE = "stone-webviewer/index.html"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The viewer asks where DICOMweb answers."""
    for orthanc in deployment.orthancs:
        root = orthancs.setting(orthanc, "DicomWeb", "Root")
        root = addresses.folder(root) if isinstance(root, str) and "$" not in root else "/dicom-web/"
        written = orthancs.setting(orthanc, *_KEY)
        if written is None and root == "/dicom-web/":
            continue
        if not orthancs.has_stone(orthanc) or not orthancs.is_on(orthanc, "DicomWeb", "Enable", default=True):
            continue
        if written is None:
            if not orthancs.filters(orthanc):  # else `moved-dicomweb-root` says more
                yield _default_is_wrong(orthanc, root)
        elif isinstance(written, str) and "$" not in written:
            public = _missed_path(deployment, written, root)
            better = _from_page(root)
            if public:
                yield Finding(
                    RULE,
                    f"the Stone Web Viewer asks at `{written}`, and DICOMweb is at `{public}`",
                    orthancs.place(orthanc, *_KEY),
                    f"write `{better}`",
                    replacement=f'"{better}"',
                    related=_stated_root(orthanc),
                )


def _default_is_wrong(orthanc: Orthanc, root: str) -> Finding:
    replacement, change = orthancs.proposal(orthanc, _from_page(root), *_KEY)
    return Finding(
        RULE,
        f"the Stone Web Viewer asks at `/dicom-web/`, and DICOMweb is at `{root}`",
        orthancs.place(orthanc, *_KEY),
        f'add `"DicomWebRoot": "{_from_page(root)}"` to `StoneWebViewer`',
        replacement=replacement,
        change=change,
        related=_stated_root(orthanc),
    )


def _stated_root(orthanc: Orthanc) -> tuple[tuple[Location, str], ...]:
    path = ("DicomWeb", "Root")
    return ((orthancs.place(orthanc, *path), "`DicomWeb.Root`"),) if orthanc.settings.has(*path) else ()


def _from_page(root: str) -> str:
    """The path of DICOMweb, from the folder of the viewer's page."""
    return relpath(root, "/stone-webviewer")


def _missed_path(deployment: ObservedDeployment, written: str, root: str) -> str:
    """The public path of DICOMweb that the viewer does not ask for; empty where it asks there, or may ask another server."""
    if addresses.is_absolute(written):
        return ""
    served = routing.dicomweb_paths(deployment, root)
    prefixes = {
        prefix
        for proxy in deployment.proxies
        for server in proxy.servers
        for prefix in routing.orthanc_prefixes(deployment, proxy, server)
    }
    asked = [addresses.folder(urljoin(f"{prefix}{_PAGE}", written)) for prefix in prefixes or {"/"}]
    is_right = any(path in served if served else path.endswith(root) for path in asked)
    return "" if is_right else next(iter(served), root)
