"""Records of the probe: requests, checks, replies, verdicts. They send and decide nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# An id without a study: ids are digests (SHA-1) of identifiers, and no known identifiers give this one.
NO_STUDY = "-".join(["00000000"] * 5)


class Verdict(StrEnum):
    """Verdict on one weakness."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "cannot tell"


class Caller(StrEnum):
    """The bearer of a request's token. The value is its text in reports."""

    NOBODY = "signed out"
    USER = "as the limited user"
    LINK = "with the link"


_TOKENS: Mapping[Caller, tuple[str, ...]] = {
    Caller.NOBODY: (),
    Caller.USER: ("user",),
    Caller.LINK: ("link",),
}
"""The name of the token of each caller among the discovered values."""


class Site(StrEnum):
    """Base of a request's path, on the given host. The value is its text in lists."""

    ORTHANC = "{orthanc}/"
    ORIGIN = "/"
    KEYCLOAK = "{keycloak}/"
    CLEAR = "http://{host}:80{orthanc}/"


class Shape(StrEnum):
    """Form of an answer's body or headers. The value is its text in reports."""

    ANY = ""
    ITEMS = "a list with something in it"
    NO_ITEMS = "an empty list"
    MEMBER = "what was asked for"
    TEXT = "the page itself"
    ORTHANC_ERROR = "an error of Orthanc's own: it got there"
    ALLOW = "Orthanc's own list of methods: it got there as another one"
    TOTALS = "totals of the archive"
    NO_TOTALS = "no totals but a number of studies"
    SAME_HOST = "a redirect to https"


class ExpectedResponse(Struct, frozen=True):
    """Expected answer: one of the statuses, and a shape; `text` is the text or member that the shape needs."""

    statuses: frozenset[int]
    shape: Shape = Shape.ANY
    text: str = ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with values in place of its `{names}`; a name without a value stays."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


class ProbeRequest(Struct, frozen=True):
    """
    One request. `{names}` in path and body stand for values of the discovery; without them, it is not sent.

    `writes`: whether its method can change data; each such request is made so that Orthanc has nothing to do.
    """

    method: str
    path: str
    caller: Caller = Caller.NOBODY
    site: Site = Site.ORTHANC
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    writes: bool = False
    note: str = ""
    """Description of the body."""

    @property
    def placeholders(self) -> list[str]:
        """The names in path and body."""
        return PLACEHOLDER.findall(self.path + self.body)

    @property
    def needed(self) -> list[str]:
        """The names of what has to be known before it is sent: the placeholders, and the token of its caller."""
        return [*self.placeholders, *_TOKENS[self.caller]]

    def line(self, root: str) -> str:
        """The request in one line for reports; `root` is the root of its site."""
        added = "".join(f", {name}: {value}" for name, value in self.headers if name != "Content-Type")
        note = f", {self.note}" if self.note else ""
        return f"{self.method} {root}{self.path}{added}{note}"


class ProbeCheck(Struct, frozen=True):
    """
    One weakness and its test. `request` is None where the discovery has the outcome.

    `weakness` is its number in docs/security.md, or a name; `permission` is the limited user's necessary permission.
    """

    name: str
    weakness: str
    request: ProbeRequest | None
    closed: tuple[ExpectedResponse, ...]
    open: tuple[ExpectedResponse, ...]
    why: str
    remedy: str
    permission: str = ""
    control: str = ""
    """A second path that does not exist: a server with the same answer there gives it to every path, so nothing
    follows from it."""


class ProbeReply(Struct, frozen=True):
    """Answer to a request, or the `failure`. Header names are in lower case."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: str = ""


class Outcome(Struct, frozen=True):
    """Verdict with its reason, which holds nothing of an answer's contents."""

    verdict: Verdict
    reason: str


class ProbeResult(Struct, frozen=True):
    """A check with its request and outcome."""

    check: ProbeCheck
    request: str
    outcome: Outcome


class Tokens(Struct, frozen=True):
    """The given tokens. They are sent, and neither shown nor stored."""

    user: str = ""
    link: str = ""

    def __repr__(self) -> str:
        """Without the values."""
        return "Tokens(…)"


class GivenStudies(Struct, frozen=True):
    """The given studies: a visible one of the limited user, an invisible one, and the UID of the latter."""

    study: str = ""
    other: str = ""
    other_uid: str = ""
