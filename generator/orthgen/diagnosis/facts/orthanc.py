"""An Orthanc of an observed deployment: its authentication, its plugins, the versions in its image."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache

from msgspec import Struct

from orthgen.authz.plugin_config import FILTER_URLS
from orthgen.authz.plugin_releases import default_rows
from orthgen.authz.plugin_releases import releases as permission_releases
from orthgen.catalogue import at_least
from orthgen.diagnosis.facts.containers import contained, is_true, repository
from orthgen.findings import EditKind, Location
from orthgen.formats.loose_values import mapping
from orthgen.observed.model import ObservedDeployment, Orthanc

ORTHANCTEAM_IMAGES = frozenset({"orthancteam/orthanc", "orthancteam/orthanc-pre-release", "osimis/orthanc"})
# Of `FILTER_URLS`, those for profiles of users, and those for links.
PROFILE_URLS = ("WebServiceRootUrl", "WebServiceUserProfileUrl")
VALIDATION_URLS = ("WebServiceRootUrl", "WebServiceTokenValidationUrl", "WebService")
# The first parts of paths that Orthanc 1.13.0 and its plugins serve.
SERVED = frozenset(
    [
        "app",
        "auth",
        "changes",
        "custom-command",
        "dicom-web",
        "exports",
        "instances",
        "jobs",
        "modalities",
        "multitenant",
        "neuro",
        "nifti",
        "ohif",
        "osimis-viewer",
        "patients",
        "peers",
        "plugins",
        "plugin",
        "python",
        "queries",
        "rt-viewer",
        "series",
        "statistics",
        "stl",
        "stone-webviewer",
        "studies",
        "system",
        "tcia",
        "tools",
        "transfers",
        "ui",
        "volview",
        "wado",
        "web-viewer",
        "webdav",
        "worklists",
        "wsi",
        "education",
    ]
)
# The first of the patterns for which the word SINGLE_RESOURCE_PATTERNS stands.
_ONE_RESOURCE = r"^/(patients|studies|series|instances)/([a-f0-9-]+)(|/.*)$"


def is_orthancteam_image(orthanc: Orthanc) -> bool:
    """Whether the image is the one whose entry point merges files and variables, and sets defaults of its own."""
    return repository(orthanc.service) in ORTHANCTEAM_IMAGES


def setting(orthanc: Orthanc, *path: str | int) -> object:
    """The effective value of a setting; None where nothing sets it."""
    return orthanc.settings.get(*path)


def place(orthanc: Orthanc, *path: str | int) -> Location:
    """The place of a setting, else of its nearest part that exists."""
    return orthanc.settings.locate(path)


def proposal(orthanc: Orthanc, value: object, *path: str) -> tuple[str, EditKind]:
    """
    The exact text that gives a setting a value, and the text that it takes the place of.

    A setting that is not there is an entry of the nearest section that exists. The text is empty where that section is
    made by variables of the environment.
    """
    settings = orthanc.settings
    if settings.has(*path):
        return json.dumps(value), EditKind.VALUE
    length = max(length for length in range(len(path)) if not length or settings.has(*path[:length]))
    stated = [layer for layer in settings.layers if layer.has(path[:length])]
    if not stated or stated[-1].name in {"environment", "secrets"}:
        return "", EditKind.ADDITION
    for key in reversed(path[length + 1 :]):
        value = {key: value}
    return f'"{path[length]}": {json.dumps(value)}', EditKind.ADDITION


def section(orthanc: Orthanc, name: str) -> Mapping[str, object]:
    """A section of the configuration; empty where there is none."""
    return mapping(orthanc.settings.get(name))


def is_on(orthanc: Orthanc, *path: str | int, default: bool) -> bool:
    """The truth value of a setting."""
    value = orthanc.settings.get(*path)
    return default if value is None else is_true(value)


def known_plugins(orthanc: Orthanc) -> frozenset[str] | None:
    """The plugins that load; None where they are not known."""
    # The image has Orthanc alone; `jodogne/orthanc-plugins` has plugins (Orthanc Book, "jodogne/orthanc Docker images").
    return frozenset() if repository(orthanc.service) == "jodogne/orthanc" else orthanc.plugins


def loads(orthanc: Orthanc, plugin: str) -> bool:
    """Whether a plugin loads, as far as it is known."""
    plugins = known_plugins(orthanc)
    return plugins is None or plugin in plugins


def uses(orthanc: Orthanc, plugin: str, section: str) -> bool:
    """Whether a plugin loads or, where that is not known, has a section."""
    plugins = known_plugins(orthanc)
    return orthanc.settings.has(section) if plugins is None else plugin in plugins


def has_stone(orthanc: Orthanc) -> bool:
    """Whether the Stone Web Viewer is used, as far as it is known."""
    return uses(orthanc, "StoneWebViewer", "StoneWebViewer")


def allows_remote(orthanc: Orthanc) -> bool:
    """Whether Orthanc answers other machines: false by default in Orthanc, true in its images for Docker."""
    return is_on(orthanc, "RemoteAccessAllowed", default=orthanc.service is not None)


def authenticates(orthanc: Orthanc) -> bool:
    """Whether Orthanc itself asks for a name and a password (on by default where other machines have access)."""
    return is_on(orthanc, "AuthenticationEnabled", default=True)


def filters(orthanc: Orthanc) -> bool:
    """Whether the authorization plugin decides on requests."""
    values = section(orthanc, "Authorization")
    has_url = any(values.get(key) for key in FILTER_URLS)
    return has_url and loads(orthanc, "Authorization")


def knows_users(orthanc: Orthanc) -> bool:
    """Whether the authorization plugin asks for profiles of users."""
    values = section(orthanc, "Authorization")
    return any(values.get(key) for key in PROFILE_URLS) and loads(orthanc, "Authorization")


def component_version(orthanc: Orthanc, component: str) -> str:
    """The version of a component in the image; empty where it is not known."""
    return contained(orthanc.service).get(component, "")


def plugin_is_before(orthanc: Orthanc, needed: str) -> bool:
    """Whether the authorization plugin is known to be older than this version."""
    has = component_version(orthanc, "authorization")
    return bool(has) and not at_least(has, needed)


def http_port(orthanc: Orthanc) -> int:
    """The port of Orthanc's web server."""
    value = orthanc.settings.get("HttpPort")
    return int(str(value)) if str(value).isdigit() else 8042


