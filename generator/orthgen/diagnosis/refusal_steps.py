"""Steps of an explanation: profile, permission row, labels, link; in the words of their outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from orthgen.authz.evaluation_state import route_of
from orthgen.authz.model import Decision, Effect, Request, Stage, TokenKind
from orthgen.authz.permission_table import PreparedRow, UndecidablePattern
from orthgen.authz.permissions import RowOrigin
from orthgen.authz.plugin_releases import default_rows, releases
from orthgen.authz.touched_resources import Named
from orthgen.diagnosis.statements import ReasonStep, Statement, joined
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from orthgen.diagnosis.filter_model import ObservedFilter
    from orthgen.diagnosis.sent_tokens import SentToken
    from orthgen.findings import Location
    from orthgen.observed.model import ObservedDeployment

_ANONYMOUS_LINE = r"The UserProfile for 'Anonymous'"


def profile_step(
    deployment: ObservedDeployment, observed: ObservedFilter, sent: SentToken | None
) -> ReasonStep:
    """The profile that the auth-service answers with, and the reason."""
    if sent is not None and sent.token.kind is TokenKind.USER:
        return ReasonStep("Profile", (_users_profile(observed, sent),))
    if sent is None:
        asked = observed.configuration.release >= (0, 10, 0)
        text = (
            "Without a token, the plugin asks the auth-service for the anonymous profile."
            if asked
            else "Without a token, this version of the plugin asks for no profile: the sender has no permission."
        )
    elif not sent.is_seen:
        text = (
            "If the request carries no token of a user, the auth-service answers with the anonymous profile."
        )
    elif sent.is_link:
        text = "A link has no user, so that the auth-service answers with the anonymous profile."
    else:
        text = "The auth-service does not accept the token, and answers with the anonymous profile."
    statements = [Statement(text)]
    line = next(
        (
            line
            for line in deployment.log_lines
            if line.product is Product.ORTHANC and re.search(_ANONYMOUS_LINE, line.message)
        ),
        None,
    )
    if line is not None and sent is not None:
        text = f"Orthanc's log shows it: `{line.message}`. The line is a warning and refuses nothing."
        statements.append(Statement(text, line.location))
    permissions = sorted(observed.service.anonymous.permissions)
    held = joined(permissions) if permissions else "no permission"
    if observed.has_anonymous_profile:
        statements.append(Statement(f"That profile has {held}.", observed.service.anonymous.location))
    else:
        statements.append(
            Statement(
                f"That profile was not seen. The one in the auth-service's image of that time has {held}."
            )
        )
    return ReasonStep("Profile", tuple(statements))


def _users_profile(observed: ObservedFilter, sent: SentToken) -> Statement:
    if not observed.has_roles:
        return Statement(
            "The profile is the union of the user's roles in permissions.json, which was not seen."
        )
    known = [role for role in sent.roles if role in observed.service.roles]
    if not known:
        names = joined(list(sent.roles)) if sent.roles else "no role"
        return Statement(
            f"permissions.json has none of the user's roles ({names}), so that the user has no permission."
        )
    profiles = [observed.service.roles[role] for role in known]
    permissions = sorted({permission for profile in profiles for permission in profile.permissions})
    held = joined(permissions).replace(" or ", " and ") if permissions else "no permission"
    return Statement(
        f"The profile is that of {joined(known).replace(' or ', ' and ')}: {held}.", profiles[0].location
    )


def permission_step(observed: ObservedFilter, request: Request) -> Iterator[ReasonStep]:
    """The row of the permission table that the request reaches, and whether the profile satisfies it."""
    configuration = observed.configuration
    if not configuration.profiles:
        return
    route = route_of(configuration, request)
    path = route.target.path
    if isinstance(route.row, UndecidablePattern):
        raise route.row
    section = _section(observed)
    if not isinstance(route.row, PreparedRow):
        text = (
            f"No row of the permission table fits {request.method} `{path}`, so that no permission allows it."
        )
        yield ReasonStep("Permission", (Statement(text, section),))
        return
    row = route.row.row
    needed = joined(list(row.permissions)) if row.permissions else "no permission"
    written = f'`["{row.method}", "{row.pattern}", "{"|".join(row.permissions)}"]`'
    if row.origin is RowOrigin.DEFAULT:
        where = f"row {row.index + 1} of the plugin's default table in version {observed.version.release}"
        known = (
            "" if observed.version.is_known else _same_in(row.method, row.pattern, "|".join(row.permissions))
        )
    else:
        where, known = f"row {row.index + 1} of `{row.origin}`", ""
    statements = [
        Statement(
            f"{request.method} `{path}` needs {needed}: {where}, {written}.", route.row.location or section
        )
    ]
    if not observed.version.is_known and row.origin is RowOrigin.DEFAULT:
        statements.append(
            Statement(
                f"The version was not seen, {observed.version.release} is {observed.version.reason}; {known}."
            )
        )
    yield ReasonStep("Permission", tuple(statements))


def _section(observed: ObservedFilter) -> Location | None:
    location = observed.orthanc.settings.locate(("Authorization",))
    return location if location.file else None


def _same_in(method: str, pattern: str, permissions: str) -> str:
    """The releases whose default table has a row, in words."""
    written = [method, pattern.replace("^/dicom-web/", "^/DICOM_WEB_ROOT/"), permissions]
    having = [release for release in releases() if written in default_rows(release)]
    if not having:
        return "other versions may differ"
    last = "on" if having[-1] == releases()[-1] else f"to {having[-1]}"
    return f"the row is the same from {having[0]} {last}"


def label_step(decision: Decision) -> Iterator[ReasonStep]:
    """The label check, where it denied."""
    for reason in decision.reasons:
        if reason.stage is Stage.LABEL and reason.effect is Effect.DENIED:
            text = f"The permission is there, and the label is missing: it needs {reason.needed}."
            yield ReasonStep("Labels", (Statement(text, reason.location),))


def role_step(observed: ObservedFilter, decisions: list[tuple[str, Decision]]) -> Iterator[ReasonStep]:
    """The decision for each role that the sender may have."""
    statements = []
    for role, decision in decisions:
        reason = decision.decisive
        outcome = "allowed" if decision.granted else f"refused: it needs {reason.needed}"
        place = observed.service.roles[role].location
        statements.append(Statement(f"With the role `{role}`: {outcome}.", place))
    yield ReasonStep("Roles", tuple(statements))


def link_step(
    observed: ObservedFilter, request: Request, decision: Decision, sent: SentToken | None
) -> Iterator[ReasonStep]:
    """The last attempt: the token as a link to the resources of the path."""
    if sent is None or not sent.is_link or decision.denied_by is None:
        return
    if not observed.configuration.links:
        text = "No address for the validation of links is configured (`WebServiceTokenValidationUrl`), so that no link opens anything."
        yield ReasonStep("Link", (Statement(text, _section(observed)),))
        return
    route = route_of(observed.configuration, request)
    path = route.target.path
    if route.touched.named is Named.NOTHING:
        text = f"A link is tried last. It opens only paths that name its study, and `{path}` names none. No link of any type opens it."
    elif any(
        reason.stage is Stage.RESOURCE_TOKEN and reason.effect is Effect.PASSED for reason in decision.reasons
    ):
        text = f"A link is tried last. `{path}` is not of a level that the plugin checks, so that no link opens it."
    else:
        text = "A link is tried last. This one names another study than the path, or has expired."
    yield ReasonStep("Link", (Statement(text, observed.configuration.level_location),))
