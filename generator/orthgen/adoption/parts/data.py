"""Data of the deployment: where they are today, and the steps that take them along, and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.parts.databases import (
    INDEX,
    KEYCLOAK,
    note_external_database,
    restore_external_database,
)
from orthgen.adoption.parts.sending import SENDING
from orthgen.adoption.parts.storage import mount_of, storage_directory, uses_postgresql
from orthgen.adoption.profile_values import truth
from orthgen.deployment import naming
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.observed.service_model import Mount, Service

_MAJOR = re.compile(r"\d+")
_NEW = "docker compose --project-directory NEW"
_EXTERNAL_DATABASES = (
    (INDEX, naming.ORTHANC_DB, naming.ORTHANC_DATABASE),
    (KEYCLOAK, naming.KEYCLOAK_DB, naming.KEYCLOAK_DATABASE),
)
_OLD = "docker compose --project-directory OLD"


def note_data(original: OriginalDeployment, draft: Draft) -> None:
    """Note where studies, index and accounts are, and how they come along."""
    if original.service_in_cluster is not None:
        draft.note(
            NoteKind.DATA,
            "the data are in the volume claims of the namespace",
            "they stay there if the profile keeps the namespace: `deployment: {kubernetes: {namespace: …}}`",
            original.service_in_cluster.definition.locate(()),
        )
        return
    if original.container_in_cluster is not None:
        draft.note(
            NoteKind.DATA,
            "the data are in volume claims of the cluster",
            "dump and restore databases, and copy files through a pod, as docs/kubernetes-operations.md has it; or send every study to "
            "the new deployment (docs/move-in.md)",
            original.container_in_cluster.definition.locate(()),
        )
        return
    if original.is_rendered:
        draft.note(
            NoteKind.DATA,
            "the data are in the volumes of the project",
            "they stay there: the profile keeps the project's name, and with it the volumes",
            *(
                [original.deployment.compose.locate(("name",))]
                if original.deployment.compose.has("name")
                else []
            ),
        )
        return
    if not original.deployment.services:
        return
    _note_beginning(original, draft)
    _note_databases(original, draft)
    _note_files(original, draft)
    _note_files_in_database(original, draft)
    draft.note(
        NoteKind.DATA,
        "the start",
        "start the new deployment, bring the realm to what the profile says, and ask whether anything is open. In a realm that "
        "came along, `--adopt` uses roles, clients and providers of the same names; without `--check` it changes the realm",
        commands=(
            f"{_OLD} down",
            f"{_NEW} up --wait",
            "orthgen provision-keycloak PROFILE --adopt --check",
            f"orthgen verify {draft.get(('institution', 'url')) or 'ADDRESS'}",
        ),
    )
    _note_way_back(draft)


def _note_way_back(draft: Draft) -> None:
    """The steps back: what stayed where it was and was changed there is restored from its dump."""
    restores = tuple(
        restore_external_database(draft, path, service, usual)
        for path, service, usual in _EXTERNAL_DATABASES
        if draft.has(path)
    )
    reason = (
        "the steps copy and dump, and change nothing of today's volumes: stop the new deployment and start the old one. "
        if not restores
        else "stop the new deployment, restore the databases that stayed where they are, and start the old one. "
    )
    draft.note(
        NoteKind.DATA,
        "the way back",
        f"{reason}Studies that came meanwhile are in the new one alone. Remove the old volumes when the new deployment has "
        "proved itself",
        commands=(f"{_NEW} down", *restores, f"{_OLD} up -d"),
    )


def _note_beginning(original: OriginalDeployment, draft: Draft) -> None:
    """The new deployment's folder, and the end of writing in the old one."""
    writers = (original.edge, original.orthanc_service, original.auth_service, original.keycloak_service)
    names = [service.name for service in writers if service is not None]
    draft.note(
        NoteKind.DATA,
        "the beginning",
        "render the new deployment, make its secrets, and stop what writes in the old one; its databases run on for the dumps",
        commands=(
            "orthgen render PROFILE --out NEW",
            "orthgen secrets PROFILE --out NEW",
            f"{_OLD} stop {' '.join(names)}",
        ),
    )


def _note_files(original: OriginalDeployment, draft: Draft) -> None:
    """The steps that copy DICOM files; a bucket needs none."""
    service = original.orthanc_service
    if service is None or draft.has(("archive", "storage", "files", "s3")):
        return
    folder = storage_directory(original)
    mount = mount_of(service, folder)
    if mount is None:
        draft.note(
            NoteKind.DATA,
            f"DICOM files are in `{folder}` of the container `{service.name}`, which no volume keeps",
            "copy them out while the container exists",
            service.definition.locate(()),
            commands=(f"docker cp {service.name}:{folder} orthanc-files",),
        )
        return
    if draft.has(("archive", "storage", "files")):
        _note_files_in_place(draft, mount)
        return
    inner = folder.removeprefix(mount.target.rstrip("/")).strip("/")
    kind = "the volume" if mount.kind == "volume" else "the folder of the host"
    draft.note(
        NoteKind.DATA,
        f"DICOM files are in {kind} `{mount.source}`"
        + ("" if uses_postgresql(original) else ", the index too"),
        "the profile keeps them in the volume `orthanc-data`, below `db/`, which belongs to user 999. The copy needs "
        "as much space again",
        mount.location,
        commands=(
            f"{_NEW} up --no-start orthanc",
            (
                f'docker run --rm -v "{_source(mount)}:/old:ro" -v "{_volume(_NEW, "orthanc-data")}:/new" alpine sh -c '
                f"'mkdir -p /new/db && cp -a /old/{inner + '/' if inner else ''}. /new/db/ && chown -R 999:999 /new'"
            ),
        ),
    )


