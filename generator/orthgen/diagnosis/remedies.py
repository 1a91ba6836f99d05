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
_NOT_ANONYMOUS = (
    "Do not give `upload` to the anonymous profile: it removes the 403, and lets everybody who reaches the address store "
    "objects, without a name in any log."
)


def remedies_for(
    refused_by: Answerer, method: str, sent: SentToken | None, decision: Decision | None
) -> tuple[str, ...]:
    """What would allow the request, the best first; then what to leave undone."""
    if refused_by is Answerer.PROXY:
        return (_PROXY,)
    if refused_by is Answerer.ORTHANC:
        return (_BASIC,)
    if decision is None or decision.granted:
        return ()
    if sent is not None and sent.is_link:
        if method == "POST":
            return (_SIGN_IN_OF_OHIF, _NOT_ANONYMOUS)
        return (
            "Open the study again, so that a new link is made; or sign in, so that the user's token is sent.",
        )
    remedy = decision.decisive.remedy
    if sent is not None and sent.token.kind is TokenKind.USER and remedy:
        return (f"{remedy[:1].upper()}{remedy[1:]}.",)
    if not remedy:
        return ()
    first = f"{remedy[:1].upper()}{remedy[1:]}."
    return (first, _NOT_ANONYMOUS) if "`upload`" in remedy else (first,)
