"""What the shape of a profile cannot say: each question has a profile that answers it wrongly."""

from __future__ import annotations

import re
from typing import Any

import pytest

from orthgen.findings import Finding
from orthgen.formats.yaml_io import parse_yaml
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.profile.checks import CHECKS, CheckContext, check
from orthgen.profile.root import Profile
from tests.profile.check_cases import CASES
from tests.profile.check_cases.values import OIDC
from tests.support.builders import make_tree


def findings(**changes: Any) -> list[Finding]:
    """The findings of the small profile with `changes`."""
    tree = make_tree(**changes)
    document, _ = parse_yaml(dump_yaml(tree), "p.yaml")
    return check(CheckContext(Profile.model_validate(document.value), document.value, document.locate))


@pytest.mark.parametrize(
    ("rule", "changes", "place", "hint"),
    [pytest.param(*case, id=f"{case[0]}: {case[2]}") for case in CASES],
)
def test_a_contradiction_is_found_at_its_place_with_a_remedy(
    rule: str, changes: dict[str, Any], place: str, hint: str
) -> None:
    """The finding stands where the author has to change something, and says what."""
    found = [finding for finding in findings(**changes) if finding.rule.id == rule]

    assert len(found) == 1
    lines = dump_yaml(make_tree(**changes)).splitlines()
    at = lines[found[0].location.line - 1][found[0].location.column - 1 :]
    assert at.strip("'\"").startswith(place)
    assert hint in found[0].hint


def test_modalities_that_orthanc_tells_apart_are_left_alone() -> None:
    """One title at two addresses, or two ports of one modality with the same rights."""
    for second in (
        "{aet: CT, host: 10.0.0.2, may: [find]}",
        "{aet: CT, host: 10.0.0.1, port: 11112, may: [echo]}",
    ):
        modalities = f"{{modalities: {{a: {{aet: CT, host: 10.0.0.1, may: [echo]}}, b: {second}}}}}"
        rules = {finding.rule.id for finding in findings(archive=modalities)}
        assert "shared-modality-identity" not in rules


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"deployment": "{tls: {terminated-by: proxy}, compose: {bind: 192.0.2.1}}", "archive": "{dicom: {port: 80, bind: 192.0.2.2}}"},
            id="two addresses",
        ),
        pytest.param({"archive": "{dicom: {port: 443, publish: false}}"}, id="not published"),
        pytest.param({"archive": "{dicom: {port: 4243}}"}, id="no titles that gather"),
        pytest.param(
            {"archive": "{dicom: {port: 443}}", "deployment": "{tls: {own-authority: {}}, kubernetes: {}}"}, id="two Services of a cluster"
        ),
    ],
)  # fmt: skip
def test_a_port_that_nobody_else_has_is_left_alone(changes: dict[str, Any]) -> None:
    """The same number on another address, or of nothing that is published, is no contradiction."""
    assert [finding for finding in findings(**changes) if finding.rule.id == "duplicate-port"] == []


def test_the_small_profile_is_clean() -> None:
    """Nothing is found where nothing is wrong, so each case above shows its own defect."""
    assert findings() == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "pacs.localhost"])
def test_plain_http_stays_on_this_machine(host: str) -> None:
    """Names below `localhost` lead to this machine too (RFC 6761), and nowhere else."""
    changes = {
        "institution": f'{{name: Test, url: "http://{host}:8080"}}',
        "identity": f'{{sign-in: [accounts: {{}}], keycloak: {{server: "http://{host}:8081/keycloak"}}}}',
    }

    assert "plain-http" not in {finding.rule.id for finding in findings(**changes, deployment=None)}


@pytest.mark.parametrize(
    ("limited", "whole", "is_widened"),
    [
        pytest.param("view", "everything", False, id="everything-holds-view"),
        pytest.param("administer", "everything", True, id="everything-holds-no-administration"),
        pytest.param("administer", "everything, administer", False, id="both"),
        pytest.param("report", "view", True, id="view-holds-no-reports"),
        pytest.param("report", "upload", False, id="upload-holds-reports"),
        pytest.param("report", "everything", False, id="everything-holds-reports"),
    ],
)
def test_a_person_with_two_roles_can_do_on_every_study_what_one_can_do_on_some(
    limited: str, whole: str, *, is_widened: bool
) -> None:
    """A role for every study widens the words of a limited role that it does not hold itself."""
    roles = (
        f"{{some: {{can: [{limited}], collections: [cardio]}}, every: {{can: [{whole}], collections: all}}}}"
    )

    rules = [finding.rule.id for finding in findings(roles=roles, viewers="{ohif: {reports: signed-in}}")]

    assert ("merged-roles" in rules) is is_widened


def test_an_existing_realm_grants_roles_by_hand() -> None:
    """Without sign-in methods the realm is its administrators', and so are the grants."""
    server = "{keycloak: {server: 'https://sso.example.org', manage: clients-and-roles}}"
    roles = "{reader: {can: [view], collections: all}}"

    assert not [
        finding for finding in findings(identity=server, roles=roles) if finding.rule.id == "role-for-nobody"
    ]


def test_every_check_has_a_case() -> None:
    """A question that nobody ever answers wrongly in a test is not known to work."""
    contexts = [_context(changes) for _, changes, _, _ in CASES]
    unanswered = [question for question in CHECKS if not any(any(question(context)) for context in contexts)]

    assert [question.__name__ for question in unanswered] == []


def _context(changes: dict[str, Any]) -> CheckContext:
    document, _ = parse_yaml(dump_yaml(make_tree(**changes)), "p.yaml")
    return CheckContext(Profile.model_validate(document.value), document.value, document.locate)


@pytest.mark.parametrize(
    ("way", "problem"),
    [
        ("{github: {client-id: a, client-secret: {secret: a}, trust-email: true}}", "`trust-email` for GitHub"),
        ("{google: {client-id: a, client-secret: {secret: a}, trust-email: true}}", "`trust-email` without `hosted-domain`"),
        ("{google: {client-id: a, client-secret: {secret: a}, hosted-domain: Clinic.example}}", "`Clinic.example` is not a domain"),
        ("{google: {client-id: a, client-secret: {secret: a}, hosted-domain: 'a.example,b.example'}}", "`a.example,b.example` is not a domain"),
        (f"{{{OIDC}, link-by-email: true}}}}", "`link-by-email` without `trust-email`"),
    ],
)  # fmt: skip
def test_a_social_provider_is_trusted_for_what_it_vouches_for(way: str, problem: str) -> None:
    """Addresses are those of a domain that Google hosts, or unverified; Keycloak compares one domain as it is written."""
    with pytest.raises(ValueError, match=re.escape(problem)):
        Profile.model_validate(make_tree(identity=f"{{sign-in: [{way}]}}"))


@pytest.mark.parametrize(
    ("span", "problem"),
    [
        ("0", "the time span is 0"),
        ("0s", "the time span is 0"),
        ("24856d", "longer than 24,855 days"),
        ("24855d", ""),
    ],
)
def test_a_sign_in_has_a_length_that_keycloak_can_count(span: str, problem: str) -> None:
    """With 0 nobody could sign in, and a realm with more than 31 bits of seconds is not imported."""
    tree = make_tree(identity=f"{{sign-in: [accounts: {{}}], sessions: {{longest: {span}}}}}")
    if not problem:
        assert Profile.model_validate(tree).identity.sessions.longest == 24855 * 86400
        return
    with pytest.raises(ValueError, match=problem):
        Profile.model_validate(tree)
