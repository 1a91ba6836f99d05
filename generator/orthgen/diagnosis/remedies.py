"""What would allow a refused request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.authz.model import Decision, TokenKind
from orthgen.diagnosis.responses import Answerer

if TYPE_CHECKING:
    from orthgen.diagnosis.sent_tokens import SentToken

_SIGN_IN_OF_OHIF = (
    "OHIF sends the token of the user: OHIF signs in at Keycloak itself (`oidc` in app-config.js, a public client of its own), "
    "is opened without `?token=`, and a role of the user has `upload` in permissions.json. `docs/reports.md` shows each part, "
    "and `orthgen render` writes them for `viewers: {ohif: {reports: signed-in}}`."
)
_PROXY = (
    "Look at the proxy's configuration: `deny`, `auth_basic`, `auth_request`, or a script. In a deployment of orthgen it is the "
    "guard: `orthgen explain PROFILE METHOD PATH --as ROLE` gives its reason."
)
_BASIC = (
    "Set `AuthenticationEnabled` to `false` and let the authorization plugin alone decide, or send a name and a password of "
    "`RegisteredUsers`."
)
_BASIC_ALONE = (
    (
        "Send a name and a password of `RegisteredUsers`. A reverse proxy that signs people in itself can send them: "
        '`proxy_set_header Authorization "Basic …";` in nginx.'
    ),
    "Do not set `AuthenticationEnabled` to `false` as long as another way leads to Orthanc's port.",
)
_NOT_ANONYMOUS = (
    "Do not give `upload` to the anonymous profile: it removes the 403, and lets everybody who reaches the address store "
    "objects, without a name in any log."
)


_SIGN_IN = "Send the token of a user whose role has the permission, or an API key (header `api-key`)."
_ACCEPTED = "Send a token that the auth-service accepts: the step *Token* has the reason why this one is not."
_OPEN_AGAIN = (
    "Open the study again, so that a new link is made; or sign in, so that the user's token is sent."
)


def remedies_for(
    refused_by: Answerer,
    method: str,
    sent: SentToken | None,
    decision: Decision | None,
    *,
    has_plugin: bool,
) -> tuple[str, ...]:
    """What would allow the request, the best first; then what to leave undone."""
    if refused_by is Answerer.PROXY:
        return (_PROXY,)
    if refused_by is Answerer.ORTHANC:
        return (_BASIC,) if has_plugin else _BASIC_ALONE
    if decision is None or decision.granted:
        return _for_anonymous(method) if decision is not None and sent is None else ()
    if sent is not None and sent.is_broken:
        return (_ACCEPTED,)
    if sent is not None and sent.is_link:
        return (_SIGN_IN_OF_OHIF, _NOT_ANONYMOUS) if method == "POST" else (_OPEN_AGAIN,)
    return _of_decision(decision, sent)


def _for_anonymous(method: str) -> tuple[str, ...]:
    """For a request without a token that the profile in the image would allow, and that was refused."""
    return (_SIGN_IN, _NOT_ANONYMOUS) if method == "POST" else (_SIGN_IN,)


def _of_decision(decision: Decision, sent: SentToken | None) -> tuple[str, ...]:
    remedy = decision.decisive.remedy
    if not remedy:
        return ()
    first = f"{remedy[:1].upper()}{remedy[1:]}."
    is_user = sent is not None and sent.token.kind is TokenKind.USER
    return (first, _NOT_ANONYMOUS) if "`upload`" in remedy and not is_user else (first,)
