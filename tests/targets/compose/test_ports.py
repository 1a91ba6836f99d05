"""Which ports are published, on which address, and that each leads somewhere."""

import pytest

from orthgen.deployment import naming
from tests.support.builders import example, make_deployment
from tests.support.compose_files import ALL, compose_file


@ALL
def test_only_nginx_and_dicom_are_published(name: str) -> None:
    """The host's ports lead to nginx, to Orthanc's DICOM ports where peers speak DICOM, and to Keycloak where asked."""
    deployment = example(name)
    published = {
        service: {port["target"] for port in settings["ports"]}
        for service, settings in compose_file(deployment)["services"].items()
        if "ports" in settings
    }

    dicom = {naming.DICOM_PORT, *(server.port for server in deployment.collection_aets)}
    assert published.pop(naming.NGINX) <= {80, 443}
    expected = {naming.ORTHANC: dicom} if deployment.publishes_dicom else {}
    if deployment.profile.identity.keycloak.local_port is not None:
        expected[naming.KEYCLOAK] = {8080}
    assert published == expected


def test_a_local_trial_is_for_this_machine() -> None:
    """`http://localhost` has no TLS, so nobody else's machine gets to see it."""
    ports = compose_file(example("minimal.yaml"))["services"][naming.NGINX]["ports"]

    assert ports == [{"host_ip": "127.0.0.1", "target": 80, "published": "80"}]


def test_the_ports_are_published_where_the_profile_says() -> None:
    """`bind` holds for the web and for DICOM."""
    deployment = make_deployment(
        archive="{modalities: {ct: {aet: CT, host: 10.1.2.3}}}",
        deployment="{tls: {certificate: ./c.pem, key: ./k.pem}, compose: {bind: 192.0.2.7, https-port: 8443}}",
    )
    services = compose_file(deployment)["services"]

    ports = [*services[naming.NGINX]["ports"], *services[naming.ORTHANC]["ports"]]
    assert [(port["host_ip"], port["published"], port["target"]) for port in ports] == [
        ("192.0.2.7", "80", 80),
        ("192.0.2.7", "8443", 443),
        ("192.0.2.7", "4242", 4242),
    ]


def test_a_proxy_in_front_gets_plain_http() -> None:
    """Anybody who ends TLS elsewhere needs one port, and no certificate here."""
    tree = compose_file(example("teaching-hospital.yaml"))

    assert [port["target"] for port in tree["services"][naming.NGINX]["ports"]] == [80]
    assert "tls-key" not in tree["secrets"]


def test_ports_that_nobody_may_reach_are_not_published() -> None:
    """`publish: false` keeps DICOM inside."""
    deployment = make_deployment(
        archive="{dicom: {publish: false}, modalities: {ct: {aet: CT, host: 10.1.2.3}}}"
    )

    assert "ports" not in compose_file(deployment)["services"][naming.ORTHANC]


def test_keycloak_is_published_on_the_hosts_loopback_only_where_asked() -> None:
    """Administrators on the host itself reach the admin API; nobody else does."""
    deployment = make_deployment(identity="{sign-in: [accounts: {}], keycloak: {local-port: 8081}}")

    (port,) = compose_file(deployment)["services"]["keycloak"]["ports"]
    assert (port["host_ip"], port["published"], port["target"]) == ("127.0.0.1", "8081", 8080)
    assert deployment.addresses.keycloak_admin == "http://127.0.0.1:8081/"


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param("{sign-in: [accounts: {}], keycloak: {local-port: 8081}}", id="keeps to itself"),
        pytest.param(
            "{sign-in: [accounts: {}], keycloak: {local-port: 8081}, smtp: {host: m.example.org, sender: a@example.org}}",
            id="reaches a mail server",
        ),
    ],
)
def test_a_published_port_leads_somewhere(identity: str) -> None:
    """A service that has internal networks only gets nothing from the host, whatever it publishes."""
    compose = compose_file(make_deployment(identity=identity))

    for name, settings in compose["services"].items():
        open_networks = [key for key in settings["networks"] if not compose["networks"][key].get("internal")]
        assert open_networks or "ports" not in settings, name


@ALL
def test_no_example_publishes_a_port_that_leads_nowhere(name: str) -> None:
    """The same for every example."""
    compose = compose_file(example(name))

    for service, settings in compose["services"].items():
        open_networks = [key for key in settings["networks"] if not compose["networks"][key].get("internal")]
        assert open_networks or "ports" not in settings, service
