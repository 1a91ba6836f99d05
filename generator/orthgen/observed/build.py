"""The image that a Compose file builds: its base, and what its Dockerfile puts into it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.findings import Location
from orthgen.observed.compose_node import Node, as_mapping
from orthgen.observed.container_file import ContainerFile, embedded_file, is_configuration
from orthgen.observed.dockerfile import BuildStage, Copy, built_stage
from orthgen.observed.service_model import ImageName, Mount
from orthgen.observed.settings import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.observed.files import Files, TextFile
    from orthgen.observed.variables import Interpolation


class Build(Struct, frozen=True):
    """What a build gives a container, and what of it was not there. `file` is the Dockerfile, where it was read."""

    image: ImageName | None = None
    file: TextFile | None = None
    environment: tuple[Layer, ...] = ()
    settings: tuple[Layer, ...] = ()
    mounts: tuple[Mount, ...] = ()
    files: tuple[ContainerFile, ...] = ()
    unseen: tuple[str, ...] = ()


def build_of(name: str, build: Node, files: Files, interpolate: Interpolation) -> Build:
    """The build of a service."""
    context = build.text or _text(build, "context") or "."
    if "://" in context or context.startswith("git@"):
        return Build(unseen=(f"The image of `{name}` is built from `{context}`, which is not here.",))
    inside = files.inside(build.base, context)
    inline = build.get("dockerfile_inline")
    path = _text(build, "dockerfile") or "Dockerfile"
    file = embedded_file(inline, interpolate)[0] if inline is not None else files.beside(inside, path)
    if file is None:
        sentence = f"`{path}` in `{context}`, from which the image of `{name}` is built, is not there."
        return Build(unseen=(sentence,))
    stage = built_stage(file, _text(build, "target"), _arguments(build))
    if stage is None:
        return Build(file=file)
    copied = [each for copy in stage.copies for each in _copied(copy, inside, files)]
    return Build(
        stage.image,
        file,
        (_layer(file, stage.environment),),
        (_layer(file, stage.settings),),
        tuple(_mount(copy) for copy in stage.copies),
        tuple(copied),
        tuple(_missing(name, stage, inside, files)),
    )


def _text(node: Node, key: str) -> str:
    below = node.get(key)
    return below.text if below is not None else ""


def _arguments(build: Node) -> dict[str, str | None]:
    arguments = build.get("args")
    return {} if arguments is None else {name: node.text for name, node in as_mapping(arguments).items()}


def _layer(file: TextFile, stated: Mapping[str, tuple[object, Location]]) -> Layer:
    places = {name: place for name, (_, place) in stated.items()}
    values = {name: value for name, (value, _) in stated.items()}
    return Layer(file.name, values, lambda path: places[str(path[0])] if path else Location(file.name, 1, 1))


def _mount(copy: Copy) -> Mount:
    """A copy as the mount that it resembles."""
    target = copy.target
    if target.endswith("/") and len(copy.sources) == 1 and "." in PurePosixPath(copy.sources[0]).name:
        target += PurePosixPath(copy.sources[0]).name
    return Mount(
        "copy", " ".join(copy.sources), target.rstrip("/") or "/", read_only=True, location=copy.location
    )


def _copied(copy: Copy, inside: TextFile, files: Files) -> Iterator[ContainerFile]:
    """The copied files that products read as their configuration."""
    if copy.document is not None:
        yield ContainerFile(copy.target, copy.document, copy.location)
    is_folder = copy.target.endswith("/") or len(copy.sources) > 1
    folder = copy.target.rstrip("/")
    for source in copy.sources:
        name = PurePosixPath(source).name
        target = f"{folder}/{name}" if is_folder else copy.target
        file = files.beside(inside, source) if is_configuration(target) else None
        if file is not None:
            yield ContainerFile(target, file, copy.location)
            continue
        parent = str(PurePosixPath(source).parent) if "*" in name or "?" in name else source
        for path, each in files.in_folder(inside, parent) if is_configuration(folder + "/") else ():
            if parent == source or fnmatchcase(path, name):
                yield ContainerFile(f"{folder}/{path}", each, copy.location)


def _missing(name: str, stage: BuildStage, inside: TextFile, files: Files) -> Iterator[str]:
    for copy in stage.copies:
        for source in copy.sources:
            has_pattern = any(character in source for character in "*?[$")
            if is_configuration(copy.target) and not has_pattern and not files.exists(inside, source):
                yield f"`{source}`, copied into the image of `{name}`, is not there."
