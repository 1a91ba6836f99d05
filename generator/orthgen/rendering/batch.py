"""
Batch rendering of many profiles: one job each, in parallel processes.

A job's outcome is data that travels between processes: what changed, or the error with its facts.
"""

from __future__ import annotations

import os
import sys
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.errors import OrthgenError, Refused
from orthgen.rendering.pipeline import render_profile
from orthgen.upgrade.plan import upgrade_steps
from orthgen.workspace.apply import apply
from orthgen.workspace.plan import plan
from orthgen.workspace.provenance import Consent, Provenance, objections
from orthgen.workspace.recovery import recover

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from orthgen.deployment.model import Deployment
    from orthgen.findings import Finding
    from orthgen.workspace.plan import FileChange, FilePlan
    from orthgen.workspace.provenance import Objection

# Below this many profiles, starting other processes costs more than it saves.
_WORTH_SHARING = 8


class RenderJob(Struct, frozen=True):
    """A profile, its output folder, and whether to write."""

    profile: str
    folder: Path
    target: str | None
    write: bool
    force: bool
    consents: frozenset[Consent] = frozenset()
    """What may happen to the deployment that is there."""


class RenderStatus(Enum):
    """The result of a job, the better first."""

    DONE = 0
    OUT_OF_DATE = 1
    REFUSED = 2
    FAILED = 3


class RenderOutcome(Struct, frozen=True):
    """The outcome of a job, planned or done; `error` is the reason of a failure."""

    job: RenderJob
    status: RenderStatus
    changes: tuple[FileChange, ...] = ()
    files: int = 0
    warnings: tuple[Finding, ...] = ()
    texts: dict[str, str] | None = None
    notes: tuple[str, ...] = ()
    """What stands against writing, where nothing was to be written."""
    saved: tuple[str, ...] = ()
    """Files that were put beside a new one of the same name, since they changed while the deployment did."""
    error: OrthgenError | None = None
    provenance: Provenance | None = None
    """What the deployment is, where it was resolved."""


def run_jobs(jobs: Sequence[RenderJob]) -> Iterator[RenderOutcome]:
    """The outcome of each job, in their order, as they come."""
    if len(jobs) < _WORTH_SHARING or (os.cpu_count() or 1) < 2:
        for job in jobs:  # never `map`: a StopIteration inside a job would end it as if the jobs were done
            yield run_job(job)
        return
    # The first one here: what it imports and compiles is then shared with the forked processes.
    yield run_job(jobs[0])
    yield from _run_in_parallel(jobs[1:])


def _run_in_parallel(jobs: Sequence[RenderJob]) -> Iterator[RenderOutcome]:
    # 30 ms, for nothing where few profiles are rendered.
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415
    from multiprocessing import get_context  # noqa: PLC0415

    method = "fork" if sys.platform == "linux" else "spawn"
    done = 0
    try:
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context(method)) as pool:
            outcomes = pool.map(run_job, jobs, chunksize=max(1, min(16, len(jobs) // 8)))
            for _, outcome in zip(jobs, outcomes, strict=True):
                yield outcome
                done += 1
    except BrokenProcessPool as error:
        raise OrthgenError(
            f"a process that rendered was ended from outside; {len(jobs) - done} profiles may not be rendered",
            hint="run the command again, with fewer profiles where memory is short",
        ) from error


def run_job(job: RenderJob) -> RenderOutcome:
    """Render one profile and, if asked to, write it."""
    try:
        rendered = render_profile(job.profile, job.target, folder=job.folder)
        saved = recover(job.folder).saved if job.write else []
        provenance = Provenance.of(rendered.deployment, job.profile, job.folder)
        file_plan = plan(rendered.artifacts, job.folder, provenance)
        against = _objections(job, file_plan, rendered.deployment)
    except OrthgenError as error:
        return RenderOutcome(job, RenderStatus.FAILED, error=error)
    facts = {
        "changes": file_plan.changes,
        "files": len(rendered.artifacts),
        "provenance": provenance,
        "warnings": rendered.warnings,
        "texts": rendered.loaded.sources.texts if rendered.warnings else None,
    }
    if not job.write:
        status = RenderStatus.OUT_OF_DATE if file_plan.changes else RenderStatus.DONE
        notes = tuple(objection.message for objection in against)
        return RenderOutcome(job, status, **facts, notes=notes)  # type: ignore[arg-type]
    if against:
        refused = Refused(against[0].message, [], hint=against[0].hint)
        return RenderOutcome(
            job,
            RenderStatus.REFUSED,
            warnings=rendered.warnings,
            texts=rendered.loaded.sources.texts,
            error=refused,
        )
    if file_plan.edited and not job.force:
        return RenderOutcome(job, RenderStatus.REFUSED, **facts, error=_refusal(job, file_plan.edited))  # type: ignore[arg-type]
    try:
        saved = [*saved, *apply(file_plan).saved]
    except OrthgenError as error:
        return RenderOutcome(job, RenderStatus.FAILED, error=error)
    return RenderOutcome(job, RenderStatus.DONE, **facts, saved=tuple(map(str, saved)))  # type: ignore[arg-type]


def _objections(job: RenderJob, file_plan: FilePlan, deployment: Deployment) -> list[Objection]:
    before, now = file_plan.before, file_plan.provenance
    if before is None or now is None:
        return []
    steps = upgrade_steps(before.release, deployment)
    all_objections = objections(before, now, job.folder, len(steps))
    return [objection for objection in all_objections if objection.consent not in job.consents]


def _refusal(job: RenderJob, edited: Sequence[FileChange]) -> Refused:
    return Refused(
        f"files in `{job.folder}` were edited since they were rendered; nothing was written",
        [change.path for change in edited],
        hint="put the change into the profile, or overwrite the files with `--force`; `--diff` shows the difference",
    )
