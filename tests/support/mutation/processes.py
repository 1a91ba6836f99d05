"""Processes for runs of pytest: forked from one that has imported the libraries, and limited."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import connection, get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import pytest

# An endless loop ends at this multiple of the processor time that the tests take without a change, and SPARE_SECONDS.
MAX_SLOWDOWN = 4
SPARE_SECONDS = 15
MAX_WALL_SECONDS = 900
MAX_BYTES = 4 << 30

context = get_context("fork")


def in_processes(
    function: Callable[..., Any], tasks: Iterable[Any], copies: Sequence[Path]
) -> Iterator[tuple[Any, Any]]:
    """Each task with its answer, `None` where its process ended without: one process at a time in each copy."""
    waiting = iter(tasks)
    running: dict[Any, tuple[Any, Path, ForkProcess]] = {}
    free = list(copies)
    while True:
        while free and (task := next(waiting, None)) is not None:
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=_answer, args=(function, task, free[-1], sender))
            process.start()
            sender.close()
            running[receiver] = task, free.pop(), process
        if not running:
            return
        ready: Any
        for ready in connection.wait(list(running)):
            task, copy, process = running.pop(ready)
            try:
                answer = ready.recv()
            except EOFError:
                answer = None
            process.join()
            free.append(copy)
            yield task, answer


def _answer(function: Callable[..., Any], task: Any, copy: Path, sender: Any) -> None:
    os.setsid()
    signal.alarm(MAX_WALL_SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, resource.RLIM_INFINITY))
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    os.chdir(copy)
    sender.send(function(task))


def limit_processor_time(seconds: float) -> None:
    """End this process where it takes much more than SECONDS from now on."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    limit = int(used + SPARE_SECONDS + MAX_SLOWDOWN * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def run_tests(paths: Sequence[str], plugin: object) -> int:
    # Libraries are imported before pytest can rewrite their assertions.
    quiet = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
    return pytest.main([*quiet, "-x", "-n0", "-p", "no:cacheprovider", *paths], plugins=[plugin])
