"""
Decision of one request by one configuration and one auth-service. Reads no file and prints nothing.

The stages stand in the order in which Orthanc and the plugin evaluate them. Each allows the request, denies it or
leaves it to the next stage, with a reason. The guard in front of Orthanc is one more stage before these: `guard`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from msgspec import structs

from orthgen.authz.auth_service import AuthService, Profile
from orthgen.authz.evaluation_state import (
    GIVE_EVERY_LABEL,
    Evaluation,
    label_check,
    labels_of,
    name_of,
    start_evaluation,
)
from orthgen.authz.handler_rules import refuses
from orthgen.authz.model import Decision, DeniedBy, Effect, Reason, Request, Stage, TokenKind
from orthgen.authz.permission_table import PreparedRow, UndecidablePattern
from orthgen.authz.permissions import Permission
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.resources import Resource
from orthgen.authz.touched_resources import Named, UnknownResource, is_list_of_resources


def decide(configuration: PluginConfiguration, service: AuthService, request: Request) -> Decision:
    """
    The plugin's decision, with the reasons in the order of checking.

    Raises `UndecidablePattern` where the request reaches a row that boost and Python read differently.
    """
    evaluation = start_evaluation(configuration, service, request)
    allowed = None
    for stage in STAGES:  # pragma: no branch - the last stage always answers
        allowed = stage(evaluation)
        if allowed is not None:
            break
    if not allowed:
        return Decision(allowed=False, denied_by=evaluation.denied_by, reasons=tuple(evaluation.reasons))
    handler = evaluation.route.handler
    refused = handler is not None and refuses(evaluation, handler)
    return Decision(
        allowed=True, denied_by=DeniedBy.CALLBACK if refused else None, reasons=tuple(evaluation.reasons)
    )


def _authentication(evaluation: Evaluation) -> bool | None:
    """Orthanc asks for Basic credentials before it asks any plugin, where `AuthenticationEnabled` says so."""
    if not evaluation.configuration.authentication:
        return None
    # Orthanc reads no other header for them, whatever the plugin takes for a token.
    sent = [token for token in evaluation.request.tokens if token.basic and token.is_header("authorization")]
    if any(token.user in evaluation.configuration.registered_users for token in sent):
        evaluation.reasons.append(_WITH_CREDENTIALS)
        return None
    evaluation.denied_by = DeniedBy.ORTHANC
    reason = _WRONG_CREDENTIALS if sent else _WITHOUT_CREDENTIALS
    if not evaluation.configuration.filters:
        # Without the passwords of Orthanc nothing would ask who sends a request.
        reason = structs.replace(reason, remedy="sign in with a name and a password of `RegisteredUsers`")
    evaluation.reasons.append(reason)
    return False


def _syntax(evaluation: Evaluation) -> bool | None:
    """Orthanc answers 400 by itself: no refusal, but no access either."""
    if evaluation.route.target.method:
        return None
    evaluation.reasons.append(_BAD_REQUEST)
    return True


def _no_filter(evaluation: Evaluation) -> bool | None:
    if evaluation.configuration.filters:
        return None
    evaluation.reasons.append(_NO_FILTER)
    return True


def _unchecked(evaluation: Evaluation) -> bool | None:
    if evaluation.route.unchecked is None:
        return None
    evaluation.reasons.append(evaluation.route.unchecked)
    return True


def _permissions(evaluation: Evaluation) -> bool | None:
    """The table's first fitting row, tried with each token in turn; the last one tried decides."""
    if not evaluation.configuration.profiles:
        return None
    row = evaluation.route.row
    if isinstance(row, UndecidablePattern):
        raise row
    if isinstance(row, Reason):
        evaluation.reasons.append(row)
        return None
    holds = False
    for profile in _profiles(evaluation):
        holds, reason = _holds(row, profile)
        evaluation.reasons.append(
            _unread_token(evaluation, reason)
            if evaluation.request.tokens and not evaluation.tokens
            else reason
        )
        if holds and _labels(evaluation, profile) is False:
            return False
    return True if holds else None


def _unread_token(evaluation: Evaluation, reason: Reason) -> Reason:
    """The reason about an unread token: it stands where the plugin looks for none."""
    token = evaluation.request.tokens[0]
    if reason.effect is not Effect.DENIED or token.kind is TokenKind.OTHER:
        return reason
    carriers = [
        carrier for carrier in evaluation.configuration.carriers if carrier.argument == token.argument
    ]
    if token.argument and any(carrier.name == token.name for carrier in carriers):
        remedy = "send it in a header: the plugin reads arguments of GET only"
    else:
        key = "TokenGetArguments" if token.argument else "TokenHttpHeaders"
        remedy = f"add `{token.name}` to `{key}`, or send it where a token is looked for"
    where = "argument" if token.argument else "header"
    found = f"{reason.found}; the plugin reads no token from the {where} `{token.name}`"
    return structs.replace(reason, found=found, remedy=remedy)


def _profiles(evaluation: Evaluation) -> list[Profile]:
    service = evaluation.service
    if evaluation.tokens:
        return [service.profile(token) or _NO_ANSWER for token in evaluation.tokens]
    if evaluation.configuration.release >= (0, 10, 0):
        return [service.profile(None) or _NO_ANSWER]
    return [_UNASKED]


