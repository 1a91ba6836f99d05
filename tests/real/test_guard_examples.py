"""The whole table of who can do what, of every example, asked through real nginx: it is what the model says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from orthgen.authz.matrix import matrix
from orthgen.authz.policy import PrincipalKind
from orthgen.authz.resources import index
from orthgen.deployment.model import Origin
from orthgen.products.access_page.model import access_policy
from orthgen.products.access_page.page import access_file
from tests.support.builders import EXAMPLES, example, make_deployment
from tests.support.dicom_objects import CONTENT_TYPE, dicom, multipart
from tests.support.filtered import FilteredOrthanc, archive, link_token_to, user_token
from tests.support.real import web
from tests.support.rendered_nginx import edge

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.authz.actions import ActionRequest
    from orthgen.authz.matrix import Answer
    from orthgen.authz.policy import Policy, Principal, Study
    from orthgen.deployment.model import Deployment
    from tests.support.rendered_nginx import Edge


def _in_clear(deployment: Deployment) -> Deployment:
    """The deployment over plain http: TLS plays no part in who may do what."""
    running = deployment.profile.deployment.model_copy(update={"tls": None})
    profile = deployment.profile.model_copy(update={"deployment": running})
    return structs.replace(deployment, origin=Origin("http", "localhost", 80), profile=profile)


def _headers(principal: Principal, study: Study, policy: Policy) -> dict[str, str]:
    if principal.kind is PrincipalKind.SIGNED_OUT:
        return {}
    if principal.kind is PrincipalKind.ROLE:
        return {"Authorization": f"Bearer {user_token(principal.name)}"}
    kind = (
        "viewer-instant-link"
        if principal.kind is PrincipalKind.INSTANT_LINK
        else policy.share or "stone-viewer-publication"
    )
    # As the guard has it made for anybody who may most.
    (token,) = policy.tokens(principal, study)
    own_id = "download" if token.hands_out_files else None
    return {"Authorization": f"Bearer {link_token_to(study.tree[1], kind=kind, own_id=own_id)}"}


def _really_can(running: Edge, policy: Policy, answer: Answer) -> bool:
    """Whether every request of an answer is answered with something else than a refusal."""
    study = policy.study_of(answer.place)
    headers = {"Host": "localhost", **_headers(answer.principal, study, policy)}
    prefix = running.deployment.addresses.orthanc_path.rstrip("/")
    for step, _ in answer.steps:
        reply = web.request(
            step.method,
            f"http://127.0.0.1:{running.http}",
            target=prefix + step.target,
            headers={**headers, **({"Content-Type": CONTENT_TYPE} if "Objects" in (step.body or {}) else {})},
            body=_body(step, study),
        )
        assert reply.status in {200, 403}, f"{step.method} {step.target}: {reply.status} {reply.text}"
        if reply.status == 403:
            return False
    return True


def _body(step: ActionRequest, study: Study) -> bytes | None:
    """The body of a request: objects as DICOMweb stores them, or JSON."""
    if step.body is None:
        return None
    if "Objects" in step.body:
        patient = study.tree[0].uid
        return multipart(
            *(dicom(one["StudyInstanceUID"], patient, one["SOPClassUID"]) for one in step.body["Objects"])
        )
    return json.dumps(step.body).encode()


def test_a_link_that_saves_is_what_the_model_says(tmp_path: Path) -> None:
    """With `reports: instant-link` the model knows that an instant link adds to its study, and ACCESS.md says so."""
    deployment = _in_clear(
        make_deployment(viewers="{ohif: {reports: instant-link}}", sharing="{viewer: ohif}")
    )
    found = _found(deployment, tmp_path)

    assert {key: pair for key, pair in found.items() if pair[0] is not pair[1]} == {}
    assert found["instant-link", "report", "cardio"] == (True, True)
    assert found["share-link", "report", "cardio"] == (False, False)
    assert "**A link can also save**" in access_file(deployment, access_policy(deployment)).text


def _found(deployment: Deployment, folder: Path) -> dict[tuple[str, str, str], tuple[bool, bool]]:
    """Every answer of the model, and what came of it for real."""
    policy = access_policy(deployment)
    studies = [policy.study_of(place) for place in policy.places]
    resources = index(resource for study in studies for resource in study.tree)
    orthanc = FilteredOrthanc(deployment, archive, resources)
    with edge(deployment, folder, answers={"orthanc": orthanc}) as running:
        return {answer.key: (answer.can, _really_can(running, policy, answer)) for answer in matrix(policy)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_everybody_can_do_what_the_model_says_and_nothing_else(name: str, tmp_path: Path) -> None:
    """
    Every person, action and collection of an example, asked for real: roles, links, people who are not signed in.

    The expectations of the profile are among them, so whatever it says `cannot` is tried.
    """
    deployment = _in_clear(example(name))
    found = _found(deployment, tmp_path)

    assert {key: pair for key, pair in found.items() if pair[0] is not pair[1]} == {}
    _says_what_the_profile_expects(deployment, {key: really for key, (_, really) in found.items()})


def _says_what_the_profile_expects(deployment: Deployment, found: dict[tuple[str, str, str], bool]) -> None:
    for expectation in deployment.profile.expectations:
        action = expectation.can or expectation.cannot or ""
        principal = expectation.role or expectation.anyone or ""
        # What names no study was asked once.
        really = found.get((principal, action, expectation.on or ""), found.get((principal, action, "")))
        assert really is (expectation.can is not None), expectation
