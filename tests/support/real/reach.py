"""Connections that can be made from inside a container, tried from its network namespace."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from socket import create_connection

Address = tuple[str, int]

_SECONDS = 2


def reachable(addresses: Iterable[Address]) -> list[Address]:
    """The addresses that take a connection."""
    tried = list(addresses)
    with ThreadPoolExecutor(max_workers=len(tried) or 1) as pool:
        return [address for address, open_ in zip(tried, pool.map(_takes, tried), strict=True) if open_]


def _takes(address: Address) -> bool:
    try:
        create_connection(address, timeout=_SECONDS).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    # Run in a container's namespace by `Engine.reachable_from`.
    sys.stdout.write(json.dumps(reachable([(host, port) for host, port in json.load(sys.stdin)])))
