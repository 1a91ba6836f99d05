"""Run a program of a Debian folder as a container would: files mounted where it looks for them, nothing kept.

There is no container engine where the tests run. The kernel's own tools do what matters here: an overlay in memory
takes every write, so the folder stays as it was installed; files and folders are bound at the paths that the
rendered configuration names; the root may be read-only and capabilities dropped, as the Compose file says.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.real.parts import command

_DEFAULT_CAPABILITIES = [
    "chown",
    "dac_override",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "net_bind_service",
    "net_raw",
    "sys_chroot",
    "mknod",
    "audit_write",
    "setfcap",
]
"""What a container engine leaves to a container that says nothing."""


@dataclass(frozen=True)
class Confinement:
    """What a Compose service may do: `read_only`, `tmpfs`, `cap_drop`, `cap_add`, `user`."""

    read_only: bool = False
    tmpfs: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = field(default=tuple(_DEFAULT_CAPABILITIES))
    user: str | None = None

    @classmethod
    def of_service(cls, service: Mapping[str, object]) -> Confinement:
        """Read it from a service of a parsed Compose file (or of `docker compose config`)."""
        dropped = {_capability(name) for name in _words(service.get("cap_drop"))}
        kept = [] if "all" in dropped else [name for name in _DEFAULT_CAPABILITIES if name not in dropped]
        added = [_capability(name) for name in _words(service.get("cap_add"))]
        user = service.get("user")
        return cls(
            read_only=bool(service.get("read_only")),
            tmpfs=tuple(_words(service.get("tmpfs"))),
            capabilities=tuple(dict.fromkeys([*kept, *added])),
            user=str(user) if user is not None else None,
        )


def _words(value: object) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _capability(name: str) -> str:
    return name.lower().removeprefix("cap_")


@dataclass(frozen=True)
class Mount:
    """A file or folder of ours, seen by the program at another path."""

    source: Path
    writable: bool = False


def command_line(
    root: Path,
    argv: Sequence[str],
    *,
    work: Path,
    mounts: Mapping[str, Path | Mount] | None = None,
    confinement: Confinement | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """The command line that runs `argv` inside `root`; `work` is an empty folder to mount things in."""
    work.mkdir(parents=True, exist_ok=True)
    confined = confinement or Confinement()
    inside = _inside(argv, confined, environment or {})
    script = _script(root, inside, work, mounts or {}, confined)
    return [
        command("unshare"),
        *("--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"),
        *("sh", "-euc", script),
    ]


def _script(
    root: Path,
    argv: Sequence[str],
    work: Path,
    mounts: Mapping[str, Path | Mount],
    confinement: Confinement,
) -> str:
    top = work / "root"
    quoted = {"work": shlex.quote(str(work)), "root": shlex.quote(str(root)), "top": shlex.quote(str(top))}
    lines = [
        # In memory, because an overlay cannot always lie on the file system of the machine, which may be one itself.
        "mount -t tmpfs -o mode=0755 tmpfs {work}",
        "mkdir {work}/upper {work}/scratch {top}",
        "mount -t overlay -o lowerdir={root},upperdir={work}/upper,workdir={work}/scratch overlay {top}",
        "mount -t proc proc {top}/proc",
        "mount --rbind /dev {top}/dev",
    ]
    lines = [line.format(**quoted) for line in lines]
    places = _tmpfs_lines(top, confinement.tmpfs)
    for target, mount in {"/etc/hosts": Path("/etc/hosts"), **mounts}.items():
        places[target] = _bind(top, target, mount if isinstance(mount, Mount) else Mount(mount))
    # Sorted, so that a folder is mounted before what is inside it, as an engine does.
    for target in sorted(places):
        lines += places[target]
    if confinement.read_only:
        lines.append(f"mount -o remount,ro,bind {quoted['top']}")
    lines.append("exec " + shlex.join(["chroot", str(top), *argv]))
    return "\n".join(lines)


def _tmpfs_lines(top: Path, entries: Sequence[str]) -> dict[str, list[str]]:
    """Mount each `path[:options]` of a Compose file; the lines by path."""
    lines = {}
    for entry in entries:
        path, _, options = entry.partition(":")
        target = shlex.quote(f"{top}{path}")
        # As an engine does it: writable for everybody unless the entry says otherwise.
        lines[path] = [f"mkdir -p {target}", f"mount -t tmpfs -o {options or 'mode=1777'} tmpfs {target}"]
    return lines


def _bind(top: Path, target: str, mount: Mount) -> list[str]:
    source, place = shlex.quote(str(mount.source.resolve())), shlex.quote(f"{top}{target}")
    folder = shlex.quote(str(Path(f"{top}{target}").parent))
    make = (
        f"mkdir -p {place}"
        if mount.source.is_dir()
        else f"mkdir -p {folder}; [ -e {place} ] || touch {place}"
    )
    lines = [make, f"mount --bind {source} {place}"]
    if not mount.writable:
        lines.append(f"mount -o remount,ro,bind {place}")
    return lines


def _inside(argv: Sequence[str], confinement: Confinement, environment: Mapping[str, str]) -> list[str]:
    variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", **environment}
    user: list[str] = []
    if confinement.user is not None:
        name, _, group = confinement.user.partition(":")
        user = ["--reuid", name, "--regid", group or "0", "--clear-groups"]
    capabilities = ",".join(["-all", *(f"+{name}" for name in confinement.capabilities)])
    return [
        *("env", "-i", *(f"{name}={value}" for name, value in variables.items())),
        *("setpriv", "--no-new-privs", "--inh-caps=-all", f"--bounding-set={capabilities}"),
        *user,
        *("--", *argv),
    ]