def permission_release(orthanc: Orthanc) -> str:
    """The newest known table of default permissions that is not newer than the plugin; empty where it is not known."""
    has = component_version(orthanc, "authorization")
    fitting = [release for release in permission_releases() if has and at_least(has, release)]
    return fitting[-1] if fitting else ""


def permission_rows(orthanc: Orthanc) -> list[tuple[str, str, str]]:
    """The rows by which the plugin decides: its own list or that of its release, and what is added to it."""
    values = section(orthanc, "Authorization")
    own = _rows(values.get("Permissions"))
    default = default_rows(permission_release(orthanc) or permission_releases()[-1])
    return [*(own or _rows(default)), *_rows(values.get("ExtraPermissions"))]


class WrittenRow(Struct, frozen=True):
    """A row of `Permissions` or `ExtraPermissions` as it is written; `problem` is the reason why the plugin does not read it."""

    key: str
    location: Location
    method: str = ""
    pattern: str = ""
    permissions: tuple[str, ...] = ()
    problem: str = ""


_METHODS = frozenset({"get", "post", "put", "delete"})


def written_rows(orthanc: Orthanc) -> Iterator[WrittenRow]:
    """The rows of permissions in the configuration, in the order in which the plugin tries them."""
    for key in ("Permissions", "ExtraPermissions"):
        rows = orthanc.settings.get("Authorization", key)
        if rows is not None and not isinstance(rows, list):
            problem = f"`{key}` is not a list of rows"
            yield WrittenRow(key, place(orthanc, "Authorization", key), problem=problem)
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            location = place(orthanc, "Authorization", key, index)
            if not isinstance(row, list) or len(row) < 3:
                problem = "the row is not a list of method, expression and permissions"
                yield WrittenRow(key, location, problem=problem)
                continue
            method, pattern, permissions = (str(part) for part in row[:3])
            words = tuple(permissions.split("|")) if permissions else ()
            problem = _row_problem(method, pattern)
            yield WrittenRow(key, location, method.lower(), pattern, words, problem)


def _row_problem(method: str, pattern: str) -> str:
    if method.lower() not in _METHODS:
        return f"the plugin knows no method `{method}`"
    # Most rows are copies of the plugin's, which are valid, and Python takes long to compile an expression.
    if pattern in _plugin_patterns():
        return ""
    try:
        re.compile(pattern)
    except re.error as error:
        # Boost and Python agree about a bracket without its end.
        return f"`{pattern}` is not a valid expression: {error.msg}" if "unterminated" in error.msg else ""
    return ""


@cache
def _plugin_patterns() -> frozenset[str]:
    return frozenset(pattern for _, pattern, _ in newest_permission_rows())


def has_database_server(orthanc: Orthanc) -> bool:
    """Whether the index is in a database server, and not in a file."""
    return any(
        orthanc.settings.has(name) and is_on(orthanc, name, "EnableIndex", default=True)
        for name in ("PostgreSQL", "MySQL", "Odbc")
    )


def may(orthanc: Orthanc | None, method: str, path: str, held: set[str]) -> bool:
    """Whether one of the permissions lets a request pass: by the first row that fits."""
    rows = permission_rows(orthanc) if orthanc is not None else newest_permission_rows()
    for row_method, pattern, permissions in rows:
        try:
            fits = row_method.lower() == method and re.fullmatch(pattern, path) is not None
        except re.error:
            continue
        # `^/studies(|/)` without an end fits the whole path only; the plugin matches like this, too.
        if fits:
            return not permissions or bool(held & set(permissions.split("|")))
    return False


def with_shares(deployment: ObservedDeployment) -> Iterator[Orthanc]:
    """The Orthancs behind which people share studies by links that the auth-service validates."""
    for orthanc in deployment.orthancs:
        validates = any(section(orthanc, "Authorization").get(key) for key in VALIDATION_URLS)
        if (
            validates
            and filters(orthanc)
            and is_on(orthanc, "OrthancExplorer2", "UiOptions", "EnableShares", default=False)
        ):
            yield orthanc


def newest_permission_rows() -> list[tuple[str, str, str]]:
    """The default rows of the newest release of the plugin."""
    return _rows(default_rows(permission_releases()[-1]))


def _rows(value: object) -> list[tuple[str, str, str]]:
    rows = value if isinstance(value, list) else []
    return [
        (str(row[0]), _ONE_RESOURCE if row[1] == "SINGLE_RESOURCE_PATTERNS" else str(row[1]), str(row[2]))
        for row in rows
        if isinstance(row, list) and len(row) >= 3
    ]