def _holds(row: PreparedRow, profile: Profile) -> tuple[bool, Reason]:
    """Whether a profile holds one of the row's permissions; an empty list suffices for everybody."""
    permissions = row.row.permissions
    needed = f"{_any_of(permissions) or 'nothing'} for {row.row.method.upper()} `{row.row.pattern}` ({row.row.place})"
    at = profile.location or row.location
    if not permissions:
        found = f"{profile.title}: the row needs no permission"
        return True, Reason(Stage.PERMISSION, Effect.PASSED, needed, found, row.location)
    held = [permission for permission in permissions if permission in profile.permissions]
    if held:
        found = f"{profile.title}: `{held[0]}`"
        return True, Reason(Stage.PERMISSION, Effect.PASSED, needed, found, at)
    # Nobody is advised to give everything away for want of one right.
    missing = _any_of(
        tuple(permission for permission in permissions if permission != Permission.ALL) or permissions
    )
    remedy = (
        f"give the role the permission {missing}"
        if profile.is_user
        else f"sign in with a role that has {missing}"
    )
    return False, Reason(
        Stage.PERMISSION,
        Effect.DENIED,
        needed,
        f"{profile.title}: {_permission_names(profile.permissions)}",
        at,
        remedy,
    )


@lru_cache(maxsize=1024)
def _permission_names(permissions: frozenset[str]) -> str:
    return ", ".join(f"`{permission}`" for permission in sorted(permissions)) or "no permission"


@lru_cache(maxsize=1024)
def _any_of(permissions: tuple[str, ...]) -> str:
    return " or ".join(f"`{permission}`" for permission in permissions)


def _labels(evaluation: Evaluation, profile: Profile) -> bool | None:
    """
    Whether the labels allow it: True and None go on, False ends the decision.

    None where no level of the path is checked: labels then neither open nor refuse.
    """
    configuration = evaluation.configuration
    if profile is _UNASKED or (configuration.release < (0, 7, 0) and not configuration.links):
        evaluation.reasons.append(_LABELS_UNREAD)
        return None
    if profile.sees_every_label and not configuration.audit_logs:
        evaluation.reasons.append(_every_label(profile))
        return True
    try:
        touched = evaluation.touched()
    except UnknownResource as unknown:
        # With audit logs, anybody who sees every label is written down with the study, which has to be there (0.10.0).
        return _unknown(evaluation, Stage.LABEL, unknown)
    if profile.sees_every_label:
        evaluation.reasons.append(_every_label(profile))
        return True
    target = evaluation.route.target
    if is_list_of_resources(target.path) and (target.method == "GET" or configuration.release < (0, 8, 0)):
        evaluation.reasons.append(_whole_list(target.path, profile))
        return False
    granted, resource = label_check(configuration, touched, profile)
    if resource is None:
        evaluation.reasons.append(_no_level(configuration))
        return None
    evaluation.reasons.append(_labelled(profile, resource))
    return granted


def _every_label(profile: Profile) -> Reason:
    found = f"{profile.title} sees every label"
    return Reason(Stage.LABEL, Effect.ALLOWED, "a label", found, profile.labels_location)


def _no_level(configuration: PluginConfiguration) -> Reason:
    found = "no resource of a checked level, so labels are not looked at"
    return Reason(Stage.LABEL, Effect.ALLOWED, "nothing", found, configuration.level_location)


def _whole_list(path: str, profile: Profile) -> Reason:
    return Reason(
        Stage.LABEL,
        Effect.DENIED,
        f"every label, for the whole list `{path}`",
        f"{profile.title} has {labels_of(profile.labels)}",
        profile.labels_location,
        f"search with tools/find or DICOMweb instead, or {GIVE_EVERY_LABEL}",
    )


def _labelled(profile: Profile, resource: Resource) -> Reason:
    granted = not resource.labels.isdisjoint(profile.labels)
    needed = f"on {name_of(resource)} a label of {profile.title}: {labels_of(profile.labels)}"
    remedy = (
        f"put one of them on the {resource.level}, or give the role a label that it carries; or {GIVE_EVERY_LABEL}"
        if profile.is_user
        else f"sign in with a role that sees the {resource.level}"
    )
    return Reason(
        Stage.LABEL,
        Effect.ALLOWED if granted else Effect.DENIED,
        needed,
        f"it carries {labels_of(resource.labels)}",
        profile.labels_location,
        "" if granted else remedy,
    )


def _unknown(evaluation: Evaluation, stage: Stage, unknown: UnknownResource) -> bool:
    found = f"`{unknown.name}` is not stored, and the plugin refuses unknown resources"
    remedy = "ask for one that exists"
    evaluation.reasons.append(Reason(stage, Effect.DENIED, "a resource that is stored", found, None, remedy))
    return False


