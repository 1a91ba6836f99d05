"""The databases of Orthanc and Keycloak: their sizes, SQLite, and a PostgreSQL outside."""

import pytest

from orthgen.deployment import naming
from orthgen.targets.services.context import ServiceContext
from orthgen.targets.services.postgres import DatabaseService, database_service
from tests.support.builders import example, make_deployment
from tests.support.compose_files import compose_file, environment, reachable


def test_a_database_outside_has_a_check_and_no_container() -> None:
    """Its client waits for the check, both reach the server by the client's own network, and no password is in a variable."""
    server = "{host: db.example.org, authority: db.pem, password: {secret: db}}"
    deployment = make_deployment(
        archive=f"storage: {{postgresql: {server}}}",
        identity=f"{{sign-in: [accounts: {{}}], keycloak: {{postgresql: {server}}}}}",
    )
    tree = compose_file(deployment)
    services = tree["services"]

    assert not {naming.ORTHANC_DB, naming.KEYCLOAK_DB} & set(services)
    assert not {naming.ORTHANC_DB_PASSWORD, naming.KEYCLOAK_DB_PASSWORD} & {
        each.name for each in deployment.secrets
    }
    for client, check in ((naming.ORTHANC, "orthanc-db-check"), (naming.KEYCLOAK, "keycloak-db-check")):
        assert set(services[client]["depends_on"]) == {check}
        assert services[check]["networks"] == [f"{client}-to-outside"]
        assert reachable(tree, check) == {client}
        targets = {(secret["source"], secret["target"]) for secret in services[check]["secrets"]}
        assert targets == {
            ("db", "/run/database/password"),
            (f"{check[:-6]}-authority", "/run/database/authority.pem"),
        }
    assert "keycloak-to-database" not in tree["networks"]
    assert tree["secrets"]["orthanc-db-authority"] == {"file": "./db.pem"}
    assert "KC_DB_URL_HOST" not in environment(services[naming.KEYCLOAK])


def test_a_database_has_room_for_the_connections_of_its_service() -> None:
    """Orthanc's connections, those of the profile, and some to spare for anybody who looks after it."""
    services = compose_file(example("teaching-hospital.yaml"))["services"]

    assert "max_connections=50" in services[naming.ORTHANC_DB]["command"]
    assert "shared_buffers=2048MB" in services[naming.ORTHANC_DB]["command"]
    assert int(environment(services[naming.KEYCLOAK])["KC_DB_POOL_MAX_SIZE"]) == 20
    assert "max_connections=30" in services[naming.KEYCLOAK_DB]["command"]


@pytest.mark.parametrize(
    ("memory", "shared", "cache"),
    [("64m", "32MB", "64MB"), ("128m", "32MB", "64MB"), ("256m", "64MB", "128MB"), ("2g", "512MB", "1024MB")],
)
def test_a_small_database_has_what_postgresql_needs_to_start(memory: str, shared: str, cache: str) -> None:
    """A quarter of the memory is shared and half of it counted on as cache, and never less than works."""
    database = DatabaseService("orthanc-db", "the index", "orthanc", "orthanc-db-password", 10, memory, "1")
    command = database_service(ServiceContext.of(make_deployment(), ()), database).command

    assert f"shared_buffers={shared}" in command
    assert f"effective_cache_size={cache}" in command


def test_a_small_archive_has_no_database_server() -> None:
    """SQLite lives in Orthanc's own volume."""
    tree = compose_file(make_deployment(archive="{storage: {database: sqlite}}"))

    assert naming.ORTHANC_DB not in tree["services"]
    assert "depends_on" not in tree["services"][naming.ORTHANC]
    assert "orthanc-db-password" not in tree["secrets"]
