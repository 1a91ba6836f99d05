"""orthanc.json and the Lua scripts; mounts, environment and secrets of the container."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.formats.commented_json import Commented, bare, dump_commented_json
from orthgen.formats.merging import merged
from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.products.orthanc.authorization import authorization_section
from orthgen.products.orthanc.bucket import AUTHORITIES, bucket_authority, bucket_mounts, master_keys
from orthgen.products.orthanc.core import core_settings
from orthgen.products.orthanc.dicom import dicom_settings, gathering_section
from orthgen.products.orthanc.dicomweb import dicomweb_section
from orthgen.products.orthanc.explorer import explorer_section
from orthgen.products.orthanc.labels import LABELS_FOLDER, LABELS_SCRIPTS, labels_files
from orthgen.products.orthanc.raw import named_secrets, written
from orthgen.products.orthanc.reader import READER_PATH, reader_settings
from orthgen.products.orthanc.storage import postgresql_section, s3_section
from orthgen.products.orthanc.worklists import worklists_section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment

SETTINGS_PATH = "orthanc/orthanc.json"

# The image replaces `$NAME` and `${NAME}` in the file, wherever they stand, before it reads the JSON (25.8.2
# to 26.8.1); comments it takes out.
_SUBSTITUTED = re.compile(r"\$(?=[A-Za-z0-9_{])")


def orthanc_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """orthanc.json, reader.json where there are readers and, where tags gather studies, the Lua script with its settings."""
    return tuple(_files(deployment))


def _files(deployment: Deployment) -> Iterator[Artifact]:
    settings = _commented_settings(deployment)
    yield _settings_file(deployment, SETTINGS_PATH, settings)
    if deployment.readers:
        yield _settings_file(deployment, READER_PATH, reader_settings(deployment, settings))
    if deployment.gathers_by_tags:
        yield from labels_files(deployment)


def _settings_file(deployment: Deployment, path: str, settings: dict[str, Any]) -> Artifact:
    text = header(deployment.source, "// ") + dump_commented_json(settings)
    return Artifact(path, _SUBSTITUTED.sub(r"\\u0024", text))


def orthanc_mounts(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """Our files (paths of artifacts) and where the container of the ingest node finds each, to be mounted read-only."""
    mounts = [(SETTINGS_PATH, deployment.release.image("orthanc").paths["configuration"])]
    if deployment.gathers_by_tags:
        mounts += [(f"orthanc/{name}", f"{LABELS_FOLDER}/{name}") for name in LABELS_SCRIPTS]
    return tuple(mounts)


def orthanc_settings(deployment: Deployment) -> dict[str, Any]:
    """The whole of orthanc.json as data, the profile's raw settings merged last."""
    settings: dict[str, Any] = bare(_commented_settings(deployment))
    return settings


def _commented_settings(deployment: Deployment) -> dict[str, Any]:
    """The settings with comments; a raw setting that replaces a value removes its comment."""
    interface = {"OrthancExplorer2": {"UiOptions": deployment.profile.interface.settings}}
    settings = merged(_own_settings(deployment), written(deployment.profile.archive.settings))
    result: dict[str, Any] = merged(settings, interface)
    return result


def _own_settings(deployment: Deployment) -> dict[str, Any]:
    archive = deployment.profile.archive
    settings = core_settings(deployment) | dicom_settings(deployment)
    if deployment.gathers_by_aet:
        settings["MultitenantDicom"] = Commented(
            gathering_section(deployment),
            "A study that is sent to one of these AETs gets the label of its collection; a query to the AET finds that "
            "collection only.",
        )
    if archive.worklists:
        settings["Worklists"] = worklists_section()
    if archive.storage.database == "postgresql":
        settings["PostgreSQL"] = Commented(
            postgresql_section(deployment),
            "The index."
            if deployment.external_index is not None
            else "The index. The image adds the password from a secret.",
        )
    if archive.storage.files.s3 is not None:
        settings["AwsS3Storage"] = Commented(
            s3_section(archive.storage.files.s3),
            "DICOM files as objects in a bucket. The image adds both keys from secrets.",
        )
    if bucket_authority(deployment):
        settings["HttpsCACertificates"] = Commented(
            AUTHORITIES,
            "The authorities of the system and that of the bucket. A script makes the file before Orthanc starts.",
        )
    settings["Authorization"] = Commented(
        authorization_section(deployment),
        "Who may send which request: the plugin asks the auth-service each time.",
    )
    settings["DicomWeb"] = Commented(dicomweb_section(deployment), "DICOMweb, which viewers read images by.")
    settings["OrthancExplorer2"] = Commented(explorer_section(deployment), "The web application.")
    for viewer in deployment.viewers:
        settings = merged(settings, viewer.sections)
    return settings


def reader_mounts(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """The same for the containers of the readers."""
    return ((READER_PATH, deployment.release.image("orthanc").paths["configuration"]),)


def orthanc_environment(deployment: Deployment) -> dict[str, str]:
    """The environment of the container: the switches of plugins that their section alone does not load."""
    settings = orthanc_settings(deployment)
    return {
        plugin.variable: "true"
        for plugin in deployment.release.plugins().values()
        if plugin.enabled_by == "environment" and plugin.section in settings
    }


def orthanc_secrets(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """The container's secrets: the name of each, and the file name below /run/secrets that the image reads."""
    names = deployment.release.image("orthanc").secrets.names
    storage = deployment.profile.archive.storage
    secrets = [(naming.AUTH_SERVICE_PASSWORD, names["Authorization.WebServicePassword"])]
    if deployment.external_index is not None:
        secrets += deployment.external_index.mounts()
    elif storage.database == "postgresql":
        secrets.append((naming.ORTHANC_DB_PASSWORD, names["PostgreSQL.Password"]))
    if storage.files.s3 is not None:
        secrets.append((storage.files.s3.access_key.secret, names["AwsS3Storage.AccessKey"]))
        secrets.append((storage.files.s3.secret_key.secret, names["AwsS3Storage.SecretKey"]))
        secrets += bucket_mounts(storage.files.s3)
    return (*secrets, *named_secrets(deployment.profile.archive.settings))


def typed_secrets(deployment: Deployment) -> frozenset[str]:
    """The secrets below /run/secrets: the image reads a value that is JSON as JSON. Other programs read the others."""
    return frozenset(name for name, target in orthanc_secrets(deployment) if not target.startswith("/"))


def key_secrets(deployment: Deployment) -> frozenset[str]:
    """The secrets that are keys of 32 bytes in base64."""
    s3 = deployment.profile.archive.storage.files.s3
    return frozenset(name for name, _ in master_keys(s3)) if s3 is not None else frozenset()
