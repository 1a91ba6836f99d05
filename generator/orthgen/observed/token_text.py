"""Reader of JSON Web Tokens, encoded or decoded; signatures are not checked, and no token is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from orthgen.findings import Location
from orthgen.formats.json_web_token import unverified_parts
from orthgen.observed.recording_model import ObservedToken
from orthgen.observed.redaction import JSON_WEB_TOKEN

# Claims of which two or more make a JSON object a token's payload: RFC 7519, Keycloak's, and orthanc-auth-service's.
_USER_CLAIMS = frozenset(
    {
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "azp",
        "realm_access",
        "resource_access",
        "preferred_username",
        "typ",
        "scope",
        "jti",
    }
)
_LINK_CLAIMS = frozenset({"resources", "expiration_date", "validity_duration"})
_MIN_CLAIMS = 2
# The carrier of a token that stands in the address of a request; a header may have the name `token`, too.
ARGUMENT = "?token"


def tokens_in(text: str, location: Location, carrier: str = "") -> Iterator[ObservedToken]:
    """The encoded tokens in a text that begins at `location`, decoded."""
    for match in re.finditer(JSON_WEB_TOKEN, text):
        at = Location(location.file, location.line, location.column + match.start())
        try:
            header, payload = (json.loads(part) for part in unverified_parts(match[0]))
        except (ValueError, RecursionError):
            continue
        if isinstance(header, dict) and isinstance(payload, dict):
            yield ObservedToken(header, payload, at, carrier)


def is_payload(value: object) -> bool:
    """Whether a JSON value is the payload of a token."""
    return isinstance(value, Mapping) and (
        len(_USER_CLAIMS & value.keys()) >= _MIN_CLAIMS + 1 or len(_LINK_CLAIMS & value.keys()) >= _MIN_CLAIMS
    )


def is_header(value: object) -> bool:
    """Whether a JSON value is the header of a token."""
    return (
        isinstance(value, Mapping) and "alg" in value and value.keys() <= {"alg", "typ", "kid", "cty", "x5t"}
    )
