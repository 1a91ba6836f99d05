"""Reader of the log lines of Orthanc, nginx (and proxies that log like it), the auth-service and Keycloak."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.findings import Location
from orthgen.observed.http_text import split_target
from orthgen.observed.model import SourceKind
from orthgen.observed.recording_model import Exchange, Header, LogLine
from orthgen.observed.redaction import redacted, redacted_address
from orthgen.observed.service_model import Product
from orthgen.observed.token_text import ARGUMENT, tokens_in

if TYPE_CHECKING:
    from orthgen.observed.pasted import PastedText

# `docker compose logs` puts the container's name before each line.
_CONTAINER = r"(?P<name>[A-Za-z0-9][\w.-]*)\s*\|\s?"
_PRODUCTS = (
    ("keycloak", Product.KEYCLOAK),
    ("auth", Product.AUTH_SERVICE),
    ("nginx", Product.NGINX),
    ("traefik", Product.TRAEFIK),
    ("caddy", Product.CADDY),
    ("apache", Product.APACHE),
    ("ohif", Product.OHIF),
    ("postgres", Product.POSTGRES),
    ("orthanc", Product.ORTHANC),
)
_FORMS = (
    # W1217 17:22:14.318589 HTTP-48 PluginsManager.cpp:158] message (the thread since Orthanc 1.12.2);
    # a plugin's own lines have its name before the file (1.12.4): MAIN AWS S3 Storage:/StoragePlugin.cpp:148]
    (
        Product.ORTHANC,
        r"[TIWE](?P<time>[0-9]{4} [0-9:]{8}\.[0-9]+)\s+(?:[^\]]{0,80}\s)?[\w./:-]+\.(?:cpp|h|cc):[0-9]+\]\s*(?P<message>.*)",
    ),
    # 2024/12/17 22:11:05 [error] 7#7: *1 message
    (
        Product.NGINX,
        r"(?P<time>[0-9/]{10} [0-9:]{8}) \[\w+\] [0-9]+#[0-9]+: (?:\*[0-9]+ )?(?P<message>.*)",
    ),
    # 2024-12-17 22:11:05,123 WARN  [org.keycloak.events] (executor-thread-1) message
    (
        Product.KEYCLOAK,
        r"(?P<time>[0-9-]{10}[ T][0-9:]{8}[,.][0-9]+)\s+[A-Z]+\s+\[(?:org\.keycloak|io\.quarkus|org\.hibernate)[^\]]*\] (?:\([^)]*\) )?(?P<message>.*)",
    ),
    # uvicorn, which runs the auth-service: INFO:     172.18.0.5:42 - "POST /user/get-profile HTTP/1.1" 200 OK
    (
        Product.AUTH_SERVICE,
        r'(?P<time>)[A-Z]+:\s+(?P<message>[0-9a-f.:\[\]]+ - "[A-Z]+ \S+ HTTP/[0-9.]+" [0-9]{3}.*)',
    ),
    (
        Product.AUTH_SERVICE,
        r"(?P<time>)(?:ERROR|WARNING|INFO|CRITICAL|DEBUG):(?:[\w.]+:|\s{2,})\s*(?P<message>\S.*)",
    ),
    # Lines that people copy without their beginning.
    (Product.NGINX, r"(?P<time>)nginx: \[\w+\] (?P<message>.*)"),
    (Product.KEYCLOAK, r"(?P<time>)(?P<message>(?:type=)?\"?[A-Z_]+_ERROR\b.*\berror=.*)"),
    (
        Product.ORTHANC,
        r"(?P<time>)(?P<message>The UserProfile for '[^']*' does not contain any authorized labels.*)",
    ),
    (Product.OTHER, r"(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}\S*)\s+(?P<message>\S.*)"),
    (Product.OTHER, r"(?P<time>)(?P<message>(?:ERROR|FATAL|CRITICAL|WARN(?:ING)?)\b.*)"),
    # A browser's console, the container engine.
    (
        Product.OTHER,
        (
            r"(?P<time>)(?:.{0,120}?\s)??(?P<message>(?:Mixed Content: |Blocked loading mixed |Refused to |Access to \w+ at |Cross-Origin Request Blocked"
            r"|exec /\S+: exec format |Failed to load |Uncaught |Timeout when waiting for |Web Crypto API |Your page is NOT |Error response from daemon: ).*)"
        ),
    ),
    (Product.OTHER, r"(?P<time>)(?P<message>.{0,200}\b(?:net::ERR_|exited with code )\w+.*)"),
    (Product.OTHER, r"(?P<time>)(?P<message>(?:\w+\.)*\w*(?:Error|Exception): .*)"),
)
# All forms in one expression, because a line of another kind would be held against each of them.
_ANY_FORM = "|".join(
    form.replace("?P<time>", f"?P<time_{number}>").replace("?P<message>", f"?P<message_{number}>")
    for number, (_, form) in enumerate(_FORMS)
)
# The combined form, which nginx, Apache and Traefik write.
_ACCESS = (
    r'\S+ \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<target>\S+)(?: HTTP/[0-9.]+)?" (?P<status>[1-5][0-9]{2}) \S+'
    r'(?: "(?P<referer>[^"]*)")?.*'
)
# Of an access log, requests that succeeded explain nothing.
_FIRST_ERROR = 400
# Of long logs so many lines are kept.
MAX_LINES = 20_000


def read_log(text: PastedText, at: int) -> int:
    """Read a log line in line `at`. 1, or 0 where it is none."""
    line = text.lines[at].strip()
    container = re.match(_CONTAINER, line)
    entry = line[container.end() :] if container is not None else line
    product = _product(container["name"]) if container is not None else None
    access = re.fullmatch(_ACCESS, entry)
    if access is not None:
        text.note_source(SourceKind.LOG, at)
        if int(access["status"]) >= _FIRST_ERROR and len(text.exchanges) < MAX_LINES:
            text.exchanges.append(_exchange(access, text.location(at)))
        return 1
    match = re.fullmatch(_ANY_FORM, entry)
    if match is not None:
        number = str(match.lastgroup).removeprefix("message_")
        writer, _ = _FORMS[int(number)]
        return _note(text, at, product or writer, match[f"message_{number}"], match[f"time_{number}"])
    if product is None:
        return 0
    return _note(text, at, product, entry, "")


def _product(container: str) -> Product | None:
    name = container.lower()
    # `db-1`: the name that Docker Compose gives a container tells that the line is of a log.
    other = Product.OTHER if re.search(r"[-_][0-9]+$", name) is not None else None
    return next((product for word, product in _PRODUCTS if word in name), other)


def _note(text: PastedText, at: int, product: Product, message: str, time: str) -> int:
    text.note_source(SourceKind.LOG, at)
    if len(text.log_lines) < MAX_LINES:
        text.log_lines.append(LogLine(product, redacted(message), text.location(at), time))
    return 1


def _exchange(access: re.Match[str], location: Location) -> Exchange:
    """The request and the status that an access log states."""
    _, target = split_target(access["target"])
    referer = access["referer"] or ""
    headers = (Header("Referer", redacted_address(referer), location),) if referer not in {"", "-"} else ()
    return Exchange(
        access["method"],
        redacted_address(target),
        headers,
        location,
        int(access["status"]),
        (Header("date", access["time"], location),),
        response_location=location,
        tokens=tuple(tokens_in(target, location, ARGUMENT)),
    )