def _note_files_in_place(draft: Draft, mount: Mount) -> None:
    path = draft.get(("archive", "storage", "files", "path"))
    draft.note(
        NoteKind.DATA,
        f"DICOM files are in `{mount.source}`, and stay there",
        "both Orthancs read the same files, and each knows those of its own index: remove no study in the new one while the way "
        "back has to work. They belong to user 999"
        + (
            f", and `{naming.STORAGE_MARK}` shows that the folder is not an empty mount point" if path else ""
        ),
        mount.location,
        commands=(f"chown -R 999:999 {path}", f"touch {path}/{naming.STORAGE_MARK}") if path else (),
    )


def _source(mount: Mount) -> str:
    """The volume or folder of the host as `docker run` takes it."""
    if mount.kind == "volume":
        return _volume(_OLD, mount.source)
    return (
        mount.source if mount.source.startswith("/") else f"$(realpath OLD/{mount.source.removeprefix('./')})"
    )


def _volume(compose: str, name: str) -> str:
    """The name of a volume for the engine, which Compose makes of the project's name."""
    return f"$({compose} config --format json | jq -er '.volumes[\"{name}\"].name')"


def _note_files_in_database(original: OriginalDeployment, draft: Draft) -> None:
    key = ("PostgreSQL", "EnableStorage")
    if not truth(original.get(*key)):
        return
    draft.note(
        NoteKind.DATA,
        "DICOM files are in PostgreSQL (`PostgreSQL.EnableStorage`)",
        "the profile keeps files outside of the database, and Orthanc reads a study from where its own settings say: send every study "
        "from the old Orthanc to the new deployment, while both run. docs/move-in.md has the preparation: `OrthancPeers` of the old "
        "one, and an API key. The commands print what they could not send",
        original.at(*key),
        commands=SENDING,
    )


def _note_databases(original: OriginalDeployment, draft: Draft) -> None:
    """Dump and restore of each PostgreSQL that the new deployment has too."""
    major = original.release.components["postgres"].partition(".")[0]
    databases = [service for service in original.deployment.services if service.product is Product.POSTGRES]
    for path, database_service, usual in _EXTERNAL_DATABASES:
        if draft.has(path):
            note_external_database(draft, path, database_service, usual)
    keycloak = original.keycloak_service
    if keycloak is not None and not any(keycloak.environment.has(name) for name in ("KC_DB", "DB_VENDOR")):
        draft.note(
            NoteKind.DATA,
            f"`{keycloak.name}` keeps accounts and realm in a file of its own, without a database",
            "export the realm with its people while that Keycloak is stopped, and import the file into the new one",
            keycloak.definition.locate(()),
            commands=(f"{_OLD} run --rm {keycloak.name} export --users same_file --file /tmp/realm.json",),
        )
    for service in databases:
        is_keycloaks = _is_keycloaks(original, service)
        if draft.has(KEYCLOAK if is_keycloaks else INDEX):
            continue  # the database in use is elsewhere
        if not is_keycloaks and not uses_postgresql(original):
            continue
        if is_keycloaks and draft.has(("identity", "keycloak", "server")):
            continue
        _note_database(original, draft, service, major, is_keycloaks=is_keycloaks)


def _is_keycloaks(original: OriginalDeployment, service: Service) -> bool:
    keycloak = original.keycloak_service
    if keycloak is None or service.name == original.get("PostgreSQL", "Host"):
        return False
    address = f"{keycloak.variable('KC_DB_URL') or ''} {keycloak.variable('KC_DB_URL_HOST') or ''}"
    return re.search(rf"\b{re.escape(service.name)}\b", address) is not None or "keycloak" in service.name


def _note_database(
    original: OriginalDeployment, draft: Draft, service: Service, major: str, *, is_keycloaks: bool
) -> None:
    new, database = (
        (naming.KEYCLOAK_DB, naming.KEYCLOAK_DATABASE)
        if is_keycloaks
        else (naming.ORTHANC_DB, naming.ORTHANC_DATABASE)
    )
    tag = service.image.tag if service.image is not None else ""
    match = _MAJOR.match(tag)
    version = f"PostgreSQL {match[0]}" if match is not None else "PostgreSQL of an unknown version"
    user = service.variable("POSTGRES_USER") or "postgres"
    name = (
        service.variable("POSTGRES_DB")
        or (original.get("PostgreSQL", "Database") if not is_keycloaks else None)
        or user
    )
    what = "Keycloak's accounts and realm" if is_keycloaks else "Orthanc's index"
    keeps = f"volume `{next((mount.source for mount in service.mounts if mount.kind in {'bind', 'volume'}), 'of the container')}`"
    draft.note(
        NoteKind.DATA,
        f"{what}: {version} in `{service.name}`, {keeps}",
        f"the profile has PostgreSQL {major}, which reads no data of another major version or of another layout: dump, then restore "
        "into the new one, started alone. Owners and passwords are the new deployment's",
        service.image_place,
        commands=(
            f"{_OLD} exec -T {service.name} pg_dump -U {user} -Fc {name} > {new}.dump",
            *_restore(new, database),
        ),
    )


def _restore(service: str, database: str) -> tuple[str, ...]:
    return (
        f"{_NEW} up --wait {service}",
        f"{_NEW} exec -T {service} pg_restore -U {database} -d {database} --no-owner --no-privileges --exit-on-error < {service}.dump",
    )
