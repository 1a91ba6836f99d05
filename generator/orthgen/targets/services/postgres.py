"""A PostgreSQL for one service, sized for that service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.products.services import Limits, SecretMount, Volume, VolumeMount
from orthgen.profile.memory import megabytes_of
from orthgen.targets.services.context import reader

if TYPE_CHECKING:
    from orthgen.products.services import Service
    from orthgen.targets.services.context import ServiceContext

# Beside the service's own connections: three that PostgreSQL keeps for its superuser, and some for backups
# and for looking after it.
_SPARE_CONNECTIONS = 10

# Where the password is read from, at the first start only.
_PASSWORD = "POSTGRES_PASSWORD"  # noqa: S105 - the name of a file


class Database(Struct, frozen=True):
    """One of the two databases. `name` is that of the database and of its user."""

    service: str
    purpose: str
    name: str
    secret: str
    connections: int
    memory: str
    processors: str
    processors_setting: str = ""


def database_service(context: ServiceContext, database: Database) -> Service:
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
        # Parallel queries share memory there; Docker gives 64 MB.
        shared_memory="256m",
        # A checkpoint of a large index takes a while; killed, the next start has to recover.
        stop_seconds=120,
    )


def _settings(database: Database) -> tuple[str, ...]:
    """PostgreSQL's own rule of thumb: a quarter of the memory shared, half of it counted on as file cache."""
    megabytes = megabytes_of(database.memory)
    settings = {
        "max_connections": database.connections + _SPARE_CONNECTIONS,
        "shared_buffers": f"{max(megabytes // 4, 32)}MB",
        "effective_cache_size": f"{max(megabytes // 2, 64)}MB",
    }
    return tuple(argument for name, value in settings.items() for argument in ("-c", f"{name}={value}"))
