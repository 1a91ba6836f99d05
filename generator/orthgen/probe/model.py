"""Records of the probe: requests, checks, replies, verdicts. They send and decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

# An id that no study can have: ids are digests (SHA-1) of identifiers, and nobody finds those of this one.
NOWHERE = "-".join(["00000000"] * 5)


class Verdict(StrEnum):
    """What is said about a weakness."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "cannot tell"


class Caller(StrEnum):
    """Whose token a request carries. The value is how it is told."""

    NOBODY = "signed out"
    USER = "as the limited user"
    LINK = "with the link"


class Site(StrEnum):
    """Where a path is counted from. All are on the host that was given. The value is how it is listed."""

    ORTHANC = "{orthanc}/"
    ORIGIN = "/"
    KEYCLOAK = "{keycloak}/"
    CLEAR = "http://{host}:80/"


class Shape(StrEnum):
    """What an answer has to look like beside its status. The value is how it is told."""

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


class Sign(Struct, frozen=True):
    """One kind of answer: one of the statuses, in a shape; `word` is the text or member that the shape looks for."""

    statuses: frozenset[int]
    shape: Shape = Shape.ANY
    word: str = ""


class Ask(Struct, frozen=True):
    """
    One request. `{words}` in path and body are filled in from the survey; what is not known there is not asked.

    `writes`: whether it would change something if it were meant; each is made so that Orthanc has nothing to do.
    """

    method: str
    path: str
    caller: Caller = Caller.NOBODY
    site: Site = Site.ORTHANC
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    writes: bool = False
    what: str = ""
    """What the body is, in words."""

    def line(self, root: str) -> str:
        """The request in short, as lists and reports show it; `root` is that of its site."""
        added = "".join(f", {name}: {value}" for name, value in self.headers if name != "Content-Type")
        what = f", {self.what}" if self.what else ""
        return f"{self.method} {root}{self.path}{added}{what}"


class Check(Struct, frozen=True):
    """
    One weakness and how it is looked for. `ask` is None where the survey already knows.

    `weakness` is its number in docs/security.md, or a word; `permission` what the limited user has to hold.
    """

    name: str
    weakness: str
    ask: Ask | None
    closed: tuple[Sign, ...]
    open: tuple[Sign, ...]
    why: str
    remedy: str
    permission: str = ""
    control: str = ""
    """A path beside the one that is asked for, which nobody has: a server that answers it alike answers so to
    everything, and nothing follows from that."""


class Reply(Struct, frozen=True):
    """What came back. `failure` says why nothing did; header names are in lower case."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: str = ""


class Found(Struct, frozen=True):
    """The verdict and what it rests on, in words that hold nothing of an answer's contents."""

    verdict: Verdict
    said: str


class Result(Struct, frozen=True):
    """A check with what was asked and found."""

    check: Check
    asked: str
    found: Found


class Tokens(Struct, frozen=True):
    """The tokens that were handed in. They are sent, and neither shown nor kept."""

    user: str = ""
    link: str = ""

    def __repr__(self) -> str:
        """Without the values."""
        return "Tokens(…)"


class Subjects(Struct, frozen=True):
    """The studies that were named: one that the limited user sees, one that the user must not see, and its UID."""

    study: str = ""
    other: str = ""
    other_uid: str = ""
