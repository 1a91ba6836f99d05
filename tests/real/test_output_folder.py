"""
The output folder under attack: real kills, a writer beside, files of somebody else, a disk that is full.

How many of each, and what came of them, stands in docs/contributing/robustness.md.
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orthgen.deployment.model import SecretFile
from orthgen.errors import OrthgenError
from orthgen.products.artifact import Artifact
from orthgen.workspace import apply as apply_module
from orthgen.workspace import build as build_module
from orthgen.workspace.apply import apply
from orthgen.workspace.plan import plan
from orthgen.workspace.recovery import recover
from orthgen.workspace.secret_files import make_secrets
from tests.support.output_folder import (
    NEW,
    OLD,
    begin,
    end_at_every_step,
    end_recovery_at_every_step,
    fail_at_every_step,
    files,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.synchronize import Event

_FORK = multiprocessing.get_context("fork")
_NOBODY, _CONTAINERS = 65534, 999
_SECRETS = tuple(SecretFile(f"secret-{number}", "made", "a test") for number in range(6))


def write(artifacts: tuple[Artifact, ...], folder: Path) -> None:
    """Recover, plan and apply, as `render` does."""
    recover(folder)
    apply(plan(artifacts, folder))


def rewrite_for_ever(folder: Path, begun: Event) -> None:
    """Render one deployment and the other, repeatedly, and tell when that begins."""
    begun.set()
    while True:
        write(NEW, folder)
        write(OLD, folder)


@contextlib.contextmanager
def beside(target: Callable[..., object], *arguments: object, user: int = 0) -> Iterator[BaseProcess]:
    """Another process that is killed at the end, as another user."""

    def run() -> None:
        if user:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        target(*arguments)

    process = _FORK.Process(target=run)
    process.start()
    try:
        yield process
    finally:
        if process.pid is not None and process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
        process.join()


def as_user(user: int, target: Callable[..., object], *arguments: object) -> str:
    """Run `target` as another user; the message of the error that it ended with, or nothing."""
    receiver, sender = _FORK.Pipe(duplex=False)

    def run() -> None:
        try:
            target(*arguments)
            sender.send("")
        except OrthgenError as error:
            sender.send(f"{error.message}\n{error.hint}")

    with beside(run, user=user) as process:
        process.join()
        return str(receiver.recv())


@pytest.fixture
def memory() -> Iterator[Path]:
    """A place in memory: nobody waits for a disk there, and more happens at once."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield Path(name)


# -------------------------------------------------------------------------------------------------- every step