def _resource_tokens(evaluation: Evaluation) -> bool | None:
    """The stage of links: a token has to open every touched resource of a checked level; any method."""
    configuration = evaluation.configuration
    if not configuration.links:
        evaluation.reasons.append(_NO_VALIDATION)
        return None
    try:
        touched = evaluation.touched()
    except UnknownResource as unknown:
        return _unknown(evaluation, Stage.RESOURCE_TOKEN, unknown)
    checked = [resource for resource in touched if resource.level not in configuration.unchecked_levels]
    if not checked:
        evaluation.reasons.append(_NOTHING_CHECKED)
        return None
    if not evaluation.service.reachable:
        evaluation.reasons.append(_UNREACHABLE)
        return False
    opened = [resource for resource in checked if evaluation.opener(resource, evaluation.tokens) is not None]
    # Before 0.6.2 one resource that was opened sufficed.
    granted = bool(opened) if configuration.release < (0, 6, 2) else len(opened) == len(checked)
    if granted:
        evaluation.reasons.append(_opened_by_link(opened[0]))
        return True
    shut = next((resource for resource in checked if resource not in opened), checked[0])
    linked = any(token.studies for token in evaluation.tokens)
    evaluation.reasons.append(_unopened(shut, linked=linked))
    return None


def _opened_by_link(resource: Resource) -> Reason:
    name = name_of(resource)
    return Reason(Stage.RESOURCE_TOKEN, Effect.ALLOWED, f"a link to {name}", f"a link to {name}")


def _unopened(resource: Resource, *, linked: bool) -> Reason:
    needed = f"a link to {name_of(resource)}"
    found = "a link to another study" if linked else "no link"
    remedy = "use a link to this study"
    return Reason(Stage.RESOURCE_TOKEN, Effect.DENIED, needed, found, None, remedy)


def _study_search(evaluation: Evaluation) -> bool | None:
    """`GET /dicom-web/studies`, this very path, passes wherever links are validated (0.9.2)."""
    configuration, target = evaluation.configuration, evaluation.route.target
    if not configuration.links or configuration.release < (0, 9, 2):
        return None
    if target.method != "GET" or target.path != "/dicom-web/studies":
        return None
    evaluation.reasons.append(_STUDY_SEARCH)
    return True


def _default_deny(evaluation: Evaluation) -> bool | None:
    system = evaluation.route.touched.named is Named.NOTHING
    remedy = next((reason.remedy for reason in evaluation.reasons if reason.remedy), "")
    found = "a system path: no permission allows it, and a link cannot" if system else "no stage allowed it"
    needed = "a permission or a link that opens the path"
    evaluation.reasons.append(Reason(Stage.DEFAULT_DENY, Effect.DENIED, needed, found, None, remedy))
    return False


_NO_ANSWER = Profile("the auth-service, which does not answer")
# Before 0.10.0 nobody was asked for a profile without a token: it holds nothing, and labels are not looked at.
_UNASKED = Profile("no token: before 0.10.0 the plugin does not ask the auth-service")

_LABELS_UNREAD = Reason(Stage.LABEL, Effect.ALLOWED, "nothing", "this release does not look at labels here")
_CREDENTIALS = "Basic credentials of a registered user (`AuthenticationEnabled`)"
_WITH_CREDENTIALS = Reason(Stage.AUTHENTICATION, Effect.PASSED, _CREDENTIALS, "Basic credentials")
_WITHOUT_CREDENTIALS = Reason(
    Stage.AUTHENTICATION,
    Effect.DENIED,
    _CREDENTIALS,
    "none",
    None,
    "set `AuthenticationEnabled` to `false` and let the plugin alone decide",
)
_WRONG_CREDENTIALS = structs.replace(
    _WITHOUT_CREDENTIALS, found="credentials that are not in `RegisteredUsers`"
)
_BAD_REQUEST = Reason(
    Stage.SYNTAX,
    Effect.ALLOWED,
    "GET, POST, PUT or DELETE; `_method` and X-HTTP-Method-Override may ask for PUT or DELETE",
    "another method: Orthanc answers 400",
)
_NO_FILTER = Reason(
    Stage.NO_FILTER,
    Effect.ALLOWED,
    "nothing",
    "neither a user-profile URL nor a token-validation URL is configured, so the plugin filters nothing",
)
_NO_VALIDATION = Reason(
    Stage.RESOURCE_TOKEN,
    Effect.PASSED,
    "a token-validation URL",
    "none is configured, so no link opens anything",
)
_NOTHING_CHECKED = Reason(
    Stage.RESOURCE_TOKEN,
    Effect.PASSED,
    "a link to what the path names",
    "nothing on this path is of a checked level, so no link opens it",
)
_UNREACHABLE = Reason(
    Stage.RESOURCE_TOKEN, Effect.DENIED, "a link", "the auth-service does not answer", None, "start it"
)
_STUDY_SEARCH = Reason(
    Stage.STUDY_SEARCH,
    Effect.ALLOWED,
    "nothing (GET `/dicom-web/studies`)",
    "the filter lets this search pass; the handler confines it",
)

STAGES: tuple[Callable[[Evaluation], bool | None], ...] = (
    _authentication,
    _syntax,
    _no_filter,
    _unchecked,
    _permissions,
    _resource_tokens,
    _study_search,
    _default_deny,
)
