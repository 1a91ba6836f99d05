"""A PostgreSQL for one service, sized for that service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.products.services import Limits, SecretMount, Volume, VolumeMount
from orthgen.profile.memory import megabytes_of
from orthgen.targets.services.context import folders_in_memory, reader

if TYPE_CHECKING:
    from orthgen.catalogue.images import Image
    from orthgen.products.services import Service
    from orthgen.targets.services.context import ServiceContext

# Beside the service's own connections: three that PostgreSQL keeps for its superuser, and some for backups
# and for looking after it.
_SPARE_CONNECTIONS = 10
_MAX_SHARED_MEGABYTES = 256

# Where the password is read from, at the first start only.
_PASSWORD = "POSTGRES_PASSWORD"  # noqa: S105 - the name of a file


class DatabaseService(Struct, frozen=True):
    """One of the two databases. `name` is that of the database and of its user."""

    service: str
    purpose: str
    name: str
    secret: str
    connections: int
    memory: str
    processors: str
    processors_setting: str = ""


def database_service(context: ServiceContext, database: DatabaseService) -> Service:
    """The database's service."""
    image = context.deployment.release.image("postgres")
    # PostgreSQL reads the data of its own major version only, so the volume's name holds it: another version starts
    # with an empty one, and the old data stay as they are until somebody removes them.
    major = image.tag.partition(".")[0]
    data = Volume(f"{database.service}-{major}", f"The data of {database.service}, of PostgreSQL {major}.")
    environment = {
        **image.environment,
        "POSTGRES_DB": database.name,
        "POSTGRES_USER": database.name,
        image.secrets.names[_PASSWORD]: f"{image.secrets.directory}/{_PASSWORD}",
    }
    return context.service(
        database.service,
        "postgres",
        purpose=database.purpose,
        user=reader(image),
        command=("postgres", *_settings(database)),
        environment=environment,
        secrets=(SecretMount(database.secret, _PASSWORD),),
        volumes=(VolumeMount(data, image.volume or ""),),
        limits=Limits(database.memory, database.processors, 1024, database.processors_setting),
        shared_memory=f"{_shared_memory(image, database.memory)}m",
        # A checkpoint of a large index takes a while; killed, the next start has to recover.
        stop_seconds=120,
    )


def _shared_memory(image: Image, limit: str) -> int:
    """
    The megabytes of /dev/shm, where parallel queries share memory (Docker gives 64).

    It is a folder in memory like the others, so that together they have at most half of the limit.
    """
    others = sum(megabytes_of(path.size) for path in folders_in_memory(image, limit))
    return min(_MAX_SHARED_MEGABYTES, megabytes_of(limit) // 2 - others)


def _settings(database: DatabaseService) -> tuple[str, ...]:
    """PostgreSQL's own rule of thumb: a quarter of the memory shared, half of it counted on as file cache."""
    megabytes = megabytes_of(database.memory)
    settings = {
        "max_connections": database.connections + _SPARE_CONNECTIONS,
        "shared_buffers": f"{max(megabytes // 4, 32)}MB",
        "effective_cache_size": f"{max(megabytes // 2, 64)}MB",
    }
    return tuple(argument for name, value in settings.items() for argument in ("-c", f"{name}={value}"))
