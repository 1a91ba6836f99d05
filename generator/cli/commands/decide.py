"""`orthgen decide`: the machine's door to the model. Raw files and requests in, decisions out, line by line."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

import typer

from generator.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from generator.yaml_io import Document


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
    from generator.access.raw import RawDeployment, RawFiles, Refusal
    from generator.views.console import Console
    from generator.views.findings_view import findings_text

    files = RawFiles(
        _document(orthanc),
        _document(permissions),
        _document(resources),
        _document(anonymous) if anonymous else None,
    )
    console = Console()
    reachable = None if auth_service is None else auth_service == "up"
    deployment = RawDeployment.compile(files, release, reachable=reachable)
    if deployment.findings:
        console.tell(findings_text(deployment.findings, files.texts, console.err))
    refused = 0
    with _lines(requests) as lines:
        for answer in deployment.answers(lines):
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
    from generator.errors import InputError
    from generator.findings import Finding, Location
    from generator.yaml_io import parse_json

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        message = getattr(problem, "strerror", None) or "not UTF-8"
        finding = Finding("not-readable", message.lower(), Location(str(path), 1, 1))
        raise InputError(f"`{path}` cannot be read", [finding]) from None
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
    elif path.suffix == ".gz":
        with gzip.open(path, "rt", **_TEXT) as lines:
            yield lines
    else:
        with path.open(**_TEXT) as lines:
            yield lines
