"""A name server as a container engine has one, at 127.0.0.11, answering from a file of names.

nginx asks it for its services when the configuration says `resolver 127.0.0.11`. Run as a program on nginx's host:
`python names.py HOSTS_FILE`. A container engine's own name server asks it, too, at the address that follows the file.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from pathlib import Path

_TYPE_A = 1
_NAME_ERROR = 3


def question(packet: bytes) -> tuple[str, int, int]:
    """The name asked for, the type asked for, and where the question ends."""
    labels, place = [], 12
    while length := packet[place]:
        labels.append(packet[place + 1 : place + 1 + length].decode())
        place += 1 + length
    kind = struct.unpack_from("!H", packet, place + 1)[0]
    return ".".join(labels).lower(), kind, place + 5


def reply(packet: bytes, hosts: str) -> bytes:
    """The answer to one question."""
    name, kind, end = question(packet)
    address = next((line.split()[0] for line in hosts.splitlines() if name in line.split()[1:]), None)
    code = 0 if address else _NAME_ERROR
    answers = 1 if address and kind == _TYPE_A else 0
    head = packet[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, answers, 0, 0) + packet[12:end]
    if not answers:
        return head
    # The name is said by pointing at the question; the answer is good for a second.
    return head + struct.pack("!HHHIH", 0xC00C, _TYPE_A, 1, 1, 4) + socket.inet_aton(str(address))


def main(hosts_file: Path, address: str = "127.0.0.11") -> None:
    """Answer at an address until killed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        while True:
            packet, sender = server.recvfrom(512)
            # A name server outlives what is no question, and an asker that is gone before the answer.
            with contextlib.suppress(IndexError, ValueError, struct.error, OSError):
                server.sendto(reply(packet, hosts_file.read_text(encoding="ascii")), sender)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
