"""All that a deployment runs: services in the order in which they start, networks, volumes, secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.deployment import naming
from orthgen.products.orthanc import bucket_authority, key_secrets, typed_secrets
from orthgen.products.services import MountedSecret
from orthgen.products.trusted_authorities import trusted_authorities
from orthgen.targets.services.archive import archive_services
from orthgen.targets.services.context import ServiceContext
from orthgen.targets.services.identity import identity_services
from orthgen.targets.services.web import certificate_secrets, web_services

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Network, Service, Volume


class Composition(Struct, frozen=True):
    """The parts of a deployment. `secrets` leads from a secret's name to its file on the host."""

    services: tuple[Service, ...]
    networks: tuple[Network, ...]
    volumes: tuple[Volume, ...]
    secrets: Mapping[str, str]

    def by_name(self) -> tuple[Service, ...]:
        """The services in the alphabet's order, in which people look them up."""
        return tuple(sorted(self.services, key=lambda service: service.name))


def compose(deployment: Deployment, paths: Iterable[str]) -> Composition:
    """The composition of a deployment whose documents have these paths."""
    context = ServiceContext.of(deployment, paths)
    services = (*identity_services(context), *archive_services(context), *web_services(context))
    volumes = {mount.volume.name: mount.volume for service in services for mount in service.volumes}
    used_secrets = {secret.name for service in services for secret in service.secrets}
    return Composition(
        services=services,
        networks=tuple(context.networks),
        volumes=tuple(volumes.values()),
        secrets={name: file for name, file in _secret_files(deployment).items() if name in used_secrets},
    )


def supplied_files(deployment: Deployment) -> dict[str, str]:
    """The certificates that a person supplies as files of the host, by the names of their secrets."""
    return authorities(deployment) if deployment.has_own_authority else _certificates(deployment)


def mounted_secrets(deployment: Deployment, folder: Path) -> tuple[MountedSecret, ...]:
    """The files on the host that containers read as secrets, with what has to be true of each."""
    typed, keys = typed_secrets(deployment), key_secrets(deployment)
    files = [
        MountedSecret(
            folder / "secrets" / secret.name, is_typed=secret.name in typed, is_key=secret.name in keys
        )
        for secret in deployment.secrets
    ]
    for name, path in _certificates(deployment).items():
        place = folder / path  # an absolute path stays what it is
        is_in_folder = place.parent == folder / "secrets"
        is_public = name != naming.TLS_KEY
        files.append(MountedSecret(place, is_public=is_public, is_value=False, is_in_folder=is_in_folder))
    return tuple(files)


def _secret_files(deployment: Deployment) -> dict[str, str]:
    files = {secret.name: f"./secrets/{secret.name}" for secret in deployment.secrets}
    # A path that begins with neither is a volume's name to some of compose's readers.
    certificates = _certificates(deployment).items()
    return files | {name: path if path[0] in "./" else f"./{path}" for name, path in certificates}


def _certificates(deployment: Deployment) -> dict[str, str]:
    return {**certificate_secrets(deployment), **authorities(deployment)}


def authorities(deployment: Deployment) -> dict[str, str]:
    """The certificates of authorities: those that the institution trusts, and those of databases and of a bucket outside."""
    databases = {
        each.authority_secret: each.authority for each in deployment.external_databases if each.authority
    }
    return trusted_authorities(deployment) | databases | bucket_authority(deployment)
