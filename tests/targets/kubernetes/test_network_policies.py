"""Which pods and servers may talk to each other."""

from __future__ import annotations

import pytest

from orthgen.deployment import naming
from orthgen.deployment.connections import connections
from orthgen.deployment.model import Deployment
from orthgen.targets.services.networks import network_members
from tests.support import builders
from tests.support.builders import EXAMPLES
from tests.support.kubernetes_objects import cluster, objects

MODALITY = "{dicom: {port: 104}, modalities: {ct: {aet: CT, host: 10.1.2.3, port: 11112}}}"

# ---------------------------------------------------------------------------------------------- connections


def allowed(deployment: Deployment, direction: str, peer: str) -> set[tuple[str, str, int]]:
    """Source, target and port of the connections between services that the policies of one direction allow."""
    result = set()
    for key, policy in objects(deployment).items():
        kind, _, name = key.partition("/")
        for rule in policy["spec"].get(direction, ()) if kind == "NetworkPolicy" else ():
            others = [
                each["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
                for each in rule.get(peer, ())
                if "podSelector" in each
            ]
            pairs = [(other, name) if direction == "ingress" else (name, other) for other in others]
            result |= {(*pair, port["port"]) for pair in pairs for port in rule["ports"]}
    return result


def test_policies_allow_the_connections_of_the_deployment(example: Deployment) -> None:
    """Both sides allow the same, and it is what the approval page names; pods of one service are left out."""
    ports = example.platform.ports
    table = {
        (connection.source, connection.target, ports[connection.target])
        for connection in connections(example)
        if connection.target in ports and connection.source in {naming.NGINX, *ports}
    }
    if example.has_own_keycloak:
        table.add(("provision-keycloak", naming.KEYCLOAK, 8080))
    ingress, egress = allowed(example, "ingress", "from"), allowed(example, "egress", "to")

    assert {entry for entry in ingress if entry[0] != entry[1]} == table
    assert egress == ingress


@pytest.mark.parametrize("name", EXAMPLES)
def test_policies_allow_no_pair_that_compose_separates(name: str) -> None:
    """Services that share no network of Docker Compose cannot talk to each other in a cluster."""
    deployment = builders.example(name)
    networks = network_members(deployment).values()
    services = {service for members in networks for service in members}
    pairs = {(each.source, each.target) for each in connections(deployment)}

    assert [
        pair
        for pair in pairs
        if services.issuperset(pair) and not any(set(members).issuperset(pair) for members in networks)
    ] == []


def test_everything_else_is_refused() -> None:
    """One policy selects every pod, and allows nothing."""
    spec = objects(cluster())["NetworkPolicy/default-deny"]["spec"]

    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_a_database_asks_nobody() -> None:
    """A pod without a connection of its own does not even reach the name server."""
    assert "egress" not in objects(cluster())["NetworkPolicy/keycloak-db"]["spec"]


def test_dicom_peers_keep_their_addresses() -> None:
    """Orthanc compares the peer's address: no node replaces it, and only peers get in."""
    made = objects(cluster(archive=MODALITY))
    service, policy = made["Service/orthanc-dicom"]["spec"], made["NetworkPolicy/orthanc"]["spec"]

    assert (service["type"], service["externalTrafficPolicy"]) == ("LoadBalancer", "Local")
    assert service["loadBalancerSourceRanges"] == ["10.1.2.3/32"]
    assert [port["port"] for port in service["ports"]] == [104]
    assert {
        "from": [{"ipBlock": {"cidr": "10.1.2.3/32"}}],
        "ports": [{"protocol": "TCP", "port": 4242}],
    } in policy["ingress"]
    assert {
        "to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}],
        "ports": [{"protocol": "TCP", "port": 11112}],
    } in policy["egress"]


@pytest.mark.parametrize(
    ("changes", "service", "ports"),
    [
        pytest.param({"identity": "{sign-in: [ldap: {url: 'ldaps://dc.example.org', bind-dn: a, bind-password: {secret: b}, users-dn: dc=c}]}"}, "keycloak", [636], id="LDAP"),
        pytest.param({"identity": "{sign-in: [accounts: {}], smtp: {host: mail.example.org, sender: a@b.org, port: 2525}}"}, "keycloak", [2525], id="mail"),
        pytest.param({"archive": "{storage: {files: {s3: {bucket: images, region: b, endpoint: 'https://s3.example.org:9443', access-key: {secret: c}, secret-key: {secret: d}}}}}"}, "orthanc", [9443], id="S3"),
    ],
)  # fmt: skip
def test_a_service_reaches_the_ports_of_its_servers(
    changes: dict[str, str], service: str, ports: list[int]
) -> None:
    """Servers outside are reached at their ports, and at no other."""
    egress = objects(cluster(**changes))[f"NetworkPolicy/{service}"]["spec"]["egress"]
    outside = [rule["ports"] for rule in egress if {"ipBlock": {"cidr": "0.0.0.0/0"}} in rule["to"]]

    assert [[port["port"] for port in each] for each in outside] == [ports]
