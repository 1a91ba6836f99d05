"""Settings of the host that limit services, each with a default that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment


class HostSetting(Struct, frozen=True):
    """A host setting: its name, its default, and a comment for people."""

    name: str
    default: str
    comment: tuple[str, ...]


ORTHANC_CPUS = HostSetting(
    "ORTHANC_CPUS", "2", ("How many of the host's processors Orthanc may use; no more than it has.",)
)
READER_CPUS = HostSetting("READER_CPUS", "2", ("The same for each reader.",))
DATABASE_CPUS = HostSetting("DATABASE_CPUS", "2", ("The same for Orthanc's database.",))

KEYCLOAK_CPUS = HostSetting("KEYCLOAK_CPUS", "2", ("The same for Keycloak.",))


def host_settings(deployment: Deployment) -> Iterator[HostSetting]:
    """The settings that this deployment's services refer to."""
    yield ORTHANC_CPUS
    if deployment.readers:
        yield READER_CPUS
    if deployment.has_index_container:
        yield DATABASE_CPUS
    if deployment.has_own_keycloak:
        yield KEYCLOAK_CPUS
