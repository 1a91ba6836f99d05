"""Outcome of `secrets` as text and JSON: names and purposes, never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from orthgen.report.secrets_forms import CertificateForm, ExchangeForm, ProblemForm, SecretForm, SecretsForm

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.deployment.model import SecretFile
    from orthgen.workspace.secret_checks import SecretFileChecks
    from orthgen.workspace.secret_files import SecretsOutcome


def secrets_text(outcome: SecretsOutcome, folder: Path, *, quiet: bool = False, check: bool = False) -> str:
    """One line for each secret that was made or is wanted, and a last line that counts; `quiet`: only the wanted ones."""
    made = () if quiet else outcome.made
    lines = [f"  + secrets/{secret.name}  ({secret.purpose})" for secret in made]
    lines += [
        f"  ? secrets/{secret.name}  ({secret.purpose}): write it there, mode 0600"
        for secret in outcome.missing
    ]
    if quiet:
        return "\n".join(lines)
    counts = f"{len(outcome.made)} {'to be made' if check else 'made'}, {len(outcome.kept)} kept"
    missing = f", {len(outcome.missing)} for you to supply" if outcome.missing else ""
    lines.append(f"{folder}: {counts}{missing}")
    return "\n".join(lines)


def secrets_form(
    folder: Path,
    outcome: SecretsOutcome,
    exchange: ExchangeForm | None,
    certificate: CertificateForm | None,
    checked: SecretFileChecks,
) -> SecretsForm:
    """The same for JSON."""
    states: tuple[tuple[Literal["made", "kept", "missing"], tuple[SecretFile, ...]], ...] = (
        ("made", outcome.made),
        ("kept", outcome.kept),
        ("missing", outcome.missing),
    )
    return SecretsForm(
        folder=str(folder),
        secrets=tuple(
            SecretForm(name=secret.name, purpose=secret.purpose, state=state)
            for state, secrets in states
            for secret in secrets
        ),
        exchange=exchange,
        certificate=certificate,
        corrected=tuple(map(str, checked.corrected)),
        problems=tuple(
            ProblemForm(path=str(problem.path), message=problem.message, remedy=problem.remedy)
            for problem in checked.problems
        ),
    )


def checked_text(checked: SecretFileChecks) -> str:
    """Corrected files, and problems of files that containers read, each with its remedy."""
    lines = [f"  ~ {path}  (the containers can read it, and no other account)" for path in checked.corrected]
    for problem in checked.problems:
        lines += [f"  ! {problem.path} {problem.message}", f"    = {problem.remedy}"]
    return "\n".join(lines)
