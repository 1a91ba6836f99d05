"""OHIF's sign-in with a form or an address that it cannot use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Ohif

_FILE = """
    window.config = {
      routerBasename: '/ohif',
      oidc: [
        {
          authority: 'https://sso.example.org/realms/hospitalEND',
          client_id: 'ohif',
          redirect_uri: '/callback',
          response_type: 'code',
          scope: 'openid profile email',
          post_logout_redirect_uri: '/logout-redirect.html',
        },
      ],
      dataSources: [],
    };
"""
RULE = Rule(
    "invalid-ohif-sign-in",
    Severity.ERROR,
    summary="`oidc` of OHIF is not a list, its `authority` is not the address of a realm, its `scope` has no `openid`, or its "
    "`redirect_uri` is OHIF's first page.",
    consequence="OHIF asks nobody to sign in and gets 401 or 403; or it stays blank, because it finds no configuration of the sign-in "
    "(404), or gets no identity (`No id_token in response`). Or the sign-in never ends.",
    remedy="Write a list with one object; `authority: 'https://HOST/realms/REALM'`, without what follows; `scope: 'openid profile email'`.",
    file="app-config.js",
    example=_FILE.replace("END", "/.well-known/openid-configuration"),
    counterexample=_FILE.replace("END", ""),
)
_WELL_KNOWN = "/.well-known/"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """
    OHIF reads its sign-in.

    OHIF 3.12 (OpenIdConnectRoutes.tsx) takes the first element of the list; oidc-client 1.11 adds
    `/.well-known/openid-configuration` to the authority, and needs an id token, which Keycloak sends for `openid` only.
    """
    for ohif in deployment.ohifs:
        problem = _problem(deployment, ohif)
        if problem is not None:
            path, message, hint, better = problem
            yield Finding(
                RULE, message, ohif.settings.locate(path), hint, replacement=f"'{better}'" if better else ""
            )


def _problem(deployment: ObservedDeployment, ohif: Ohif) -> tuple[Path, str, str, str] | None:
    """The place, the message, the remedy and a better text; None where the sign-in is right, or there is none."""
    value = ohif.settings.get("oidc")
    if isinstance(value, Mapping):
        return (
            ("oidc",),
            "`oidc` is an object; OHIF reads a list, and signs nobody in",
            "write `oidc: [{…}]`",
            "",
        )
    entry = ohif.settings.get("oidc", 0)
    if not isinstance(entry, Mapping):
        return None
    authority, scope = str(entry.get("authority") or ""), entry.get("scope")
    if _WELL_KNOWN in authority:
        better = authority.partition(_WELL_KNOWN)[0]
        return (
            ("oidc", 0, "authority"),
            f"OHIF adds `{_WELL_KNOWN}…` to `authority` itself",
            f"write `{better}`",
            better,
        )
    if (
        addresses.is_absolute(authority)
        and "/realms/" not in authority
        and _is_keycloak(deployment, authority)
    ):
        return (
            ("oidc", 0, "authority"),
            f"`authority` is `{authority}`, without a realm",
            "add `/realms/` and the realm",
            "",
        )
    page = str(entry.get("redirect_uri") or "")
    base = str(ohif.settings.get("routerBasename") or "/")
    if addresses.is_absolute(page) and addresses.folder(page) in {"/", addresses.folder(base)}:
        better = f"{addresses.folder(base)}callback".replace("//", "/")
        message = f"`redirect_uri` is `{page}`, the first page of OHIF, which begins the sign-in again"
        return (
            ("oidc", 0, "redirect_uri"),
            message,
            f"write the page `{better}`",
            f"{addresses.origin(page)}{better}",
        )
    if isinstance(scope, str) and "openid" not in scope.split():
        better = f"openid {scope}".strip()
        return ("oidc", 0, "scope"), f"`scope` is `{scope}`, without `openid`", f"write `{better}`", better
    return None


def _is_keycloak(deployment: ObservedDeployment, url: str) -> bool:
    """Whether an address is Keycloak's: another setting says so, or the address has its name."""
    known = {address.origin for address in addresses.keycloak_addresses(deployment)}
    return addresses.origin(url) in known or "keycloak" in url.lower()
