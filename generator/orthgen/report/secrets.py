"""What `secrets` did: names and purposes, never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment.naming import CONTAINER_USER

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.workspace.secret_checks import Checked
    from orthgen.workspace.secret_files import SecretsOutcome


def secrets_text(outcome: SecretsOutcome, folder: Path) -> str:
    """One line for each secret that was made or is wanted, and a last line that counts."""
    lines = [f"  + secrets/{secret.name}  ({secret.purpose})" for secret in outcome.made]
    lines += [
        f"  ? secrets/{secret.name}  ({secret.purpose}): write it there, mode 0600"
        for secret in outcome.wanted
    ]
    counts = f"{len(outcome.made)} made, {len(outcome.kept)} kept"
    wanted = f", {len(outcome.wanted)} for you to supply" if outcome.wanted else ""
    lines.append(f"{folder}: {counts}{wanted}")
    return "\n".join(lines)


def checked_text(checked: Checked) -> str:
    """What was mended, and what is wrong with files that containers read, each with its remedy."""
    lines = [f"  ~ {path}  (given to user {CONTAINER_USER}, mode 0600)" for path in checked.mended]
    for problem in checked.problems:
        lines += [f"  ! {problem.path} {problem.message}", f"    = {problem.remedy}"]
    return "\n".join(lines)
