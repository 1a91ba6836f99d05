"""
Reader of requests in the plain format of `orthgen decide`: a request as it is sent, and the holders of its tokens.

docs/decide.md describes the format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from orthgen.authz.model import Request, Token, TokenKind
from orthgen.authz.request_target import read_target
from orthgen.authz.stored_studies import STUDY_KEYS, BadLine, StoredStudies, text_at
from orthgen.spelling import did_you_mean

PLAIN_KEYS = frozenset({"method", "path", "headers", "tokens", "studies", "body"})
_HOLDERS = ("roles", "instant-link", "share-link", "registered-user")
_OVERRIDE = "x-http-method-override"


class PlainRequestReader(Struct, frozen=True):
    """Reads lines into requests, about the studies of the line and those of the deployment."""

    studies: StoredStudies

    def read(self, line: Mapping[str, Any]) -> Request:
        """The request of a line. Raises `BadLine`."""
        method, path = text_at(line, "method"), text_at(line, "path")
        if not path.startswith("/"):
            raise BadLine(f"`path` does not begin with a slash: `{path}`", "path")
        studies = self._studies(line)
        headers, tokens = _headers(line), _object(line, "tokens")
        carried = _carried(headers, path)
        values = {value for _, _, value in carried}
        unused = next((token for token in tokens if token not in values), None)
        if unused is not None:
            message = f"no header and no argument of `path` carries the token `{unused}`"
            raise BadLine(message, "tokens", unused)
        body = line.get("body")
        if body is not None and not isinstance(body, Mapping):
            raise BadLine("`body` is not a JSON object", "body")
        return Request(
            method,
            path,
            tuple(_tokens(carried, tokens, studies)),
            studies.all,
            body,
            headers.get(_OVERRIDE, ("", ""))[1],
        )

    def _studies(self, line: Mapping[str, Any]) -> StoredStudies:
        if "studies" not in line:
            return self.studies
        studies = StoredStudies.read(line["studies"], "studies")
        for name, study in line["studies"].items():
            for key in study:
                if key not in STUDY_KEYS:
                    hint = did_you_mean(key, sorted(STUDY_KEYS), otherwise="docs/decide.md lists the keys")
                    raise BadLine(f"`{key}` is not a key of a study; {hint}", "studies", name, key)
        return studies.over(self.studies)


# The name of a header or an argument, whether it is an argument, and its value without `Bearer` or `Basic`.
_Carried = tuple[str, bool, str]


def _carried(headers: Mapping[str, tuple[str, str]], path: str) -> list[_Carried]:
    """The values that may be tokens: of all headers but the method override, then of the arguments."""
    values = [
        (name, False, _credentials(value)) for key, (name, value) in headers.items() if key != _OVERRIDE
    ]
    arguments = read_target("GET", path).arguments if "?" in path else ()
    return [*values, *((name, True, value) for name, value in arguments)]


def _credentials(value: str) -> str:
    scheme, _, credentials = value.partition(" ")
    return credentials.strip() if scheme.lower() in ("bearer", "basic") else value


def _tokens(carried: list[_Carried], tokens: Mapping[str, Any], studies: StoredStudies) -> Iterator[Token]:
    """A token for each value; those with a holder come first, because reasons name the first token."""
    for name, argument, value in sorted(carried, key=lambda item: item[2] not in tokens):
        if value in tokens:
            yield _token(name, argument, value, tokens[value], studies)
        else:
            yield Token(name, TokenKind.OTHER, argument, empty=not value)


def _token(name: str, argument: bool, value: str, holder: object, studies: StoredStudies) -> Token:  # noqa: FBT001
    path = ("tokens", value)
    if holder is None:
        return Token(name, TokenKind.OTHER, argument)
    if not isinstance(holder, Mapping) or len(holder) != 1:
        raise BadLine(f"the holder of the token `{value}` is not an object with one key", *path)
    ((kind, names),) = holder.items()
    if kind == "registered-user" and isinstance(names, str):
        return Token(name, TokenKind.OTHER, argument, basic=True, user=names)
    if kind not in _HOLDERS:
        hint = did_you_mean(kind, _HOLDERS, otherwise=f"write one of {', '.join(_HOLDERS)}")
        raise BadLine(f"`{kind}` is not a kind of holder; {hint}", *path, kind)
    if not isinstance(names, list) or not all(isinstance(item, str) for item in names):
        expected = "text" if kind == "registered-user" else "a list of texts"
        raise BadLine(f"`{kind}` of the token `{value}` is not {expected}", *path, kind)
    if kind == "roles":
        return Token(name, TokenKind.USER, argument, roles=tuple(names))
    linked = frozenset(_linked(names, studies, (*path, kind)))
    return Token(name, TokenKind.LINK, argument, studies=linked, decodable=kind == "share-link")


def _linked(names: list[str], studies: StoredStudies, path: tuple[str, ...]) -> Iterator[str]:
    """The Orthanc id and the UID of each study of a link."""
    for position, name in enumerate(names):
        tree = studies.studies.get(name)
        if tree is None:
            hint = did_you_mean(name, sorted(studies.studies), otherwise="describe it under `studies`")
            raise BadLine(f"the link names the study `{name}`, which does not exist; {hint}", *path, position)
        yield from (tree[1].orthanc_id, tree[1].uid)


def _headers(line: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Name and value of each header, by the name in small letters."""
    headers: dict[str, tuple[str, str]] = {}
    for name, value in _object(line, "headers").items():
        if not isinstance(value, str):
            raise BadLine(f"the header `{name}` is not text", "headers", name)
        if name.lower() in headers:
            raise BadLine(f"the header `{name}` is there twice; case does not count", "headers", name)
        headers[name.lower()] = (name, value)
    return headers


def _object(line: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = line.get(key, {})
    if not isinstance(value, Mapping):
        raise BadLine(f"`{key}` is not a JSON object", key)
    return value
