"""Redaction of secrets and tokens in the text that is shown. Every line keeps its number."""

from __future__ import annotations

import re

from orthgen.secret_detection import PLACEHOLDER, lines_without_secrets

# A JSON Web Token: its header and its payload are JSON objects, so both begin with `{"` in base64url.
JSON_WEB_TOKEN = r"\beyJ[\w-]{8,}\.eyJ[\w-]+\.[\w-]*"  # noqa: S105 - an expression
# Headers whose values let another person act as the sender.
SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "api-key",
        "x-api-key",
        "token",
        "x-csrf-token",
    }
)
_HEADER_LINE = rf"(?im)^(?P<name>[<> \t]*(?:{'|'.join(sorted(SECRET_HEADERS))})\s*:\s*)(?P<scheme>(?:bearer|basic)\s+)?\S.*$"
_ARGUMENT = (
    r"(?i)(?P<name>[?&#](?:token|access_token|id_token|id_token_hint|refresh_token|code|client_secret|password|api-key)=)"
    r"[^&\s\"'#]+"
)
_CREDENTIALS = r"(?P<start>\b[a-z][a-z0-9+.-]*://[^\s/:@\"']+:)[^\s/@\"']+(?=@)"
_PRIVATE_KEY = r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"


def redacted(text: str) -> str:
    """The text without tokens, passwords, cookies and private keys; lines are kept, columns behind a secret are not."""
    text = re.sub(_PRIVATE_KEY, lambda match: PLACEHOLDER + "\n" * match[0].count("\n"), text)
    text = "\n".join(lines_without_secrets(text.split("\n")))
    text = re.sub(_HEADER_LINE, lambda match: match["name"] + (match["scheme"] or "") + PLACEHOLDER, text)
    return redacted_address(re.sub(JSON_WEB_TOKEN, PLACEHOLDER, text))


def redacted_address(address: str) -> str:
    """A URL, or a text with URLs, without tokens in arguments and without passwords."""
    address = re.sub(_CREDENTIALS, lambda match: match["start"] + "…", address)
    return re.sub(_ARGUMENT, lambda match: match["name"] + "…", address)


def redacted_header(name: str, value: str) -> str:
    """The value of a header; of a secret one, its scheme alone (`Bearer …`)."""
    if name.lower() not in SECRET_HEADERS:
        return redacted_address(re.sub(JSON_WEB_TOKEN, "…", value))
    scheme, blank, _ = value.strip().partition(" ")
    return f"{scheme} …" if blank and scheme.lower() in {"bearer", "basic"} else "…"
