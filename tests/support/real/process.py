"""A program that a test starts, watches and is sure to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.support.real.parts import command


class NotReadyError(RuntimeError):
    """A program ended, or did not become ready in time; the message carries the end of its log."""


class Program:
    """A running program with its log in a file.

    The kernel kills it when the test process dies, however that happens. (It watches the thread that started the
    program, so programs are started from the main thread.)
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            # An engine gives a container's user its output stream; nginx opens it again by name as /dev/stdout.
            log.chmod(0o666)
            self._process = subprocess.Popen(
                [command("setpriv"), "--pdeathsig", "KILL", *argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=None if environment is None else dict(environment),
                cwd=folder,
                # A group of its own, so that all of it can be signalled at once.
                start_new_session=True,
            )

    def text(self) -> str:
        """All that the program has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        """The process that was started; its descendants share its group."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._status() is None

    def _status(self) -> int | None:
        """
        The exit status, negative for a signal; None while it runs.

        The kernel keeps the number of an ended process until somebody takes its status, which `stop` does at last. Numbers
        come again within minutes: a signal to one that was given back would reach another program.
        """
        if self._process.returncode is None:
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return None
            return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        return self._process.returncode

    def wait_until(self, is_ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Wait for a sign of readiness; fail with the log when the program ends or time runs out."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_running():
                raise NotReadyError(f"{what} ended with {self._status()}:\n{self._tail()}")
            if time.monotonic() > deadline:
                raise NotReadyError(f"{what} is not ready after {seconds:.0f} s:\n{self._tail()}")
            time.sleep(0.02)

    def wait(self, seconds: float) -> int:
        """Wait until it ends, and return its exit status; subprocess.TimeoutExpired where it does not."""
        deadline = time.monotonic() + seconds
        while (status := self._status()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self._process.args, seconds)
            time.sleep(0.02)
        return status

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program and all that it has started."""
        if self.is_running():
            os.killpg(self.pid, number)

    def stop(self, *, politely: float = 0) -> int:
        """
        Stop it and all that it has started, first politely for so many seconds if asked; return its exit status.

        Stopped twice is stopped once.
        """
        if self._process.returncode is not None:
            return self._process.returncode
        if politely:
            self.signal(signal.SIGTERM)
            self._wait_for_all(politely)
        if group_members(self.pid):
            os.killpg(self.pid, signal.SIGKILL)
        # A process ends a little later than it is killed, and the next program needs its ports.
        self._wait_for_all(30)
        return self._process.wait()

    def _wait_for_all(self, seconds: float) -> None:
        """Wait until it and all that it has started have ended, for so long at the most."""
        deadline = time.monotonic() + seconds
        while group_members(self.pid) and time.monotonic() < deadline:
            time.sleep(0.02)

    def _tail(self) -> str:
        return "\n".join(self.text().splitlines()[-40:])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def group_members(leader: int) -> list[int]:
    """The processes of the group that a program was started in, which have not ended yet."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                # After the name, which may hold blanks and brackets: state, parent, group, and later the number of threads.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            state, _, group = fields[:3]
            # The first thread may end before the others, which hold the ports until they end too.
            has_ended = state in "ZX" and int(fields[17]) <= 1
            if int(group) == leader and not has_ended:
                members.append(int(entry.name))
    return members
