"""Checks of the deployment's folder: rendered files that are current and unedited, secrets with their owner and mode."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from orthgen.doctor.model import Fact, Status, Subject
from orthgen.errors import OrthgenError
from orthgen.rendering.pipeline import render_profile
from orthgen.targets.services.composition import mounted_secrets
from orthgen.workspace.manifest import MANIFEST
from orthgen.workspace.plan import plan
from orthgen.workspace.provenance import Provenance
from orthgen.workspace.secret_checks import find_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_NAMED_FILES = 3


def files(subject: Subject) -> Iterator[Fact]:
    """The rendered files are those of the profile, and nobody edited them."""
    if subject.deployment is None:
        return
    render = f"orthgen render {subject.profile}"
    if not (subject.folder / MANIFEST).is_file():
        yield Fact(Status.ERROR, f"`{subject.folder}` is not rendered", f"run `{render}`")
        return
    try:
        artifacts = render_profile(subject.profile, folder=subject.folder).artifacts
        provenance = Provenance.of(subject.deployment, subject.profile, subject.folder)
        changes = plan(artifacts, subject.folder, provenance).changes
    except OrthgenError as error:
        yield Fact(Status.ERROR, error.message, error.hint or f"run `orthgen validate {subject.profile}`")
        return
    edited = [change.path for change in changes if change.is_edited]
    outdated = [change.path for change in changes if not change.is_edited and change.path != MANIFEST]
    if edited:
        remedy = f"put the change into the profile, then `{render} --force`; `{render} --diff` shows it"
        yield Fact(Status.WARNING, f"{_named(edited)} edited after the last render", remedy)
    if outdated:
        remedy = f"run `{render}`, then `docker compose --project-directory {subject.folder} up --wait`"
        yield Fact(Status.WARNING, f"{_named(outdated)} older than the profile", remedy)
    if not edited and not outdated:
        yield Fact(Status.OK, f"the files in `{subject.folder}` are those of the profile")


def _named(paths: list[str]) -> str:
    """The first paths, and how many more there are, with the verb."""
    names = ", ".join(f"`{path}`" for path in paths[:_MAX_NAMED_FILES])
    more = f" and {len(paths) - _MAX_NAMED_FILES} more files" if len(paths) > _MAX_NAMED_FILES else ""
    return f"{names}{more} {'is' if len(paths) == 1 else 'are'}"


def secrets(subject: Subject) -> Iterator[Fact]:
    """Each secret is in its file, and the containers' user alone can read it."""
    if subject.deployment is None:
        return
    folder = subject.folder / "secrets"
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        yield Fact(Status.UNKNOWN, f"this user cannot read `{folder}`", "run the command with sudo")
        return
    missing = [secret for secret in subject.deployment.secrets if not (folder / secret.name).is_file()]
    for secret in missing:
        made = f"run `orthgen secrets {subject.profile}`"
        remedy = (
            made
            if secret.origin == "made"
            else f"write its value into the file; {folder / 'README.md'} says how"
        )
        yield Fact(Status.ERROR, f"`{folder / secret.name}` is missing: {secret.purpose}", remedy)
    problems = find_problems(mounted_secrets(subject.deployment, subject.folder))
    for problem in problems:
        yield Fact(Status.ERROR, f"`{problem.path}` {problem.message}", problem.remedy)
    if not missing and not problems:
        yield Fact(
            Status.OK, f"{len(subject.deployment.secrets)} secrets are there, with the right owner and mode"
        )
