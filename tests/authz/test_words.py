"""What the words mean: `can` that an action works, `cannot` that no request and no other action does it."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Any

import pytest

from orthgen.authz.actions import ACTIONS, ACTIONS_BY_NAME, ActionRequest, Bearer, filled
from orthgen.authz.expectations import Expectation, unmet
from orthgen.authz.partial_rights import including
from orthgen.authz.permissions import SINGLE_RESOURCE_PATTERNS
from orthgen.authz.plugin_releases import default_rows, releases
from orthgen.authz.policy import Policy, Principal
from orthgen.authz.summary import summary
from orthgen.catalogue import load
from orthgen.catalogue import releases as catalogued
from orthgen.findings import Location
from orthgen.products.access_page.model import access_policy
from tests.support.builders import make_deployment
from tests.support.rendered_nginx import changed

HERE = Location("profile.yaml", 1, 1)
BASE: dict[str, Any] = {
    "collections": "{cardio: {}}",
    "viewers": "{ohif: {reports: signed-in}, stone: {}}",
    "sharing": "{viewer: ohif}",
    "archive": "{worklists: true}",
}
WORDS = (*(action.name for action in ACTIONS if action.name != "administer"), "everything")


@cache
def view_of(
    *roles: tuple[str, ...], collections: str = "[cardio]", release: str = "", **changes: str
) -> Policy:
    """A deployment with a role for each tuple of words (`role-1` and so on), on cardio, and one plugin's release."""
    written = {
        f"role-{number}": {"can": list(words), "collections": collections}
        for number, words in enumerate(roles, 1)
    }
    lines = "\n".join(
        f"{name}: {{can: [{', '.join(role['can'])}], collections: {role['collections']}}}"
        for name, role in written.items()
    )
    deployment = make_deployment(**{**BASE, **changes, "roles": lines})
    if release:
        components = {**deployment.release.components, "authorization": release}
        deployment = changed(deployment, release=changed(deployment.release, components=components))
    return access_policy(deployment)


def cannot(policy: Policy, action: str, who: str = "role-1", place: str = "cardio") -> str:
    """The finding of the sentence `WHO cannot ACTION on PLACE`, or nothing where it holds."""
    findings = unmet(policy, [Expectation(who, action, False, place, HERE)])
    return findings[0].message if findings else ""


# ----------------------------------------------------------------------------------------------- cannot


@pytest.mark.parametrize(
    ("words", "action", "found"),
    [
        ("view", "download", ""),
        ("view", "share", ""),
        ("view", "worklists", ""),
        ("view", "upload", ""),
        ("view download", "share", ""),
        ("view share", "download", ""),
        ("download", "view", "can do `view` on `cardio` by `download`"),
        ("delete", "view", ""),
        ("upload", "report", "can do a part of `report`"),
        ("view modify", "delete", "can do `delete` on `cardio` by `modify`"),
        ("view modify", "anonymize", "can do `anonymize` on `cardio` by `modify`"),
        ("view modify", "upload", "can do `upload` on `cardio` by `modify`"),
        ("view modify", "report", "can do `report` on `cardio` by `modify`"),
        ("view modify", "edit-labels", "can do `edit-labels` on `cardio` by `modify`"),
        ("view anonymize", "upload", "can do `upload` on `cardio` by `anonymize`"),
        ("view anonymize", "modify", ""),
        ("view anonymize", "delete", ""),
        ("view edit-labels", "delete", ""),
        ("view send", "download", ""),
        ("q-r-remote-modalities", "view", ""),
        ("view delete", "delete", "can do `delete`"),
        ("everything", "settings", "can do `settings`"),
        ("everything", "administer", ""),
    ],
)
def test_a_sentence_with_cannot_holds_where_no_way_is_open(words: str, action: str, found: str) -> None:
    """What a role cannot do, it cannot do by another request, by a link that it makes, or by another action."""
    message = cannot(view_of(tuple(words.split())), action)

    assert (found.partition("can do ")[2] in message) if found else message == ""


def test_a_link_hands_out_what_its_maker_may() -> None:
    """Links of who may download or share are wider; so are the sentences about those who hold them."""
    assert cannot(view_of(("view",)), "download", who="instant-link") == ""
    assert cannot(view_of(("view", "download")), "download", who="instant-link") != ""
    assert cannot(view_of(("view", "download"), ("view", "share")), "download", who="share-link") == ""
    assert cannot(view_of(("view", "share", "download")), "download", who="share-link") != ""


def test_a_broken_sentence_says_what_to_do() -> None:
    """The finding names the request, or the word that includes the other one and why."""
    policy = view_of(("view", "modify"))
    (by_another,) = unmet(policy, [Expectation("role-1", "delete", False, "cardio", HERE)])
    (by_itself,) = unmet(view_of(("download",)), [Expectation("role-1", "download", False, "cardio", HERE)])

    assert by_another.hint.startswith("`modify` includes `delete` (a changed copy can have any tags")
    assert by_itself.hint.startswith("change the rights of `role-1`, or this sentence: ")
    assert "2.25." not in by_itself.hint
    assert "with the caller's own token, is granted" in by_itself.hint


