"""
Decides one request against one configuration and one auth-service. Pure; reads no file and prints nothing.

The gates stand in the order in which Orthanc and the plugin ask them. Each lets the request through, refuses it
or leaves it to the next, and says why. A proxy in front of Orthanc is one more gate before all of these: `guard`.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from orthgen.authz.auth_service import AuthService, Profile
from orthgen.authz.evaluation import Passage, label_check, labels_of, name_of, passage
from orthgen.authz.handler_rules import refuses
from orthgen.authz.model import Decision, DeniedBy, Effect, Gate, Reason, Request, TokenKind
from orthgen.authz.permission_table import PreparedRow, UndecidablePattern
from orthgen.authz.permissions import Permission
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.resources import Resource
from orthgen.authz.routes import Named, UnknownResource, is_list_of_resources


def decide(configuration: PluginConfiguration, service: AuthService, request: Request) -> Decision:
    """
    What the plugin answers, with the reasons in the order of checking.

    Raises `UndecidablePattern` where the request reaches a row that boost and Python read differently.
    """
    way = passage(configuration, service, request)
    allowed = None
    for gate in GATES:  # pragma: no branch - the last gate always answers
        allowed = gate(way)
        if allowed is not None:
            break
    if not allowed:
        return Decision(allowed=False, denied_by=way.denied_by, reasons=tuple(way.reasons))
    handler = way.route.handler
    refused = handler is not None and refuses(way, handler)
    return Decision(
        allowed=True, denied_by=DeniedBy.CALLBACK if refused else None, reasons=tuple(way.reasons)
    )


def _authentication(way: Passage) -> bool | None:
    """Orthanc asks for Basic credentials before it asks any plugin, where `AuthenticationEnabled` says so."""
    if not way.configuration.authentication:
        return None
    # Orthanc reads no other header for them, whatever the plugin takes for a token.
    sent = [token for token in way.request.tokens if token.basic and token.is_header("authorization")]
    if any(token.user in way.configuration.registered_users for token in sent):
        way.reasons.append(_WITH_CREDENTIALS)
        return None
    way.denied_by = DeniedBy.ORTHANC
    way.reasons.append(_WRONG_CREDENTIALS if sent else _WITHOUT_CREDENTIALS)
    return False


def _syntax(way: Passage) -> bool | None:
    """Orthanc answers 400 by itself: no refusal, but no access either."""
    if way.route.target.method:
        return None
    way.reasons.append(_BAD_REQUEST)
    return True


def _no_filter(way: Passage) -> bool | None:
    if way.configuration.filters:
        return None
    way.reasons.append(_NO_FILTER)
    return True


def _unchecked(way: Passage) -> bool | None:
    if way.route.unchecked is None:
        return None
    way.reasons.append(way.route.unchecked)
    return True


def _permissions(way: Passage) -> bool | None:
    """The table's first fitting row, tried with each token in turn; the last one tried decides."""
    if not way.configuration.profiles:
        return None
    row = way.route.row
    if isinstance(row, UndecidablePattern):
        raise row
    if isinstance(row, Reason):
        way.reasons.append(row)
        return None
    holds = False
    for profile in _profiles(way):
        holds, reason = way.configuration.memory.permissions.get(row, profile, _holds, row, profile)
        way.reasons.append(_unread_token(way, reason) if way.request.tokens and not way.tokens else reason)
        if holds and _labels(way, profile) is False:
            return False
    return True if holds else None


def _unread_token(way: Passage, reason: Reason) -> Reason:
    """The reason for whom nobody knows, because the token stands where the plugin looks for none."""
    token = way.request.tokens[0]
    if reason.effect is not Effect.CLOSED or token.kind is TokenKind.OTHER:
        return reason
    carriers = [carrier for carrier in way.configuration.carriers if carrier.argument == token.argument]
    if token.argument and any(carrier.name == token.name for carrier in carriers):
        remedy = "send it in a header: arguments are read of a GET only"
    else:
        key = "TokenGetArguments" if token.argument else "TokenHttpHeaders"
        remedy = f"add `{token.name}` to `{key}`, or send it where a token is looked for"
    where = "argument" if token.argument else "header"
    found = f"{reason.found}; nobody looks for a token in the {where} `{token.name}`"
    return structs.replace(reason, found=found, remedy=remedy)


def _profiles(way: Passage) -> list[Profile]:
    service = way.service
    if way.tokens:
        return [service.profile(token) or _NO_ANSWER for token in way.tokens]
    if way.configuration.release >= (0, 10, 0):
        return [service.profile(None) or _NO_ANSWER]
    return [_UNASKED]


