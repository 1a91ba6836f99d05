"""Tokens in places where the authorization plugin does not look for them."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import viewers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

_FILE = """
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "UncheckedFolders": ["/ui/app/", "/ui/api/pre-login-configuration"],
        READ
        "CheckedLevel": "studies"
      },
      "OrthancExplorer2": {
        "Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}
      }
    }
"""
RULE = Rule(
    "unread-token",
    Severity.ERROR,
    summary="A viewer sends its token in a header or in an argument in which the authorization plugin looks for none. The plugin looks "
    "where `TokenHttpHeaders`, `TokenGetArguments` and `StandardConfigurations` tell it, and nowhere by default.",
    consequence="Everybody is anonymous to Orthanc after the sign-in, and gets 403; without the argument, for downloads only.",
    remedy="Write the viewer's name into `StandardConfigurations`. Orthanc Explorer 2 sends the header `token`, and the argument `token` "
    "for downloads. OHIF and the Stone Web Viewer send the header `Authorization`.",
    file="orthanc.json",
    example=_FILE.replace("READ", '"TokenHttpHeaders": ["Authorization"],'),
    counterexample=_FILE.replace("READ", '"TokenHttpHeaders": ["token"], "TokenGetArguments": ["token"],'),
)
_EXPLORER = "orthanc-explorer-2"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The plugin reads the tokens that viewers send."""
    asking = [each for each in deployment.orthancs if orthancs.knows_users(each) and each.is_complete]
    for orthanc in asking:
        problem = _explorer_problem(orthanc)
        if problem:
            yield _finding(orthanc, _EXPLORER, problem)
        elif (
            deployment.ohifs
            and len(asking) == 1
            and not any(viewer.name == "ohif" for viewer in viewers.closed(orthanc))
            and "authorization" not in viewers.read_headers(orthanc)
        ):
            problem = "the authorization plugin does not read the header `Authorization`, in which OHIF sends tokens"
            yield _finding(orthanc, "ohif", problem)


def _explorer_problem(orthanc: Orthanc) -> str:
    """The place of Orthanc Explorer 2's tokens that the plugin does not read; empty where it reads both."""
    signs_in = orthancs.is_on(orthanc, "OrthancExplorer2", "Keycloak", "Enable", default=False)
    # `viewer-pages-refused` has the same remedy.
    if not signs_in or any(viewer.name == _EXPLORER for viewer in viewers.closed(orthanc)):
        return ""
    if "token" not in viewers.read_headers(orthanc):
        return "the authorization plugin does not read the header `token`, in which Orthanc Explorer 2 sends tokens"
    needs_links = orthancs.is_on(orthanc, "OrthancExplorer2", "Tokens", "RequiredForLinks", default=True)
    if needs_links and "token" not in viewers.read_arguments(orthanc):
        return "the authorization plugin does not read the argument `token`, in which Orthanc Explorer 2 sends tokens for downloads"
    return ""


def _finding(orthanc: Orthanc, name: str, problem: str) -> Finding:
    path = ("Authorization", "StandardConfigurations")
    replacement, change = orthancs.proposal(orthanc, [*viewers.standard_names(orthanc), name], *path)
    return Finding(
        RULE,
        problem,
        orthancs.place(orthanc, *path),
        f'add `"{name}"` to `StandardConfigurations`',
        replacement=replacement,
        change=change,
    )
