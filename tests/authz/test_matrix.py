"""Who can do what: people, actions, collections; expectations; the difference of two states."""

from typing import Any

import pytest
from msgspec.structs import replace

from orthgen.authz.actions import ACTIONS, ACTIONS_BY_NAME
from orthgen.authz.auth_service import AuthService
from orthgen.authz.difference import difference
from orthgen.authz.expectations import Expectation, unmet
from orthgen.authz.matrix import Answer, can, matrix
from orthgen.authz.model import Decision
from orthgen.authz.partial_rights import partial_right
from orthgen.authz.policy import NO_COLLECTION, Place, Policy, Principal, PrincipalKind, make_study
from orthgen.authz.resources import Level
from orthgen.authz.summary import summary
from orthgen.findings import Location

from .builders import ROLES, plugin, service

CARDIO = Place("cardio", "Cardiology", frozenset({"external"}))
NEURO = Place("neuro", "Neurology", frozenset({"neuro"}))


def policy(**changes: Any) -> Policy:
    """A view without guard, of the test roles and two collections."""
    principals = tuple(Principal(PrincipalKind.ROLE, name, name.title()) for name in ROLES)
    made = Policy(plugin(), service(), principals, (CARDIO, NEURO), share="ohif-viewer-publication")
    return replace(made, **changes)


def answer(who: str, action: str, place: Place, of: Policy | None = None) -> Answer:
    """One answer of the test view."""
    seen = of or policy()
    principal = seen.principal(who)
    assert principal is not None
    return can(seen, principal, ACTIONS_BY_NAME[action], place)


def test_only_a_share_link_can_be_decoded() -> None:
    """The links that somebody with every right makes: the auth-service decodes no instant link for others."""
    asked = policy()
    principal = asked.principal("all")
    assert principal is not None
    links = asked.links_of(principal, asked.study_of(CARDIO))

    assert [link.decodable for link in links] == [False, True]
    assert {link.studies for link in links} == {asked.study_of(CARDIO).linked}


@pytest.mark.parametrize(
    ("who", "action", "place", "expected"),
    [
        ("reader", "view", CARDIO, True),
        ("reader", "view", NEURO, False),
        ("reader", "report", CARDIO, False),
        ("writer", "report", CARDIO, True),
        ("writer", "upload", NO_COLLECTION, True),
        ("eraser", "delete", CARDIO, True),
        ("eraser", "delete", NO_COLLECTION, False),
        ("all", "view", NO_COLLECTION, True),
        ("all", "administer", NO_COLLECTION, False),
        ("signed-out", "view", CARDIO, False),
        ("instant-link", "view", NEURO, True),
        ("share-link", "download", NEURO, True),
        ("instant-link", "upload", NO_COLLECTION, False),
    ],
)
def test_people_can_do_what_all_requests_of_an_action_are_granted_for(
    who: str, action: str, place: Place, *, expected: bool
) -> None:
    """People can do what all of an action's requests are granted for."""
    assert answer(who, action, place).can is expected


def test_the_first_refused_request_decides() -> None:
    """An answer names the request that was refused, or the last one where none was."""
    step, decision = answer("reader", "download", CARDIO).decisive

    assert step.target == "/auth/tokens/download-instant-link"
    assert not decision.granted
    assert answer("all", "download", CARDIO).decisive[0].target.endswith("/archive")


def test_the_matrix_asks_everybody_everything() -> None:
    """Every person, action and collection has one answer; what names no study is asked once."""
    answers = matrix(policy())
    per_study = sum(action.per_study for action in ACTIONS)

    assert (
        len(answers)
        == len({one.key for one in answers})
        == (5 + 3) * (per_study * 3 + len(ACTIONS) - per_study)
    )


def test_a_gain_and_a_loss_are_told_apart() -> None:
    """The difference of two states says what each person gains and loses; nobody and nothing is `cannot`."""
    before = policy()
    promoted = policy(
        service=service({"reader": {"permissions": ["view", "delete"], "authorized-labels": ["external"]}}),
        roles=tuple(principal for principal in before.roles if principal.name != "writer"),
    )
    changes = difference(summary(before), summary(promoted))

    told = {(one.principal.name, one.action.name, one.place.name, one.gained) for one in changes}
    assert ("reader", "delete", "cardio", True) in told
    assert ("writer", "view", "cardio", False) in told
    assert all(name == "writer" for name, _, _, gained in told if not gained)
    assert not difference(summary(before), summary(before))


