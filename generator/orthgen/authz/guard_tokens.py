"""Model of the guard's rules about the tokens of a request: what comes with a link, and how many tokens there are."""

from __future__ import annotations

from msgspec.structs import replace

from orthgen.authz.model import Effect, Reason, Request, Stage, TokenKind


def closed(needed: str, found: str, remedy: str) -> Reason:
    """A refusal of the guard."""
    return Reason(Stage.GUARD, Effect.DENIED, needed, found, None, remedy)


def token_refusal(request: Request, *, writes: bool, is_file: bool) -> Reason | None:
    """
    The refusal of a request because of its tokens; None where the guard has nothing against them.

    `writes`: the request may change something; `is_file`: it hands out whole studies or stored files.
    """
    return (_write_refusal(request) if writes else None) or _link_refusal(request, is_file=is_file)


def _write_refusal(request: Request) -> Reason | None:
    """Only people change something, each with one token; one may be there twice."""
    if any(token.kind is not TokenKind.USER for token in request.tokens):
        return closed(
            "only a user's token, for requests with a write method",
            "a link, or a token without a user",
            "sign in; a link can only read",
        )
    if len({replace(token, name="", argument=False) for token in request.tokens}) > 1:
        return closed(
            "one token, for requests with a write method",
            "several tokens, so that the audit log could have another person's name",
            "send the token of one person",
        )
    return None


def _link_refusal(request: Request, *, is_file: bool) -> Reason | None:
    """A link opens what was written into it when it was made."""
    links = [token for token in request.tokens if token.kind is TokenKind.LINK]
    if any(link.of_other_kind for link in links):
        return closed(
            "a link of a kind that this deployment makes",
            "a link of another kind, made before the profile changed",
            "make a new link; for share links, the profile needs `sharing`",
        )
    if any(link.elsewhere for link in links):
        return closed(
            "an instant link in the browser that made it, or a link of a user who may `share`",
            "another browser",
            "open the study in Orthanc Explorer 2, or use a link of a user who may `share`",
        )
    if is_file and any(not link.hands_out_files for link in links):
        return closed(
            "for files, a link whose maker may `download`",
            "a link of a user who may not `download`",
            "give the role of its maker `download`",
        )
    return None
