"""
Host settings in `.env`, each with a default that works.

Docker Compose reads `.env` beside the compose file; the compose file refers to a setting by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.products.artifact import Artifact
from orthgen.products.header import header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment

EXAMPLE_PATH = ".env.example"


class HostSetting(Struct, frozen=True):
    """A host setting: its name, its default, and a comment for people."""

    name: str
    default: str
    comment: tuple[str, ...]


ORTHANC_CPUS = HostSetting(
    "ORTHANC_CPUS", "2", ("How many of the host's processors Orthanc may use; no more than it has.",)
)
DATABASE_CPUS = HostSetting("DATABASE_CPUS", "2", ("The same for Orthanc's database.",))

KEYCLOAK_CPUS = HostSetting("KEYCLOAK_CPUS", "2", ("The same for Keycloak.",))


def host_settings(deployment: Deployment) -> Iterator[HostSetting]:
    """The settings that this deployment's compose file refers to."""
    yield ORTHANC_CPUS
    if deployment.has_index_container:
        yield DATABASE_CPUS
    if deployment.has_own_keycloak:
        yield KEYCLOAK_CPUS


def env_example(deployment: Deployment) -> Artifact:
    """`.env.example`: to be copied to `.env` and changed there. Holds no secret."""
    lines = [
        header(deployment.source),
        "# Copy this file to `.env` and change it there. Secrets are files in `secrets/`.\n",
    ]
    for setting in host_settings(deployment):
        lines.append("\n")
        lines += [f"# {line}\n" for line in setting.comment]
        lines.append(f"{setting.name}={setting.default}\n")
    return Artifact(EXAMPLE_PATH, "".join(lines))
