"""
The `Authorization` section of an Orthanc configuration, read as the plugin reads it at its start.

`PluginConfiguration.compile` turns the JSON into tables that `decide` asks. What keeps Orthanc from starting
is an error; what cannot be read here with certainty is a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct
from msgspec.structs import force_setattr

from orthgen.authz.auth_service import Locate
from orthgen.authz.config_section import Section
from orthgen.authz.patterns import translate
from orthgen.authz.permission_table import PermissionTable, PreparedRow
from orthgen.authz.permissions import DEFAULT_DICOM_WEB_ROOT, PermissionRow, RowOrigin, default_table, expand
from orthgen.authz.plugin_releases import STANDARD_CONFIGURATIONS, releases, version
from orthgen.authz.resources import Level
from orthgen.authz.touched_resources import Routes
from orthgen.findings import Finding, Location, Rule, Severity

_LEVELS = {
    name: level
    for level, names in {
        Level.PATIENT: ("patient", "patients"),
        Level.STUDY: ("study", "studies"),
        Level.SERIES: ("series",),
        Level.INSTANCE: ("instance", "instances"),
        Level.SYSTEM: ("system",),
    }.items()
    for name in names
}
_METHODS = ("get", "post", "put", "delete")
FILTER_URLS = ("WebServiceRootUrl", "WebServiceUserProfileUrl", "WebServiceTokenValidationUrl", "WebService")
"""The keys of the addresses that switch on the plugin's filter; with the first one the others are not read."""


class Carrier(Struct, frozen=True, order=True):
    """A header or GET argument that carries tokens; headers sort first, then names, as in the plugin."""

    argument: bool
    name: str
    key: str = ""
    """The name as the plugin compares it: a header's in small letters, an argument's to the letter."""

    def __post_init__(self) -> None:
        """Set the key once: every decision looks tokens up by it."""
        force_setattr(self, "key", self.name if self.argument else self.name.lower())


class DicomWeb(Struct, frozen=True):
    """The paths of the DICOMweb plugin itself, which the authorization plugin does not follow."""

    root: str = "/dicom-web/"
    wado: str = "/wado"


@dataclass(frozen=True, slots=True)
class PluginConfiguration:
    """
    Everything of an Orthanc configuration that decides who gets in.

    `registered_users` are those of Orthanc's own authentication. `profiles` and `links` say whether the plugin asks for user profiles and validates resource tokens; with
    neither it installs no filter. `decoder` is whether it can have a share link decoded.
    """

    release: tuple[int, ...]
    authentication: bool
    registered_users: frozenset[str]
    profiles: bool
    links: bool
    decoder: bool
    audit_logs: bool
    carriers: tuple[Carrier, ...]
    unchecked_paths: Mapping[str, Location | None]
    unchecked_folders: Mapping[str, Location | None]
    unchecked_levels: frozenset[Level]
    table: PermissionTable = field(repr=False)
    routes: Routes = field(repr=False)
    dicom_web: DicomWeb
    level_location: Location | None = None
    findings: tuple[Finding, ...] = ()
    route_cache: dict[tuple[str, str, str], Any] = field(default_factory=dict, repr=False, compare=False)
    """Routes by method, target and method override: `evaluation.route_of` fills it."""

    @property
    def filters(self) -> bool:
        """Whether the plugin looks at requests at all."""
        return self.profiles or self.links

    def checks(self, level: Level) -> bool:
        """Whether labels and links are looked at on resources of this level."""
        return level not in self.unchecked_levels

    @classmethod
    def compile(
        cls, orthanc: Mapping[str, Any], release: str | None = None, locate: Locate | None = None
    ) -> PluginConfiguration:
        """
        The configuration under a release of the plugin (the newest known without one).

        `locate` gives the place of a path of keys in the file. Raises `UnknownRelease`, and `InputError` with
        findings where Orthanc would not start.
        """
        release = release or releases()[-1]
        release_numbers = version(release)
        root = Section(orthanc, (), locate)
        section = root.section("Authorization")
        urls = _urls(section)
        paths, folders, carriers = _standard(section, release_numbers)
        # A slip in the plugin: it asks the top level of the configuration, not the section, for the root.
        dicom_web_root = (
            root.text("Root", DEFAULT_DICOM_WEB_ROOT)
            if root.has_section("DicomWeb")
            else DEFAULT_DICOM_WEB_ROOT
        )
        rows = _rows(section, release, dicom_web_root) if urls["profile"] else ()
        enabled = root.flag("AuthenticationEnabled", default=root.flag("RemoteAccessAllowed", default=False))
        if (
            release_numbers < (0, 9, 0)
            and orthanc.get("AuthenticationEnabled", True)
            and any((urls["profile"], urls["links"]))
        ):
            section.refuse(
                "the plugin does not start beside `AuthenticationEnabled` before release 0.9.0",
                "set it to `false`",
            )
        unchecked, at = _unchecked_levels(section)
        audit_logs = section.flag("EnableAuditLogs", default=False)
        dicom_web = _dicom_web(root)
        section.stop_if_refused()
        return cls(
            release_numbers,
            authentication=enabled,
            registered_users=_registered_users(root),
            profiles=bool(urls["profile"]),
            links=bool(urls["links"]),
            decoder=bool(urls["decoder"]),
            audit_logs=release_numbers >= (0, 10, 0) and audit_logs,
            carriers=tuple(sorted(carriers)),
            unchecked_paths=paths,
            unchecked_folders=folders,
            unchecked_levels=unchecked,
            table=PermissionTable.prepare(rows),
            routes=Routes.compile(release, dicom_web_root),
            dicom_web=dicom_web,
            level_location=at,
            findings=tuple(_unread(rows, section)),
        )


