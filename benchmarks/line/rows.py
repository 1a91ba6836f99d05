"""The rows of the table: what a person waits for over a line, rendered to samples."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.line import explorer, studies
from benchmarks.line.clients import Caller, Fetched, Visit, visit
from benchmarks.line.deployed import HOST, Deployed, Edge
from tests.support.filtered import user_token
from tests.support.ohif.identity import link
from tests.support.real import auth_questions, commented, dicom
from tests.support.real.browser import trusting
from tests.support.real.line import line
from tests.support.real.network import GATEWAY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

MILLISECONDS = 40
IMAGES = 500
NOISE = 1.15
"""Two times of the same length differ by so much on a busy machine."""
_EVEN = 1.05
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a figure that must not be above its goal. A row without a goal only informs."""

    what: str
    figure: float
    goal: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Bench:
    """What all measurements need: the servers, a browser, how often to repeat."""

    deployed: Deployed
    playwright: Playwright
    rounds: int

    @property
    def token(self) -> str:
        """A token of a user, as long as Keycloak's usually are."""
        return user_token("admin", "x" * 900)

    def callers(self, address: str) -> tuple[Caller, Caller, Caller]:
        """Rendered over HTTP/2, rendered over HTTP/1.1, the samples (which speak HTTP/1.1 only)."""
        edges = self.deployed
        return (
            Caller(edges.rendered, address, self.token),
            Caller(edges.rendered, address, self.token, "--http1.1"),
            Caller(edges.samples, address, self.token),
        )

    def in_turn(self, *work: Callable[[], Fetched]) -> list[Times]:
        """
        The seconds of several rounds of each, one after the other in each round; each round begins with another one.

        Other work on the machine only adds time. So there are more rounds while the first one's shortest is slower than the
        last one's: up to three times as many.
        """
        times: list[list[float]] = [[] for _ in work]
        for number in range(self.rounds * 3):
            if number >= self.rounds and min(times[0]) <= min(times[-1]) * _EVEN:
                break
            for position in range(len(work)):
                chosen = (number + position) % len(work)
                times[chosen].append(work[chosen]().seconds)
        return [Times(each) for each in times]


@dataclass(frozen=True, slots=True)
class Times:
    """The seconds of the same thing, measured several times."""

    seconds: Sequence[float]

    @property
    def shortest(self) -> float:
        """The best estimate, because other work on the machine only adds time."""
        return min(self.seconds)

    @property
    def spread(self) -> float:
        """The second shortest by the shortest: one slow round says nothing about the best two."""
        shortest, second = sorted(self.seconds)[:2]
        return second / shortest


def _compared(what: str, ours: Times, theirs: Times, *, goal: float = NOISE) -> Row:
    """A row of two times. Noise is at least as much as the best two rounds of the same thing differ."""
    note = f"{ours.shortest:.2f} s to {theirs.shortest:.2f} s; {theirs.spread:.2f} between its own best two"
    return Row(what, ours.shortest / theirs.shortest, max(goal, theirs.spread), note)


def metadata(bench: Bench) -> Iterator[Row]:
    """The metadata of a series, and a search for its instances: bytes and seconds."""
    series = studies.store(bench.deployed.archive, dicom.ct_series(IMAGES, 64))
    paths = {f"metadata of {IMAGES} images": f"{series.address}/metadata"}
    paths[f"search for {IMAGES} instances"] = f"{series.address}/instances"
    # Orthanc makes a summary of the series at the first question.
    for path in paths.values():
        Caller(bench.deployed.rendered, GATEWAY, bench.token).get(path)
    with line(bench.deployed.folder, milliseconds=MILLISECONDS, megabits=20) as far:
        ours, _, theirs = bench.callers(far)
        for what, path in paths.items():
            plain = ours.get(path).received
            both = [partial(caller.get, path, "--compressed") for caller in (ours, theirs)]
            packed = ours.get(path, "--compressed").received
            yield Row(f"{what}: bytes sent : bytes", packed / plain, 0.05, f"{packed:,} of {plain:,} bytes")
            yield _compared(f"{what}, 20 Mbit/s", *bench.in_turn(*both))


def frames(bench: Bench) -> Iterator[Row]:
    """All frames of a series as a viewer asks for them, and the series as a whole."""
    series = studies.store(bench.deployed.archive, dicom.ct_series(100, 128))
    with line(bench.deployed.folder, milliseconds=MILLISECONDS, megabits=100) as far:
        ours, _, theirs = bench.callers(far)
        # A browser has six connections of HTTP/1.1.
        both = [
            partial(caller.get_all, series.frames, at_once=count)
            for caller, count in ((ours, 25), (theirs, 6))
        ]
        yield _compared("100 frames, 100 Mbit/s", *bench.in_turn(*both))
        study = bench.deployed.archive.request("POST", "/tools/lookup", body=series.study.encode()).json()
        wholes = {
            "a series by DICOMweb": series.address,
            "the archive of a study": f"/studies/{study[0]['ID']}/archive",
        }
        for what, path in wholes.items():
            both = [partial(caller.get, path) for caller in (ours, theirs)]
            yield _compared(f"{what}, 100 Mbit/s", *bench.in_turn(*both))


