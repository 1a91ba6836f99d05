"""
Decides one request against one configuration and one auth-service. Pure; reads no file and prints nothing.

The gates stand in the order in which Orthanc and the plugin ask them. Each lets the request through, refuses it
or leaves it to the next, and says why. A gate in front of all (a proxy's guard) would be one more function at
the head of `GATES`.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.access.handling import refuses
from generator.access.model import Decision, DeniedBy, Effect, Gate, Request
from generator.access.passage import Passage, label_check, labels_of, name_of, passage
from generator.access.plugin import PluginConfiguration
from generator.access.profiles import AuthService, Profile
from generator.access.resources import Resource
from generator.access.routes import Named, UnknownResource, is_list_of_resources
from generator.access.rows import PreparedRow, UndecidablePattern


def decide(configuration: PluginConfiguration, service: AuthService, request: Request) -> Decision:
    """
    What the plugin answers, with the reasons in the order of checking.

    Raises `UndecidablePattern` where the request reaches a row that boost and Python read differently.
    """
    way = passage(configuration, service, request)
    allowed = next((verdict for gate in GATES if (verdict := gate(way)) is not None), False)
    if not allowed:
        return Decision(allowed=False, denied_by=way.denied_by, reasons=tuple(way.reasons))
    handler = way.route.handler
    refused = handler is not None and way.route.target.method != "" and refuses(way, handler)
    return Decision(
        allowed=True, denied_by=DeniedBy.CALLBACK if refused else None, reasons=tuple(way.reasons)
    )


def _authentication(way: Passage) -> bool | None:
    """Orthanc asks for Basic credentials before it asks any plugin, where `AuthenticationEnabled` says so."""
    if not way.configuration.authentication:
        return None
    needed = "Basic credentials of a registered user (`AuthenticationEnabled`)"
    if any(token.basic and not token.argument for token in way.request.tokens):
        way.say(Gate.AUTHENTICATION, Effect.PASSED_ON, needed, "Basic credentials")
        return None
    way.denied_by = DeniedBy.ORTHANC
    remedy = "set `AuthenticationEnabled` to `false` and let the plugin alone decide"
    way.say(Gate.AUTHENTICATION, Effect.CLOSED, needed, "none", None, remedy)
    return False


def _syntax(way: Passage) -> bool | None:
    """Orthanc answers 400 by itself: no refusal, but no access either."""
    if way.route.target.method:
        return None
    needed = "GET, POST, PUT or DELETE; `_method` and X-HTTP-Method-Override may ask for PUT or DELETE"
    way.say(Gate.SYNTAX, Effect.OPENED, needed, "another method: Orthanc answers 400 by itself")
    return True


def _no_filter(way: Passage) -> bool | None:
    if way.configuration.filters:
        return None
    found = "neither a user-profile URL nor a token-validation URL: the plugin installs no filter"
    way.say(Gate.NO_FILTER, Effect.OPENED, "nothing", found)
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
    if row is None:
        target = way.route.target
        needed = f"a row of the permission table that fits {target.method} `{target.path}`"
        remedy = "add a row to `ExtraPermissions`"
        way.say(Gate.PERMISSION, Effect.PASSED_ON, needed, "no row fits", None, remedy)
        return None
    holds = False
    for profile in _profiles(way):
        holds = _holds(way, row, profile)
        if holds and _labels(way, profile) is False:
            return False
    return True if holds else None


def _profiles(way: Passage) -> list[Profile | None]:
    if way.tokens:
        return [way.profile_of(token) for token in way.tokens]
    if way.configuration.release >= (0, 10, 0):
        return [way.profile_of(None)]
    # Before, nobody was asked: a profile that holds nothing, and whose labels are not looked at.
    return [Profile("nobody, who is asked for no profile before 0.10.0", labels=frozenset("*"))]


def _holds(way: Passage, row: PreparedRow, profile: Profile | None) -> bool:
    """Whether a profile holds one of the row's permissions; an empty list suffices for everybody."""
    wanted = row.row.permissions
    held = frozenset() if profile is None else profile.permissions
    shared = [word for word in wanted if word in held]
    holds = bool(shared) or not wanted
    who = "the auth-service does not answer" if profile is None else profile.title
    location = row.location
    if holds:
        found = f"{who}: `{shared[0]}`" if shared else f"{who}: the row asks for nothing"
        remedy = ""
    else:
        words = ", ".join(f"`{word}`" for word in sorted(held)) or "no permission"
        found = who if profile is None else f"{who}: {words}"
        location = (profile.location if profile else None) or location
        remedy = "give the role " + " or ".join(f"`{word}`" for word in wanted)
    way.say(Gate.PERMISSION, Effect.PASSED_ON, _row_in_words(row), found, location, remedy)
    return holds


def _row_in_words(row: PreparedRow) -> str:
    wanted = " or ".join(f"`{word}`" for word in row.row.permissions) or "nothing"
    return f"{wanted} (row {row.row.index} of {row.row.origin}: {row.row.method} `{row.row.pattern}`)"