@pytest.fixture(params=["exchange", "two renames", "no links"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file system can do: exchange two folders, link files."""
    if request.param == "two renames":
        monkeypatch.setattr(apply_module, "exchange", lambda *_: False)
    if request.param == "no links":
        monkeypatch.setattr(build_module, "_link", lambda *_: False)


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize("attempt", [end_at_every_step, fail_at_every_step])
def test_no_step_loses_anything(memory: Path, attempt: Callable[[Path], int]) -> None:
    """Ended or failed at each change of the file system, the next run makes the folder whole."""
    assert attempt(memory) > 40


def test_a_recovery_that_is_ended_as_well_mixes_nothing(memory: Path) -> None:
    """After two runs that were killed, whenever each was, the third makes the folder whole."""
    assert end_recovery_at_every_step(memory) > 300


# ------------------------------------------------------------------------------------------------------- kills


def test_killed_at_any_moment_the_old_or_the_new_deployment_is_there(memory: Path) -> None:
    """A process that rewrites the tree all the time is killed 200 times; the tree is never mixed, nothing is lost."""
    folder = memory / "deployment"
    begin(folder)
    before = time.monotonic()
    write(NEW, folder)
    write(OLD, folder)
    round_ = time.monotonic() - before
    ours = {artifact.path for artifact in (*OLD, *NEW)}
    states: list[dict[str, str | None]] = [{item.path: item.text for item in items} for items in (OLD, NEW)]
    chance = random.Random(1)
    seen = [0, 0]

    for _ in range(200):
        begun = _FORK.Event()
        with beside(rewrite_for_ever, folder, begun):
            # However busy the machine is: somewhere in the first two rounds.
            begun.wait()
            time.sleep(chance.random() * 2 * round_)
        found = {path: text for path, text in files(folder).items() if path in ours}
        assert found in states
        seen[states.index(found)] += 1
    write(OLD, folder)

    assert min(seen) > 0
    assert files(folder) == whole(OLD)
    assert [path.name for path in memory.iterdir()] == ["deployment"]


# ---------------------------------------------------------------------------------------------- somebody else's


@pytest.fixture
def shared() -> Iterator[Path]:
    """A deployment of an ordinary user's, with six secrets. Not below pytest's folder, which only root may enter."""
    with tempfile.TemporaryDirectory() as name:
        os.chown(name, _NOBODY, _NOBODY)
        folder = Path(name) / "deployment"
        assert as_user(_NOBODY, write, OLD, folder) == ""
        assert as_user(_NOBODY, make_secrets, _SECRETS, folder) == ""
        yield folder


def secrets_of(folder: Path) -> dict[str, str]:
    """The secrets' values by their names."""
    return {secret.name: (folder / "secrets" / secret.name).read_text() for secret in _SECRETS}


def give_away(folder: Path, *, with_the_folder: bool) -> None:
    """Give the secrets to the containers' user, as secrets/README.md says; or the folder that they are in as well."""
    for secret in _SECRETS:
        os.chown(folder / "secrets" / secret.name, _CONTAINERS, _CONTAINERS)
    if with_the_folder:
        for path in (folder / "secrets", *(folder / "secrets").iterdir()):
            os.chown(path, _CONTAINERS, _CONTAINERS)


def test_secrets_that_cannot_be_moved_stop_the_render_and_stay(shared: Path) -> None:
    """After `chown -R 999:999 secrets`; the remedy that the message names is enough, and root needs none."""
    before = secrets_of(shared)
    give_away(shared, with_the_folder=True)
    there = files(shared)

    said = as_user(_NOBODY, write, NEW, shared)

    assert f"`{shared}/secrets` belongs to somebody else" in said
    assert f"sudo chown $(id -u) {shared}/secrets" in said
    assert files(shared) == there
    assert [path.name for path in shared.parent.iterdir()] == ["deployment"]
    os.chown(shared / "secrets", _NOBODY, -1)
    assert as_user(_NOBODY, write, NEW, shared) == ""
    assert secrets_of(shared) == before
    give_away(shared, with_the_folder=True)
    write(OLD, shared)
    assert secrets_of(shared) == before
    assert (shared / "secrets").stat().st_uid == _CONTAINERS


def test_killed_as_somebody_who_owns_no_secret_all_secrets_are_there(shared: Path) -> None:
    """An ordinary user's render is killed 100 times; each next one, or `secrets`, has all six again."""
    before = secrets_of(shared)
    give_away(shared, with_the_folder=False)
    chance = random.Random(2)

    for attempt in range(100):
        begun = _FORK.Event()
        with beside(rewrite_for_ever, shared, begun, user=_NOBODY):
            begun.wait()
            time.sleep(chance.random() * 0.06)
        said = as_user(_NOBODY, *((write, OLD, shared) if attempt % 2 else (make_secrets, _SECRETS, shared)))
        assert said == ""
        assert secrets_of(shared) == before

    assert [path.name for path in shared.parent.iterdir()] == ["deployment"]


# --------------------------------------------------------------------------------------------- a writer beside


def write_new_files(folder: Path, said: Path) -> None:
    """Make file after file, at different places, each noted when it is done."""
    places = ("", "secrets/", "data/", "nginx/", "new-{}/")
    with said.open("a", buffering=1) as notes:
        for number in range(1_000_000):
            path = places[number % len(places)].format(number) + f"file-{number}"
            try:
                (folder / path).parent.mkdir(exist_ok=True)
                (folder / path).write_text(str(number))
            except OSError as error:
                # The folder changes its place between two system calls: a writer tries again, as with any rename.
                assert error.errno in {errno.ENOENT, errno.EEXIST}  # noqa: PT017
                continue
            notes.write(f"{path} {number}\n")
            time.sleep(0.005)  # what was written stays, and each render links it


def replace_a_file(folder: Path, said: Path) -> None:
    """Replace `.env` again and again, as most programs do: a temporary file, renamed."""
    with said.open("a", buffering=1) as notes:
        for number in range(1_000_000):
            temporary = folder / f".env-{number}"
            try:
                temporary.write_text(str(number))
                temporary.replace(folder / ".env")
            except OSError as error:
                assert error.errno == errno.ENOENT  # noqa: PT017
                continue
            notes.write(f"{number}\n")


def test_files_that_come_while_it_renders_are_kept(tmp_path: Path, memory: Path) -> None:
    """Two writers beside 40 renders or more: every file that was written is there, and `.env` is the one written last."""
    folder = memory / "deployment"
    begin(folder)
    new, env = tmp_path / "new.txt", tmp_path / "env.txt"

    with beside(write_new_files, folder, new), beside(replace_a_file, folder, env):
        while not (new.exists() and env.exists()):
            time.sleep(0.01)
        renders = 0
        # A hundred files at least, however slow the machine is.
        while renders < 40 or new.read_text().count("\n") <= 101:
            write(NEW, folder)
            write(OLD, folder)
            renders += 2

    expected = dict(line.split() for line in new.read_text().splitlines() if len(line.split()) == 2)
    found = {path: text for path, text in files(folder).items() if text is not None}
    assert len(expected) > 100
    assert {path for path, text in expected.items() if found.get(path) != text} == set()
    last = int(env.read_text().splitlines()[-1])
    # The writer may have been killed between its rename and its note.
    assert found[".env"] in {str(last), str(last + 1)}
    assert (found["compose.yml"], found["data/disk"]) == ("old\n", "z")


def test_secrets_made_while_it_renders_are_made_once(memory: Path) -> None:
    """`orthgen secrets` in two processes beside a render, 40 times: one value for each name, and it stays."""
    for attempt in range(40):
        folder = memory / str(attempt) / "deployment"
        write(OLD, folder)
        with beside(rewrite_for_ever, folder, _FORK.Event()):
            makers = [_FORK.Process(target=make_secrets, args=(_SECRETS, folder)) for _ in range(2)]
            for maker in makers:
                maker.start()
            for maker in makers:
                maker.join()
            first = as_user(0, make_secrets, _SECRETS, folder)
        recover(folder)
        values = secrets_of(folder)
        write(NEW, folder)
        assert first == ""
        assert secrets_of(folder) == values
        assert len(set(values.values())) == len(_SECRETS)


# ------------------------------------------------------------------------------------------------ a full disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_changes_nothing(disk: Path) -> None:
    """With from 0 to 60 pages left: a render that does not fit leaves the old deployment; with room, it succeeds."""
    large = tuple(Artifact(artifact.path, artifact.text * 4000) for artifact in NEW)
    outcomes: list[bool] = []
    for pages in range(0, 61, 2):
        folder = disk / "deployment"
        shutil.rmtree(folder, ignore_errors=True)
        begin(folder)
        filler = disk / "filler"
        free = os.statvfs(disk).f_bavail
        filler.write_bytes(b"x" * 4096 * (free - pages))
        try:
            write(large, folder)
            outcomes.append(True)
        except OrthgenError as error:
            outcomes.append(False)
            assert "no space left" in error.message  # noqa: PT017
        there = files(folder)
        filler.unlink()
        assert there == whole(large if outcomes[-1] else OLD), pages
        write(large, folder)
        assert files(folder) == whole(large)
        assert [path.name for path in disk.iterdir()] == ["deployment"]
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {True, False}


# ------------------------------------------------------------------------------------------- a loss of power


def test_the_system_calls_come_in_an_order_that_survives_a_loss_of_power(tmp_path: Path) -> None:
    """As strace sees them: everything is synchronised before the exchange, the exchange before anything is removed."""
    folder = tmp_path / "deployment"
    begin(folder)
    trace = tmp_path / "trace"

    calls_of_interest = "trace=openat,fsync,renameat2,unlink,rmdir"
    command = ["strace", "-f", "-y", "-e", calls_of_interest, "-o", str(trace), "-p", str(os.getpid())]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as strace:
        while not (trace.exists() and trace.stat().st_size):
            (tmp_path / "begun").write_text("x")
            time.sleep(0.02)
        write(NEW, folder)
        time.sleep(0.1)
        # It must not stay: every later test in this process would be traced, and one hung.
        strace.terminate()
    calls = [
        line.split(None, 1)[1]
        for line in trace.read_text().splitlines()
        if ".orthgen-" in line or "fsync" in line
    ]
    exchange = next((at for at, call in enumerate(calls) if "RENAME_EXCHANGE" in call), -1)
    removed = next(
        (at for at, call in enumerate(calls) if "orthgen-new/" in call and call.startswith("unlink")), -1
    )
    journal = next((at for at, call in enumerate(calls) if "fsync" in call and "orthgen-journal" in call), -1)
    before, between = calls[:journal], calls[exchange + 1 : removed]

    assert -1 < journal < exchange < removed
    for artifact in NEW[:2]:
        assert any("fsync" in call and f"orthgen-build/{artifact.path}>" in call for call in before)
    assert any("fsync" in call and f"{tmp_path}>" in call for call in between)
    assert not any(
        call.startswith(("unlink", "rmdir")) and "orthgen-new" in call for call in calls[:exchange]
    )