def uploads(bench: Bench) -> Iterator[Row]:
    """Studies stored by DICOMweb over two lines."""
    for megabits, count in ((20, 17), (100, 50)):
        # Orthanc does less for an image that it has, so each upload has images of its own.
        files = (
            studies.multipart(
                dicom.ct_series(count, 512), bench.deployed.folder / f"stow-{megabits}-{number}"
            )
            for number in itertools.count()
        )
        with line(bench.deployed.folder, milliseconds=MILLISECONDS, megabits=megabits) as far:
            stored = [partial(_stow_next, caller, files) for caller in bench.callers(far)]
            h2, h1, samples = bench.in_turn(*stored)
        size = f"{count * 512 * 512 * 2 / 1e6:.1f} MB at {megabits} Mbit/s"
        yield _compared(f"upload of {size}", h2, samples)
        yield _compared(f"upload of {size}, HTTP/2 : HTTP/1.1", h2, h1, goal=1.1)


def questions(bench: Bench) -> Iterator[Row]:
    """Questions to the auth-service while a viewer loads all frames of a series, by the requests in flight."""
    archive = bench.deployed.archive
    series = studies.store(archive, dicom.ct_series(IMAGES, 16))
    configuration = commented.load(bench.deployed.folder / "rendered/orthanc/orthanc.json")
    port = urlsplit(archive.url).port or 80
    for is_link in (False, True):
        asked = auth_questions.count(
            bench.deployed.network,
            configuration,
            port,
            series.study,
            series.frames,
            link=is_link,
            at_once=_AT_ONCE,
        )
        who = "a link" if is_link else "a user"
        note = ", ".join(f"{path} {times}" for path, times in sorted(asked.items()))
        what = f"questions for {IMAGES} frames of {who} : requests in flight"
        yield Row(what, max(asked.values()) / _AT_ONCE, 1.0, note)


def _stow_next(caller: Caller, files: Iterator[Path]) -> Fetched:
    return caller.stow(next(files))


def large_uploads(bench: Bench) -> Iterator[Row]:
    """Objects larger than the memory for temporary files: one of 600 MB, and two of 400 MB at once."""
    caller = bench.callers(GATEWAY)[0]
    folder = bench.deployed.folder
    for megabytes, at_once in ((600, 1), (400, 2)):
        files = [
            studies.large(folder / f"large-{megabytes}-{number}", megabytes) for number in range(at_once)
        ]
        with ThreadPoolExecutor() as pool:
            answers = list(pool.map(caller.upload, files))
        failed = at_once - answers.count("Success")
        yield Row(f"{at_once} upload(s) of {megabytes} MB at once, not stored", failed, 0, ", ".join(answers))


def visits(bench: Bench) -> Iterator[Row]:
    """The first and the second visit to Explorer 2's page and to a study of many images in OHIF."""
    series = studies.store(bench.deployed.archive, dicom.ct_series(IMAGES, 64))
    token = link("viewer-instant-link", series.study)
    viewer = f"/ohif/viewer?StudyInstanceUIDs={series.study}&token={token}"
    pages = {
        "Explorer 2's files": (explorer.PAGE, "p.f1", "/ui/app/"),
        f"OHIF opens {IMAGES} images": (viewer, ".cornerstone-canvas", "/ohif/"),
    }
    network, folder = bench.deployed.network, bench.deployed.folder
    with line(folder, milliseconds=MILLISECONDS, megabits=20) as far:
        network.point(HOST, far)
        for what, (path, ready, files) in pages.items():
            edges = (bench.deployed.rendered, bench.deployed.samples)
            rounds = [[_twice(bench, edge, path, ready, files) for edge in edges] for _ in range(2)]
            for number, name in enumerate(("first", "second")):
                times = [Times([each[side][number].seconds for each in rounds]) for side in (0, 1)]
                yield _compared(f"{what}, {name} visit, 20 Mbit/s", *times)
            ours, theirs = rounds[0]
            yield Row(
                f"{what}, second visit, requests", ours[1].requests, 10, f"samples {theirs[1].requests}"
            )
            sent = [sum(each.received for each in both) / 1e6 for both in (ours, theirs)]
            note = f"{sent[0]:.2f} MB to {sent[1]:.2f} MB"
            yield Row(f"{what}, both visits, bytes", sent[0] / sent[1], NOISE, note)
        network.publish(HOST)


def _twice(bench: Bench, edge: Edge, path: str, ready: str, files: str) -> list[Visit]:
    prefix = edge.orthanc if not path.startswith("/ohif/") else ""
    with trusting(bench.playwright, bench.deployed.folder / "tls_certificate") as running:
        page = _new_page(running)
        return [visit(page, edge, prefix + path, ready=ready, files=prefix + files) for _ in range(2)]


def _new_page(browser: Browser) -> Page:
    return browser.new_context(viewport={"width": 1400, "height": 900}).new_page()


ROWS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "metadata": metadata,
    "frames": frames,
    "uploads": uploads,
    "large": large_uploads,
    "visits": visits,
    "questions": questions,
}
