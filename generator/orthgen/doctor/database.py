"""Check of databases outside of the deployment: the server answers, speaks TLS, and has the right certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact
from orthgen.server_address import postgresql_failure

if TYPE_CHECKING:
    from collections.abc import Iterator


def databases(system: ExaminedSystem) -> Iterator[Fact]:
    """Each database outside answers at its address, with a certificate of the authority of the profile."""
    if system.deployment is None:
        return
    for database in system.deployment.external_databases:
        authority = system.folder / database.authority if database.authority else None
        failure = postgresql_failure(database.host, database.port, authority)
        if not failure:
            yield Fact(CheckStatus.OK, f"a database answers at {database.address}")
            continue
        remedy = (
            "start the server, let it listen at this address (`listen_addresses`), or correct `postgresql` in the profile"
            if authority is None
            else "the server has to listen at this address (`listen_addresses`) with `ssl = on`, and its certificate has to name "
            f"`{database.host}` and to be signed by `authority`"
        )
        yield Fact(CheckStatus.ERROR, f"the database at {database.address}: {failure}", remedy)
