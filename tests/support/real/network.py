"""A network of the tests' own, with names as a deployment has them, and no way out.

`enter` moves the test process (its main thread, and every thread and process started from then on) into a network
and a mount namespace of its own: ports 80, 443 and 8042 are free, `/etc/hosts` is ours, no packet leaves the
machine, and the kernel removes everything when the process ends.

nginx gets a host of its own behind a virtual cable, because it listens on port 80 of every address, as one of the
services behind it does too.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.real.parts import command

_CLONE_NEWNS = 0x00020000
_CLONE_NEWNET = 0x40000000

ROUTER = "10.203.0.1"
GATEWAY = "10.203.0.2"
"""Where nginx answers; the public host names of a deployment point here."""


def run(*argv: str | Path) -> str:
    """Run a command of the system that has to succeed, and return what it prints."""
    done = subprocess.run([str(part) for part in argv], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, argv))}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


@dataclass
class Network:
    """Names and addresses of the tests' own network."""

    hosts_file: Path
    _addresses: dict[str, str] = field(default_factory=dict)

    def point(self, name: str, address: str) -> None:
        """Make a name lead to an address, for every process of the tests."""
        self._addresses[name] = address
        # The machine's own name, too: a Java program that asks for its address would not start without.
        lines = [
            f"127.0.0.1 localhost {socket.gethostname()}",
            *(f"{to} {name}" for name, to in self._addresses.items()),
        ]
        # Written in place: the file is mounted over /etc/hosts, and a new file would not be. Never empty meanwhile, because
        # servers and containers ask all the time.
        self.hosts_file.touch()
        with self.hosts_file.open("r+", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
            file.truncate()

    def service(self, name: str) -> str:
        """The address of a service behind nginx (`orthanc`, `keycloak`), given at the first call."""
        if name not in self._addresses:
            address = f"10.203.1.{len(self._addresses) + 1}"
            run("ip", "address", "add", f"{address}/32", "dev", "lo")
            self.point(name, address)
        return self._addresses[name]

    def publish(self, name: str) -> str:
        """Make a public host name lead to nginx, as the institution's name server would."""
        self.point(name, GATEWAY)
        return GATEWAY


def enter(folder: Path) -> Network:
    """Move this process into namespaces of its own; `folder` keeps the file of names."""
    if os.geteuid() != 0:
        raise RuntimeError("tests/real needs root for namespaces and chroot; `./check fast` does not")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS | _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no namespaces of our own")
    run("mount", "--make-rprivate", "/")
    run("ip", "link", "set", "lo", "up")
    network = Network(folder / "hosts")
    network.point("localhost.localdomain", "127.0.0.1")
    run("mount", "--bind", network.hosts_file, "/etc/hosts")
    # The names of hosts are kept under /run, which is private too, so nothing of them is seen outside.
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    add_host("gateway", ROUTER, GATEWAY)
    # As in a container: a user that is not root may listen on port 80.
    run(*on_gateway("sh", "-c", "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start"))
    return network


def add_host(name: str, router: str, address: str) -> None:
    """Add a host at `address`, one hop away; `router` is the address of this side of the cable."""
    run("ip", "netns", "add", name)
    run("ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
    run("ip", "address", "add", f"{router}/24", "dev", f"to-{name}")
    run("ip", "link", "set", f"to-{name}", "up")
    inside = ("ip", "-n", name)
    run(*inside, "address", "add", f"{address}/24", "dev", "eth0")
    run(*inside, "link", "set", "lo", "up")
    run(*inside, "link", "set", "eth0", "up")
    run(*inside, "route", "add", "default", "via", router)


def remove_host(name: str) -> None:
    """Remove a host that `add_host` has added, and its cable."""
    run("ip", "link", "delete", f"to-{name}")
    run("ip", "netns", "delete", name)


def on_host(name: str, *argv: str) -> list[str]:
    """The command line that runs a program on a host."""
    return [command("nsenter"), f"--net=/run/netns/{name}", "--", *argv]


def on_gateway(*argv: str) -> list[str]:
    """The command line that runs a program on nginx's host."""
    return on_host("gateway", *argv)
