"""The name server that containers ask in the tests: whatever it is sent, it answers the next question."""

from __future__ import annotations

import signal
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.real import names
from tests.support.real.network import Network, run
from tests.support.real.process import Program

ADDRESS, ASKER = "127.0.0.53", "10.203.9.9"
QUESTION = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + b"\x07archive\x00" + struct.pack("!HH", 1, 1)


@pytest.fixture
def server(network: Network, tmp_path: Path) -> Iterator[Program]:  # noqa: ARG001 - inside of it
    """A name server that knows `archive`."""
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.1 archive\n", encoding="ascii")
    with Program(
        [sys.executable, "-I", names.__file__, str(hosts), ADDRESS], log=tmp_path / "names.log"
    ) as program:
        program.wait_until(lambda: answer(0.1) is not None, seconds=30, what="the name server")
        yield program


def answer(seconds: float) -> str | None:
    """The address of `archive` as the server tells it; None where it does not answer in time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(seconds)
        try:
            asker.sendto(QUESTION, (ADDRESS, 53))
            return socket.inet_ntoa(asker.recv(512)[-4:])
        except OSError:
            return None


@pytest.mark.parametrize("packet", [b"", b"\0", QUESTION[:12], QUESTION[:15], QUESTION[:13] + b"\xff" * 9])
def test_it_outlives_what_is_no_question(server: Program, packet: bytes) -> None:
    """Empty, cut off, or with a name that is no text."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.sendto(packet, (ADDRESS, 53))

    assert (answer(5), server.is_running()) == ("192.0.2.1", True)


def test_it_outlives_an_asker_that_is_gone_before_the_answer(server: Program) -> None:
    """A container that was removed: there is no way to it any more."""
    run("ip", "address", "add", f"{ASKER}/32", "dev", "lo")
    server.signal(signal.SIGSTOP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.bind((ASKER, 0))
        asker.sendto(QUESTION, (ADDRESS, 53))
    run("ip", "address", "delete", f"{ASKER}/32", "dev", "lo")
    server.signal(signal.SIGCONT)

    assert (answer(5), server.is_running()) == ("192.0.2.1", True)