def _holds(row: PreparedRow, profile: Profile) -> tuple[bool, Reason]:
    """Whether a profile holds one of the row's permissions; an empty list suffices for everybody."""
    wanted = row.row.permissions
    needed = f"{_any_of(wanted) or 'nothing'} (row {row.row.index} of {row.row.origin}: {row.row.method} `{row.row.pattern}`)"
    at = profile.location or row.location
    if not wanted:
        found = f"{profile.title}: the row asks for nothing"
        return True, Reason(Gate.PERMISSION, Effect.PASSED_ON, needed, found, row.location)
    shared = [word for word in wanted if word in profile.permissions]
    if shared:
        found = f"{profile.title}: `{shared[0]}`"
        return True, Reason(Gate.PERMISSION, Effect.PASSED_ON, needed, found, at)
    held = ", ".join(f"`{word}`" for word in sorted(profile.permissions)) or "no permission"
    # Nobody is advised to give everything away for want of one right.
    missing = _any_of(tuple(word for word in wanted if word != Permission.ALL) or wanted)
    remedy = f"give the role {missing}" if profile.is_user else f"sign in with a role that has {missing}"
    return False, Reason(Gate.PERMISSION, Effect.CLOSED, needed, f"{profile.title}: {held}", at, remedy)


def _any_of(permissions: tuple[str, ...]) -> str:
    return " or ".join(f"`{permission}`" for permission in permissions)


def _labels(way: Passage, profile: Profile) -> bool | None:
    """
    Whether the labels allow it: True and None go on, False ends the decision.

    None where no level of the path is checked: labels then neither open nor refuse.
    """
    configuration = way.configuration
    if profile is _UNASKED or (configuration.release < (0, 7, 0) and not configuration.links):
        way.reasons.append(_LABELS_UNREAD)
        return None
    if profile.sees_every_label and not configuration.audit_logs:
        way.reasons.append(configuration.memory.labels.get(profile, None, _every_label, profile))
        return True
    try:
        touched = way.touched()
    except UnknownResource as unknown:
        # With audit logs, whoever sees every label is written down with the study, which has to be there (0.10.0).
        return _unknown(way, Gate.LABEL, unknown)
    if profile.sees_every_label:
        way.reasons.append(configuration.memory.labels.get(profile, None, _every_label, profile))
        return True
    target = way.route.target
    if is_list_of_resources(target.path) and (target.method == "GET" or configuration.release < (0, 8, 0)):
        way.reasons.append(_whole_list(target.path, profile))
        return False
    granted, resource = label_check(configuration, touched, profile)
    if resource is None:
        way.reasons.append(configuration.memory.labels.get(configuration, None, _no_level, configuration))
        return None
    way.reasons.append(configuration.memory.labels.get(resource, profile, _labelled, profile, resource))
    return granted


def _every_label(profile: Profile) -> Reason:
    found = f"{profile.title} sees every label (`*`)"
    return Reason(Gate.LABEL, Effect.OPENED, "a label", found, profile.labels_location)


def _no_level(configuration: PluginConfiguration) -> Reason:
    found = "no resource of a checked level, so labels are not looked at"
    return Reason(Gate.LABEL, Effect.OPENED, "nothing", found, configuration.level_location)


def _whole_list(path: str, profile: Profile) -> Reason:
    return Reason(
        Gate.LABEL,
        Effect.CLOSED,
        f"every label (`*`) for the whole list `{path}`",
        f"{profile.title} has {labels_of(profile.labels)}",
        profile.labels_location,
        "search with tools/find or DICOMweb instead, or give the role the label `*`",
    )


def _labelled(profile: Profile, resource: Resource) -> Reason:
    granted = not resource.labels.isdisjoint(profile.labels)
    needed = f"one of the labels of {profile.title} ({labels_of(profile.labels)}) on {name_of(resource)}"
    remedy = f"put one of them on the {resource.level}, or give the role one of its labels or `*`"
    return Reason(
        Gate.LABEL,
        Effect.OPENED if granted else Effect.CLOSED,
        needed,
        f"it carries {labels_of(resource.labels)}",
        profile.labels_location,
        "" if granted else remedy,
    )


def _unknown(way: Passage, gate: Gate, unknown: UnknownResource) -> bool:
    found = f"`{unknown.name}` is not stored, and what is unknown is refused"
    remedy = "ask for one that exists"
    way.reasons.append(Reason(gate, Effect.CLOSED, "a resource that is stored", found, None, remedy))
    return False


