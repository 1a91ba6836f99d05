"""What a running deployment showed: requests with their responses, tokens, lines of logs, and questions about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from orthgen.findings import Location
from orthgen.observed.service_model import Product


class Header(Struct, frozen=True):
    """A header of a request or response. The value of a secret one is replaced by what it is (`Bearer …`)."""

    name: str
    value: str
    location: Location


class Exchange(Struct, frozen=True):
    """A request and its response, as far as they were seen. `status` is 0 without a response; `tokens` are decoded."""

    method: str
    target: str
    headers: tuple[Header, ...]
    location: Location
    status: int = 0
    response_headers: tuple[Header, ...] = ()
    response_body: str = ""
    response_location: Location | None = None
    tokens: tuple[ObservedToken, ...] = ()
    scheme: str = ""
    """`http` or `https`; empty where the request does not tell."""

    def header(self, name: str) -> str | None:
        """The value of a request header, whatever its case."""
        return next((each.value for each in self.headers if each.name.lower() == name.lower()), None)

    def response_header(self, name: str) -> str | None:
        """The value of a response header, whatever its case."""
        return next((each.value for each in self.response_headers if each.name.lower() == name.lower()), None)


class ObservedToken(Struct, frozen=True):
    """A decoded token: its header and claims, where it was seen, and what carried it (`Authorization`, `token`, `?token`)."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    location: Location
    carrier: str = ""


class LogLine(Struct, frozen=True):
    """A line of a log: the product that wrote it, its message without time and thread, as written."""

    product: Product
    message: str
    location: Location
    time: str = ""


class Question(Struct, frozen=True):
    """A sentence of a pasted text that asks something, or says that something else was expected."""

    text: str
    location: Location
