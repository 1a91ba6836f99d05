"""Consistency of services, secrets and files; names that the images read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orthgen.catalogue import load, releases
from orthgen.consistency.facts import (
    consistency_rule,
    disagreement,
    section,
    upstreams,
)
from orthgen.consistency.parsed_files import COMPOSE, ORTHANC
from orthgen.consistency.running_services import environment, environment_place, has_service, image, port_of
from orthgen.deployment import naming

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.consistency.parsed_files import ParsedFiles
    from orthgen.findings import Finding


MISSING_UPSTREAM = consistency_rule(
    "missing-upstream",
    "Requests are passed to a service, or to a port of a service, that the deployment does not have.",
    file="nginx/nginx.conf",
    example="""
        - server orthanc:8042
        + server orthanc-server:8042
    """,
)


def upstreams_exist(files: ParsedFiles) -> Iterator[Finding]:
    """Every upstream of nginx is a service of the deployment, at the service's port."""
    for host, port, location in upstreams(files):
        if not has_service(files, host):
            yield disagreement(
                MISSING_UPSTREAM,
                f"nginx passes requests to `{host}`, which is not a service of the deployment",
                location,
            )
        elif port != port_of(files, host):
            yield disagreement(
                MISSING_UPSTREAM, f"`{host}` listens at {port_of(files, host)}, not at {port}", location
            )


MISSING_SERVICE = consistency_rule(
    "missing-service",
    "A setting leads to a service that the deployment does not have.",
    file="orthanc/orthanc.json",
    example="""
        - "Host": "orthanc-db"
        + "Host": "postgres"
    """,
)


def service_names(files: ParsedFiles) -> Iterator[Finding]:
    """Orthanc's and the auth-service's settings name services of the deployment only."""
    host = section(files, "PostgreSQL", "Host")
    if host is not None and not has_service(files, str(host)):
        yield disagreement(
            MISSING_SERVICE,
            f"the database `{host}` is not a service of the deployment",
            files.locate(ORTHANC, ("PostgreSQL", "Host")),
        )
    for service, names in (
        (naming.AUTH_SERVICE, ("KEYCLOAK_URI", "KEYCLOAK_ADMIN_URI")),
        # KC_DB_URL is for a database outside of the deployment.
        (naming.KEYCLOAK, ("KC_DB_URL_HOST",)),
    ):
        for name in names:
            value = environment(files, service).get(name)
            if value is None:
                continue
            internal = urlsplit(value if "//" in value else f"//{value}")
            if internal.scheme != "https" and not has_service(files, internal.hostname or ""):
                location = environment_place(files, service, name)
                yield disagreement(
                    MISSING_SERVICE,
                    f"{name} leads to `{internal.hostname}`, which is not a service of the deployment",
                    location,
                )
    for service, settings in (files.get(COMPOSE, "services") or {}).items():
        for dependency in settings.get("depends_on") or ():
            if not has_service(files, str(dependency)):
                location = files.locate(COMPOSE, ("services", service, "depends_on"))
                yield disagreement(
                    MISSING_SERVICE,
                    f"`{service}` waits for `{dependency}`, which is not a service of the deployment",
                    location,
                )


SECRET_WITHOUT_USE = consistency_rule(
    "secret-without-use",
    "A service uses a secret that is not defined, or no service uses a defined secret.",
    file="docker-compose.yml",
    example="""
        - - source: orthanc-db-password
        + - source: db-password
    """,
)


def secrets(files: ParsedFiles) -> Iterator[Finding]:
    """Every secret that a service uses is defined, and none is defined that nobody uses."""
    defined = set(files.get(COMPOSE, "secrets") or ())
    used: set[str] = set()
    for service, settings in (files.get(COMPOSE, "services") or {}).items():
        for index, secret in enumerate(settings.get("secrets") or ()):
            name = str(secret.get("source") if isinstance(secret, dict) else secret)
            used.add(name)
            if name not in defined:
                location = files.locate(COMPOSE, ("services", service, "secrets", index))
                yield disagreement(
                    SECRET_WITHOUT_USE,
                    f"`{service}` uses the secret `{name}`, which is not defined",
                    location,
                )
    for name in sorted(defined - used):
        yield disagreement(
            SECRET_WITHOUT_USE,
            f"no service uses the secret `{name}`",
            files.locate(COMPOSE, ("secrets", name)),
        )


MISSING_MOUNTED_FILE = consistency_rule(
    "missing-mounted-file",
    "A service mounts a file that is not rendered.",
    file="docker-compose.yml",
    example="""
        - source: ./nginx/conf.d/site.conf
        + source: ./nginx/conf.d/default.conf
    """,
)


def mounted_files(files: ParsedFiles) -> Iterator[Finding]:
    """Every file of the deployment that a service mounts is one that is rendered."""
    for service, settings in (files.get(COMPOSE, "services") or {}).items():
        for index, mount in enumerate(settings.get("volumes") or ()):
            source = _own_file(mount)
            if source is not None and not any(
                path == source or path.startswith(f"{source}/") for path in files.texts
            ):
                location = files.locate(COMPOSE, ("services", service, "volumes", index))
                yield disagreement(
                    MISSING_MOUNTED_FILE, f"`{service}` mounts `{source}`, which is not rendered", location
                )


def _own_file(mount: Any) -> str | None:
    source = str(mount.get("source", "")) if isinstance(mount, dict) else str(mount).split(":", 1)[0]
    return source.removeprefix("./").rstrip("/") if source.startswith("./") else None


KEY_UNKNOWN_TO_IMAGE = consistency_rule(
    "key-unknown-to-image",
    "Orthanc is given a key that its image does not read, or its image is not in the catalogue.",
    file="orthanc/orthanc.json",
    example="""
        - "IsDefaultOrthancUI"
        + "IsDefaultUI"
    """,
)


def images_and_keys(files: ParsedFiles) -> Iterator[Finding]:
    """The release whose image of Orthanc is run reads every key that it is given."""
    pulled, location = image(files, naming.ORTHANC)
    reference = re.sub(r"@sha256:.*", "", pulled)
    release = next(
        (release for name in releases() if (release := load(name)).images["orthanc"] == reference), None
    )
    if release is None:
        yield disagreement(KEY_UNKNOWN_TO_IMAGE, f"`{reference}` is not an image of the catalogue", location)
        return
    for unknown in release.unknown_keys(section(files)):
        message = f"`{reference}` reads no key `{'.'.join(unknown.path)}`"
        yield disagreement(
            KEY_UNKNOWN_TO_IMAGE, message, files.locate(ORTHANC, unknown.path), (location, "the image")
        )
