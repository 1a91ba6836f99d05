"""The text of `orthgen check-token`: the answer, then each rule with what the token has, and where to look."""

from __future__ import annotations

from io import StringIO

from orthgen.realm.token_check import TokenCheck
from orthgen.report.token import token_text

GOOD = TokenCheck("not expired", True, "until 12:00", "the clock")
BAD = TokenCheck("`account` in the audience", False, "other", "the mapper `audience`")


def test_each_rule_is_told_and_a_broken_one_has_its_cause() -> None:
    """One broken rule is enough for the auth-service."""
    assert token_text([GOOD, BAD], StringIO()).splitlines() == [
        "NOT UNDERSTOOD: the auth-service takes the bearer for anonymous, or for nobody with rights",
        "  ok  not expired: until 12:00",
        "  no  `account` in the audience: other",
        "      = look at the mapper `audience`",
    ]


def test_a_good_token_is_understood() -> None:
    """And nothing is to be looked at."""
    assert token_text([GOOD], StringIO()).splitlines() == [
        "UNDERSTOOD: the auth-service takes this token",
        "  ok  not expired: until 12:00",
    ]
