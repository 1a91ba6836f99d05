"""The model of the guard against the rendered scripts of the guard, which QuickJS runs: both decide alike."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from orthgen.authz.guard_model import decide_with_guard
from orthgen.authz.matrix import matrix
from orthgen.authz.model import DeniedBy, Request, TokenKind
from orthgen.authz.policy import PrincipalKind
from orthgen.authz.resources import index
from orthgen.products.access_page.model import access_policy
from tests.support.builders import example, make_deployment
from tests.support.filtered import FilteredOrthanc, archive, link_token_to, read_token, user_token
from tests.support.guard_script import Asked, GuardScript

from .test_guard_properties import MODIFICATIONS, SEARCHES, STORED, TREES, is_plain, search_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.authz.model import Token
    from orthgen.authz.policy import Policy, Principal, Study
    from orthgen.authz.resources import Resource

DEPLOYMENT = make_deployment(
    collections="{external: {}, cardio: {}}",
    roles="""
  limited: {can: [view, modify, anonymize, delete, upload, share, send, download], collections: [external]}
  masker: {can: [view, anonymize, upload], collections: [external]}
  sender: {can: [upload], collections: [cardio]}
  admin: {can: [everything, administer], collections: all}
""",
    viewers="{ohif: {}}",
    sharing="{viewer: ohif, expires-after: 15d}",
)
POLICY = access_policy(DEPLOYMENT)
SCRIPT = GuardScript(DEPLOYMENT, FilteredOrthanc(DEPLOYMENT, archive, STORED))
CALLERS = {
    **{role.name: user_token(role.name) for role in DEPLOYMENT.roles},
    "two roles": user_token("limited", "masker"),
    "link": link_token_to(TREES[0][1], own_id="download"),
    "link without files": link_token_to(TREES[0][1], own_id=""),
    "signed out": "",
}
HEADER = "Authorization"
PLACES = st.sampled_from([(tree[1], one) for tree in TREES for one in tree[1:]])


def modelled(caller: str, method: str, path: str, body: Mapping[str, Any] | None) -> bool:
    """Whether the model's guard refuses."""
    tokens: tuple[Token, ...] = ()
    if CALLERS[caller]:
        token = read_token(HEADER, CALLERS[caller])
        # The guard wrote it into the link.
        tokens = (replace(token, hands_out_files=caller == "link"),)
    request = Request(method, path, tokens, STORED, body)
    decision = decide_with_guard(POLICY.guard, POLICY.configuration, POLICY.service, request)
    return decision.denied_by is DeniedBy.GUARD


def scripted(caller: str, method: str, path: str, body: Mapping[str, Any] | None) -> int:
    """The status of the scripts' refusal; 0 where they hand the request on."""
    headers = {HEADER: CALLERS[caller]} if CALLERS[caller] else {}
    text = json.dumps(body) if body is not None else ""
    return SCRIPT.asks(Asked(method, path, headers, text)).status


