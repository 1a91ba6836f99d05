"""The part of the stack that wrote a refusal, by the response's status, headers and body."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from orthgen.diagnosis.statements import Statement

if TYPE_CHECKING:
    from orthgen.findings import Location
    from orthgen.observed.recording_model import Exchange

_PROXY_PAGE = r"(?i)<center>(nginx|openresty)[^<]*</center>|<title>403 Forbidden</title>"
_ORTHANC_BODY = r'"(?:HttpError|OrthancError)"'
_UNAUTHORIZED = 401
_NO_BODY = "a refusal of nginx itself has a page of HTML, and this response is empty"


class Answerer(StrEnum):
    """The part that refused."""

    PLUGIN = "authorization plugin"
    HANDLER = "Orthanc, behind its filter"
    ORTHANC = "Orthanc's own authentication"
    PROXY = "reverse proxy"


def answerer(exchange: Exchange) -> tuple[Answerer, Statement]:
    """The part that refused an exchange, and the evidence."""
    at = exchange.response_location or exchange.location
    challenge = exchange.response_header("www-authenticate") or ""
    server = exchange.response_header("server") or ""
    if re.search(_PROXY_PAGE, exchange.response_body) or _is_page_of_nginx(exchange):
        text = "The reverse proxy refused it: the page in the response is the proxy's. Orthanc was not asked."
        return Answerer.PROXY, Statement(text, at)
    if challenge.lower().startswith("basic"):
        if "orthanc" in challenge.lower():
            text = "Orthanc asks for a user name and a password (`AuthenticationEnabled`) before it asks the plugin."
            return Answerer.ORTHANC, Statement(text, _header_place(exchange, "www-authenticate"))
        text = (
            f"The reverse proxy{_named(server)} asks for a user name and a password. Orthanc was not asked."
        )
        return Answerer.PROXY, Statement(text, _header_place(exchange, "www-authenticate"))
    if re.search(_ORTHANC_BODY, exchange.response_body):
        return Answerer.HANDLER, Statement("Orthanc refused it: the response has Orthanc's own JSON.", at)
    if exchange.response_header("content-length") == "0":
        text = "Orthanc refused it, by its authorization plugin."
        if server:
            text += f" `{server}` only passed the response on: {_NO_BODY} (`content-length: 0`)."
        return Answerer.PLUGIN, Statement(text, _header_place(exchange, "content-length"))
    if exchange.status == _UNAUTHORIZED:
        text = (
            "Orthanc's own authentication (`AuthenticationEnabled`), or a server in front of it, asks for a name and a password: "
            "the authorization plugin refuses with 403."
        )
        return Answerer.ORTHANC, Statement(text, at)
    text = "Nothing in the response shows another cause, so that Orthanc's authorization plugin refused it."
    return Answerer.PLUGIN, Statement(text, at)


def _is_page_of_nginx(exchange: Exchange) -> bool:
    """Whether the headers announce a page of nginx itself: a refusal of the plugin has no `Content-Type`."""
    server = exchange.response_header("server") or ""
    kind = exchange.response_header("content-type") or ""
    length = exchange.response_header("content-length") or ""
    return server.startswith(("nginx", "openresty")) and kind.startswith("text/html") and length != "0"


def _named(server: str) -> str:
    return f" (`{server}`)" if server else ""


def _header_place(exchange: Exchange, name: str) -> Location:
    return next(
        (header.location for header in exchange.response_headers if header.name.lower() == name),
        exchange.response_location or exchange.location,
    )


def time_of(exchange: Exchange) -> datetime | None:
    """The time of a response, in UTC, by its header `date` (RFC 9110, a HAR recording's or an access log's form)."""
    text = exchange.response_header("date") or ""
    with suppress(ValueError):
        return _in_utc(datetime.fromisoformat(text))
    with suppress(ValueError):
        return _in_utc(datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z"))
    with suppress(ValueError, TypeError):
        return _in_utc(parsedate_to_datetime(text))
    return None


def _in_utc(time: datetime) -> datetime:
    return time.astimezone(UTC) if time.tzinfo is not None else time.replace(tzinfo=UTC)
