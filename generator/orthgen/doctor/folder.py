"""Checks of the deployment's folder: rendered files that are current and unedited, secrets with their owner and mode."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact
from orthgen.errors import OrthgenError
from orthgen.rendering.pipeline import render_profile
from orthgen.targets.services.composition import mounted_secrets
from orthgen.workspace.build import PRIVATE_FOLDERS
from orthgen.workspace.manifest import MANIFEST
from orthgen.workspace.plan import plan
from orthgen.workspace.provenance import Provenance
from orthgen.workspace.secret_checks import find_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.products.artifact import Artifact

_MAX_NAMED_FILES = 3


def files(system: ExaminedSystem) -> Iterator[Fact]:
    """The rendered files are those of the profile, and nobody edited them."""
    if system.deployment is None:
        return
    render = f"orthgen render {system.profile}{system.target_option}"
    if not (system.folder / MANIFEST).is_file():
        yield Fact(CheckStatus.ERROR, f"`{system.folder}` is not rendered", f"run `{render}`")
        return
    try:
        artifacts = render_profile(system.profile, system.deployment.target, folder=system.folder).artifacts
        provenance = Provenance.of(system.deployment, system.profile, system.folder)
        changes = plan(artifacts, system.folder, provenance).changes
    except OrthgenError as error:
        yield Fact(CheckStatus.ERROR, error.message, error.hint or f"run `orthgen validate {system.profile}`")
        return
    edited = [change.path for change in changes if change.is_edited]
    outdated = [change.path for change in changes if not change.is_edited and change.path != MANIFEST]
    if edited:
        remedy = f"put the change into the profile, then `{render} --force`; `{render} --diff` shows it"
        yield Fact(CheckStatus.WARNING, f"{_named(edited)} edited after the last render", remedy)
    if outdated:
        remedy = f"run `{render}`, then `docker compose --project-directory {system.folder} up --wait`"
        yield Fact(CheckStatus.WARNING, f"{_named(outdated)} older than the profile", remedy)
    closed = [artifact.path for artifact in artifacts if _is_closed(artifact, system.folder)]
    if closed:
        folders = " ".join(sorted({str(system.folder / Path(path).parts[0]) for path in closed}))
        message = f"{_named(closed)} closed to the users of the containers"
        yield Fact(CheckStatus.ERROR, message, f"`chmod -R a+rX {folders}`")
    if not edited and not outdated and not closed:
        yield Fact(CheckStatus.OK, f"the files in `{system.folder}` are those of the profile")


def _is_closed(artifact: Artifact, folder: Path) -> bool:
    """Whether the mode of a file in a container, or of a folder above it, keeps other users from reading it."""
    inside = Path(artifact.path)
    # Folders at the top are those of the services, and of the secrets, which have an examination of their own.
    if len(inside.parts) == 1 or inside.parts[0] in PRIVATE_FOLDERS or not (folder / inside).is_file():
        return False
    above = [folder / parent for parent in inside.parents if parent.parts]
    return not (folder / inside).stat().st_mode & stat.S_IROTH or not all(
        path.stat().st_mode & stat.S_IXOTH for path in above
    )


def _named(paths: list[str]) -> str:
    """The first paths, and how many more there are, with the verb."""
    names = ", ".join(f"`{path}`" for path in paths[:_MAX_NAMED_FILES])
    more = f" and {len(paths) - _MAX_NAMED_FILES} more files" if len(paths) > _MAX_NAMED_FILES else ""
    return f"{names}{more} {'is' if len(paths) == 1 else 'are'}"


def secrets(system: ExaminedSystem) -> Iterator[Fact]:
    """Each secret is in its file, and the containers' user alone can read it."""
    if system.deployment is None:
        return
    folder = system.folder / "secrets"
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        yield Fact(CheckStatus.UNKNOWN, f"this user cannot read `{folder}`", "run the command with sudo")
        return
    missing = [secret for secret in system.deployment.secrets if not (folder / secret.name).is_file()]
    for secret in missing:
        made = f"run `orthgen secrets {system.profile}`"
        remedy = (
            made
            if secret.origin == "made"
            else f"write its value into the file; {folder / 'README.md'} says how"
        )
        yield Fact(CheckStatus.ERROR, f"`{folder / secret.name}` is missing: {secret.purpose}", remedy)
    problems = find_problems(mounted_secrets(system.deployment, system.folder))
    for problem in problems:
        yield Fact(CheckStatus.ERROR, f"`{problem.path}` {problem.message}", problem.remedy)
    if not missing and not problems:
        yield Fact(
            CheckStatus.OK,
            f"{len(system.deployment.secrets)} secrets are there, with the right owner and mode",
        )
