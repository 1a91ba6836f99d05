"""The summary of who can do what: the matrix's answers, without asking about every collection."""

from typing import Any

import pytest
from msgspec.structs import replace

from orthgen.authz.matrix import matrix
from orthgen.authz.policy import Policy, Principal, PrincipalKind
from orthgen.authz.summary import summary
from orthgen.deployment.model import Deployment
from orthgen.products.access_page.model import access_policy
from tests.support.builders import EXAMPLES, example, make_deployment

from .builders import plugin, service
from .test_matrix import policy

Answers = set[tuple[str, str, str]]


def _by_matrix(view: Policy) -> Answers:
    return {answer.key for answer in matrix(view) if answer.can}


def _by_summary(view: Policy) -> Answers:
    return {
        (allowed.principal.name, allowed.action.name, place.name)
        for allowed in summary(view)
        for place in allowed.places
    }


def test_it_is_the_matrix_of_the_plugin_alone() -> None:
    """Without a guard, every answer is the matrix's."""
    assert _by_summary(policy()) == _by_matrix(policy())


def test_roles_that_differ_in_their_labels_alone_have_answers_of_their_own() -> None:
    """Every label, one label and no label, with the same permissions."""
    labels = {"everywhere": ["*"], "somewhere": ["external"], "nowhere": []}
    roles = {name: {"permissions": ["view"], "authorized-labels": seen} for name, seen in labels.items()}
    principals = tuple(Principal(PrincipalKind.ROLE, name, name) for name in roles)

    for order in (principals, principals[::-1]):
        asked = policy(roles=order, service=service(roles))
        assert _by_summary(asked) == _by_matrix(asked)


def test_people_share_answers_only_where_each_alone_has_them() -> None:
    """In release 0.9.2 a search for studies is granted with a label and refused without one, on studies of no label too."""
    roles = {
        name: {"permissions": ["view"], "authorized-labels": labels}
        for name, labels in (("all", ["*"]), ("some", ["external"]), ("none", []))
    }
    configured = policy(service=service(roles), configuration=plugin("0.9.2"))
    principals = tuple(Principal(PrincipalKind.ROLE, name, name) for name in roles)
    alone = [
        allowed
        for principal in principals
        for allowed in summary(replace(configured, roles=(principal,)))
        if allowed.principal == principal
    ]

    for order in (principals, principals[::-1]):
        together = summary(replace(configured, roles=order))
        assert [allowed for allowed in alone if allowed not in together] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_is_the_matrix_of_every_example(name: str) -> None:
    """For every example, behind its guard, every answer is the matrix's."""
    asked = access_policy(example(name))

    assert _by_summary(asked) == _by_matrix(asked)


def test_it_is_the_matrix_where_roles_share_some_of_many_collections() -> None:
    """Roles with one, several, all and no collections have the matrix's answers; places keep their order."""
    asked = access_policy(_large(count=6))

    assert _by_summary(asked) == _by_matrix(asked)
    order = [place.name for place in asked.places]
    assert all(
        [place.name for place in one.places]
        == [name for name in order if name in {p.name for p in one.places}]
        for one in summary(asked)
        if one.action.per_study
    )


def _large(count: int) -> Deployment:
    numbers = range(count)
    roles: dict[str, Any] = {
        f"reader-{number}": {"can": ["view"], "collections": [f"cohort-{number}"]} for number in numbers
    }
    roles["neighbour"] = {"can": ["view", "download"], "collections": ["cohort-5", "cohort-3", "cohort-7"]}
    roles["idle"] = {"can": ["view"], "collections": []}
    roles["everywhere"] = {"can": ["view"], "collections": "all"}
    roles["reporter"] = {"can": ["view", "report"], "collections": ["cohort-1"]}
    roles["admin"] = {"can": ["everything", "administer"], "collections": "all"}
    return make_deployment(
        collections={f"cohort-{number}": {} for number in range(max(count, 8))},
        roles=roles,
        viewers="{ohif: {reports: signed-in}}",
    )
