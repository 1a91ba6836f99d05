"""
A release of the stack: component versions that work together, and the facts that follow from them.

Everything comes from the data files beside this module; the larger ones are read when they are asked for.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.catalogue import configuration_keys, data
from orthgen.catalogue.images import Image, image
from orthgen.catalogue.versions import at_least, parse
from orthgen.errors import OrthgenError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.catalogue.configuration_keys import KeyPath, UnknownKey


class UnknownReleaseError(OrthgenError):
    """A release that the catalogue does not hold. `known` are those that it does, newest first."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"release `{name}` is not in the catalogue",
            hint="known: " + ", ".join(f"`{release}`" for release in known),
        )
        self.name = name
        self.known = known


class UnknownFeatureError(LookupError):
    """A feature id that `features.json` does not list: a mistake of the caller's, not of a profile's."""


class Lack(Struct, frozen=True):
    """A release is too old for a feature: `component` has version `has` (None: absent) and needs `needs`."""

    feature: str
    title: str
    component: str
    has: str | None
    needs: str
    why: str


class Weakness(Struct, frozen=True):
    """A security problem that a release still has: mended in version `fixed` of `component`."""

    id: str
    component: str
    has: str
    fixed: str
    what: str


class Plugin(Struct, frozen=True):
    """
    The orthancteam image's switch for a plugin.

    `enabled_by` is `always`, `section` (its section is in the configuration), `environment` (only by
    setting `variable` to `true`) or `setting` (the top-level key `setting` is there). `variable` set to
    `false` disables any plugin. `defaults` are what the image adds to its section. `full_image` tells
    that only the `-full` tag carries it.
    """

    name: str
    section: str | None
    enabled_by: str
    variable: str
    setting: str | None
    defaults: Mapping[str, object]
    full_image: bool


class Release(Struct, frozen=True):
    """
    A release of the catalogue.

    `images` leads from an image's name (`orthanc`, `auth-service`, `ohif`, `keycloak`, `nginx`, `postgres`,
    `certbot`) to its full reference, `components` from a component to its version. `permissions` is the
    closed list of the auth-service, `token_types` that of links and shares, `standard_configurations` what
    the authorization plugin knows by that word, `languages` those of Orthanc Explorer 2.
    """

    name: str
    date: str
    images: Mapping[str, str]
    components: Mapping[str, str]
    permissions: tuple[str, ...]
    token_types: tuple[str, ...]
    standard_configurations: tuple[str, ...]
    languages: tuple[str, ...]
    sources: Mapping[str, str]

    def image(self, name: str) -> Image:
        """The facts about image `name` for a compose file. Raises LookupError for an unknown name."""
        return _image(name, self.images[name])

    def plugin(self, name: str) -> Plugin:
        """The image's switch for plugin `name`, in the image's spelling. Raises KeyError for an unknown one."""
        return self.plugins()[name]

    def plugins(self) -> Mapping[str, Plugin]:
        """Every plugin that the orthancteam image of this release carries, by the image's name for it."""
        return _plugins(self.name)

    def knows(self, path: KeyPath) -> bool:
        """Whether Orthanc or a plugin reads the configuration key at `path`."""
        return configuration_keys.knows(_tree(self.name), path)

    def unknown_keys(self, config: object) -> Iterator[UnknownKey]:
        """The keys of an Orthanc configuration that no component reads, in the order of the file, each diagnosed."""
        tree = _tree(self.name)
        index = configuration_keys.KeyIndex(tree, self.components)
        return map(index.explain, configuration_keys.unread(config, tree))

    def misfits(
        self, config: object
    ) -> Iterator[tuple[configuration_keys.KeyPath, configuration_keys.ValueKind]]:
        """The values of an Orthanc configuration that are of another kind than its component reads, with that kind."""
        return configuration_keys.misfits(config, _tree(self.name))

    def has_component(self, name: str, needs: str) -> bool:
        """Whether the release carries the component in version `needs` or a newer one."""
        return at_least(self.components.get(name, "0"), needs)

    def lacks(self, feature: str) -> Lack | None:
        """
        The first thing that this release is too old for, or None where it has the feature.

        Raises UnknownFeatureError for an id that is not in `features.json`.
        """
        facts = data.read("features")["features"].get(feature)
        if facts is None:
            raise UnknownFeatureError(feature)
        for component, needs in facts["needs"].items():
            has = self.components.get(component)
            if has is None or not at_least(has, needs):
                return Lack(feature, facts["title"], component, has, needs, facts.get("why", ""))
        return None

    def weaknesses(self) -> tuple[Weakness, ...]:
        """The known security problems of this release's components."""
        return tuple(
            Weakness(entry["id"], entry["component"], has, entry["fixed"], entry["what"])
            for entry in data.read("features")["weaknesses"]
            if (has := self.components.get(entry["component"])) is not None
            and not at_least(has, entry["fixed"])
            and at_least(has, entry.get("since", "0"))
        )


@cache
def releases() -> tuple[str, ...]:
    """The names of all releases, newest first; the first is the default."""
    return tuple(sorted(data.names("releases"), key=parse, reverse=True))


def features() -> tuple[str, ...]:
    """The ids of all features that `Release.lacks` can be asked about."""
    return tuple(data.read("features")["features"])


@cache
def load(name: str) -> Release:
    """The release of that name. Raises UnknownReleaseError."""
    if name not in releases():
        raise UnknownReleaseError(name, releases())
    facts = data.read(f"releases/{name}")
    return Release(
        name=facts["release"],
        date=facts["date"],
        images=facts["images"],
        components=facts["components"],
        permissions=tuple(facts["permissions"]),
        token_types=tuple(facts["token-types"]),
        standard_configurations=tuple(facts["standard-configurations"]),
        languages=tuple(facts["languages"]),
        sources=facts["sources"],
    )


def newest() -> Release:
    """The newest release, which is the default."""
    return load(releases()[0])


@cache
def _image(name: str, reference: str) -> Image:
    return image(name, reference)


@cache
def _tree(name: str) -> dict[str, configuration_keys.Tree]:
    return configuration_keys.merged(load(name).components)


@cache
def _plugins(name: str) -> Mapping[str, Plugin]:
    entries = data.read(f"plugins/{data.read(f'releases/{name}')['plugins']}")["plugins"]
    return {
        plugin: Plugin(
            name=plugin,
            section=facts.get("section"),
            enabled_by=facts["enabled-by"],
            variable=facts["variable"],
            setting=facts.get("setting"),
            defaults=facts.get("defaults", {}),
            full_image=facts.get("image") == "full",
        )
        for plugin, facts in entries.items()
    }
