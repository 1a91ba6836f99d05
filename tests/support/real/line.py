"""
A line between the tests and nginx's host with a delay and a rate, as between a person's browser and the hospital.

Linux delays packets by netem, which is a kernel module that not every machine has. Here a process (`relay`) reads each
packet of one end from a TUN device, holds it back, and writes it to the other end. TCP runs from end to end: its
handshake, its slow start and the windows of HTTP/2 take the time that they take on a real line.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.real import relay
from tests.support.real.network import on_gateway, run
from tests.support.real.process import Program

NEAR = "10.204.0.1"
FAR = "10.204.0.2"
"""nginx's host, as it is reached over the line."""


@contextmanager
def line(folder: Path, *, milliseconds: int, megabits: float) -> Iterator[str]:
    """Lay a line to nginx's host; its address over the line. Both directions have the rate, a round trip the delay."""
    argv = [sys.executable, "-I", relay.__file__, str(milliseconds / 2000), str(megabits * 1e6 / 8)]
    program = Program(argv, log=folder / f"line-{time.monotonic_ns()}.log")
    try:
        program.wait_until(lambda: "ready" in program.text(), seconds=15, what="the line")
        run("ip", "link", "set", relay.FAR_DEVICE, "netns", "gateway")
        run("ip", "address", "add", NEAR, "peer", FAR, "dev", relay.NEAR_DEVICE)
        run("ip", "link", "set", relay.NEAR_DEVICE, "up")
        run(*on_gateway("ip", "address", "add", FAR, "peer", NEAR, "dev", relay.FAR_DEVICE))
        run(*on_gateway("ip", "link", "set", relay.FAR_DEVICE, "up"))
        yield FAR
    finally:
        program.stop()
