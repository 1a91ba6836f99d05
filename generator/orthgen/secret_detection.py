"""Detection of written-out secrets, by the name of the key and the form of the value."""

from __future__ import annotations

import re

PLACEHOLDER = "(sensitive value)"
# Anything shorter stands in ordinary words too: hiding it would garble the text.
MIN_SECRET_LENGTH = 4
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

_NAME = r"(?:secret|password|passphrase|passwd|token|credential|(?:api|access|private|encryption|license)[-_ ]?key)"
_SECRET_NAME = rf"(?i){_NAME}"
# Names of settings about secrets: `password-length`, `access-token` (how long it lives).
_ABOUT_SECRETS = r"(?i)length|lifespan|policy|enabled|expir"
# A truth value, nothing, a time span: anybody who writes one of them under such a name wrote a setting.
_SETTING = r"(?i)true|false|yes|no|on|off|null|~|[0-9]+(?: ?[smhdw]| [a-z]+)|"
# What stands between a key and its value; what follows a brace is a reference (`{secret: …}`).
_BETWEEN = re.compile(r"""["']?\s*[:=]\s*(?=[^\s{])""")
_REST_OF_NAME = re.compile(r"[\w-]*")
_KEY_ALONE = r"""\s*(?:-\s+)?["']?([\w-]+)["']?\s*:\s*(?:[|>][0-9+-]*)?\s*"""
_REFERENCE = r"\s*(?:-\s+)?[\"']?secret[\"']?\s*:\s*[a-z][a-z0-9-]{0,62}\s*(?:#.*)?"

# What samples and documentation write where a secret belongs.
_SAMPLE = (
    r"(?i)change.?(?:me|it|this)|replace.?(?:me|this)|your.?(?:secret|password|key)|my.?(?:secret|password)|(?:a|some|super).?secret|secret.?key"
    r"|<[^>]*>|p[a4@]ssw[o0]rd[0-9!]*|secret|admin[0-9]*|orthanc[0-9]*|keycloak|postgres|demo|test|root|user|guest|pacs|1234+|qwerty|letmein|share-user"
)
# SHA-256 of secrets that official samples carry: the client secret of orthanc-auth-service's minimal setup.
_PUBLISHED = frozenset({"cb2d30aab97560cd4de54e0b3766b98dedcc0e3e609ae5979ab6854b872a46d3"})


def is_secret_name(name: str) -> bool:
    """Whether a key of this name usually has a secret behind it."""
    return re.search(_SECRET_NAME, name) is not None and re.search(_ABOUT_SECRETS, name) is None


def may_be_secret(name: str, value: object) -> bool:
    """Whether the value of a key of this name could be a secret, rather than a truth value or a time span."""
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return any(may_be_secret(name, each) for each in inside)
    return isinstance(value, str) and is_secret_name(name) and re.fullmatch(_SETTING, value) is None


def without_secrets(line: str) -> str:
    """A line of a file with what stands behind names of secrets taken out."""
    end = 0
    for match in re.finditer(_SECRET_NAME, line):
        if match.start() < end:
            continue  # two such words in one name
        start = end + len(line[end : match.start()].rstrip(_NAME_CHARACTERS))
        rest = _REST_OF_NAME.match(line, match.end())
        end = rest.end() if rest is not None else match.end()
        between = _BETWEEN.match(line, end)
        if between is None:
            continue
        value = re.split(r"\s#|[,}\]]", line[between.end() :], maxsplit=1)[0].strip().strip("[\"' ")
        if may_be_secret(line[start:end], value):
            return line[: between.end()] + PLACEHOLDER
    return line


def lines_without_secrets(lines: list[str]) -> list[str]:
    """Every line as an excerpt may show it, those below a key that has its value in the next lines included."""
    shown: list[str] = []
    below: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if below is not None and line.strip() and indent <= below:
            below = None
        if below is not None and line.strip() and not re.fullmatch(_REFERENCE, line):
            shown.append(line[:indent] + PLACEHOLDER)
        else:
            shown.append(without_secrets(line))
        key = re.fullmatch(_KEY_ALONE, line)
        if below is None and key is not None and is_secret_name(key[1]):
            below = indent
    return shown


def is_sample(value: str) -> bool:
    """Whether a secret is one that everybody knows or guesses: of a sample, or a word."""
    return bool(re.fullmatch(_SAMPLE, value)) or "change-me" in value.lower() or _digest(value) in _PUBLISHED


def _digest(value: str) -> str:
    from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, which most commands do not need

    return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
