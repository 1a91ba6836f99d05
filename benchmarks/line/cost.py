"""What the guard costs: processor time of all servers for one request, and requests a second over many connections."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.line import studies
from benchmarks.line.clients import Caller
from benchmarks.line.deployed import HOST, Edge
from benchmarks.line.rows import Bench, Row
from tests.support.real import dicom
from tests.support.real.network import GATEWAY
from tests.support.real.process import Program

_ROUNDS = 7


def processor_time(bench: Bench) -> Iterator[Row]:
    """The guard's share of the processor time that nginx, Orthanc and PostgreSQL spend on a request."""
    series = studies.store(bench.deployed.archive, dicom.ct_series(20, 512))
    asked = {
        "a frame of 512 kB": series.frames * 3,
        "the metadata of 20 images": [f"{series.address}/metadata"] * 30,
        "a search for 20 instances": [f"{series.address}/instances?limit=100"] * 30,
    }
    programs = [bench.deployed.archive.program, *bench.deployed.database.programs]
    for what, paths in asked.items():
        # One after the other: Orthanc makes summaries at the first question, and refuses some of several first questions.
        Caller(bench.deployed.bare, GATEWAY).get_all(sorted(set(paths)), at_once=1)
        rounds = [
            (_spent(bench, bench.deployed.rendered, paths), _spent(bench, bench.deployed.bare, paths))
            for _ in range(_ROUNDS)
        ]
        before = sum(map(_seconds, programs))
        _spent(bench, bench.deployed.bare, paths)
        behind = (sum(map(_seconds, programs)) - before) / len(paths)
        guarded, bare = (median(each[side] for each in rounds) / len(paths) for side in (0, 1))
        note = f"nginx {guarded * 1e6:.0f} µs with the guard, {bare * 1e6:.0f} µs without; behind it {behind * 1e6:.0f} µs"
        yield Row(
            f"{what}: with the guard : without, all servers", (guarded + behind) / (bare + behind), 1.05, note
        )


def connections(bench: Bench) -> Iterator[Row]:
    """Small requests over 8 and 64 connections: through nginx, and straight to Orthanc."""
    for count in (8, 64):
        rates = [
            (_wrk(bench.deployed.archive.url, count), _wrk(_origin(bench), count))
            for _ in range(bench.rounds)
        ]
        direct, through = (median(pair[side] for pair in rates) for side in (0, 1))
        note = f"{direct:,.0f} a second straight, {through:,.0f} through nginx with TLS; no goal, wrk takes part of the processor"
        yield Row(
            f"requests over {count} connections, straight : through nginx", direct / through, None, note
        )


def _spent(bench: Bench, edge: Edge, paths: Sequence[str]) -> float:
    """The processor time of nginx for the requests."""
    before = _seconds(edge.nginx.program)
    Caller(edge, GATEWAY, bench.token).get_all(paths, at_once=8)
    return _seconds(edge.nginx.program) - before


def _origin(bench: Bench) -> str:
    # By the name: nginx ends a handshake that names no host of its own.
    return f"https://{HOST}:{bench.deployed.rendered.port}"


def _wrk(url: str, count: int) -> float:
    command = ["wrk", "-t1", f"-c{count}", "-d3s", f"{url}/tools/now"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text:
        raise RuntimeError(f"not all requests were answered: {text}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", text)[0])


def _seconds(program: Program) -> float:
    """The processor time of a program and all that it has started, so far."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
    return sum(_own_seconds(pid) for pid in parents if program.pid in _line_of(pid, parents))


def _line_of(pid: int, parents: Mapping[int, int]) -> Iterator[int]:
    """A process, its parent, and so on."""
    while pid:
        yield pid
        pid = parents.get(pid, 0)


def _own_seconds(pid: int) -> float:
    try:
        tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
    except OSError:
        return 0.0