def _resource_tokens(way: Passage) -> bool | None:
    """Links: every touched resource of a checked level has to be opened by one of the tokens; the method is no matter."""
    configuration = way.configuration
    if not configuration.links:
        way.reasons.append(_NO_VALIDATION)
        return None
    try:
        touched = way.touched()
    except UnknownResource as unknown:
        return _unknown(way, Gate.RESOURCE_TOKEN, unknown)
    checked = [resource for resource in touched if resource.level not in configuration.unchecked_levels]
    if not checked:
        way.reasons.append(_NOTHING_CHECKED)
        return None
    if not way.service.reachable:
        way.reasons.append(_UNREACHABLE)
        return False
    opened = [resource for resource in checked if way.opener(resource, way.tokens) is not None]
    # Before 0.6.2 one resource that was opened sufficed.
    granted = bool(opened) if configuration.release < (0, 6, 2) else len(opened) == len(checked)
    if granted:
        way.reasons.append(configuration.memory.links.get(opened[0], True, _opened, opened[0]))
        return True
    shut = next((resource for resource in checked if resource not in opened), checked[0])
    linked = any(token.studies for token in way.tokens)
    way.reasons.append(configuration.memory.links.get(shut, "other" if linked else None, _shut, shut, linked))
    return None


def _opened(resource: Resource) -> Reason:
    name = name_of(resource)
    return Reason(Gate.RESOURCE_TOKEN, Effect.OPENED, f"a link to {name}", f"a link to {name}")


def _shut(resource: Resource, linked: bool) -> Reason:  # noqa: FBT001 - one of two texts
    needed = f"a link to {name_of(resource)}"
    found = "a link, but to something else" if linked else "no link"
    remedy = "use a link that was made for it"
    return Reason(Gate.RESOURCE_TOKEN, Effect.CLOSED, needed, found, None, remedy)


def _study_search(way: Passage) -> bool | None:
    """`GET /dicom-web/studies`, this very path, passes wherever links are validated (0.9.2)."""
    configuration, target = way.configuration, way.route.target
    if not configuration.links or configuration.release < (0, 9, 2):
        return None
    if target.method != "GET" or target.path != "/dicom-web/studies":
        return None
    way.reasons.append(_STUDY_SEARCH)
    return True


def _default_deny(way: Passage) -> bool | None:
    system = way.route.touched.named is Named.NOTHING
    remedy = next((reason.remedy for reason in way.reasons if reason.remedy), "")
    kept = way.configuration.memory.denials
    denial = kept.get((system, remedy))
    if denial is None:
        found = "a system path that no permission opened, and no link can" if system else "no gate opened"
        needed = "a permission or a link that opens the path"
        denial = kept[system, remedy] = Reason(Gate.DEFAULT_DENY, Effect.CLOSED, needed, found, None, remedy)
    way.reasons.append(denial)
    return False


_NO_ANSWER = Profile("the auth-service, which does not answer")
# Before 0.10.0 nobody was asked for a profile without a token: it holds nothing, and labels are not looked at.
_UNASKED = Profile("nobody, for whom the auth-service is not asked before 0.10.0")

_LABELS_UNREAD = Reason(Gate.LABEL, Effect.OPENED, "nothing", "this release does not look at labels here")
_CREDENTIALS = "Basic credentials of a registered user (`AuthenticationEnabled`)"
_WITH_CREDENTIALS = Reason(Gate.AUTHENTICATION, Effect.PASSED_ON, _CREDENTIALS, "Basic credentials")
_WITHOUT_CREDENTIALS = Reason(
    Gate.AUTHENTICATION,
    Effect.CLOSED,
    _CREDENTIALS,
    "none",
    None,
    "set `AuthenticationEnabled` to `false` and let the plugin alone decide",
)
_WRONG_CREDENTIALS = structs.replace(
    _WITHOUT_CREDENTIALS, found="credentials of nobody who stands in `RegisteredUsers`"
)
_BAD_REQUEST = Reason(
    Gate.SYNTAX,
    Effect.OPENED,
    "GET, POST, PUT or DELETE; `_method` and X-HTTP-Method-Override may ask for PUT or DELETE",
    "another method: Orthanc answers 400 by itself, nobody gets in",
)
_NO_FILTER = Reason(
    Gate.NO_FILTER,
    Effect.OPENED,
    "nothing",
    "neither a user-profile URL nor a token-validation URL is configured, so the plugin filters nothing",
)
_NO_VALIDATION = Reason(
    Gate.RESOURCE_TOKEN,
    Effect.PASSED_ON,
    "a token-validation URL",
    "none is configured, so no link opens anything",
)
_NOTHING_CHECKED = Reason(
    Gate.RESOURCE_TOKEN,
    Effect.PASSED_ON,
    "a link to what the path names",
    "nothing on this path is of a checked level, so no link opens it",
)
_UNREACHABLE = Reason(
    Gate.RESOURCE_TOKEN, Effect.CLOSED, "a link", "the auth-service does not answer", None, "start it"
)
_STUDY_SEARCH = Reason(
    Gate.STUDY_SEARCH,
    Effect.OPENED,
    "nothing (GET `/dicom-web/studies`)",
    "the filter lets this search pass; the handler confines it",
)

GATES: tuple[Callable[[Passage], bool | None], ...] = (
    _authentication,
    _syntax,
    _no_filter,
    _unchecked,
    _permissions,
    _resource_tokens,
    _study_search,
    _default_deny,
)
