"""Large bodies stream through nginx: the memory of its workers and its files stay small."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path
from typing import Self

import pytest

from tests.support.builders import example
from tests.support.rendered_nginx import Edge, edge


class _Watch:
    """Samples the memory of nginx's workers and the files that they write, while something runs."""

    def __init__(self, running: Edge) -> None:
        self.running, self.most, self.files = running, 0, 0
        # Workers that just started have not yet touched what they always use.
        while len(running.workers) < 4 or min(self._each()) < 2**20:
            time.sleep(0.02)
        self.before = self._memory()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()
        self.most = max(self.most, self._memory())

    @property
    def grown(self) -> int:
        """By how much the workers grew at most, in bytes."""
        return self.most - self.before

    def _memory(self) -> int:
        return sum(self._each())

    def _each(self) -> list[int]:
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.running.workers]
        lines = [
            line.split() for text in rollups for line in text.splitlines() if line.startswith("Anonymous:")
        ]
        return [int(words[1]) * 1024 for words in lines]

    def _sample(self) -> None:
        while not self.stop.wait(0.02):
            self.most = max(self.most, self._memory())
            folders = (self.running.scratch / "client_body", self.running.scratch / "proxy")
            self.files += sum(path.is_file() for folder in folders for path in folder.rglob("*"))


@pytest.mark.parametrize("protocol", ["--http1.1", "--http2"])
def test_an_upload_of_two_gibibytes_streams(tmp_path: Path, protocol: str) -> None:
    """2 GiB pass while they arrive, over HTTP/1.1 and HTTP/2: no file is written and the workers do not grow."""
    size = 2 * 2**30
    with edge(example("paradim.yaml"), tmp_path) as running:
        url = f"https://{running.deployment.origin.host}/dicom-web/studies"
        command = f"head -c {size} /dev/zero | curl -sSk {protocol} -X POST -T - -H Expect: -o /dev/null"
        command += f" -w '%{{http_code}}' --connect-to ::127.0.0.1:{running.https} {url}"
        with _Watch(running) as watch:
            done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)

        assert done.stdout == "200"
        assert [request.length for _, request in running.reached()] == [size]
        assert watch.files == 0
        # The buffer of 4 MB that keeps HTTP/2 fast over a distance, filled and handed on.
        assert watch.grown < 12 * 2**20


def test_a_large_download_streams_to_a_slow_client(tmp_path: Path) -> None:
    """256 MiB for a client that reads slowly wait in Orthanc, not in files or in nginx's memory."""
    content = bytes(256 * 2**20)

    with edge(
        example("paradim.yaml"), tmp_path, answers={"orthanc": lambda _: (200, {}, content)}
    ) as running:
        url = f"https://{running.deployment.origin.host}/studies/6b9e19d9/archive"
        command = ["curl", "-sSk", "--limit-rate", "40M", "-o", "/dev/null", "-w", "%{size_download}"]
        command += ["--connect-to", f"::127.0.0.1:{running.https}", url]
        with _Watch(running) as watch:
            done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == str(len(content))
    assert watch.files == 0
    assert watch.grown < 4 * 2**20