def test_who_changes_roles_can_do_everything() -> None:
    """Where roles can be edited while the deployment runs, `administer` includes every other word."""
    editing = {"identity": "{sign-in: [accounts: {}], permission-editor: true}"}

    assert cannot(view_of(("administer",), collections="[]"), "view") == ""
    assert "by `administer`" in cannot(view_of(("administer",), collections="[]", **editing), "view")


# ----------------------------------------------------------------------------------------------- the property

# What anybody who reaches the address may ask, signed in or not; nothing of it reveals a study or changes one.
FOR_EVERYBODY = {"/auth/tokens/decode", "/tools/lookup", "/tools/generate-uid", "/system"}
# What accompanies actions: the progress of one's own job, the lists of what there is, the counts of what one sees.
BESIDE = {
    "/plugins": ("view",),
    "/plugins/x": ("view",),
    "/statistics": ("view",),
    "/tools/labels": ("view", "edit-labels"),
    "/tools/find": ("view",),
    "/tools/count-resources": ("view",),
    "/jobs/*": ("send", "modify", "anonymize", "q-r-remote-modalities", "administer"),
    "/modalities": ("send", "q-r-remote-modalities"),
    "/peers": ("send", "q-r-remote-modalities"),
    "/modalities/*/configuration": ("send", "q-r-remote-modalities"),
    "/modalities/*/echo": ("send", "q-r-remote-modalities"),
    "/dicom-web/servers": ("send", "q-r-remote-modalities"),
    # A mail to any address, with a text of the caller's. It makes no link; Orthanc answers 404 without a mail service.
    "/ui/api/emails/templates/x": ("share",),
    "/ui/api/emails/send": ("share",),
    "/changes": ("view",),
    "/exports": ("view",),
    "/tools/metrics-prometheus": ("view",),
    "/auth/tokens/viewer-instant-link": ("view",),
    "/auth/tokens/meddream-instant-link": ("view",),
    "/auth/tokens/download-instant-link": ("download",),
}


@cache
def requests_of(release: str) -> tuple[ActionRequest, ...]:
    """A request for every row of a release's table, one for each kind of path and body that it stands for."""
    steps = [
        step
        for action in ACTIONS
        for step in (*action.steps, *action.by_link, *action.requests)
        if step.bearer is Bearer.CALLER
    ]
    for method, pattern, _ in default_rows(release):
        paths = RESOURCE_PATHS if pattern == SINGLE_RESOURCE_PATTERNS else paths_of(pattern)
        bodies = BODIES.get(method, (None,))
        steps += [ActionRequest(method.upper(), path, body) for path, body in product(paths, bodies)]
    return tuple({(step.method, step.target, str(step.body)): step for step in steps}.values())


RESOURCE_PATHS = tuple(
    f"/{kind}/{name}{tail}"
    for kind, name in (("patients", "{patient}"), ("studies", "{study}"), ("series", "{series}"), ("instances", "{instance}"))
    for tail in ("", "/studies", "/instances", "/statistics", "/metadata", "/attachments", "/tags", "/archive", "/media", "/file",
                 "/numpy", "/attachments/dicom/data", "/frames/0/preview", "/labels", "/study", "/patient")
) + tuple(
    f"/dicom-web/studies/{{uid}}{tail}"
    for tail in ("", "/series", "/metadata", "/instances", "/rendered", "/series/{series_uid}", "/series/{series_uid}/metadata",
                 "/series/{series_uid}/instances/{instance_uid}", "/series/{series_uid}/instances/{instance_uid}/frames/1",
                 "/series/{series_uid}/instances/{instance_uid}/bulk/0")
)  # fmt: skip
BODIES: dict[str, tuple[dict[str, Any] | None, ...]] = {
    "post": (
        None,
        {"Resources": ["{study}"]},
        {"Level": "Study", "Query": {}},
        {"Level": "Series", "Query": {}, "ParentStudy": "{study}"},
    ),
    "put": (None, {"Resources": [{"OrthancId": "{study}", "DicomUid": "{uid}", "Level": "study"}]}),
}


def paths_of(pattern: str) -> tuple[str, ...]:
    """Paths that a pattern of the default tables fits: every alternative of its groups, an id for an id."""
    text = pattern.strip("^$").replace("DICOM_WEB_ROOT", "dicom-web")
    for written, stands_for in (
        ("([a-f0-9-]+)", "{study}"),
        ("([.0-9]+)", "{uid}"),
        ("([0-9]+)", "0"),
        ("(servers)", "servers"),
        ("/labels/(.*)", "/labels/{label}"),
        ("worklists/(.*)", "worklists/{worklist}"),
    ):
        text = text.replace(written, stands_for)
    text = re.sub(r"(modalities|peers|modalities\)|servers)/\(\.\*\)", r"\1/{modality}", text)
    text = re.sub(r"(modify|merge|anonymize|generate-uid)(\)?)\(\.\*\)", r"\1\2", text).replace("(.*)", "x")
    parts = re.split(r"\(([^()]*)\)", text)
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    return tuple("".join(chosen) for chosen in product(*choices))


