"""The rows of the table: what a person waits for over a line, rendered to samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.line import explorer, studies
from benchmarks.line.clients import Caller, Fetched, Visit, visit
from benchmarks.line.deployed import HOST, Deployed, Edge
from tests.support.filtered import user_token
from tests.support.ohif.identity import link
from tests.support.real import dicom
from tests.support.real.browser import trusting
from tests.support.real.line import line
from tests.support.real.network import GATEWAY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

MILLISECONDS = 40
IMAGES = 500
NOISE = 1.15
"""Two times of the same length differ by so much on a busy machine."""


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

    def shortest(self, work: Sequence[Callable[[], Fetched]]) -> list[Fetched]:
        """The shortest of several rounds of each, in turn, because other work on the machine only adds time."""
        rounds = [[once() for once in work] for _ in range(self.rounds)]
        return [min(each, key=lambda fetched: fetched.seconds) for each in zip(*rounds, strict=True)]


def _ratio(what: str, ours: float, theirs: float, goal: float | None = NOISE, unit: str = "s") -> Row:
    return Row(what, ours / theirs, goal, f"{ours:,.2f} {unit} to {theirs:,.2f} {unit}")


def metadata(bench: Bench) -> Iterator[Row]:
    """The metadata of a series, and a search for its instances: bytes and seconds."""
    series = studies.store(bench.deployed.archive, dicom.ct_series(IMAGES, 64))
    paths = {f"metadata of {IMAGES} images": f"{series.address}/metadata"}
    paths[f"search for {IMAGES} instances"] = f"{series.address}/instances"
    # Orthanc makes a summary of the series at the first question.
    for path in paths.values():
        Caller(bench.deployed.bare, GATEWAY).get(path)
    with line(bench.deployed.folder, milliseconds=MILLISECONDS, megabits=20) as far:
        ours, _, theirs = bench.callers(far)
        for what, path in paths.items():
            plain = ours.get(path).received
            both = [partial(caller.get, path, "--compressed") for caller in (ours, theirs)]
            packed, samples = bench.shortest(both)
            note = f"{packed.received:,} of {plain:,} bytes"
            yield Row(f"{what}: bytes sent : bytes", packed.received / plain, 0.05, note)
            yield _ratio(f"{what}, 20 Mbit/s", packed.seconds, samples.seconds)


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
        rendered, samples = bench.shortest(both)
        yield _ratio("100 frames, 100 Mbit/s", rendered.seconds, samples.seconds)
        rendered, samples = bench.shortest([partial(caller.get, series.address) for caller in (ours, theirs)])
        yield _ratio("a whole series by DICOMweb, 100 Mbit/s", rendered.seconds, samples.seconds)


def uploads(bench: Bench) -> Iterator[Row]:
    """Studies stored by DICOMweb over two lines."""
    for megabits, count in ((20, 17), (100, 50)):
        # Orthanc does less for an image that it has, so each upload has images of its own.
        files = iter(
            [
                studies.multipart(
                    dicom.ct_series(count, 512), bench.deployed.folder / f"stow-{megabits}-{number}"
                )
                for number in range(3 * bench.rounds)
            ]
        )
        with line(bench.deployed.folder, milliseconds=MILLISECONDS, megabits=megabits) as far:
            stored = [partial(_stow_next, caller, files) for caller in bench.callers(far)]
            h2, h1, samples = bench.shortest(stored)
        size = f"{count * 512 * 512 * 2 / 1e6:.1f} MB at {megabits} Mbit/s"
        yield _ratio(f"upload of {size}", h2.seconds, samples.seconds)
        yield _ratio(f"upload of {size}, HTTP/2 : HTTP/1.1", h2.seconds, h1.seconds, 1.1)


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
    """The first and the second visit to Explorer 2's page and to a study in OHIF."""
    series = studies.store(bench.deployed.archive, dicom.ct_series(20, 128))
    token = link("viewer-instant-link", series.study)
    viewer = f"/ohif/viewer?StudyInstanceUIDs={series.study}&token={token}"
    pages = {
        "Explorer 2's files": (explorer.PAGE, "p.f1", "/ui/app/"),
        "OHIF": (viewer, ".cornerstone-canvas", "/ohif/"),
    }
    network, folder = bench.deployed.network, bench.deployed.folder
    with line(folder, milliseconds=MILLISECONDS, megabits=20) as far:
        network.point(HOST, far)
        for what, (path, ready, files) in pages.items():
            ours, theirs = (
                _twice(bench, edge, path, ready, files)
                for edge in (bench.deployed.rendered, bench.deployed.samples)
            )
            yield _ratio(f"{what}, first visit, 20 Mbit/s", ours[0].seconds, theirs[0].seconds)
            yield _ratio(f"{what}, second visit", ours[1].seconds, theirs[1].seconds)
            yield Row(
                f"{what}, second visit, requests", ours[1].requests, 10, f"samples {theirs[1].requests}"
            )
            sent = [sum(each.received for each in both) for both in (ours, theirs)]
            yield _ratio(f"{what}, both visits, bytes", sent[0] / 1e6, sent[1] / 1e6, unit="MB")
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
}
