"""
Frames a second with readers: `python -m benchmarks.readers [ROUNDS]`, as root, with the tests' real parts and `wrk` installed.

Real Orthancs (Debian) on one PostgreSQL, behind the rendered nginx: no reader, then 1, 2 and 4 of them. `wrk` asks for frames of a CT
with 32 connections. Each round begins with another number of readers, and the best round of each counts, because other work on the
machine only takes away. Beside the rate stands who used the processors, because one machine runs all of it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.support.real import dicom
from tests.support.real import network as networks
from tests.support.real.process import group_members
from tests.support.real.readers import INGEST, ORIGIN, Archive, archive_with

READERS = (0, 1, 2, 4)
SECONDS, CONNECTIONS, SIDE = 4, 32, 512
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Round:
    """The frames of a second, and the processor seconds of a second of all Orthancs and of nginx."""

    rate: float
    orthanc: float
    nginx: float


def main() -> int:
    """Measure all numbers of readers in turn, and print a table with ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    best: dict[int, Round] = {}
    with tempfile.TemporaryDirectory(prefix="orthgen-readers-") as text, ExitStack() as stack:
        folder = Path(text)
        (folder / "network").mkdir()
        network = networks.enter(folder / "network")
        archive = stack.enter_context(archive_with(network, folder, readers=max(READERS)))
        paths = _frames(archive)
        for number in range(rounds):
            order = READERS[number % len(READERS) :] + READERS[: number % len(READERS)]
            for readers in order:
                archive.serve_with(readers)
                measured = _round(archive, folder, paths)
                if readers not in best or measured.rate > best[readers].rate:
                    best[readers] = measured
    base = best[0]
    sys.stdout.write(
        "readers  frames/s  ratio  processors: Orthancs  nginx  frames per processor second: ratio\n"
    )
    for readers, measured in sorted(best.items()):
        share = (measured.rate / measured.orthanc) / (base.rate / base.orthanc)
        sys.stdout.write(
            f"{readers:7} {measured.rate:9.0f} {measured.rate / base.rate:6.2f} {measured.orthanc:21.2f} "
            f"{measured.nginx:6.2f} {share:35.2f}\n"
        )
    return 0


def _frames(archive: Archive) -> list[str]:
    """
    The paths of the frames of a series that the archive has.

    The ingest node starts again after it has stored them. It does not verify the MD5 of a file that it has just received
    (Orthanc 1.13.0), so that a frame would cost it about half, and no reader would be compared with an archive.
    """
    made = dicom.ct_series(40, SIDE)
    if archive.store(made).status != 200:
        raise RuntimeError("the series was not stored")
    archive.kill(INGEST)
    archive.start(INGEST)
    series = f"/dicom-web/studies/{made[0].StudyInstanceUID}/series/{made[0].SeriesInstanceUID}"
    return [f"{series}/instances/{one.SOPInstanceUID}/frames/1" for one in made]


def _round(archive: Archive, folder: Path, paths: list[str]) -> Round:
    script = folder / "frames.lua"
    listed = ", ".join(f'"{path}"' for path in paths)
    script.write_text(
        f"local paths = {{{listed}}}\nlocal n = 0\n"
        "request = function() n = n % #paths + 1; return wrk.format('GET', paths[n]) end\n",
        encoding="ascii",
    )
    groups = archive.groups()
    before = {name: _processor_seconds(pids) for name, pids in groups.items()}
    line = ("wrk", "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), ORIGIN)
    output = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    used = {name: (_processor_seconds(pids) - before[name]) / SECONDS for name, pids in groups.items()}
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if rate is None or "Non-2xx" in output:
        raise RuntimeError(output)
    return Round(float(rate[1]), used[INGEST], used["nginx"])


def _processor_seconds(leaders: list[int]) -> float:
    """The processor time of programs and all that they have started."""
    ticks = 0
    for pid in (member for leader in leaders for member in group_members(leader)):
        fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


if __name__ == "__main__":
    sys.exit(main())
