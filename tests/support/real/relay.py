"""The program that passes packets between both ends of a line: `python relay.py SECONDS BYTES_PER_SECOND`."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import sys
import time
from collections import deque
from dataclasses import dataclass, field

NEAR_DEVICE, FAR_DEVICE = "line0", "line1"
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_MAX_PACKET = 2048
_QUEUE_SECONDS = 0.1
"""A router at the line's beginning keeps packets for so long, and drops those that come when its memory is full."""


@dataclass
class _Direction:
    """Packets on their way from one device to the other."""

    source: int
    target: int
    delay: float
    rate: float
    """Bytes a second."""
    free: float = 0.0
    """When the last packet will have been sent."""
    waiting: deque[tuple[float, bytes]] = field(default_factory=deque)

    def receive(self, now: float) -> None:
        """Take packets until there is none."""
        while True:
            try:
                packet = os.read(self.source, _MAX_PACKET)
            except BlockingIOError:
                return
            self.free = max(self.free, now)
            if self.free - now < _QUEUE_SECONDS:
                self.free += len(packet) / self.rate
                self.waiting.append((self.free + self.delay, packet))

    def deliver(self, now: float) -> None:
        """Give the packets that have arrived to the other end."""
        while self.waiting and self.waiting[0][0] <= now:
            try:
                os.write(self.target, self.waiting.popleft()[1])
            except OSError:
                # The other end is not up yet; a packet is lost.
                continue


def _device(name: str) -> int:
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return descriptor


def _relay(delay: float, rate: float) -> None:
    """Pass packets between two new devices for ever."""
    near, far = _device(NEAR_DEVICE), _device(FAR_DEVICE)
    directions = (_Direction(near, far, delay, rate), _Direction(far, near, delay, rate))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        now = time.monotonic()
        for direction in directions:
            direction.deliver(now)
        due = [direction.waiting[0][0] for direction in directions if direction.waiting]
        ready = select.select([near, far], [], [], max(0.0, min(due) - now) if due else None)[0]
        now = time.monotonic()
        for direction in directions:
            if direction.source in ready:
                direction.receive(now)


if __name__ == "__main__":
    _relay(float(sys.argv[1]), float(sys.argv[2]))