def _registered_users(root: Section) -> frozenset[str]:
    """
    The users with credentials, where `AuthenticationEnabled` asks for them.

    Where nobody is registered and other hosts are let in, Orthanc makes a user of its own name (1.5.8 to 1.13.0).
    """
    users = frozenset(root.mapping("RegisteredUsers"))
    return users or (frozenset({"orthanc"}) if root.flag("RemoteAccessAllowed", default=False) else users)


def _urls(section: Section) -> dict[str, str]:
    """Which routes of the auth-service are configured; `WebServiceRootUrl` stands for all of them."""
    if section.has("WebServiceRootUrl"):
        section.text("WebServiceRootUrl")
        return dict.fromkeys(("profile", "links", "decoder"), "below the root")
    return {
        "profile": section.text("WebServiceUserProfileUrl"),
        # `WebService` is the name of the days before 0.5.0.
        "links": section.text("WebServiceTokenValidationUrl") or section.text("WebService"),
        "decoder": section.text("WebServiceTokenDecoderUrl"),
    }


def _standard(
    section: Section, release: tuple[int, ...]
) -> tuple[dict[str, Location | None], dict[str, Location | None], set[Carrier]]:
    """Unchecked paths, unchecked folders and the places of tokens, with what `StandardConfigurations` add."""
    paths = {
        path: section.at("UncheckedResources", at)
        for at, path in enumerate(section.words("UncheckedResources"))
    }
    folders = {
        path: section.at("UncheckedFolders", at) for at, path in enumerate(section.words("UncheckedFolders"))
    }
    headers = section.words("TokenHttpHeaders", or_text=True)
    arguments = section.words("TokenGetArguments", or_text=True)
    carriers = {Carrier(argument=False, name=name) for name in headers}
    carriers |= {Carrier(argument=True, name=name) for name in arguments}
    standard_names = section.words("StandardConfigurations")
    for standard in STANDARD_CONFIGURATIONS:
        if standard.name not in standard_names or release < standard.since:
            continue
        at = section.at("StandardConfigurations", standard_names.index(standard.name))
        paths.update({path: at for path in standard.paths if path not in paths})
        folders.update({folder: at for folder in standard.folders if folder not in folders})
        if release >= standard.headers_since:
            carriers |= {Carrier(argument=False, name=name) for name in standard.headers}
        carriers |= {Carrier(argument=True, name=name) for name in standard.arguments}
    return paths, folders, carriers