def assert_alike(caller: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
    """The model and the scripts both refuse, or both hand the request on."""
    status = scripted(caller, method, path, body)
    assert modelled(caller, method, path, body) is (status != 0), (caller, method, path, body, status)


EXAMPLES = settings(derandomize=True, database=None)


@given(SEARCHES, st.sampled_from(["/tools/find", "/tools/count-resources"]), st.sampled_from([*CALLERS]))
@EXAMPLES
def test_searches_are_judged_alike(drawn: Mapping[str, Any], path: str, caller: str) -> None:
    """Any combination of level, parents, labels and UIDs, asked by anybody."""
    assert_alike(caller, "POST", path, search_body(drawn))


@given(
    MODIFICATIONS,
    st.booleans() | st.none(),
    st.sampled_from(["modify", "anonymize"]),
    st.sampled_from(TREES),
    st.sampled_from(["studies", "series", "bulk"]),
    st.sampled_from([*CALLERS]),
)
@EXAMPLES
def test_modifications_are_judged_alike(  # noqa: PLR0917 - hypothesis gives each by place
    body: Mapping[str, Any],
    keeps_source: bool | None,  # noqa: FBT001
    operation: str,
    source: tuple[Any, ...],
    form: str,
    caller: str,
) -> None:
    """Any combination of replaced, removed and kept tags, of one study, one series or a list."""
    place = {"studies": 1, "series": 2, "bulk": 1}[form]
    identifier = source[place].orthanc_id
    asked = dict(body) if keeps_source is None else {**body, "KeepSource": keeps_source}
    if form == "bulk":
        asked |= {"Resources": [identifier], "Level": "Study"}
    path = f"/tools/bulk-{operation}" if form == "bulk" else f"/{form}/{identifier}/{operation}"
    # Orthanc answers 400 to other UIDs; the scripts do so before they ask who the caller is.
    if is_plain(body) or caller != "admin":
        assert_alike(caller, "POST", path, asked)


@given(st.lists(PLACES, min_size=1, max_size=3), st.sampled_from([*CALLERS]), st.integers(0, 3))
@EXAMPLES
def test_lists_links_and_creations_are_judged_alike(
    named: list[tuple[Resource, Resource]], caller: str, form: int
) -> None:
    """Requests whose body names studies: deletions, transfers, links and objects that Orthanc makes."""
    ids = [resource.orthanc_id for _, resource in named]
    studies = [{"OrthancId": study.orthanc_id, "Level": "study"} for study, _ in named]
    method, path, body = (
        ("POST", "/tools/bulk-delete", {"Resources": ids}),
        ("POST", "/modalities/x/store", {"Resources": ids}),
        ("PUT", "/auth/tokens/viewer-instant-link", {"Resources": studies, "ValidityDuration": 3600}),
        ("POST", "/tools/create-dicom", {"Parent": ids[0], "Tags": {"PatientName": "x"}}),
    )[form]
    # The scripts refuse objects of whoever may not upload, which the model leaves to the plugin.
    if caller != "signed out" or not path.endswith("/create-dicom"):
        assert_alike(caller, method, path, body)


NAMES_OF_LISTS = st.sampled_from(["resources", "Resources", "RESOURCES", "%72esources", "x"])
NAMED = st.sampled_from([*(one.orthanc_id for tree in TREES for one in tree), "", "x", " "])


@given(
    st.lists(st.tuples(NAMES_OF_LISTS, st.lists(NAMED, max_size=3)), max_size=2),
    st.sampled_from(["archive", "media", "media-extended"]),
    st.sampled_from(["GET", "GET", "POST"]),
    st.sampled_from([*CALLERS]),
)
@EXAMPLES
def test_archives_of_many_are_judged_alike(
    lists: list[tuple[str, list[str]]], kind: str, method: str, caller: str
) -> None:
    """Any lists of patients, studies, series and instances, in one or several arguments."""
    arguments = "&".join(f"{name}={','.join(ids)}" for name, ids in lists)
    assert_alike(caller, method, f"/tools/create-{kind}?{arguments}")


OWN, OTHER = (tree[1].orthanc_id for tree in TREES[:2])
OTHER_PATIENT = TREES[1][0].orthanc_id


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (f"resources={OWN}", 0),
        (f"resources={OWN}&x=1", 0),
        (f"resources={OWN},{OTHER}", 403),
        (f"resources={OWN},{OTHER_PATIENT}", 403),
        (f"resources={OWN}&Resources={OTHER}", 400),
        (f"resources={OTHER}&Resources={OWN}", 400),
        (f"Resources={OWN}", 400),
        (f"resources={OWN},", 400),
        ("", 400),
    ],
)
def test_an_archive_of_many_has_one_list(arguments: str, status: int) -> None:
    """A link opens what its study has, named once and in the spelling that Orthanc reads."""
    assert scripted("link", "GET", f"/tools/create-archive?{arguments}", None) == status


# ------------------------------------------------------------------------------------------ the table of rights


def _header(principal: Principal, study: Study, policy: Policy) -> str:
    if principal.kind is PrincipalKind.SIGNED_OUT:
        return ""
    if principal.kind is PrincipalKind.ROLE:
        return user_token(principal.name)
    kind = "viewer-instant-link" if principal.kind is PrincipalKind.INSTANT_LINK else str(policy.share)
    (token,) = policy.tokens(principal, study)
    assert token.kind is TokenKind.LINK
    return link_token_to(study.tree[1], kind=kind, own_id="download" if token.hands_out_files else None)


def test_the_table_of_rights_is_judged_alike() -> None:
    """Each request of each person, action and collection of an example: the scripts refuse where the model's guard does."""
    deployment = example("teaching-hospital.yaml")
    policy = access_policy(deployment)
    studies = [policy.study_of(place) for place in policy.places]
    stored = index(resource for study in studies for resource in study.tree)
    script = GuardScript(deployment, FilteredOrthanc(deployment, archive, stored))
    outcomes: Counter[tuple[bool, bool]] = Counter()
    asked = set()
    for answer in matrix(policy):
        study = policy.study_of(answer.place)
        token = _header(answer.principal, study, policy)
        for step, decision in answer.steps:
            request = Asked(
                step.method, step.target, {HEADER: token} if token else {}, json.dumps(step.body or {})
            )
            # The scripts read the objects of an upload from a file of nginx's: tests/real judges those.
            if "Objects" in (step.body or {}) or repr(request) in asked:
                continue
            asked.add(repr(request))
            outcome = (decision.denied_by is DeniedBy.GUARD, script.asks(request).status != 0)
            outcomes[outcome] += 1
            assert outcome[0] is outcome[1], (answer.key, step, decision.decisive)

    assert set(outcomes) == {(True, True), (False, False)}
