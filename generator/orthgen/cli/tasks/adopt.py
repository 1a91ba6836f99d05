"""Adoption of a deployment: its profile to standard output or into a file, and the list of what it does not say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.adoption.adopt import adopt
from orthgen.cli.options import STANDARD_INPUT
from orthgen.cli.tasks.observe import observe_paths
from orthgen.errors import OrthgenError, Refused, system_reason
from orthgen.findings import Severity
from orthgen.report.adoption import adoption_form, adoption_text
from orthgen.report.console import Console
from orthgen.report.findings import findings_text
from orthgen.report.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = "profile.yaml"


def write_profile(paths: Sequence[str], out: Path | None, *, force: bool, output: str) -> None:
    """Write the profile of the deployment at `paths`, and tell what it does not say."""
    console = Console()
    if out == Path(STANDARD_INPUT):
        out = None
    if out is not None and out.exists() and not force:
        raise Refused(
            f"`{out}` is there; nothing was written", [str(out)], hint="pass `--force` to overwrite it"
        )
    deployment = observe_paths(paths)
    broken = [finding for finding in deployment.findings if finding.severity is Severity.ERROR]
    if broken:
        console.tell(findings_text(broken, deployment.texts, console.err))
    adoption = adopt(deployment, out.name if out is not None else _NAME)
    if out is not None:
        _write(out, adoption.text)
    if output == "json":
        console.say(json_text(adoption_form(adoption, deployment.unseen)))
    elif out is not None:
        console.say(adoption_text(adoption, deployment.unseen, paths, str(out), console.out))
    else:
        console.say(adoption.text.rstrip("\n"))
        console.tell(adoption_text(adoption, deployment.unseen, paths, _NAME, console.err))


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OrthgenError(f"`{path}` cannot be written: {system_reason(error)}") from None
