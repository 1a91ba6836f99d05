"""Comparison of a deployment's secrets with a store, as text and JSON: names and purposes, never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.report.secrets_forms import ComparedSecretForm, ExchangeForm

if TYPE_CHECKING:
    from orthgen.report.secrets_forms import Direction
    from orthgen.secret_stores import Store
    from orthgen.workspace.secret_exchange import ComparedSecret, SecretComparison

_MARKS = {"new": "+", "different": "~", "missing": "?", "invalid": "!"}


def exchange_text(
    comparison: SecretComparison, store: Store, direction: Direction, profile: str, *, done: bool
) -> str:
    """One line for each secret that is not the same on both sides, its remedy, and a last line that counts."""
    lines = []
    for entry in comparison.entries:
        if entry.state == "same":
            continue
        secret = entry.secret
        lines.append(f"  {_MARKS[entry.state]} {secret.name}  ({secret.purpose}){_state(entry, direction)}")
        if remedy := _remedy(entry, store, direction, profile):
            lines.append(f"    = {remedy}")
    lines += [
        f"  - {name}  is in the store, and the profile does not need it" for name in comparison.superfluous
    ]
    lines.append(f"{store.label}: {_counts(comparison, direction, done=done)}")
    return "\n".join(lines)


def _state(entry: ComparedSecret, direction: Direction) -> str:
    source = "the store" if direction == "from" else "the files"
    texts = {
        "different": ": the store and the file differ",
        "missing": f": not in {source}",
        "invalid": f": the value in {source} {entry.problem}",
    }
    return texts.get(entry.state, "")


def _remedy(entry: ComparedSecret, store: Store, direction: Direction, profile: str) -> str:
    name = entry.secret.name
    if entry.state == "invalid":
        return f"replace it in {'the store' if direction == 'from' else f'secrets/{name}'}"
    if entry.state != "missing":
        return ""
    if direction == "to":
        return f"write it into secrets/{name}, mode 0600"
    if entry.secret.origin == "made" and store.is_writable:
        return f"`orthgen secrets {profile} --to {store.label}` makes and stores it"
    return f"add it to the store under the name `{store.entry(name)}`"


def _counts(comparison: SecretComparison, direction: Direction, *, done: bool) -> str:
    moved, verb = len(comparison.values), "taken" if direction == "from" else "stored"
    counts = [f"{moved} {verb if done else f'to be {verb}'}", f"{len(comparison.of('same'))} the same"]
    failed = {state: len(comparison.of(state)) for state in ("missing", "invalid")}
    counts += [f"{number} {state}" for state, number in failed.items() if number]
    is_stopped = not done and comparison.of("missing", "invalid")
    return ", ".join(counts) + ("; nothing was written" if is_stopped else "")


def exchange_form(
    comparison: SecretComparison, store: str, direction: Direction, *, done: bool
) -> ExchangeForm:
    """The same for JSON."""
    return ExchangeForm(
        store=store,
        direction=direction,
        written=done,
        secrets=tuple(
            ComparedSecretForm(name=entry.secret.name, state=entry.state, problem=entry.problem)
            for entry in comparison.entries
        ),
        superfluous=comparison.superfluous,
    )
