"""Run of the checks: one request after the other, and the verdict on each answer."""

from __future__ import annotations

from collections.abc import Sequence

from orthgen.probe.checks import CHECKS
from orthgen.probe.client import Client
from orthgen.probe.discovery import Discovery, authorization
from orthgen.probe.model import Outcome, ProbeCheck, ProbeRequest, ProbeResult, Site, Tokens, Verdict, filled
from orthgen.probe.verdict import verdict_on


def missing_input(check: ProbeCheck, discovery: Discovery) -> str:
    """The reason why a check cannot be made, or an empty text."""
    request = check.request
    if request is None:
        return ""
    names = [*request.needed, *{Site.KEYCLOAK: ["keycloak"], Site.CLEAR: ["clear"]}.get(request.site, [])]
    reasons = [discovery.missing[name] for name in names if name in discovery.missing]
    if reasons:
        return reasons[-1]
    if check.permission and not discovery.permissions & {"all", check.permission}:
        return f"needs a limited user who may `{check.permission}`"
    return ""


def write_requests(discovery: Discovery) -> tuple[ProbeRequest, ...]:
    """The requests beyond reading that can be sent to this deployment."""
    return tuple(
        check.request
        for check in CHECKS
        if check.request is not None and check.request.writes and not missing_input(check, discovery)
    )


def run(
    client: Client, discovery: Discovery, tokens: Tokens, *, with_writes: bool
) -> tuple[ProbeResult, ...]:
    """Make every check; requests beyond reading are sent only `with_writes`."""
    return tuple(_result(check, client, discovery, tokens, with_writes=with_writes) for check in CHECKS)


def request_line(request: ProbeRequest, discovery: Discovery | None = None) -> str:
    """A request in one line, with placeholders instead of ids."""
    root = request.site.value
    if discovery is not None and request.site in discovery.roots:
        origin = root.partition("{orthanc}")[0] if request.site is Site.CLEAR else ""
        root = origin + discovery.roots[request.site]
    return f"{request.caller.value}: {request.line(root)}"


def _result(
    check: ProbeCheck, client: Client, discovery: Discovery, tokens: Tokens, *, with_writes: bool
) -> ProbeResult:
    request = check.request
    if request is None:
        return ProbeResult(
            check, "", discovery.outcomes.get(check.name, Outcome(Verdict.UNKNOWN, "not seen from outside"))
        )
    reason = missing_input(check, discovery)
    if not reason and request.writes and not with_writes:
        reason = "not asked, because it goes beyond reading (`--yes`)"
    if reason:
        return ProbeResult(check, request_line(request, discovery), Outcome(Verdict.UNKNOWN, reason))
    reply = client.send(
        request.method,
        discovery.roots[request.site] + filled(request.path, discovery.values),
        headers={**dict(request.headers), **authorization(request.caller, tokens)},
        body=filled(request.body, discovery.values).encode()
        if request.body or request.method in {"POST", "PUT"}
        else None,
        plain_http=request.site is Site.CLEAR,
    )
    outcome = verdict_on(check, reply, client.address.host)
    if outcome.verdict is Verdict.OPEN and check.control:
        control_reply = client.send(request.method, discovery.roots[request.site] + check.control)
        if control_reply.status == reply.status:
            outcome = Outcome(
                Verdict.UNKNOWN, f"{reply.status}, as for every path there: something before it answers"
            )
    if check.name == "http-redirect" and reply.failure == "no answer (connection refused)":
        outcome = Outcome(Verdict.CLOSED, "nothing listens on port 80")
    return ProbeResult(check, request_line(request, discovery), outcome)


def any_open(results: Sequence[ProbeResult]) -> bool:
    """Whether a weakness is open."""
    return any(result.outcome.verdict is Verdict.OPEN for result in results)
