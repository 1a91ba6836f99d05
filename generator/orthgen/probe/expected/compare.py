"""Comparison of the answers of a running deployment with the decisions of a model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.authz.auth_service import EVERY_LABEL
from orthgen.authz.model import Token
from orthgen.authz.permission_table import UndecidablePattern
from orthgen.authz.permissions import Permission
from orthgen.authz.policy import make_study
from orthgen.probe.discovery import authorization
from orthgen.probe.expected.questions import PROFILES, QUESTIONS, ProbeQuestion
from orthgen.probe.model import PLACEHOLDER, Caller, ProbeReply, ProbeRequest, Site, Tokens, filled
from orthgen.probe.run import request_line
from orthgen.probe.verdict import parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.authz.auth_service import Profile
    from orthgen.authz.model import Decision
    from orthgen.authz.policy import Policy, Principal
    from orthgen.findings import Location
    from orthgen.probe.client import Client
    from orthgen.probe.discovery import Discovery
    from orthgen.probe.expected.callers import KnownCallers


_NOWHERE = make_study("a study that does not exist", frozenset())


class ComparisonResult(StrEnum):
    """The result of a comparison."""

    DIFFERS = "differs"
    UNKNOWN = "cannot tell"
    SAME = "as expected"


class Comparison(Struct, frozen=True):
    """A part of somebody's rights: what the model expects, what the deployment answered, and the line that decides."""

    result: ComparisonResult
    who: str
    topic: str
    asked: str
    expected: str
    answer: str
    decided_at: Location | None = None


class Comparer(Struct, frozen=True):
    """
    A running deployment beside the model of what it should be.

    `is_behind_proxy`: whether a proxy whose rules the model does not have may refuse what the model grants.
    """

    client: Client
    discovery: Discovery
    policy: Policy
    callers: KnownCallers
    tokens: Tokens
    is_behind_proxy: bool = False

    def compare(self, *, with_writes: bool) -> tuple[Comparison, ...]:
        """Every comparison, in the order of the requests."""
        results = [each for request in PROFILES for each in self._profile(request)]
        return (*results, *(self._answer(question, with_writes=with_writes) for question in QUESTIONS))

    def write_requests(self) -> tuple[ProbeRequest, ...]:
        """The requests beyond reading that can be sent."""
        requests = (question.request for question in QUESTIONS)
        return tuple(request for request in requests if request.writes and not self._missing(request))

    # ------------------------------------------------------------------------------------------- profiles

    def _profile(self, request: ProbeRequest) -> Iterator[Comparison]:
        """The permissions and labels of a caller, as the auth-service gives them to Orthanc."""
        principal = self.callers.principals.get(request.caller)
        tokens = self._tokens_of(principal) if principal is not None else ()
        expected = self.policy.service.profile(next(iter(tokens), None))
        if principal is None or expected is None:
            return
        asked = request_line(request, self.discovery)
        reply = self._send(request)
        value = parsed(reply)
        members = value if isinstance(value, dict) and reply.status == 200 else {}
        for topic, key, names in (
            ("permissions", "permissions", expected.permissions),
            ("labels", "authorized-labels", expected.labels),
        ):
            listed = members.get(key)
            if topic == "permissions" and not isinstance(listed, list):
                text = reply.failure or f"{reply.status}, which shows no rights"
                yield Comparison(ComparisonResult.UNKNOWN, principal.name, topic, asked, _list(names), text)
                return
            yield self._names(principal, topic, asked, expected, names, _texts(listed))

    def _names(  # noqa: PLR0913, PLR0917 - a comparison's fields
        self,
        principal: Principal,
        topic: str,
        asked: str,
        profile: Profile,
        expected: frozenset[str],
        actual: frozenset[str],
    ) -> Comparison:
        result = ComparisonResult.SAME if expected == actual else ComparisonResult.DIFFERS
        known = {permission.value for permission in Permission} | {EVERY_LABEL}
        known |= {label for place in self.policy.collections for label in place.labels}
        location = profile.location if topic == "permissions" else profile.labels_location
        answer = _difference(expected, actual, known) or "the same"
        return Comparison(
            result, principal.name, topic, asked, _list(expected), answer, location or profile.location
        )

    # -------------------------------------------------------------------------------------------- answers

    def _answer(self, question: ProbeQuestion, *, with_writes: bool) -> Comparison:
        request = question.request
        principal = self.callers.principals.get(request.caller)
        who = principal.name if principal is not None else request.caller.value
        asked = request_line(request, self.discovery)
        reason = self._missing(request)
        if not reason and request.writes and not with_writes:
            reason = "not asked, because it goes beyond reading (`--yes`)"
        if reason or principal is None:
            return Comparison(ComparisonResult.UNKNOWN, who, question.topic, asked, "", reason)
        try:
            decision = self._decision(principal, request)
        except UndecidablePattern as problem:
            return Comparison(ComparisonResult.UNKNOWN, who, question.topic, asked, "", str(problem))
        is_granted, answer = granted(self._send(request), is_page=question.is_page)
        if answer == "404" and question.may_be_missing:
            is_granted, answer = None, "404: there is no such study"
        result = ComparisonResult.SAME if is_granted is decision.granted else ComparisonResult.DIFFERS
        if is_granted is None:
            result = ComparisonResult.UNKNOWN
        elif decision.granted and not is_granted and self.is_behind_proxy:
            result, answer = ComparisonResult.UNKNOWN, f"{answer}; rules of the proxy are not in the model"
        verb = "granted" if decision.granted else "refused"
        expected = f"{verb}: {decision.decisive.stage.value}: {decision.decisive.found}"
        return Comparison(result, who, question.topic, asked, expected, answer, decision.decisive.location)

    def _decision(self, principal: Principal, request: ProbeRequest) -> Decision:
        names = [name for name in PLACEHOLDER.findall(request.path) if name in self.callers.studies]
        names += ["study"] * any(name in {"uid", "instance"} for name in request.placeholders)
        names += ["linked"] * ("linked_uid" in request.path)
        study = self.callers.studies.get(names[0], _NOWHERE) if names else _NOWHERE
        body = json.loads(self._filled(request.body)) if request.body.startswith("{") else None
        if request.body.startswith("["):
            body = {"Resources": json.loads(request.body)}
        tokens = (
            (self.callers.link,) if request.caller is Caller.LINK and self.callers.link is not None else None
        )
        return self.policy.ask(
            principal, study, request.method, "/" + self._filled(request.path), body, tokens
        )

    def _missing(self, request: ProbeRequest) -> str:
        reasons = [self.callers.missing[name] for name in request.needed if name in self.callers.missing]
        return reasons[-1] if reasons else ""

    def _tokens_of(self, principal: Principal) -> tuple[Token, ...]:
        return self.policy.tokens(principal, _NOWHERE)

    def _filled(self, text: str) -> str:
        return filled(text, self.callers.values)

    def _send(self, request: ProbeRequest) -> ProbeReply:
        return self.client.send(
            request.method,
            self.discovery.roots[Site.ORTHANC] + self._filled(request.path),
            headers={**dict(request.headers), **authorization(request.caller, self.tokens)},
            body=self._filled(request.body).encode()
            if request.body or request.method in {"POST", "PUT"}
            else None,
        )


