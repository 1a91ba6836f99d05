"""Differences between an existing deployment and a rendered one, as text."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from orthgen.report.console import paint
from orthgen.report.findings import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import TextIO

    from orthgen.adoption.deployment_difference import DeploymentDifference


def deployment_difference_text(
    folder: Path, differences: Sequence[DeploymentDifference], stream: TextIO
) -> str:
    """A block for each part, a line for each fact: what the files of the folder say, and what the profile's would."""
    prefix = f"{folder}/"
    lines = [f"{folder}: orthgen did not write this deployment; compared by what its files say:"]
    for part, facts in groupby(differences, key=lambda difference: difference.part):
        lines += ["", paint(part, "bold", stream=stream), *(_line(each, prefix, stream) for each in facts)]
    return "\n".join(lines)


def _line(difference: DeploymentDifference, prefix: str, stream: TextIO) -> str:
    before, after = difference.before, difference.after
    symbol, style, text = "~", "yellow", f"{before} → {after}"
    if before is None:
        symbol, style, text = "+", "green", after or ""
    elif after is None:
        symbol, style, text = "-", "red", before
    place = str(difference.place or "").removeprefix(prefix)
    return paint(
        printable(f"  {symbol} {difference.name}: {text}{f'  ({place})' if place else ''}"),
        style,
        stream=stream,
    )
