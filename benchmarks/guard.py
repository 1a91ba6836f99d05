"""
What the guard costs: `python benchmarks/guard.py [ROUNDS]`, with `wrk` and nginx installed.

Two nginx of the same version, in turn, before the same service (a third nginx with answers of its own): one with the
rendered configuration, one with the same buffers and nothing but a `proxy_pass`. Both the rate on the clock (medians
of rounds, good on an idle machine) and the frames per second of nginx's own processor time (which other work on the
machine does not change much) are compared. The goal for either is 0.95 of the bare one. Exits with 1 where the second is
below 0.93, or a link of five studies takes more than 5 ms longer.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from subprocess import DEVNULL

sys.path.insert(0, str(Path(__file__).parents[1]))

from orthgen.deployment.model import Deployment
from tests.support.builders import make_deployment
from tests.support.filtered import user_token
from tests.support.rendered_nginx import Edge, Nginx, every_nginx
from tests.support.services_behind_nginx import StandIn

# A slice of a CT, compressed without loss. What the guard costs does not grow with it.
FRAME = 192 * 1024
FRAME_PATH = "/dicom-web/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.5/frames/1"
STUDY = "49149567-dee7c8b5-f07db365-0fb59818-2f7854{:02x}"

_SERVICE = """
worker_processes 1;
pid {folder}/service.pid;
error_log stderr emerg;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/service-body;
    proxy_temp_path {folder}/service-proxy;
    fastcgi_temp_path {folder}/service-fastcgi;
    scgi_temp_path {folder}/service-scgi;
    uwsgi_temp_path {folder}/service-uwsgi;
    default_type application/octet-stream;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port};
        location /dicom-web/ {{ root {folder}; try_files /frame =404; }}
        location /studies/ {{ return 200 '{{"MainDicomTags":{{"StudyInstanceUID":"1.2.3"}}}}'; }}
        location /auth/tokens/ {{ return 200 '{{"Token":"t"}}'; }}
    }}
}}
"""

_BARE = """
server {{
    listen 127.0.0.1:{port};
    location / {{
        proxy_set_header Connection "";
        proxy_pass http://orthanc;
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """What wrk saw: requests, how many a second, the median latency in seconds; and nginx's processor seconds."""

    requests: int
    rate: float
    latency: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Started:
    """One nginx under measure."""

    port: int
    pid: int

    def seconds(self) -> float:
        """The processor time of its workers so far."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in children]
        return sum(int(values[11]) + int(values[12]) for values in fields) / os.sysconf("SC_CLK_TCK")


def main(rounds: int) -> int:
    """Measure, print, judge."""
    nginx = every_nginx()[-1]
    deployment = make_deployment(
        institution="{name: T, url: 'http://localhost'}", deployment="{}", viewers="{ohif: {}}"
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        guarded, bare = _start(stack, folder, nginx, deployment)
        frames = []
        for number in range(rounds):
            # In turn, and each first as often as second.
            pair = (guarded, bare) if number % 2 else (bare, guarded)
            rates = {one: _wrk(one) for one in pair}
            frames.append((rates[guarded], rates[bare]))
        links = [(_link(guarded.port), _link(bare.port)) for _ in range(rounds * 10)]
    rate = median(ours.rate / theirs.rate for ours, theirs in frames)
    latency = median(ours.latency / theirs.latency for ours, theirs in frames)
    efficiency = _per_second(frames, 0) / _per_second(frames, 1)
    longer = median(ours for ours, _ in links) - median(theirs for _, theirs in links)
    shown = [
        f"nginx {nginx.version}, {rounds} rounds of 1 s, {FRAME // 1024} KiB a frame",
        f"frames a second of processor time: {_per_second(frames, 0):,.0f} guarded, {_per_second(frames, 1):,.0f} bare",
        f"efficiency: {efficiency:.3f} of the bare one (goal 0.95)",
        f"on the clock: rate {rate:.2f}, latency {latency:.2f} of the bare one",
        f"a link of five studies: {longer * 1000:.2f} ms longer (goal 5)",
    ]
    print("\n".join(shown))  # noqa: T201 - a benchmark prints
    return 0 if efficiency >= 0.93 and longer <= 0.005 else 1


def _per_second(frames: list[tuple[Rate, Rate]], side: int) -> float:
    return sum(pair[side].requests for pair in frames) / sum(pair[side].seconds for pair in frames)


def _start(stack: ExitStack, folder: Path, nginx: Nginx, deployment: Deployment) -> tuple[Started, Started]:
    """Start the three; the guarded and the bare one."""
    (folder / "frame").write_bytes(bytes(range(256)) * (FRAME // 256))
    service = StandIn("orthanc")
    # Its port, for the nginx that answers instead.
    service.stop()
    edge = Edge(deployment, nginx, folder / "edge", {"orthanc": service})
    # Writing lines is what both would do, and not what is measured.
    text = re.sub(r"access_log \S+ orthgen;", "access_log off;", edge.configuration.read_text())
    edge.configuration.write_text(text)
    # The bare one has the same buffers and the same service, and none of what is rendered beside them.
    port = edge.https
    text = re.sub(r"\n +(?:add_header|js_import|js_set|include snippets/) ?[^;]*;", "", text)
    text = re.sub(r"\$(?:read|write)_is_refused", '""', text)
    text = text.replace(str(edge.scratch), str(folder / "bare")).replace(
        "conf.d/site.conf", str(folder / "site.conf")
    )
    (folder / "bare").mkdir()
    (folder / "site.conf").write_text(_BARE.format(port=port))
    (folder / "bare.conf").write_text(text)
    (folder / "service.conf").write_text(_SERVICE.format(folder=folder, port=service.port))
    paths = {"guarded": edge.configuration, "bare": folder / "bare.conf", "service": folder / "service.conf"}
    started = {}
    for name, path in paths.items():
        command = [*nginx.command, "-c", str(path), "-g", "daemon off; user root;"]
        process = subprocess.Popen(command, stderr=DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        started[name] = process.pid
    time.sleep(1)
    return Started(edge.http, started["guarded"]), Started(port, started["bare"])


def _headers() -> dict[str, str]:
    # As long as a token of Keycloak's usually is.
    return {"Host": "localhost", "Authorization": f"Bearer {user_token('reader', 'x' * 900)}"}


def _wrk(nginx: Started) -> Rate:
    before = nginx.seconds()
    headers = [part for name, value in _headers().items() for part in ("-H", f"{name}: {value}")]
    command = [
        "wrk",
        "-t1",
        "-c8",
        "-d1s",
        "--latency",
        *headers,
        f"http://127.0.0.1:{nginx.port}{FRAME_PATH}",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(said)
    found = re.search(r"50%\s+([\d.]+)(us|ms|s)", said)
    rate = re.search(r"(\d+) requests in .*Requests/sec:\s+([\d.]+)", said, re.DOTALL)
    if found is None or rate is None:
        raise SystemExit(said)
    latency = float(found[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[found[2]]
    return Rate(int(rate[1]), float(rate[2]), latency, nginx.seconds() - before)


def _link(port: int) -> float:
    """Seconds to make a link of five studies."""
    studies = [{"OrthancId": STUDY.format(n), "DicomUid": "1.2.3", "Level": "study"} for n in range(5)]
    body = json.dumps({"Resources": studies, "ValidityDuration": 60})
    connection = http.client.HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    connection.request("PUT", "/auth/tokens/viewer-instant-link", body=body, headers=_headers())
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - began
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"a link was answered with {answer.status}")
    return took


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
