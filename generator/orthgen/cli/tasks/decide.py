"""Decisions on the requests of a file, line by line."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from gzip import GzipFile
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import TypedDict

from orthgen.authz.config_files import (
    UNREADABLE_INPUT,
    ConfigFiles,
    ConfiguredDeployment,
    RefusedLine,
    Remark,
)
from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import STANDARD_INPUT
from orthgen.errors import InputError
from orthgen.findings import Finding, Location
from orthgen.formats.yaml_io import Document, parse_json
from orthgen.report.console import Console
from orthgen.report.error import line_error_text, line_warning_text
from orthgen.report.findings import findings_text

# The largest of these files is a configuration of a few hundred lines.
_MAX_BYTES = 256_000_000


def read_deployment(
    paths: Mapping[str, Path], release: str | None, *, reachable: bool | None
) -> ConfiguredDeployment:
    """The compiled deployment of these files; shows their findings."""
    files = ConfigFiles(**{name: _document(path) for name, path in paths.items()})
    deployment = ConfiguredDeployment.compile(files, release, reachable=reachable)
    if deployment.findings:
        console = Console()
        console.tell(findings_text(deployment.findings, files.texts, console.err))
    return deployment


def decide_lines(deployment: ConfiguredDeployment, requests: Path) -> None:
    """Write the decision on each line; exit with 1 where a line is no request."""
    console = Console()
    refused = 0
    with _lines(requests) as lines:
        for answer in deployment.answers(_readable(requests, lines)):
            if isinstance(answer, Remark):
                console.tell(line_warning_text(requests, answer.line, answer.column, answer.message))
            elif isinstance(answer, RefusedLine):
                refused += 1
                console.tell(line_error_text(requests, answer.line, answer.column, answer.message))
            else:
                console.out.write(answer + "\n")
                if _is_standard_input(requests):
                    console.out.flush()  # a program that writes line by line may wait for each answer
    if refused:
        sys.exit(ExitCode.FAILED)


def _is_standard_input(path: Path) -> bool:
    return str(path) == STANDARD_INPUT


class _Text(TypedDict):
    encoding: str
    errors: str


def _document(path: Path) -> Document:
    try:
        if _is_standard_input(path):
            content = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with path.open("rb") as file:
                content = file.read(_MAX_BYTES + 1)
        text = content.decode("utf-8")
    except (OSError, ValueError) as problem:
        raise _unreadable(path, problem) from None
    if len(content) > _MAX_BYTES:
        raise _unreadable(path, ValueError("it is larger than 256 MB"))
    document, findings = parse_json(text, str(path), trailing_commas=True)
    if findings:
        raise InputError(f"`{path}` is not JSON", findings, texts={str(path): text})
    return document


_GZIP_START = b"\x1f"
# A line that is not UTF-8 must not end the run.
_TEXT: _Text = {"encoding": "utf-8", "errors": "surrogateescape"}


@contextmanager
def _lines(path: Path) -> Iterator[Iterable[str]]:
    if _is_standard_input(path):
        stream = sys.stdin.buffer
        yield _plain(stream if isinstance(stream, BufferedReader) else BufferedReader(stream), suffix="")  # type: ignore[arg-type]
        return
    try:
        # Two statements, because an error inside the block below is not the file's.
        opened = path.open("rb")
    except (OSError, ValueError) as problem:
        raise _unreadable(path, problem) from None
    with opened as file:
        yield _plain(file, path.suffix)


def _plain(file: BufferedReader, suffix: str) -> TextIOWrapper:
    """The text of a file, unpacked where its first byte is gzip's, which begins no JSON."""
    is_packed = suffix == ".gz" or file.peek(1)[:1] == _GZIP_START
    return TextIOWrapper(GzipFile(fileobj=file) if is_packed else file, **_TEXT)


def _readable(path: Path, lines: Iterable[str]) -> Iterator[str]:
    """The lines; raises InputError where the file breaks off or is no gzip file."""
    number = 0
    try:
        for line in lines:
            number += 1
            yield line
    except (OSError, EOFError, zlib.error) as problem:
        raise _unreadable(path, problem, number + 1) from None


def _unreadable(path: Path, problem: Exception, line: int = 1) -> InputError:
    message = "not UTF-8" if isinstance(problem, UnicodeDecodeError) else str(problem)
    message = getattr(problem, "strerror", None) or message
    finding = Finding(UNREADABLE_INPUT, message[:1].lower() + message[1:], Location(str(path), line, 1))
    return InputError(f"`{path}` cannot be read", [finding])
