"""
The effective configuration of an Orthanc, in the order in which its image merges its sources.

The orthancteam image (orthanc-builder 26.8.1, docker/orthanc/generateConfiguration.py and configurator.py) reads
`/etc/orthanc/*.json`, `/run/secrets/*.json`, the variables in the order of the container's environment, the files below
`/run/secrets`, and at last its own defaults, which replace nothing. Plain Orthanc reads the files alone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from orthgen.catalogue import image_variables, load, newest, releases
from orthgen.catalogue.versions import at_least
from orthgen.findings import Finding, Location
from orthgen.observed.container_file import ContainerFile, embedded_file
from orthgen.observed.containers import Container
from orthgen.observed.files import TextFile
from orthgen.observed.json_text import TRAILING_COMMA, read_json
from orthgen.observed.model import Orthanc
from orthgen.observed.product import is_orthancteam, release_of
from orthgen.observed.service_model import Service
from orthgen.observed.settings import Layer, Settings
from orthgen.observed.variables import substituted
from orthgen.secret_detection import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from orthgen.catalogue.release import Plugin, Release
    from orthgen.formats.yaml_io import Path
    from orthgen.observed.recognise import Recognised

_SECRETS = "/run/secrets/"


def orthanc_of(
    container: Container, extra: Sequence[Recognised], interpolate: Callable[[str], str]
) -> tuple[Orthanc, list[Finding]]:
    """The Orthanc of a container; `extra` are configuration files that nobody mounts but that must be its own."""
    return _Merge(container, extra, interpolate).orthanc()


class _Merge:
    """The merge of one container's sources."""

    def __init__(
        self, container: Container, extra: Sequence[Recognised], interpolate: Callable[[str], str]
    ) -> None:
        self.service = container.service
        self.container = container
        self.extra = extra
        self.interpolate = interpolate
        self.by_image = is_orthancteam(self.service.image) or self.service.image is None
        self.variables: dict[str, str | None] = {
            name: value if value is None else str(value)
            for name, value in self.service.environment.value.items()
        }
        self.findings: list[Finding] = []
        # A file that is not there may state anything.
        self.is_complete = not container.unseen

    def orthanc(self) -> tuple[Orthanc, list[Finding]]:
        release = release_of(self.service.image)
        layers = list(self._files())
        if self.by_image:
            layers += [*self._json_variable(), *self._variables(), *self._secrets(), *self._password()]
        written = Settings(tuple(layers))
        facts = _catalogued(release)
        plugins = self._plugins(facts, written)
        orthanc = Orthanc(
            name=self.service.name,
            settings=written,
            service=self.service,
            release=release,
            plugins=frozenset(plugins) if self.by_image else None,
            is_complete=self.is_complete,
            defaults=self._defaults(plugins) if self.by_image else Settings(),
        )
        return orthanc, self.findings

    def _files(self) -> Iterator[Layer]:
        """The configuration files; the image takes them in no certain order, this reader in that of their names."""
        folders = ("/etc/orthanc", "/run/secrets") if self.by_image else _arguments(self.service)
        read = [content for content in self.container.files if _is_configuration(content.path, folders)]
        for content in sorted(read, key=lambda content: (content.path.startswith(_SECRETS), content.path)):
            yield from self._json(content)
        for each in self.extra:
            if each.document is not None and isinstance(each.document.value, dict):
                self.is_complete = self.is_complete and each.is_complete
                value = substituted(each.document.value, self.variables, by_image=self.by_image)
                yield Layer(each.file.name, value, each.document.locate)

    def _json(self, content: ContainerFile, name: str = "") -> Iterator[Layer]:
        if content.is_secret and not content.file.text:
            self.is_complete = False  # the file of the secret is not here
            return
        read = read_json(content.file)
        self.is_complete = self.is_complete and read.is_complete
        fixed = content.fixed
        for finding in read.findings:
            if finding.rule is not TRAILING_COMMA or self.by_image:
                self.findings.append(finding if fixed is None else replace(finding, location=fixed))
        if not isinstance(read.document.value, dict):
            self.is_complete = False
            return
        value = read.document.value
        if not name:  # `$` in `ORTHANC_JSON` is Docker Compose's alone
            value = substituted(value, self.variables, by_image=self.by_image)
        locate = read.document.locate if fixed is None else (lambda _: fixed)
        yield Layer(name or content.file.name, value, locate)

    def _json_variable(self) -> Iterator[Layer]:
        name = "ORTHANC_JSON"
        if not self.variables.get(name):
            return
        node = self.container.environment.get(name)
        place = self.service.locate_variable(name)
        if node is not None and node.text:
            file, fixed = embedded_file(node, self.interpolate)
        else:
            file, fixed = TextFile(place.file, self.variables[name] or ""), place
        yield from self._json(ContainerFile("", file, place, fixed=fixed), name)

    def _variables(self) -> list[Layer]:
        """Single variables. One that sets a value again goes into a layer of its own."""
        stated = []
        for name, value in self.variables.items():
            path = image_variables.key_path(name)
            if path is None or value is None or name.endswith("_SECRET"):
                continue
            stated.append((path, _typed(value), self.service.locate_variable(name)))
        return _stacked("environment", stated)

    def _secrets(self) -> list[Layer]:
        """Files below /run/secrets named as variables, and those that a variable with `_SECRET` names."""
        named = {
            value: name.removesuffix("_SECRET")
            for name, value in self.variables.items()
            if name.endswith("_SECRET") and value
        }
        stated = []
        for content in self.container.files:
            if not content.path.startswith(_SECRETS):
                continue
            file = content.path.removeprefix(_SECRETS)
            path = image_variables.key_path(named.get(file, file))
            if path is not None:
                text = content.file.text.rstrip("\n")
                stated.append((path, _typed(text) if text else PLACEHOLDER, content.location))
        return _stacked("secrets", stated)

    def _password(self) -> list[Layer]:
        password = self.variables.get("ORTHANC_PASSWORD")
        if not password:
            return []
        place = self.service.locate_variable("ORTHANC_PASSWORD")
        return _stacked("environment", [(("RegisteredUsers", "orthanc"), password, place)])

    def _plugins(self, release: Release, written: Settings) -> dict[str, Plugin]:
        """The plugins that load, as the image decides it: by a section, by a variable, or always."""
        value = written.value
        return {
            name: plugin
            for name, plugin in release.plugins().items()
            if self._is_enabled(plugin, value) and (not plugin.full_image or self._is_full())
        }

    def _is_enabled(self, plugin: Plugin, settings: Mapping[str, Any]) -> bool:
        switch = self.variables.get(plugin.variable)
        legacy = image_variables.legacy_variables()
        for name, value in self.variables.items():
            if switch is None and legacy.get(name) == plugin.variable:
                switch = value
        if switch is not None:
            return switch != "false"
        return (
            plugin.enabled_by == "always"
            or (plugin.enabled_by == "section" and plugin.section in settings)
            or (plugin.setting is not None and plugin.setting in settings)
        )

    def _is_full(self) -> bool:
        return self.service.image is not None and "full" in self.service.image.tag

    def _defaults(self, plugins: Mapping[str, Plugin]) -> Settings:
        place = self.service.image_place
        value = dict(image_variables.image_defaults())
        for plugin in plugins.values():
            if plugin.section is not None and plugin.defaults:
                value[plugin.section] = dict(plugin.defaults)
        return Settings((Layer("defaults of the image", value, lambda _: place),))


