"""
Records of the model: a request with its tokens, a decision with its reasons.

`decide` fills them, `report` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from orthgen.authz.resources import NO_RESOURCES, Resources
from orthgen.findings import Location


class Stage(StrEnum):
    """Stages of an evaluation, in their order."""

    GUARD = "the guard at the edge"
    AUTHENTICATION = "Orthanc's own authentication"
    SYNTAX = "request syntax"
    NO_FILTER = "no filter"
    UNCHECKED = "unchecked path"
    PERMISSION = "permission row"
    LABEL = "label check"
    RESOURCE_TOKEN = "resource token"  # noqa: S105 - the name of a stage
    STUDY_SEARCH = "search for studies"
    DEFAULT_DENY = "default deny"
    HANDLER = "the plugin's own handler"


class Effect(StrEnum):
    """
    Outcome of one stage: it allowed the request, denied it, or left it to the next stage.

    A denial ends the evaluation only where the plugin stops there (labels, an unknown resource, a handler); after a
    missing permission a link may still allow the request.
    """

    ALLOWED = "allowed"
    DENIED = "denied"
    PASSED = "passed"


class DeniedBy(StrEnum):
    """The part that refused, in the words of the recorded decisions; `guard` is the proxy in front of Orthanc."""

    FILTER = "filter"
    CALLBACK = "callback"
    ORTHANC = "orthanc-401"
    GUARD = "guard"


class Reason(Struct, frozen=True):
    """
    Result of one stage: what it needed, what it found, and the line responsible where that is known.

    `remedy` says what would have made a stage allow that denied.
    """

    stage: Stage
    effect: Effect
    needed: str
    found: str
    location: Location | None = None
    remedy: str = ""


class Decision(Struct, frozen=True):
    """
    The answer and its reasons, stage by stage.

    `allowed` is what the filter (and Orthanc before it) said; the plugin's own handler may refuse an allowed
    request (`denied_by` is `callback`). `granted` takes both together.
    """

    allowed: bool
    denied_by: DeniedBy | None
    reasons: tuple[Reason, ...]

    @property
    def granted(self) -> bool:
        """Whether the request gets an answer that is not a refusal."""
        return self.denied_by is None

    @property
    def decisive(self) -> Reason:
        """The reason that decided: the stage that allowed, or the stage that denied first or for good."""
        last = self.reasons[-1]
        if self.granted:
            opened = [reason for reason in self.reasons if reason.effect is Effect.ALLOWED]
            return opened[-1] if opened else last
        if last.stage is not Stage.DEFAULT_DENY:
            return last
        return next((reason for reason in self.reasons if reason.effect is Effect.DENIED), last)


class TokenKind(StrEnum):
    """The kind of a token for the auth-service."""

    USER = "user"
    LINK = "link"
    OTHER = "other"  # expired, forged, a password: nobody's profile and no resource


class Token(Struct, frozen=True):
    """
    A token of a request: its kind, its rights, and the header or argument that carries it.

    `name` is the HTTP header, or the GET argument where `argument` is set. `roles` are a user's realm roles;
    `studies` are the Orthanc ids and DICOM UIDs of the studies that a link names. `decodable` tells a share
    link (the auth-service tells its studies back) from an instant link (it does not). What the guard wrote into a link
    that it made: `hands_out_files`, that its maker may download; `elsewhere`, that it is bound to another browser than
    the one that sends it; `of_other_kind`, that the deployment makes no links of its kind. `basic` are credentials of Orthanc's own `RegisteredUsers`, good ones where `user` is
    registered. `empty` is a header or an argument that is there and holds nothing.
    """

    name: str
    kind: TokenKind
    argument: bool = False
    roles: tuple[str, ...] = ()
    studies: frozenset[str] = frozenset()
    decodable: bool = False
    hands_out_files: bool = False
    elsewhere: bool = False
    of_other_kind: bool = False
    basic: bool = False
    user: str = ""
    empty: bool = False

    def is_header(self, name: str) -> bool:
        """Whether the token is carried by the HTTP header of this name, in whatever case."""
        return not self.argument and self.name.lower() == name.lower()


class Request(Struct, frozen=True):
    """
    A request as Orthanc receives it, with the stored resources that it may touch.

    `target` is path and query as sent. `body` is the parsed JSON body where one was sent that matters
    (tools/find, tools/bulk-...); `override` the value of `X-HTTP-Method-Override`.
    """

    method: str
    target: str
    tokens: tuple[Token, ...] = ()
    resources: Resources = NO_RESOURCES
    body: Mapping[str, Any] | None = None
    override: str = ""
