"""
Reader of Dockerfiles: the base image, the variables, the command, and the files that are copied into the image.

The instructions of the last stage (or of the target) count, and of the stages that it begins with. What a command
(`RUN`) writes is not known.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from orthgen.findings import Location
from orthgen.observed.files import TextFile
from orthgen.observed.product import image_name
from orthgen.observed.service_model import ImageName
from orthgen.observed.variables import Interpolation

_INSTRUCTION = r"(?s)[ \t]*(?P<name>[A-Za-z]+)[ \t]+(?P<rest>.*)"
_HEREDOC = r"<<-?[\"']?(?P<word>[A-Za-z_]\w*)[\"']?"
_ASSIGNMENT = r"[A-Za-z_]\w*="
_MAX_STAGES = 50
_MAX_COPIES = 200
# A variable that repeats itself grows with every line.
_MAX_VALUE_CHARACTERS = 10_000


class Instruction(Struct, frozen=True):
    """An instruction in capitals, the text behind it, its place, and the text of the files that stand below it."""

    name: str
    text: str
    location: Location
    documents: tuple[TextFile, ...] = ()


class Copy(Struct, frozen=True):
    """Files of the build's folder, or a text of the Dockerfile, at a path of the image. A folder ends in `/`."""

    sources: tuple[str, ...]
    target: str
    location: Location
    document: TextFile | None = None


class BuildStage(Struct):
    """A stage of a build, with all that it takes over from the one that it begins with."""

    name: str
    image: ImageName | None
    environment: dict[str, tuple[str, Location]]
    copies: list[Copy]
    settings: dict[str, tuple[object, Location]]
    """`entrypoint`, `command` and `user`, as a Compose file names them."""
    folder: str = "/"


def instructions(file: TextFile) -> Iterator[Instruction]:
    """The instructions of a Dockerfile, continued lines joined, comments left out."""
    lines = file.text.removeprefix("\ufeff").split("\n")
    number = 0
    while number < len(lines):
        start, joined = number, ""
        while number < len(lines):
            line = lines[number]
            number += 1
            if line.lstrip().startswith("#") or (joined and not line.strip()):
                continue
            joined += line.rstrip().removesuffix("\\")
            if not line.rstrip().endswith("\\"):
                break
            joined += " "
        match = re.fullmatch(_INSTRUCTION, joined)
        if match is None:
            continue
        place = Location(file.name, start + file.first_line, len(joined) - len(joined.lstrip()) + 1)
        documents = []
        for heredoc in (
            re.finditer(_HEREDOC, match["rest"]) if match["name"].upper() in {"COPY", "RUN"} else ()
        ):
            end = next(
                (each for each in range(number, len(lines)) if lines[each].strip() == heredoc["word"]),
                len(lines),
            )
            body = "\n" * (number + file.first_line - 1) + "\n".join(lines[number:end])
            documents.append(TextFile(file.name, body))
            number = end + 1
        yield Instruction(match["name"].upper(), match["rest"].strip(), place, tuple(documents))


def built_stage(file: TextFile, target: str, arguments: Mapping[str, str | None]) -> BuildStage | None:
    """The stage that a build ends with; None where the file has none of that name."""
    stages: dict[str, BuildStage] = {}
    outer: dict[str, str | None] = {}
    stage: BuildStage | None = None
    values: dict[str, str | None] = {}
    for instruction in instructions(file):
        if instruction.name == "FROM" and len(stages) < _MAX_STAGES:
            stage = _begun(instruction, outer, stages)
            stages[stage.name] = stage
            values = {name: value for name, (value, _) in stage.environment.items()}
        elif instruction.name == "ARG":
            for word in _words(instruction.text):
                name, equals, default = word.partition("=")
                known = values if stage is not None else outer
                value = arguments.get(name, outer.get(name))
                known[name] = value if value is not None or not equals else _replaced(default, known)
        elif stage is not None:
            _add(stage, instruction, values)
    return stages.get(target, stage) if not target or target in stages else None


def _begun(
    instruction: Instruction, arguments: Mapping[str, str | None], stages: Mapping[str, BuildStage]
) -> BuildStage:
    words = [word for word in _words(_replaced(instruction.text, arguments)) if not word.startswith("--")]
    name = words[2] if len(words) > 2 and words[1].upper() == "AS" else str(len(stages))
    base = stages.get(words[0]) if words else None
    if base is not None:
        return BuildStage(
            name, base.image, dict(base.environment), list(base.copies), dict(base.settings), base.folder
        )
    place = instruction.location
    place = Location(place.file, place.line, place.column + len("FROM "))
    image = image_name(words[0], place) if words else None
    return BuildStage(name, image, {}, [], {})


def _add(stage: BuildStage, instruction: Instruction, values: dict[str, str | None]) -> None:
    place = instruction.location
    match instruction.name:
        case "ENV":
            for name, value in _assignments(instruction.text):
                values[name] = _replaced(value, values)
                stage.environment[name] = (values[name] or "", place)
        case "COPY" | "ADD":
            stage.copies += _copies(stage, instruction, values) if len(stage.copies) < _MAX_COPIES else ()
        case "WORKDIR":
            stage.folder = str(PurePosixPath(stage.folder) / _replaced(instruction.text, values))
        case "ENTRYPOINT" | "CMD" | "USER":
            key = {"CMD": "command"}.get(instruction.name, instruction.name.lower())
            stage.settings[key] = (_listed(instruction.text) or instruction.text, place)
        case _:
            pass


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    """The variables of `ENV NAME=value …`, or of the old form `ENV NAME value`."""
    if re.match(_ASSIGNMENT, text):
        for word in _words(text):
            name, equals, value = word.partition("=")
            if equals:
                yield name, value
    else:
        name, _, value = text.partition(" ")
        yield name, value.strip()


def _copies(stage: BuildStage, instruction: Instruction, values: Mapping[str, str | None]) -> Iterator[Copy]:
    text = instruction.text
    options = re.match(r"(?:--\S+[ \t]+)*", text)
    rest = text[options.end() :] if options else text
    words = _listed(rest) or _words(_replaced(rest, values))
    if len(words) < 2 or (options and "--from=" in options[0]):
        return
    target = str(PurePosixPath(stage.folder) / words[-1]) + ("/" if words[-1].endswith("/") else "")
    for document in instruction.documents:
        yield Copy((), target, instruction.location, document)
    sources = tuple(word for word in words[:-1] if not word.startswith("<<") and "://" not in word)
    if sources:
        yield Copy(sources, target, instruction.location)


def _listed(text: str) -> list[str]:
    """The words of the form `["a", "b"]`; nothing for the other one."""
    if not text.startswith("["):
        return []
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [str(each) for each in value]


def _words(text: str) -> Sequence[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _replaced(text: str, values: Mapping[str, str | None]) -> str:
    return Interpolation(values)(text)[:_MAX_VALUE_CHARACTERS]
