"""orthanc.json and labels.lua, and what the container needs beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.formats.yaml_io import dump_json
from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.products.orthanc.authorization import authorization_section
from orthgen.products.orthanc.core import core_settings
from orthgen.products.orthanc.dicom import dicom_settings, gathering_section
from orthgen.products.orthanc.dicomweb import dicomweb_section
from orthgen.products.orthanc.explorer import explorer_section
from orthgen.products.orthanc.labels import LABELS_SCRIPT, labels_script
from orthgen.products.orthanc.raw import named_secrets, written
from orthgen.products.orthanc.storage import postgresql_section, s3_section
from orthgen.products.orthanc.worklists import worklists_section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment

SETTINGS_PATH = "orthanc/orthanc.json"
LABELS_PATH = "orthanc/labels.lua"

# The image replaces `$NAME` and `${NAME}` in the file, wherever they stand, before it reads the JSON (25.8.2
# to 26.8.1); comments it takes out.
_SUBSTITUTED = re.compile(r"\$(?=[A-Za-z0-9_{])")

# A list of words, one below the other, and the longest line that they may make together.
_WORDS = re.compile(r'\[\n((?:\s+"(?:[^"\\\n]|\\.)*",?\n)+)\s+\]')
_LONGEST = 140


def orthanc_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """orthanc/orthanc.json and, where tags gather studies, orthanc/labels.lua."""
    return tuple(_files(deployment))


def _files(deployment: Deployment) -> Iterator[Artifact]:
    text = header(deployment.source, "// ") + _WORDS.sub(
        _in_one_line, dump_json(orthanc_settings(deployment))
    )
    yield Artifact(SETTINGS_PATH, _SUBSTITUTED.sub(r"\\u0024", text))
    if deployment.gathers_by_tags:
        yield Artifact(LABELS_PATH, labels_script(deployment))


def _in_one_line(match: re.Match[str]) -> str:
    """A row of the permission table is read as a row."""
    line = "[" + " ".join(part.strip() for part in match[1].splitlines()) + "]"
    return line if len(line) <= _LONGEST else match[0]


def orthanc_mounts(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """Our files (paths of artifacts) and where the container finds each, to be mounted read-only."""
    found = [(SETTINGS_PATH, deployment.release.image("orthanc").paths["configuration"])]
    if deployment.gathers_by_tags:
        found.append((LABELS_PATH, LABELS_SCRIPT))
    return tuple(found)


def orthanc_settings(deployment: Deployment) -> dict[str, Any]:
    """The whole of orthanc.json as data, the profile's raw settings merged last."""
    settings = _own_settings(deployment)
    merge(settings, written(deployment.profile.archive.settings))
    merge(settings, {"OrthancExplorer2": {"UiOptions": deployment.profile.interface.settings}})
    return settings


def _own_settings(deployment: Deployment) -> dict[str, Any]:
    archive = deployment.profile.archive
    settings = core_settings(deployment) | dicom_settings(deployment)
    if deployment.gathers_by_aet:
        settings["MultitenantDicom"] = gathering_section(deployment)
    if archive.worklists:
        settings["Worklists"] = worklists_section()
    if archive.storage.database == "postgresql":
        settings["PostgreSQL"] = postgresql_section(deployment)
    if archive.storage.files.s3 is not None:
        settings["AwsS3Storage"] = s3_section(archive.storage.files.s3)
    settings["Authorization"] = authorization_section(deployment)
    settings["DicomWeb"] = dicomweb_section(deployment)
    settings["OrthancExplorer2"] = explorer_section(deployment)
    for viewer in deployment.viewers:
        merge(settings, viewer.sections)
    return settings


def merge(into: dict[str, Any], settings: dict[str, Any]) -> None:
    """Merge raw settings key by key; a list or a value replaces what is there."""
    for key, value in settings.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def orthanc_environment(deployment: Deployment) -> dict[str, str]:
    """The environment of the container: the switches of plugins that their section alone does not load."""
    settings = orthanc_settings(deployment)
    return {
        plugin.variable: "true"
        for plugin in deployment.release.plugins().values()
        if plugin.enabled_by == "environment" and plugin.section in settings
    }


def orthanc_secrets(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """The container's secrets: our name of each, and the file name below /run/secrets that the image reads it by."""
    names = deployment.release.image("orthanc").secrets.names
    storage = deployment.profile.archive.storage
    found = [(naming.AUTH_SERVICE_PASSWORD, names["Authorization.WebServicePassword"])]
    if storage.database == "postgresql":
        found.append((naming.ORTHANC_DB_PASSWORD, names["PostgreSQL.Password"]))
    if storage.files.s3 is not None:
        found.append((storage.files.s3.access_key.secret, names["AwsS3Storage.AccessKey"]))
        found.append((storage.files.s3.secret_key.secret, names["AwsS3Storage.SecretKey"]))
    return (*found, *named_secrets(deployment.profile.archive.settings))
