"""
The inbox of Orthanc Explorer 2: a page on which people hand studies in, by `POST /instances`.

After an upload the page posts to two addresses (1.9.0 to 1.14.1), one to say that it is done and one to ask how
the processing goes, and waits for their answers. Here nothing is processed: the proxy answers both, with the
fixed texts of `inbox_answers`. The page reads FormFields without looking whether it is there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.formats.commented_json import Commented
from orthgen.products.languages import first_available

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.profile.rights import Inbox

# What the page says when everything has arrived.
_RECEIVED = {
    "de": "Die Dateien sind angekommen.",
    "en": "The files have arrived.",
    "es": "Los archivos han llegado.",
    "fr": "Les fichiers sont arrivés.",
    "it": "I file sono arrivati.",
    "nl": "De bestanden zijn aangekomen.",
    "pt": "Os ficheiros chegaram.",
}


def inbox_section(inbox: Inbox) -> dict[str, Any]:
    """OrthancExplorer2.Inbox."""
    from html import escape  # noqa: PLC0415 - 3 ms, and few deployments have an inbox

    section: dict[str, Any] = {
        "Enable": True,
        "EnableAnonymousAccess": inbox.anonymous,
        "Title": inbox.title,
        # Plain text in the profile; an empty one keeps the page's own words about a form away.
        "IntroTextHtml": f"<p>{escape(inbox.introduction or '', quote=False)}</p>",
        # Relative to Orthanc's root.
        "CommitUrl": Commented(
            naming.INBOX_COMMIT, "nginx answers both addresses: no step follows an upload."
        ),
        "ProcessingMonitoringUrl": naming.INBOX_PROGRESS,
        "FormFields": [],
    }
    return section


def inbox_answers(deployment: Deployment) -> dict[str, str]:
    """
    The proxy's answers to a POST of the inbox: path below Orthanc's root to JSON (`application/json`, status 200).

    Pure ASCII without `'` and `$`, so that it can stand between single quotes in nginx. Empty without an inbox.
    """
    if deployment.profile.inbox is None:
        return {}
    message = _RECEIVED[first_available(deployment.profile.institution.languages, _RECEIVED)]
    progress = {"IsComplete": True, "HasFailed": False, "PctProcessed": 100, "Message": message}
    return {
        naming.INBOX_COMMIT: json.dumps({"Message": message}),
        naming.INBOX_PROGRESS: json.dumps(progress),
    }
