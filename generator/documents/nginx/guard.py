"""The values of the guard's script: what the deployment's links are, and how much may be asked at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.deployment import naming
from generator.deployment.guard import longest_life, token_headers
from generator.documents.header import header

if TYPE_CHECKING:
    from generator.deployment.model import Deployment

SCRIPT_PATH = "nginx/njs/guard.js"

# The first segment of the addresses by which nginx asks Orthanc for itself; from outside it answers 404. No service
# has such a path.
ASK = "/-/ask/"
SEES_EVERYTHING = "/-/sees-everything"

# More resources than any selection in Orthanc Explorer 2, whose list shows some hundred.
_MOST_RESOURCES = 1000
# Of Orthanc's fifty threads (HttpThreadsCount), and a link of one study needs but one.
_AT_ONCE = 8


def guard_values(deployment: Deployment) -> dict[str, Any]:
    """Everything that the guard's template writes down, as JavaScript."""
    return {
        "header": header(deployment.source, "// "),
        "token_headers": json.dumps(token_headers(deployment)),
        "api_key_header": json.dumps(naming.API_KEY_HEADER),
        "longest_life": json.dumps(longest_life(deployment)),
        "most_resources": _MOST_RESOURCES,
        "at_once": _AT_ONCE,
        "ask": ASK,
        "saves_by_link": deployment.ohif is not None and deployment.ohif.saves_by_link,
        "orthanc_path_length": len(deployment.addresses.orthanc_path),
    }
