"""Programs that tests start: when one counts as ended."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.real.process import Program, group_members

_FIRST_THREAD_ENDS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=[60]).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_program_runs_until_its_last_thread_has_ended(tmp_path: Path) -> None:
    """The kernel shows a program as ended when its first thread is; the others still hold its ports."""
    with Program([sys.executable, "-c", _FIRST_THREAD_ENDS], log=tmp_path / "log") as program:
        program.wait_until(lambda: _state(program.pid) == "Z", seconds=30, what="the first thread to end")
        assert group_members(program.pid) == [program.pid]
        assert program.is_running()

        program.stop()
        assert group_members(program.pid) == []


def _state(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
