"""Reports at the guard: who saves them, which objects they are, and where they go."""

from __future__ import annotations

from typing import Any

import pytest

from orthgen.authz.model import DeniedBy, Reason, Request, Token, TokenKind
from orthgen.authz.report_uploads import CT_IMAGE, Reports, body_of, is_stow
from orthgen.products.access_page.model import access_policy
from tests.support.builders import make_deployment

REPORTS = Reports(frozenset({"reporter"}), frozenset({"uploader"}), by_link=True)
STOW = "/dicom-web/studies"
REPORT = body_of("1.2")


def user(*roles: str, **more: Any) -> Token:
    """A user's token in its header."""
    return Token("Authorization", TokenKind.USER, roles=roles, **more)


def link(*studies: str, **more: Any) -> Token:
    """An instant link."""
    return Token("Authorization", TokenKind.LINK, studies=frozenset({"aa-bb", *studies}), **more)


def judged(
    *tokens: Token, body: Any = REPORT, target: str = STOW, method: str = "POST"
) -> str | Reason | None:
    """Where the guard sends an upload by DICOMweb, why it refuses it, or nothing where it is none."""
    answer = REPORTS.judged(Request(method, target, tokens, body=body))
    return answer.target if isinstance(answer, Request) else answer


@pytest.mark.parametrize(
    ("tokens", "target", "goes_to"),
    [
        ((user("reporter"),), STOW, f"{STOW}/1.2/"),
        ((user("reporter", "reader"),), f"{STOW}/1.2", f"{STOW}/1.2/"),
        ((link("1.2"),), STOW, f"{STOW}/1.2/"),
        # Not judged: as it came, without the sign of what was judged.
        ((user("reporter", "uploader"),), f"{STOW}/1.2/", f"{STOW}/1.2"),
        ((user("reader"),), f"{STOW}/1.2/", f"{STOW}/1.2"),
        ((user("reporter", argument=True),), f"{STOW}/1.2/", f"{STOW}/1.2"),
        ((user("reporter"), user("reader")), f"{STOW}/1.2/", f"{STOW}/1.2"),
        ((link("1.2", decodable=True),), f"{STOW}/1.2/", f"{STOW}/1.2"),
        ((link("1.2", elsewhere=True),), STOW, STOW),
        ((link("1.2", "1.3"),), STOW, STOW),
        ((), STOW, STOW),
    ],
)
def test_a_report_goes_to_its_study_and_all_else_where_it_was_going(
    tokens: tuple[Token, ...], target: str, goes_to: str
) -> None:
    """The address with the slash is written for judged reports alone."""
    assert judged(*tokens, target=target) == goes_to


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (body_of("1.2", CT_IMAGE), f"SOP class {CT_IMAGE}"),
        ({"Objects": [*REPORT["Objects"], *body_of("1.3")["Objects"]]}, "several studies"),
        (body_of("1.9"), "several studies"),
        ({"Objects": []}, "no object"),
        (None, "no object"),
    ],
)
def test_what_is_no_report_of_the_study_is_refused(body: Any, found: str) -> None:
    """Another class, another study and no object are refused with what was found."""
    refused = judged(user("reporter"), body=body, target=f"{STOW}/1.2")

    assert isinstance(refused, Reason)
    assert refused.found == found


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("POST", STOW, True),
        ("POST", f"{STOW}/1.2/", True),
        ("GET", STOW, False),
        ("PUT", STOW, False),
        ("POST", f"{STOW}/1.2/series", False),
        ("POST", "/instances", False),
    ],
)
def test_objects_are_stored_by_a_post_to_the_studies(method: str, target: str, *, expected: bool) -> None:
    """PS3.18: a POST to all studies or to one."""
    assert is_stow(method, target) is expected


def test_other_requests_are_no_reports() -> None:
    """Reading, and other addresses, are nothing to judge."""
    assert judged(user("reporter"), method="GET") is None
    assert judged(user("reporter"), target="/instances") is None


def test_a_role_reports_on_its_collections_only() -> None:
    """The plugin asks for the label of the study that a report goes to."""
    roles = "reporter: {can: [view, report], collections: [cardio]}\nreader: {can: [view], collections: all}"
    policy = access_policy(make_deployment(viewers="{ohif: {reports: signed-in}}", roles=roles))

    def store(who: str, place: str, sop_class: str | None = None) -> Any:
        principal, where = policy.principal(who), policy.place(place)
        assert principal is not None
        assert where is not None
        study = policy.study_of(where)
        uid = study.names["uid"]
        return policy.ask(
            principal, study, "POST", STOW, body_of(uid, sop_class) if sop_class else body_of(uid)
        )

    assert store("reporter", "cardio").granted
    assert store("reporter", "neuro").denied_by is DeniedBy.FILTER
    assert store("reporter", "cardio", CT_IMAGE).denied_by is DeniedBy.GUARD
    assert store("reader", "cardio").denied_by is DeniedBy.FILTER
