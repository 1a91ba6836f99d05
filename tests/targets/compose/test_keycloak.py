"""Keycloak and the auth-service in the compose file: start, console, edited permissions, an own Keycloak."""

from orthgen.deployment import naming
from tests.support.builders import example, make_deployment
from tests.support.compose_files import compose_file, environment


def test_an_institution_with_a_keycloak_gets_no_other() -> None:
    """The auth-service asks the institution's Keycloak, and waits for no container."""
    tree = compose_file(example("clinic.yaml"))
    auth_service = tree["services"][naming.AUTH_SERVICE]

    assert not {naming.KEYCLOAK, naming.KEYCLOAK_DB} & set(tree["services"])
    assert "depends_on" not in auth_service
    assert environment(auth_service)["KEYCLOAK_URI"] == "https://sso.lakeside.example/realms/lakeside/"


def test_the_auth_service_starts_when_the_realm_is_there() -> None:
    """It fetches the realm's key once, when it starts."""
    services = compose_file(example("paradim.yaml"))["services"]

    assert set(services[naming.AUTH_SERVICE]["depends_on"]) == {naming.KEYCLOAK}
    assert "/health/ready" in services[naming.KEYCLOAK]["healthcheck"]["test"][-1]


def test_edited_permissions_outlive_the_container() -> None:
    """The permission editor writes to a volume; the rendered file is where it starts from."""
    deployment = make_deployment(identity="{sign-in: [accounts: {}], permission-editor: true}")
    service = compose_file(deployment)["services"][naming.AUTH_SERVICE]
    mounts = {mount["target"]: mount for mount in service["volumes"]}

    edited = environment(service)["PERMISSIONS_FILE_PATH"]
    assert mounts[edited.rpartition("/")[0]]["source"] == "permissions"
    assert mounts["/orthanc_auth_service/permissions.json"]["source"] == "./auth-service/permissions.json"


def test_a_changed_realm_leaves_keycloak_running() -> None:
    """It is imported at the first start only; created again, Keycloak would sign everybody out for nothing."""
    name = "{name: Test Institution, url: 'https://pacs.example.org'}"
    before, after = (
        compose_file(make_deployment(institution=name, identity=identity))["services"][naming.KEYCLOAK]
        for identity in ("{sign-in: [accounts: {}]}", "{sign-in: [accounts: {password-length: 20}]}")
    )

    assert before == after


def test_the_console_on_the_host_stays_there() -> None:
    """With a port on the loopback address the server's own realm is there; the deployment's keeps the public address."""
    with_port = make_deployment(identity="{sign-in: [accounts: {}], keycloak: {local-port: 8081}}")
    through_nginx = make_deployment(
        identity="{sign-in: [accounts: {}], keycloak: {local-port: 8081, admin-console: true}}"
    )

    names = [
        compose_file(deployment)["services"]["keycloak"]["environment"]
        for deployment in (with_port, through_nginx)
    ]

    assert "http://127.0.0.1:8081" in str(names[0])
    assert "http://127.0.0.1:8081" not in str(names[1])
