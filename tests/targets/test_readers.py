"""The services of readers: what they share with the ingest node, and what they may not do."""

from __future__ import annotations

import pytest

from orthgen.deployment.connections import connections
from orthgen.doctor.machine import _limits
from orthgen.products.orthanc import orthanc_files
from orthgen.products.orthanc.host_id import host_id_files
from orthgen.products.services import FolderMount, Service, VolumeMount
from orthgen.profile.memory import megabytes_of
from orthgen.targets.compose import COMPOSE_PATH, render
from orthgen.targets.services.composition import compose
from tests.support.builders import make_deployment

KEYS = "access-key: {secret: id}, secret-key: {secret: key}"
OUTSIDE = "postgresql: {host: db.example.org, authority: /etc/ssl/db.pem, password: {secret: db}}"
STORAGES = {
    "volume": "{}",
    "path": "{files: {path: /srv/dicom}}",
    "nfs": "{files: {nfs: {server: nas.example.org, path: /export}}}",
    "s3": f"{{files: {{s3: {{bucket: images, region: r, {KEYS}}}}}}}",
    "outside": f"{{{OUTSIDE}}}",
}


def services(readers: int = 2, storage: str = "{}", deployment: str | None = None) -> dict[str, Service]:
    """The services of a deployment with readers, by name."""
    changes = {"archive": f"{{replicas: {{readers: {readers}}}, storage: {storage}}}"}
    if deployment is not None:
        changes["deployment"] = deployment
    made = make_deployment(**changes)
    paths = [artifact.path for artifact in (*orthanc_files(made), *host_id_files(made))]
    return {service.name: service for service in compose(made, paths).services}


def mounts(service: Service) -> list[VolumeMount | FolderMount]:
    """The volumes and the folders of a service."""
    return [*service.volumes, *service.folders]


def source_of(mount: VolumeMount | FolderMount) -> str:
    """The volume or the folder of a mount."""
    return mount.volume.name if isinstance(mount, VolumeMount) else mount.source


@pytest.mark.parametrize("storage", STORAGES.values(), ids=STORAGES)
def test_a_reader_reaches_what_the_ingest_node_reaches_and_cannot_change_files(storage: str) -> None:
    """The same secrets and networks without published ports; files are read-only, and a volume of its own is not."""
    by_name = services(storage=storage)
    ingest, reader = by_name["orthanc"], by_name["orthanc-reader-2"]

    assert reader.secrets == ingest.secrets
    assert reader.networks == ingest.networks
    assert (reader.ports, reader.image, reader.user) == ((), ingest.image, ingest.user)
    writable = [mount.target for mount in mounts(reader) if not mount.read_only]
    assert writable == [
        "/var/lib/orthanc",
        "/run/orthanc/plugins",
    ]
    own = {mount.volume.name for mount in reader.volumes if not mount.read_only}
    assert own == {"orthanc-reader-2-data", "orthanc-reader-2-plugins"}
    assert not own & {
        mount.volume.name
        for service in by_name.values()
        if service is not reader
        for mount in service.volumes
    }


@pytest.mark.parametrize(
    ("storage", "place"),
    [("volume", "/srv/orthanc"), ("path", "/var/lib/orthanc/db"), ("nfs", "/var/lib/orthanc/db"), ("s3", "")],
)
def test_a_reader_finds_the_files_of_the_ingest_node(storage: str, place: str) -> None:
    """The same volume or folder, where `StorageDirectory` says."""
    by_name = services(storage=STORAGES[storage])
    ingest, reader = by_name["orthanc"], by_name["orthanc-reader-1"]
    shared = [mount for mount in mounts(reader) if mount.read_only]

    assert [mount.target for mount in shared] == ([place] if place else [])
    sources = set(map(source_of, mounts(ingest)))
    assert set(map(source_of, shared)) <= sources


def test_a_reader_starts_after_the_ingest_node_and_stops_before_it_is_exchanged() -> None:
    """The ingest node changes the tables of the index at an upgrade, and no reader runs meanwhile."""
    made = make_deployment(archive="{replicas: {readers: 1}}")
    text = next(artifact.text for artifact in render(made) if artifact.path == COMPOSE_PATH)
    block = text.partition("\n  orthanc-reader-1:\n")[2].partition("\n    volumes:")[0]

    assert block.endswith(
        "depends_on:\n      orthanc:\n        condition: service_healthy\n        restart: true"
    )
    assert text.count("restart: true") == 1


def test_every_reader_has_a_name_of_its_own_for_the_database() -> None:
    """`DatabaseServerIdentifier` differs, and so does the container's host id."""
    by_name = services(3)
    readers = [by_name[f"orthanc-reader-{number}"] for number in (1, 2, 3)]

    identifiers = [reader.environment["ORTHANC__DATABASE_SERVER_IDENTIFIER"] for reader in readers]
    assert identifiers == [reader.name for reader in readers]
    assert "ORTHANC__DATABASE_SERVER_IDENTIFIER" not in by_name["orthanc"].environment
    files = {file.target: file.source for file in readers[1].files}
    assert files["/etc/orthanc/orthanc.json"] == "./orthanc/reader.json"
    assert files["/etc/hostid"] == "./orthanc/hostid-orthanc-reader-2"


def test_the_database_accepts_the_connections_of_all() -> None:
    """Each Orthanc opens as many; ten are for the superuser and for backups."""
    command = services(3, "{connections: 15}")["orthanc-db"].command

    assert "max_connections=70" in command


def test_readers_count_as_memory_of_the_machine() -> None:
    """Each has as much as Orthanc or as the profile says; the doctor's sum is that of the compose file."""
    archive = "{replicas: {readers: 2}}"
    made = make_deployment(archive=archive, deployment="{compose: {memory: {orthanc: 3g}}}")
    limits = {service.name: service.limits.memory for service in compose(made, []).services}

    assert (limits["orthanc-reader-1"], limits["orthanc-reader-2"]) == ("3g", "3g")
    assert _limits(made) == sum(map(megabytes_of, limits.values()))
    smaller = make_deployment(archive=archive, deployment="{compose: {memory: {reader: 1g}}}")
    assert smaller.reader_memory == "1g"


def test_the_topology_has_the_readers_as_one_part() -> None:
    """They have the connections of Orthanc to the database, to the auth-service and to the bucket, but no DICOM."""
    made = make_deployment(
        archive=f"{{replicas: {{readers: 2}}, storage: {STORAGES['s3']}, modalities: {{ct1: {{aet: CT1, host: 10.1.2.3}}}}}}"
    )
    lines = {(line.source, line.target) for line in connections(made)}

    assert {target for source, target in lines if source == "orthanc-reader"} == {
        "orthanc-auth-service",
        "orthanc-db",
        "object-storage",
    }
    assert {source for source, target in lines if target == "orthanc-reader"} == {"nginx"}
