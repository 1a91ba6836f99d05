"""Containers of a Compose project: image, environment, ports, mounts, and the configuration mounted into them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.findings import Location
from orthgen.observed.build import Build, build_of
from orthgen.observed.compose_node import Node, as_mapping, split_volume
from orthgen.observed.container_file import ContainerFile, embedded_file, is_configuration
from orthgen.observed.files import Files, TextFile
from orthgen.observed.product import image_name, product_of
from orthgen.observed.service_model import ImageName, Mount, Port, Service
from orthgen.observed.settings import Layer, Settings
from orthgen.observed.variables import read_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.observed.compose_project import Project

_PORT = r"(?:(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]]*)):)?(?:(?P<published>[^:]*):)?(?P<target>[^:/]+)(?:/(?P<protocol>\w+))?"


class Container(Struct, frozen=True):
    """A service with the texts that are mounted where products read their configuration."""

    service: Service
    definition: Node
    environment: dict[str, Node]
    files: tuple[ContainerFile, ...]
    unseen: tuple[str, ...]
    dockerfile: TextFile | None = None


def containers(project: Project, files: Files) -> list[Container]:
    """The containers of a project, in the order of its file."""
    return [_Reader(project, files, name).container() for name in project.services]


class _Reader:
    """The reader of one service."""

    def __init__(self, project: Project, files: Files, name: str) -> None:
        self.project = project
        self.files = files
        self.name = name
        self.node = project.service(name)
        self.unseen: list[str] = []

    def container(self) -> Container:
        built = self._build()
        stated = self._environment()
        environment = Settings((*built.environment, *stated.layers))
        mounts = list(self._mounts())
        contents = [content for mount, base in mounts for content in self._contents(mount, base)]
        hidden = {content.path for content in contents}
        files = (*(content for content in built.files if content.path not in hidden), *contents)
        image = built.image or self._image()
        values = environment.value
        service = Service(
            self.name,
            product_of(
                self.name, image, values, [mount.target for mount in (*built.mounts, *(m for m, _ in mounts))]
            ),
            image,
            Settings((*built.settings, Layer(self.project.file.name, self.node.plain(), self.node.locate))),
            environment,
            tuple(self._ports()),
            (*built.mounts, *(mount for mount, _ in mounts)),
            {content.path: content.file.name for content in files if not content.is_secret},
        )
        nodes = {
            name: node
            for part in self.project.services[self.name]
            if (listed := part.get("environment")) is not None
            for name, node in as_mapping(listed).items()
        }
        return Container(service, self.node, nodes, files, (*built.unseen, *self.unseen), built.file)

    def _build(self) -> Build:
        build = self.node.get("build")
        return Build() if build is None else build_of(self.name, build, self.files, self.project.interpolate)

    # ---------------------------------------------------------------------------------------- environment

    def _environment(self) -> Settings:
        layers = []
        for part in self.project.services[self.name]:
            listed = part.get("env_file")
            for element in listed.elements() if listed is not None else ():
                layers += self._environment_file(element)
        for part in self.project.services[self.name]:
            listed = part.get("environment")
            if listed is not None:
                layers += self._environment_layers(as_mapping(listed))
        return Settings(tuple(layers))

    def _environment_file(self, element: Node) -> list[Layer]:
        path = (element.get("path") or element).text
        file = self.files.beside(element.base, path)
        if file is None:
            self.unseen.append(f"`{path}`, an environment file of `{self.name}`, is not there.")
            return []
        variables, _ = read_environment(file)
        values = {name: variable.value for name, variable in variables.items()}
        places = {name: variable.location for name, variable in variables.items()}
        return [_layer(file.name, values, places, Location(file.name, 1, 1))]

    def _environment_layers(self, mapping: Node) -> list[Layer]:
        """The variables, above those of `.env` that they take over by their names."""
        outer = self.project.variables
        nodes = dict(mapping.items())
        values: dict[str, str | None] = {}
        taken: dict[str, str | None] = {}
        for name, node in nodes.items():
            if node.value is None and name in outer:
                taken[name] = outer[name].value
            else:
                values[name] = node.text if isinstance(node.value, str) else None
        layers = []
        if taken:
            places = {name: outer[name].location for name in taken}
            layers.append(_layer(".env", taken, places, mapping.location))
        file = mapping.document.file
        return [*layers, Layer(file, values, lambda path: mapping.locate(path[:1]))]

    # ------------------------------------------------------------------------------------- image and ports

    def _image(self) -> ImageName | None:
        image = self.node.get("image")
        if image is None or not image.text:
            return None
        return image_name(image.text, image.location)

    def _ports(self) -> Iterator[Port]:
        listed = self.node.get("ports")
        for element in listed.elements() if listed is not None else ():
            target = element.get("target")
            if target is not None:
                parts = {
                    key: (found.text if (found := element.get(key)) else "")
                    for key in ("host_ip", "published", "protocol")
                }
                yield Port(
                    parts["host_ip"],
                    parts["published"],
                    target.text,
                    parts["protocol"] or "tcp",
                    element.location,
                )
                continue
            match = re.fullmatch(_PORT, element.text)
            if match is not None:
                host, published = match["v6"] or match["host"] or "", match["published"]
                if published is None:  # `8042:8042` has no host
                    host, published = "", host
                yield Port(host, published, match["target"], match["protocol"] or "tcp", element.location)

    # --------------------------------------------------------------------------------------------- mounts

    def _mounts(self) -> Iterator[tuple[Mount, Node]]:
        for key in ("volumes", "configs", "secrets", "tmpfs"):
            listed = self.node.get(key)
            for element in listed.elements() if listed is not None else ():
                mount = self._volume(element) if key == "volumes" else self._named(element, key)
                if mount is not None:
                    yield mount, element

    def _volume(self, element: Node) -> Mount | None:
        target = element.get("target")
        if target is not None:
            texts = {
                key: node.text if (node := element.get(key)) else ""
                for key in ("type", "source", "read_only")
            }
            is_read_only = texts["read_only"].lower() == "true"
            return Mount(
                texts["type"] or "volume", texts["source"], target.text, is_read_only, element.location
            )
        parts = split_volume(element.text)
        if len(parts) == 1:
            return Mount("volume", "", parts[0], read_only=False, location=element.location)
        kind = "bind" if re.match(r"[./~\\$]|[A-Za-z]:[\\/]", parts[0]) else "volume"
        modes = parts[2].split(",") if len(parts) > 2 else []
        return Mount(kind, parts[0], parts[1], "ro" in modes, element.location)

    def _named(self, element: Node, key: str) -> Mount | None:
        if key == "tmpfs":
            return Mount(
                "tmpfs", "", element.text.partition(":")[0], read_only=False, location=element.location
            )
        source = (element.get("source") or element).text
        target = element.get("target")
        path = target.text if target is not None else source
        if not path.startswith("/"):
            path = f"/run/secrets/{path}" if key == "secrets" else f"/{path}"
        return Mount(key.removesuffix("s"), source, path, read_only=True, location=element.location)

    def _contents(self, mount: Mount, element: Node) -> Iterator[ContainerFile]:
        if mount.kind == "bind" and is_configuration(mount.target):
            file = self.files.beside(element.base, mount.source)
            if file is not None:
                yield ContainerFile(mount.target, file, mount.location)
                return
            inside = self.files.in_folder(element.base, mount.source)
            for name, each in inside:
                yield ContainerFile(f"{mount.target.rstrip('/')}/{name}", each, mount.location)
            if not inside and not self.files.exists(element.base, mount.source):
                self.unseen.append(
                    f"`{mount.source}`, mounted into `{self.name}` at `{mount.target}`, is not there."
                )
        elif mount.kind in {"config", "secret"}:
            yield from self._named_contents(mount)

    def _named_contents(self, mount: Mount) -> Iterator[ContainerFile]:
        definition = self.project.root.get(f"{mount.kind}s", mount.source)
        is_secret = mount.kind == "secret"
        if definition is None:
            return
        content, path = definition.get("content"), definition.get("file")
        if content is not None:
            file, fixed = embedded_file(content, self.project.interpolate)
            yield ContainerFile(mount.target, file, mount.location, is_secret, fixed)
        elif path is not None:
            opened = self.files.beside(path.base, path.text)
            if opened is not None:
                yield ContainerFile(mount.target, opened, mount.location, is_secret)
            elif not is_secret:
                self.unseen.append(
                    f"`{path.text}`, mounted into `{self.name}` at `{mount.target}`, is not there."
                )
            else:
                yield ContainerFile(mount.target, TextFile(path.text, ""), mount.location, is_secret=True)


def _layer(name: str, values: dict[str, str | None], places: dict[str, Location], start: Location) -> Layer:
    return Layer(name, values, lambda path: places[str(path[0])] if path else start)
