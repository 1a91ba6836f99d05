"""Check of a token as text and JSON, rule by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.report.console import paint
from orthgen.report.token_forms import RuleForm, TokenForm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from orthgen.realm.token_check import TokenCheck


def token_text(checks: Sequence[TokenCheck], stream: TextIO) -> str:
    """The answer in one word, then each rule."""
    is_valid = all(check.holds for check in checks)
    result = (
        paint("UNDERSTOOD", "bold", "green", stream=stream)
        if is_valid
        else paint("NOT UNDERSTOOD", "bold", "red", stream=stream)
    )
    lines = [
        f"{result}: the auth-service {'takes this token' if is_valid else 'takes the bearer for anonymous, or for nobody with rights'}"
    ]
    for check in checks:
        mark = paint("ok", "green", stream=stream) if check.holds else paint("no", "red", stream=stream)
        lines.append(f"  {mark}  {check.rule}: {check.value}")
        if not check.holds and check.cause:
            lines.append(f"      = look at {check.cause}")
    return "\n".join(lines)


def token_form(checks: Sequence[TokenCheck]) -> TokenForm:
    """The same for JSON."""
    return TokenForm(
        understood=all(check.holds for check in checks),
        rules=tuple(
            RuleForm(
                rule=check.rule,
                holds=check.holds,
                found=check.value,
                look_at=check.cause if check.cause and not check.holds else None,
            )
            for check in checks
        ),
    )
