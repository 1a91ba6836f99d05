"""orthanc/reader.json: the settings of the ingest node, except for what a reader does not do."""

from __future__ import annotations

from typing import Any

from orthgen.deployment.model import Deployment
from orthgen.formats.yaml_io import parse_json
from orthgen.products.orthanc import orthanc_files, orthanc_settings
from orthgen.products.orthanc.host_id import host_id_files
from tests.support.builders import make_deployment

TAGS = "{cardio: {gather: [{called-aet: CARDIO}, {tags: {Modality: US}}]}, neuro: {}}"


def reader(deployment: Deployment) -> dict[str, Any]:
    """The settings of a reader, as the file has them."""
    texts = {artifact.path: artifact.text for artifact in orthanc_files(deployment)}
    settings: dict[str, Any] = parse_json(texts["orthanc/reader.json"], "reader.json")[0].value
    return settings


def test_a_reader_has_the_settings_of_the_ingest_node_but_writes_nothing() -> None:
    """Rights, database, tags and pages are the same; what writes or listens is off."""
    archive = "{replicas: {readers: 2}, worklists: true, modalities: {ct1: {aet: CT1, host: 10.1.2.3}}}"
    deployment = make_deployment(archive=archive, collections=TAGS)
    ingest, own = orthanc_settings(deployment), reader(deployment)

    changed = {name for name in ingest.keys() | own.keys() if ingest.get(name) != own.get(name)}
    assert changed == {
        "ReadOnly",
        "StorageDirectory",
        "SaveJobs",
        "DicomServerEnabled",
        "DatabaseServerIdentifier",
        "LuaScripts",
        "MultitenantDicom",
        "Worklists",
    }
    assert (own["ReadOnly"], own["SaveJobs"], own["DicomServerEnabled"]) == (True, False, False)
    assert not {"DatabaseServerIdentifier", "LuaScripts", "MultitenantDicom", "Worklists"} & own.keys()
    assert (ingest["PostgreSQL"]["Lock"], own["PostgreSQL"]["Lock"]) == (False, False)


def test_one_orthanc_locks_its_database() -> None:
    """`Lock` is false with readers only, because a locked database has no place for them."""
    deployment = make_deployment()

    assert orthanc_settings(deployment)["PostgreSQL"]["Lock"] is True
    assert [artifact.path for artifact in orthanc_files(deployment)] == ["orthanc/orthanc.json"]


def test_raw_settings_hold_for_readers_unless_they_write() -> None:
    """A size that the profile names counts for every Orthanc; plugins that tidy up are for the ingest node."""
    archive = (
        "{replicas: {readers: 1}, settings: {HttpThreadsCount: 80, MaximumStorageCacheSize: 64, SaveJobs: true, "
        "Housekeeper: {Enable: true}, DelayedDeletion: {Enable: true}}}"
    )
    deployment = make_deployment(archive=archive, deployment="{compose: {memory: {reader: 2g}}}")
    own = reader(deployment)

    assert {"Housekeeper", "DelayedDeletion"} <= orthanc_settings(deployment).keys()
    assert not {"Housekeeper", "DelayedDeletion"} & own.keys()
    assert (own["HttpThreadsCount"], own["MaximumStorageCacheSize"]) == (80, 64)
    assert (own["ReadOnly"], own["SaveJobs"]) == (True, False)
    assert own["DicomParserCacheSize"] == orthanc_settings(deployment)["DicomParserCacheSize"] // 2


def test_every_orthanc_makes_other_identifiers() -> None:
    """Two processes that make UIDs from one number could make the same one (glibc reads four bytes)."""
    files = host_id_files(make_deployment(archive="{replicas: {readers: 3}}"))

    assert [file.path for file in files] == [
        "orthanc/hostid",
        *(f"orthanc/hostid-orthanc-reader-{number}" for number in (1, 2, 3)),
    ]
    assert len({file.text[:4] for file in files}) == len(files)
