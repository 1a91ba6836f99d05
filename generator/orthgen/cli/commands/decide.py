"""`orthgen decide`: the machine's door to the model. Raw files and requests in, decisions out, line by line."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

import typer

from orthgen.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from orthgen.errors import InputError
    from orthgen.formats.yaml_io import Document

# The largest of these files is a configuration of a few hundred lines.
_MAX_BYTES = 256_000_000


def decide(
    orthanc: Annotated[
        Path, typer.Option("--orthanc", metavar="FILE", help="Orthanc's configuration; comments are fine.")
    ],
    permissions: Annotated[
        Path, typer.Option("--permissions", metavar="FILE", help="The auth-service's permissions.json.")
    ],
    resources: Annotated[
        Path,
        typer.Option("--resources", metavar="FILE", help="The studies that the requests name, with labels."),
    ],
    requests: Annotated[
        Path | None,
        typer.Argument(
            metavar="[REQUESTS]", help="One JSON object a line, gzipped or not; by default stdin."
        ),
    ] = None,
    anonymous: Annotated[
        Path | None,
        typer.Option(
            "--anonymous",
            metavar="FILE",
            help="The auth-service's anonymous profile; by default the image's.",
        ),
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(
            "--release", metavar="R", help="Of the authorization plugin; by default the newest known."
        ),
    ] = None,
    auth_service: Annotated[
        Literal["up", "down"] | None,
        typer.Option(
            "--auth-service", help="Whether the auth-service answers; by default guessed by its address."
        ),
    ] = None,
) -> None:
    """
    Decide requests against an existing deployment's raw files, as the authorization plugin does.

    Writes one JSON object a line: allowed, denied_by (null, filter, callback or orthanc-401), reason, and the
    number of the request's line. A line that is no request is reported with its number; the rest goes on.
    """
    from orthgen.authz.config_files import ConfigFiles, ConfiguredDeployment, Refusal
    from orthgen.report.console import Console
    from orthgen.report.findings import findings_text

    files = ConfigFiles(
        _document(orthanc),
        _document(permissions),
        _document(resources),
        _document(anonymous) if anonymous else None,
    )
    console = Console()
    reachable = None if auth_service is None else auth_service == "up"
    deployment = ConfiguredDeployment.compile(files, release, reachable=reachable)
    if deployment.findings:
        console.tell(findings_text(deployment.findings, files.texts, console.err))
    refused = 0
    with _lines(requests) as lines:
        for answer in deployment.answers(_readable(requests, lines)):
            if isinstance(answer, Refusal):
                refused += 1
                console.tell(f"{requests or '-'}:{answer.line}: error: {answer.message}")
            else:
                console.out.write(answer + "\n")
                if requests is None:
                    console.out.flush()  # whoever feeds us line by line may wait for each answer
    if refused:
        raise typer.Exit(ExitCode.FAILED)


class _Text(TypedDict):
    encoding: str
    errors: str


def _document(path: Path) -> Document:
    from orthgen.errors import InputError
    from orthgen.formats.yaml_io import parse_json

    try:
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


# One line that is not UTF-8 must not end the others.
_TEXT: _Text = {"encoding": "utf-8", "errors": "surrogateescape"}


@contextmanager
def _lines(path: Path | None) -> Iterator[Iterable[str]]:
    if path is None or str(path) == "-":
        yield TextIOWrapper(sys.stdin.buffer, **_TEXT)
        return
    try:
        # What fails below is not the file's fault, so that the two are not one statement.
        opened = gzip.open(path, "rt", **_TEXT) if path.suffix == ".gz" else path.open(**_TEXT)  # noqa: SIM115
    except (OSError, ValueError) as problem:
        raise _unreadable(path, problem) from None
    with opened as lines:
        yield lines


def _readable(path: Path | None, lines: Iterable[str]) -> Iterator[str]:
    """The lines, up to where the file stops being what its name says."""
    number = 0
    try:
        for line in lines:
            number += 1
            yield line
    except (OSError, EOFError, zlib.error) as problem:
        raise _unreadable(path or Path("-"), problem, number + 1) from None


def _unreadable(path: Path, problem: Exception, line: int = 1) -> InputError:
    from orthgen.authz.config_files import UNREADABLE_INPUT
    from orthgen.errors import InputError
    from orthgen.findings import Finding, Location

    message = "not UTF-8" if isinstance(problem, UnicodeDecodeError) else str(problem)
    message = getattr(problem, "strerror", None) or message
    finding = Finding(UNREADABLE_INPUT, message[:1].lower() + message[1:], Location(str(path), line, 1))
    return InputError(f"`{path}` cannot be read", [finding])