def _unchecked_levels(section: Section) -> tuple[frozenset[Level], Location | None]:
    unchecked: frozenset[Level] = frozenset()
    at = None
    if section.has("CheckedLevel"):
        at = section.at("CheckedLevel")
        checked = _level(section, section.text("CheckedLevel"))
        # `system` is taken, and then nothing is left unchecked.
        if checked is not None and checked is not Level.SYSTEM:
            unchecked = frozenset(Level) - {checked}
    if section.has("UncheckedLevels"):
        if unchecked:
            section.refuse(
                "`CheckedLevel` and `UncheckedLevels` exclude each other; the plugin does not start",
                "keep one of them",
                "UncheckedLevels",
            )
        at = section.at("UncheckedLevels")
        levels = [_level(section, name) for name in section.words("UncheckedLevels")]
        unchecked = frozenset(level for level in levels if level is not None)
    return unchecked, at


def _level(section: Section, name: str) -> Level | None:
    level = _LEVELS.get(name.lower())
    if level is None:
        section.refuse(
            f"`{name}` is not a level; the plugin does not start", "patients, studies, series or instances"
        )
    return level


def _rows(section: Section, release: str, root: str) -> tuple[PreparedRow, ...]:
    """The permission table: the default one or `Permissions`, then `ExtraPermissions` (0.10.0)."""
    rows = [] if section.has("Permissions") else [*default_table(release, root)]
    lists = [RowOrigin.PERMISSIONS] if section.has("Permissions") else []
    if version(release) >= (0, 10, 0) and section.has("ExtraPermissions"):
        lists.append(RowOrigin.EXTRA_PERMISSIONS)
    for origin in lists:
        for index, (method, pattern, needed) in enumerate(section.rows(origin.value)):
            if method.lower() not in _METHODS:
                section.refuse(
                    f"`{method}` is not a method of the permission table; the plugin does not start",
                    "get, post, put or delete",
                    origin.value,
                    index,
                )
            rows += expand(
                method, pattern, needed, release=release, dicom_web_root=root, origin=origin, index=index
            )
    return tuple(_prepared(row, section) for row in rows)


def _prepared(row: PermissionRow, section: Section) -> PreparedRow:
    at = None if row.origin is RowOrigin.DEFAULT else section.at(row.origin.value, row.index)
    return PreparedRow(row, translate(row.pattern), at)


UNDECIDABLE_PATTERN = Rule(
    "undecidable-pattern",
    Severity.WARNING,
    summary="The model cannot read the regular expression of a permission row as the plugin does, and gives no decision on "
    "requests that reach the row.",
    remedy="Write the pattern as the finding says.",
    file="orthanc.json",
    example=r"""
        {"Authorization": {"WebServiceRootUrl": "http://auth:8000/", "Permissions": [["get", "^/\\B", "view"]]}}
    """,
)


def _unread(rows: tuple[PreparedRow, ...], section: Section) -> list[Finding]:
    return [
        Finding(
            UNDECIDABLE_PATTERN,
            f"`{row.row.pattern}`: {row.pattern.problem.message}; the model does not decide what reaches this row",
            section.place(row.row.origin.value, row.row.index),
            row.pattern.problem.hint,
        )
        for row in rows
        if row.pattern.problem is not None
    ]


def _dicom_web(root: Section) -> DicomWeb:
    section = root.section("DicomWeb")
    path = section.text("Root", DEFAULT_DICOM_WEB_ROOT)
    path = "/" + path.strip("/") + "/" if path.strip("/") else "/"
    wado = "/" + section.text("WadoRoot", "/wado/").strip("/")
    return DicomWeb(
        path if section.flag("Enable", default=True) else "",
        wado if section.flag("EnableWado", default=True) else "",
    )
