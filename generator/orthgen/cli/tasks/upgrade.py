"""A change of the release: in the profile, and the steps of the deployment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.catalogue import load
from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import STANDARD_INPUT
from orthgen.cli.tasks.edit import edited
from orthgen.editing.profiles import Edit
from orthgen.editing.release import change_release
from orthgen.errors import OrthgenError
from orthgen.rendering.pipeline import resolve_profile
from orthgen.report.console import Console
from orthgen.report.editing import edit_text, edited_files_form
from orthgen.report.findings import findings_text
from orthgen.report.json_text import json_text
from orthgen.report.upgrade import upgrade_form, upgrade_text
from orthgen.upgrade.plan import upgrade
from orthgen.workspace.manifest import read_manifest

if TYPE_CHECKING:
    from orthgen.cli.edit_options import EditOptions, Releases


def change_and_show(
    profile: str, folder: Path, releases: Releases, options: EditOptions, output: str
) -> None:
    """Write another release into the profile, show the steps to it; exit with 3 where there are any."""
    to = releases.to
    provenance = read_manifest(folder).provenance
    # What runs counts: one profile can serve a host and a cluster.
    target = provenance.target if provenance is not None else None
    deployment, loaded = resolve_profile(profile, folder=folder, with_lock=False, target=target)
    running = releases.before or (provenance.release if provenance is not None else "")
    if not running and to is None:
        raise OrthgenError(
            f"`{folder}` does not say which release it is on",
            hint="name the deployment's folder with `--out`, or the release that runs with `--from`",
        )
    running = running or deployment.release.name
    release = load(to) if to else deployment.release
    edit = Edit((), "")
    if to is not None and not (profile == STANDARD_INPUT and not options.writes):
        edit = edited(profile, lambda chain: change_release(chain, to), write_files=options.writes)
        if options.writes:
            deployment, _ = resolve_profile(profile, folder=folder, with_lock=False, target=target)
    plan = upgrade(running, release, deployment, profile, str(folder), loaded.target_without_option)
    console = Console()
    if edit.warnings:
        console.tell(findings_text(edit.warnings, edit.sources, console.err))
    if output == "json":
        console.say(json_text(upgrade_form(plan, edited_files_form(edit))))
    else:
        if edit.message:
            console.say(
                edit_text(edit, console.out, written=options.writes, with_difference=options.diff) + "\n"
            )
        console.say(upgrade_text(plan))
    if plan.steps or (edit.files and not options.writes):
        sys.exit(ExitCode.CHANGES)