def orthancs_of_files(recognised: Sequence[Recognised]) -> list[Orthanc]:
    """
    The Orthancs of configuration files without a container.

    Files of one folder that share no key at the top are one configuration, because Orthanc refuses a key in two files.
    """
    groups: list[tuple[str, list[Layer], bool]] = []
    for each in sorted(recognised, key=lambda each: each.file.name):
        if each.document is None or not isinstance(each.document.value, dict):
            continue
        for index, (folder, layers, is_complete) in enumerate(groups):
            if folder == _folder(each.file) and not any(
                layer.value.keys() & each.document.value for layer in layers
            ):
                groups[index] = (folder, [*layers, Layer.of(each.document)], is_complete and each.is_complete)
                break
        else:
            groups.append((_folder(each.file), [Layer.of(each.document)], each.is_complete))
    return [
        Orthanc(layers[0].name, Settings(tuple(layers)), is_complete=complete)
        for _, layers, complete in groups
    ]


def _folder(file: TextFile) -> str:
    return file.name.rpartition("/")[0]


def _is_configuration(path: str, places: Sequence[str]) -> bool:
    """Whether a file is at one of these paths, or a JSON file in one of these folders."""
    folder, _, name = path.rpartition("/")
    return path in places or (name.endswith(".json") and folder in places)


def _arguments(service: Service) -> Sequence[str]:
    """The file or folder that Orthanc's command names; that of the plain image (jodogne/orthanc 1.12) where it names none."""
    command = service.definition.get("command")
    words = command.split() if isinstance(command, str) else command if isinstance(command, list) else []
    paths = [str(word).rstrip("/") for word in words if str(word).startswith("/")]
    return [path for path in paths if not path.endswith("/Orthanc")] or ["/etc/orthanc"]


def _catalogued(release: str) -> Release:
    """The newest release of the catalogue that is not newer; the newest of all where the release is not known."""
    if not release:
        return newest()
    older = [name for name in releases() if at_least(release, name)]
    return load(older[0] if older else releases()[-1])


def _typed(text: str) -> Any:
    """A variable's value as the image reads it: JSON where it is JSON, else text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _stacked(name: str, stated: Sequence[tuple[tuple[str, ...], Any, Location]]) -> list[Layer]:
    """Values at paths as few layers, a value that is stated again above the one before."""
    piles: list[tuple[dict[str, Any], dict[Path, Location]]] = []
    for path, value, place in stated:
        for tree, places in piles:
            if _put(tree, path, value):
                places[path] = place
                break
        else:
            tree = {}
            _put(tree, path, value)
            piles.append((tree, {path: place}))
    return [Layer(name, tree, _locator(places)) for tree, places in piles]


def _put(tree: dict[str, Any], path: Sequence[str], value: Any) -> bool:
    """Write the value at the path where nothing stands there yet."""
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            return False
    if path[-1] in tree:
        return False
    tree[path[-1]] = value
    return True


def _locator(places: Mapping[Path, Location]) -> Callable[[Path], Location]:
    """The place of a path: that of the variable that states it, or of the first one below it."""

    def locate(path: Path) -> Location:
        for length in range(len(path), 0, -1):
            if path[:length] in places:
                return places[path[:length]]
        return min(place for stated, place in places.items() if stated[: len(path)] == path)

    return locate
