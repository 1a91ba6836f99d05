"""The lines of a profile whose deployment allows a refused upload from OHIF, with what the observed files say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from orthgen.authz.report_uploads import is_stow

if TYPE_CHECKING:
    from orthgen.diagnosis.refusal import Refusal
    from orthgen.observed.model import ObservedDeployment

_HOST = r"(?i)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?"
# The languages in which messages to users exist come from the profile's own type; others are left out.
_LANGUAGE = r"[a-z]{2}"
_ENTRA = r"(?i)\bentra|\bazure\s+(?:ad|active)"
_PROFILE = """\
orthgen: 1
institution: {{name: {host}, url: "https://{host}", languages: [{languages}]}}
identity:
  sign-in:
{sign_in}roles:
  radiologist:
    can: [view, download, share, report]
    collections: all
{granted_by}viewers:
  ohif: {{reports: signed-in}}    # OHIF sends the user's own token
sharing: {{viewer: ohif}}
deployment:
  tls: {{own-authority: {{}}}}    # or the files of your certificate
expectations:
  - {{role: radiologist, can: report}}
  - {{anyone: signed-out, cannot: upload}}
"""
_ENTRA_SIGN_IN = (
    """\
    - entra-id:
        tenant: 00000000-0000-0000-0000-000000000000       # of your institution
        client-id: 00000000-0000-0000-0000-000000000000    # of the application in Entra ID
        client-secret: {secret: entra-client-secret}
""",
    "    granted-by: [{entra-id: Orthanc.Radiologist}]    # a role of the application\n",
)


def proposed_profile(deployment: ObservedDeployment, refusals: tuple[Refusal, ...]) -> str:
    """A whole profile as YAML for a deployment in which OHIF saves reports; empty where no such upload was refused."""
    refusal = next((each for each in refusals if _is_refused_report(each)), None)
    if refusal is None:
        return ""
    host = refusal.exchange.header("host") or refusal.exchange.header(":authority") or ""
    host = host.lower() if re.fullmatch(_HOST, host) else "pacs.hospital.example"
    has_entra = any(re.search(_ENTRA, text) for text in deployment.texts.values())
    sign_in, granted_by = _ENTRA_SIGN_IN if has_entra else ("    - accounts: {}\n", "")
    return _PROFILE.format(
        host=host, languages=", ".join(_languages(deployment)), sign_in=sign_in, granted_by=granted_by
    )


def _is_refused_report(refusal: Refusal) -> bool:
    """Whether a viewer's upload by DICOMweb was refused because its token is a link."""
    return (
        refusal.token is not None
        and refusal.token.is_link
        and is_stow(refusal.exchange.method, refusal.target)
    )


def _languages(deployment: ObservedDeployment) -> Iterator[str]:
    """The languages of Orthanc Explorer 2, its default first; English where none is set."""
    for orthanc in deployment.orthancs:
        default = orthanc.settings.get("OrthancExplorer2", "UiOptions", "DefaultLanguage")
        available = orthanc.settings.get("OrthancExplorer2", "UiOptions", "AvailableLanguages")
        codes = [default, *available] if isinstance(available, list) else [default]
        languages = [code for code in codes if isinstance(code, str) and re.fullmatch(_LANGUAGE, code)]
        if languages:
            yield from dict.fromkeys(languages)
            return
    yield "en"
