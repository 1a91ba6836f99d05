"""A deployment's folder with files that are not ours in it, and what has to be true of it after an interruption."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.errors import OrthgenError
from orthgen.products.artifact import Artifact
from orthgen.workspace.apply import apply
from orthgen.workspace.manifest import MANIFEST
from orthgen.workspace.plan import plan
from orthgen.workspace.recovery import recover
from tests.support.interruption import Killed, interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

OLD = (
    Artifact("compose.yml", "old\n"),
    Artifact("nginx/gone", "old\n"),
    Artifact("secrets/README.md", "same\n"),
)
NEW = (
    Artifact("compose.yml", "new\n"),
    Artifact("orthanc/made", "new\n"),
    Artifact("secrets/README.md", "same\n"),
)
THEIRS = {"secrets/password": "x", ".env": "y", "data/disk": "z", "nginx/theirs": "t", "empty": None}
_OURS = {artifact.path for artifact in (*OLD, *NEW)}


def files(folder: Path) -> dict[str, str | None]:
    """Every file below `folder` and every empty folder, without the manifest."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.name != Path(MANIFEST).name and (path.is_file() or not any(path.iterdir()))
    }


def whole(artifacts: tuple[Artifact, ...]) -> dict[str, str | None]:
    """The folder as it has to be: one deployment, and whatever else was there."""
    return {artifact.path: artifact.text for artifact in artifacts} | THEIRS


def begin(folder: Path) -> None:
    """The old deployment, with files and folders that are not ours."""
    apply(plan(OLD, folder))
    for name, text in THEIRS.items():
        path = folder / name
        if text is None:
            path.mkdir()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)


def _attempts(place: Path, failure: Callable[[], BaseException], stride: int) -> int:
    """Interrupt the change at every step, or at every so many; how many steps there are."""
    begin(place / "old" / "deployment")
    for step in itertools.count(0, stride):
        folder = place / str(step) / "deployment"
        shutil.copytree(place / "old", folder.parent, copy_function=shutil.copy)
        try:
            with interrupted(step, failure()) as interruption:
                apply(plan(NEW, folder))
        except (Killed, OrthgenError) as error:
            _check_left(folder, error)
        recover(folder)
        assert files(folder) in [whole(OLD), whole(NEW)], step
        assert [path.name for path in folder.parent.iterdir()] == ["deployment"], step
        if not interruption.happened:
            assert files(folder) == whole(NEW)
            return step
    raise AssertionError


def end_recovery_at_every_step(place: Path, *, stride: int = 1) -> int:
    """Kill the process at every step, and the run that recovers from it at each of its own; how many pairs there are."""
    begin(place / "old" / "deployment")
    pairs = 0
    for step in itertools.count(0, stride):
        for second_step in itertools.count():
            folder = place / f"{step}-{second_step}" / "deployment"
            shutil.copytree(place / "old", folder.parent, copy_function=shutil.copy)
            with suppress(Killed), interrupted(step, Killed()) as first:
                apply(plan(NEW, folder))
            if not first.happened:
                return pairs
            with suppress(Killed), interrupted(second_step, Killed()) as second:
                recover(folder)
            recover(folder)
            assert files(folder) in [whole(OLD), whole(NEW)], (step, second_step)
            assert [path.name for path in folder.parent.iterdir()] == ["deployment"], (step, second_step)
            shutil.rmtree(folder.parent)
            if not second.happened:
                break
            pairs += 1
    raise AssertionError


def _check_left(folder: Path, error: BaseException) -> None:
    """Ours is of one deployment. A run that could say so said which."""
    there = {path: text for path, text in files(folder).items() if path in _OURS} if folder.exists() else {}
    states = [{item.path: item.text for item in items} for items in (OLD, NEW)]
    assert there in states or (isinstance(error, Killed) and not folder.exists())
    if isinstance(error, OrthgenError):
        is_new = there == states[1]
        assert ("is complete, but" in error.message) or not is_new, error.message


def end_at_every_step(place: Path, *, stride: int = 1) -> int:
    """Kill the process at every step."""
    return _attempts(place, Killed, stride)


def fail_at_every_step(place: Path, *, stride: int = 1) -> int:
    """Let the disk be full at every step."""
    return _attempts(place, lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), stride)