def granted(reply: ProbeReply, *, is_page: bool = False) -> tuple[bool | None, str]:
    """Whether an answer shows that the request reached Orthanc, with the reason; None where it shows neither."""
    value = parsed(reply)
    if reply.failure:
        return None, reply.failure
    if isinstance(value, Mapping) and "OrthancStatus" in value:
        return True, f"{reply.status}, an error of Orthanc's own: it got there"
    if 200 <= reply.status < 300:
        is_html = "html" in reply.headers.get("content-type", "") or reply.body.lstrip()[:1] == b"<"
        if is_html and not is_page:
            return None, f"{reply.status}, a page: another program answers"
        return True, str(reply.status)
    if reply.status in {301, 302, 303, 307, 308, 401, 403, 404, 405, 410}:
        return False, str(reply.status)
    return None, f"{reply.status}, which neither grants nor refuses"


def differs(results: Sequence[Comparison]) -> bool:
    """Whether an answer is another than the expected one."""
    return any(result.result is ComparisonResult.DIFFERS for result in results)


def _difference(expected: frozenset[str], actual: frozenset[str], known: set[str]) -> str:
    """The names on one side only. Names that the model does not know are counted, because they are the answer's contents."""
    more = sorted(actual - expected)
    parts = [f"lacks {_list(expected - actual)}"] if expected - actual else []
    if named := [name for name in more if name in known]:
        parts.append(f"also has {_list(frozenset(named))}")
    if unnamed := len(more) - len(named):
        parts.append(f"also has {unnamed} that the expectation does not name")
    return "; ".join(parts)


def _list(names: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"


def _texts(listed: object) -> frozenset[str]:
    return frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()