def test_expectations_that_do_not_come_out_are_found() -> None:
    """A broken sentence is a finding at its line, with the request and the stage that decided."""
    here = Location("profile.yaml", 7, 3)
    sentences = [
        Expectation("stranger", "view", True, "cardio", here),
        Expectation("reader", "view", True, "nowhere", here),
        Expectation("reader", "fly", True, "cardio", here),
        Expectation("reader", "view", True, "cardio", here),
        Expectation("reader", "delete", True, "cardio", here),
        Expectation("all", "view", False, "", here),
    ]

    first, second = unmet(policy(), sentences)

    assert first.message == "`reader` cannot `delete` on `cardio`"
    assert first.location == here
    assert "give the role the permission `delete`" in first.hint
    assert second.message == "`all` can `view` on studies of no collection"
    assert "to allow it" not in second.hint


def test_a_finding_points_at_the_line_responsible() -> None:
    """Where the place of a role is known, the finding refers to it."""
    where = Location("profile.yaml", 3, 5)
    located = AuthService.compile({"roles": ROLES}, {}, locate=lambda _: where)
    (finding,) = unmet(
        policy(service=located),
        [Expectation("reader", "delete", True, "cardio", Location("profile.yaml", 9, 1))],
    )

    assert finding.related == ((where, "decided here"),)


@pytest.mark.parametrize(
    ("path", "level"),
    [
        ("/studies/aa-bb/archive", Level.STUDY),
        ("/series/aa-bb", Level.SERIES),
        ("/dicom-web/studies/1.2/series/1.3", Level.SERIES),
        ("/dicom-web/series?PatientID=P", Level.PATIENT),
        ("/tools/create-archive?resources=aa-bb", Level.STUDY),
        ("/system", None),
    ],
)
def test_a_question_makes_up_the_study_it_names(path: str, level: Level | None) -> None:
    """Whatever ids a path names belong to one study with the labels of the question."""
    seen = policy()
    study = seen.study_on_path("GET", path, frozenset({"external"}))
    everybody = seen.principal("all")
    assert everybody is not None

    assert study.tree[1].labels == {"external"}
    assert isinstance(seen.ask(everybody, study, "GET", path), Decision)
    names = [study.names[one.value] for one in Level if one is not Level.SYSTEM]
    assert ("aa-bb" in names) == ("aa-bb" in path)
    assert level is None or level in {resource.level for resource in study.tree}


def test_without_a_header_nobody_can_sign_in() -> None:
    """Where no header is configured, requests carry no token."""
    bare = policy(configuration=plugin(StandardConfigurations=[], TokenHttpHeaders=[]))

    assert not answer("all", "view", CARDIO, bare).can
    own = policy(configuration=plugin(StandardConfigurations=[], TokenHttpHeaders=["x-key"]))
    assert answer("all", "upload", NO_COLLECTION, own).can


def test_made_up_studies_are_the_same_every_time() -> None:
    """Ids and UIDs follow from the name, so that the same question has the same text."""
    assert make_study("x", frozenset()).names == make_study("x", frozenset()).names
    assert make_study("x", frozenset()).names["uid"].startswith("2.25.")


@pytest.mark.parametrize(
    ("action", "place", "by"),
    [
        ("delete", CARDIO, "modify"),
        ("delete", NEURO, None),
        ("delete", NO_COLLECTION, None),
        ("upload", NO_COLLECTION, "modify"),
        ("upload", CARDIO, "modify"),
        ("worklists", NO_COLLECTION, None),
    ],
)
def test_an_action_of_one_study_amounts_to_another_on_that_study(
    action: str, place: Place, by: str | None
) -> None:
    """Who modifies studies of one collection deletes these; an upload names no study, so that any of them will do."""
    editor = {"permissions": ["modify"], "authorized-labels": ["external"]}
    held = partial_right(
        policy(service=service({"editor": editor})),
        Principal(PrincipalKind.ROLE, "editor", "Editor"),
        ACTIONS_BY_NAME[action],
        place,
    )

    assert (held.action.name if held is not None else None) == by
