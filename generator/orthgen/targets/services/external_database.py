"""The service that examines a database outside of the deployment before its client starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.catalogue import HealthCheck
from orthgen.products.external_database import check_environment
from orthgen.products.services import Limits
from orthgen.targets.services.context import reader, secret_mounts
from orthgen.targets.services.files import SCRIPTS

if TYPE_CHECKING:
    from orthgen.deployment.databases import ExternalDatabase
    from orthgen.products.services import Service
    from orthgen.targets.services.context import ServiceContext

CHECK_MEMORY = "64m"


def check_service(context: ServiceContext, database: ExternalDatabase) -> Service:
    """
    The check of `database`, as a container that waits and whose health check does the work.

    A container that ends would be a failure to `docker compose up --wait`. This one has psql and pg_dump with the access of the
    database's client: `docker compose exec -T SERVICE pg_dump -Fc > FILE`.
    """
    image = context.deployment.release.image("postgres")
    uid, _, gid = reader(image).partition(":")
    return context.service(
        database.check,
        "postgres",
        purpose=f"The check of the database {database.name} at {database.host}: healthy if its client can work with it.",
        user=reader(image),
        entrypoint=("bash", f"{SCRIPTS}/passfile.sh", "sleep", "infinity"),
        environment=check_environment(database),
        secrets=secret_mounts(database.mounts()),
        # The image declares a volume there; without this, each new container would leave one behind.
        more_tmpfs=(f"{image.volume}:size=1m,mode=0700,uid={uid},gid={gid}",),
        health=HealthCheck(("CMD", "bash", f"{SCRIPTS}/check.sh"), "60s", "psql is in the image"),
        limits=Limits(CHECK_MEMORY, "0.5", 64),
    )