def test_every_row_of_every_release_is_asked_for() -> None:
    """The paths made for a row fit its pattern, so that a new kind of pattern does not go unasked."""
    for release in releases():
        for _, pattern, _ in default_rows(release):
            if pattern == SINGLE_RESOURCE_PATTERNS:
                continue
            whole = re.compile(pattern.replace("DICOM_WEB_ROOT", "dicom-web"))
            for path in paths_of(pattern):
                named = path.replace("{study}", "ab-12").replace("{uid}", "1.2")
                assert whole.match(re.sub(r"\{[a-z]+\}", "x", named)), (pattern, path)


def belongs_to(step: ActionRequest) -> set[str]:
    """The actions that a request is, or accompanies."""
    path = step.target.partition("?")[0].rstrip("/")
    beside = set(BESIDE.get(_shape(path), ())) | ({"view"} if _reads_a_study(step, path) else set())
    return beside | _actions_by_shape().get((step.method, _shape(path)), set())


@cache
def _actions_by_shape() -> dict[tuple[str, str], set[str]]:
    actions: dict[tuple[str, str], set[str]] = {}
    for action in ACTIONS:
        for part in (*action.steps, *action.by_link, *action.requests):
            if part.bearer is Bearer.CALLER:
                actions.setdefault((part.method, _shape(part.target)), set()).add(action.name)
    return actions


def _shape(target: str) -> str:
    """A path without names: of whatever level, whatever its id."""
    path = target.partition("?")[0].replace("00000000-0000-0000-0000-000000000000", "*")
    path = re.sub(r"^/(?:patients|studies|series|instances)/\{[a-z]+\}", "/studies/*", path)
    path = path.replace("{share}", "ohif-viewer-publication").replace("/peers/{", "/modalities/{")
    return re.sub(r"\{[a-z_]+\}", "*", path)


def _reads_a_study(step: ActionRequest, path: str) -> bool:
    return (
        step.method == "GET"
        and re.match(r"/(patients|studies|series|instances|dicom-web|wsi|stl)(/|$)", path) is not None
    )


def strays(release: str) -> list[str]:
    """Granted requests that belong to nothing that ACCESS.md gives the role, with a release's table of permissions."""
    # A role with `send` and without `view` reads the names of modalities, and can send nothing. A role with `share` and
    # without `view` reaches Explorer 2's mail service where raw settings configure one, and can make no link.
    roles = [(word, "view") if word in {"send", "share"} else (word,) for word in WORDS]
    policy = view_of(*roles, ("view", "download"), release=release)
    granted, place = _granted(policy), policy.places[0]
    study, names = policy.study_of(place), policy.names_of(place)
    found = []
    for step in requests_of(release):
        belongs = belongs_to(step)
        unexplained = [principal for principal in policy.roles if belongs.isdisjoint(granted[principal.name])]
        request = filled(step, names)
        if step.target in FOR_EVERYBODY:
            continue
        found += [
            f"{principal.name}: {request.method} {step.target} {request.body or ''}"
            for principal in unexplained
            if policy.ask(principal, study, request.method, request.target, request.body).granted
        ]
    return found


@pytest.mark.parametrize("release", sorted({load(name).components["authorization"] for name in catalogued()}))
def test_whatever_is_granted_is_part_of_something_that_the_page_for_approvers_grants(release: str) -> None:
    """Whatever request plugin and guard grant a role, ACCESS.md gives that role an action to which it belongs."""
    assert strays(release) == []


def _granted(policy: Policy) -> dict[str, set[str]]:
    """The actions that ACCESS.md gives each role, wholly or in another way, anywhere."""
    granted: dict[str, set[str]] = {principal.name: set() for principal in policy.principals}
    for allowed in summary(policy):
        if allowed.places or allowed.otherwise:
            granted[allowed.principal.name].add(allowed.action.name)
    return granted


def test_inclusions_are_of_known_words() -> None:
    """What a word includes are words, never itself, and each inclusion is told with its reason."""
    for action in ACTIONS:
        assert set(action.includes) <= set(ACTIONS_BY_NAME) - {action.name}
        assert not action.includes or action.included
        assert action not in including(view_of(("view",)), action)
    assert isinstance(view_of(("view",)).roles[0], Principal)


def test_a_copy_that_keeps_identifiers_is_forced() -> None:
    """Orthanc refuses it otherwise (1.12.7 to 1.13.0), and the request would prove nothing about rights."""
    bodies = [step.body or {} for action in ACTIONS for step in (*action.steps, *action.requests)]
    keeping = [body for body in bodies if "Keep" in body]

    assert len(keeping) == 2
    assert all(body["Force"] is True for body in keeping)