def _labels(way: Passage, profile: Profile | None) -> bool | None:
    """
    Whether the labels allow it: True and None go on, False ends the decision.

    None where no level of the path is checked: labels then neither open nor refuse.
    """
    known = profile or Profile("a profile that the auth-service does not give")
    if known.sees_every_label:
        way.say(
            Gate.LABEL,
            Effect.OPENED,
            "a label",
            f"{known.title} sees every label (`*`)",
            known.labels_location,
        )
        return True
    if way.configuration.release < (0, 7, 0) and not way.configuration.links:
        way.say(Gate.LABEL, Effect.OPENED, "nothing", "without a token-validation URL labels are not read")
        return None
    try:
        touched = way.touched()
    except UnknownResource as unknown:
        return _unknown(way, Gate.LABEL, unknown)
    target = way.route.target
    if is_list_of_resources(target.path) and (
        target.method == "GET" or way.configuration.release < (0, 8, 0)
    ):
        way.say(
            Gate.LABEL,
            Effect.CLOSED,
            f"every label (`*`) for the whole list `{target.path}`",
            f"{known.title} has {labels_of(known.labels)}",
            known.labels_location,
            "search with tools/find or DICOMweb instead, or give the role the label `*`",
        )
        return False
    granted, resource = label_check(way, touched, known)
    if resource is None:
        found = "no resource of a checked level, so labels are not looked at"
        way.say(Gate.LABEL, Effect.OPENED, "nothing", found, way.configuration.level_location)
        return None
    _say_labels(way, known, resource, granted=bool(granted))
    return granted


def _say_labels(way: Passage, profile: Profile, resource: Resource, *, granted: bool) -> None:
    needed = f"one of the labels of {profile.title} ({labels_of(profile.labels)}) on {name_of(resource)}"
    remedy = f"put one of them on the {resource.level}, or give the role one of its labels or `*`"
    way.say(
        Gate.LABEL,
        Effect.OPENED if granted else Effect.CLOSED,
        needed,
        f"it carries {labels_of(resource.labels)}",
        profile.labels_location,
        "" if granted else remedy,
    )


def _unknown(way: Passage, gate: Gate, unknown: UnknownResource) -> bool:
    found = f"`{unknown.name}` is not stored, and what is unknown is refused"
    way.say(gate, Effect.CLOSED, "a resource that is stored", found, None, "ask for one that exists")
    return False


def _resource_tokens(way: Passage) -> bool | None:
    """Links: every touched resource of a checked level has to be opened by one of the tokens; the method is no matter."""
    if not way.configuration.links:
        way.say(Gate.RESOURCE_TOKEN, Effect.PASSED_ON, "a token-validation URL", "none is configured")
        return None
    try:
        touched = way.touched()
    except UnknownResource as unknown:
        return _unknown(way, Gate.RESOURCE_TOKEN, unknown)
    checked = [resource for resource in touched if way.configuration.checks(resource.level)]
    if not checked:
        found = "nothing on this path is of a checked level"
        way.say(Gate.RESOURCE_TOKEN, Effect.PASSED_ON, "a link to what the path names", found)
        return None
    if not way.service.reachable:
        needed = "a link to " + name_of(checked[0])
        way.say(Gate.RESOURCE_TOKEN, Effect.CLOSED, needed, "the auth-service does not answer")
        return False
    opened = [resource for resource in checked if way.grants(resource, way.tokens) is not None]
    # Before 0.6.2 one resource that was opened sufficed.
    granted = bool(opened) if way.configuration.release < (0, 6, 2) else len(opened) == len(checked)
    _say_links(way, checked, opened, granted=granted)
    return True if granted else None


def _say_links(way: Passage, checked: list[Resource], opened: list[Resource], *, granted: bool) -> None:
    shut = next((resource for resource in checked if resource not in opened), checked[0])
    if granted:
        found = f"a link to {name_of(opened[0])}"
    elif not any(token.studies for token in way.tokens):
        found = "no link"
    else:
        found = f"no link that opens {name_of(shut)}"
    way.say(
        Gate.RESOURCE_TOKEN,
        Effect.OPENED if granted else Effect.PASSED_ON,
        f"a link to {name_of(shut)}",
        found,
        None,
        "" if granted else "use a link that was made for it",
    )


def _study_search(way: Passage) -> bool | None:
    """`GET /dicom-web/studies`, this very path, passes wherever links are validated (0.9.2)."""
    configuration, target = way.configuration, way.route.target
    if not configuration.links or configuration.release < (0, 9, 2):
        return None
    if target.method != "GET" or target.path != "/dicom-web/studies":
        return None
    found = "the filter lets the search pass; the handler confines it"
    way.say(Gate.STUDY_SEARCH, Effect.OPENED, "nothing (GET `/dicom-web/studies`)", found)
    return True


def _default_deny(way: Passage) -> bool | None:
    system = way.route.touched.named is Named.NOTHING
    needed = "a permission or a link that opens the path"
    found = "a system path that no permission opened, and no link can" if system else "no gate opened"
    last = next((reason for reason in reversed(way.reasons) if reason.remedy), None)
    way.say(Gate.DEFAULT_DENY, Effect.CLOSED, needed, found, None, last.remedy if last else "")
    return False


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
