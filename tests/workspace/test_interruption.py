"""
A change of the output folder that is ended or fails at one of its steps loses nothing and leaves nothing half done.

Here at some of the steps; tests/real/test_output_folder.py takes every one, and kills real processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.output_folder import end_at_every_step, end_recovery_at_every_step, fail_at_every_step

if TYPE_CHECKING:
    from pathlib import Path


def test_ended_at_a_step_the_old_or_the_new_deployment_is_there(tmp_path: Path) -> None:
    """The next run completes or undoes what was begun, and every file that is not ours is where it was."""
    assert end_at_every_step(tmp_path, stride=4) > 40


def test_a_step_that_fails_is_undone_or_completed_by_the_next_run(tmp_path: Path) -> None:
    """Before the commit nothing was changed; after it, what is left is said, and goes with the next run."""
    assert fail_at_every_step(tmp_path, stride=5) > 40


def test_a_recovery_that_is_ended_as_well_mixes_nothing(tmp_path: Path) -> None:
    """The run after two that were killed finds the old or the new deployment, never files of both."""
    assert end_recovery_at_every_step(tmp_path, stride=14) > 20
