"""Steps of a change of the release."""

from __future__ import annotations

import sys
from pathlib import Path

from orthgen.catalogue import load
from orthgen.cli.exit_codes import ExitCode
from orthgen.deployment.upgrade import upgrade
from orthgen.errors import OrthgenError
from orthgen.rendering.pipeline import resolve_profile
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.upgrade import upgrade_form, upgrade_text
from orthgen.workspace.manifest import read_manifest


def show_steps(profile: str, folder: Path, before: str | None, to: str | None, output: str) -> None:
    """Show the steps from the release that runs to another; exit with 3 where there are any."""
    deployment, _ = resolve_profile(profile, folder=folder)
    provenance = read_manifest(folder).provenance
    running = before or (provenance.release if provenance is not None else "")
    if not running:
        raise OrthgenError(
            f"`{folder}` does not say which release it is on",
            hint="name the deployment's folder with `--out`, or the release that runs with `--from`",
        )
    plan = upgrade(running, load(to) if to else deployment.release, deployment, profile, str(folder))
    Console().say(json_text(upgrade_form(plan)) if output == "json" else upgrade_text(plan))
    sys.exit(ExitCode.CHANGES if plan.steps else ExitCode.DONE)
