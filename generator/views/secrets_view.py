"""What `secrets` did: names and purposes, never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from generator.output.secret_files import SecretsOutcome


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
    if outcome.owner_wanted is not None:
        owner = outcome.owner_wanted
        lines.append(
            f"  = the containers read them as user {owner}: sudo chown {owner}:{owner} {folder}/secrets/*"
        )
    return "\n".join(lines)
