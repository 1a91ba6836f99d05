"""
NetworkPolicies: no connection, but for those of `deployment/connections.py`.

The first policy refuses every connection of every pod. One policy for each service then allows what others ask of it, and what
it asks of others. Connections to servers outside are limited to their ports, because a policy knows no host names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.deployment.connections import BROWSERS, DICOM_DEVICES, PROXY, connections
from orthgen.deployment.platform import DATABASE_OPERATOR_PORT
from orthgen.profile.host_ports import STANDARD_PORTS
from orthgen.targets.kubernetes.components import COMPONENTS, PROVISIONING, replicas
from orthgen.targets.kubernetes.entry import peers
from orthgen.targets.kubernetes.manifest import NAME_LABEL, KubernetesManifest, metadata, selector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment

Rule = dict[str, Any]

# The transport of Keycloak's caches, and its detection of failures (JGroups in Keycloak 26).
_KEYCLOAK_CACHE_PORTS = (7800, 57800)
# CloudNativePG's instance manager asks the API server.
_API_SERVER_PORTS = (STANDARD_PORTS["https"], 6443)
_SOLVER_PORT = 8089
_SOLVER_LABEL = {"acme.cert-manager.io/http01-solver": "true"}


def network_policy_manifests(deployment: Deployment) -> Iterator[KubernetesManifest]:
    """The policy that refuses everything, and the policy of each component."""
    yield _refusal(deployment)
    for name in COMPONENTS:
        if _is_running(deployment, name):
            yield _policy(deployment, name)
    if deployment.has_own_keycloak:
        yield _policy(deployment, PROVISIONING)
    if deployment.kubernetes is not None and deployment.kubernetes.certificate is not None:
        yield _solver_policy(deployment)


def _is_running(deployment: Deployment, name: str) -> bool:
    return name == naming.NGINX or any(name == connection.target for connection in connections(deployment))


def _refusal(deployment: Deployment) -> KubernetesManifest:
    content = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(deployment, "default-deny"),
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }
    return KubernetesManifest(
        "", "networkpolicy-default-deny", "No connection, unless another policy allows it.", content
    )


def _policy(deployment: Deployment, name: str) -> KubernetesManifest:
    ingress, egress = list(_ingress(deployment, name)), list(_egress(deployment, name))
    spec: dict[str, Any] = {
        "podSelector": {"matchLabels": _pods(deployment, name)},
        "policyTypes": ["Ingress", "Egress"],
    }
    spec |= {"ingress": ingress} if ingress else {}
    spec |= {"egress": [*_name_server(), *egress]} if egress else {}
    content = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(deployment, name),
        "spec": spec,
    }
    return KubernetesManifest(name, "networkpolicy", f"The connections of `{name}`.", content)


def _pods(deployment: Deployment, name: str) -> dict[str, str]:
    """The labels of a component's pods; CloudNativePG gives its own."""
    is_operated = _is_operated(deployment, name)
    return {"cnpg.io/cluster": name} if is_operated else selector(deployment, name)


def _name_server() -> list[Rule]:
    """The cluster's name server; 169.254.20.10 is that of the node where the cluster has NodeLocal DNSCache."""
    return [
        {
            "to": [
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}},
                {"ipBlock": {"cidr": "169.254.20.10/32"}},
            ],
            "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")],
        }
    ]


def _ports(*ports: int) -> list[dict[str, Any]]:
    return [{"protocol": "TCP", "port": port} for port in ports]


def _pod_peer(deployment: Deployment, name: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": _pods(deployment, name)}}


def _inner_connections(deployment: Deployment) -> Iterator[tuple[str, str, int]]:
    """Source, target and port of each connection between pods."""
    for connection in connections(deployment):
        if connection.source in COMPONENTS and connection.target in COMPONENTS:
            yield connection.source, connection.target, deployment.platform.ports[connection.target]
    if deployment.readers:
        # A reader starts when the ingest node answers.
        yield naming.READER, naming.ORTHANC, deployment.platform.ports[naming.ORTHANC]
    if deployment.has_own_keycloak:
        yield PROVISIONING, naming.KEYCLOAK, deployment.platform.ports[naming.KEYCLOAK]


def _ingress(deployment: Deployment, name: str) -> Iterator[Rule]:
    platform = deployment.platform
    if name == naming.NGINX:
        # The only public server: browsers, load balancers and gateways.
        yield {"ports": _ports(platform.http_port, *([platform.https_port] if deployment.ends_tls else []))}
    for source, target, port in _inner_connections(deployment):
        if target == name:
            yield {"from": [_pod_peer(deployment, source)], "ports": _ports(port)}
    if name == naming.ORTHANC and deployment.publishes_dicom:
        ports = (naming.DICOM_PORT, *(server.port for server in deployment.collection_aets))
        yield {"from": [{"ipBlock": {"cidr": peer}} for peer in peers(deployment)], "ports": _ports(*ports)}
    yield from _clustered(deployment, name, "from")
    if _is_operated(deployment, name):
        # The operator, whatever its namespace is.
        yield {
            "from": [
                {"namespaceSelector": {}, "podSelector": {"matchLabels": {NAME_LABEL: "cloudnative-pg"}}}
            ],
            "ports": _ports(DATABASE_OPERATOR_PORT, deployment.platform.ports[name]),
        }


def _egress(deployment: Deployment, name: str) -> Iterator[Rule]:
    for source, target, port in _inner_connections(deployment):
        if source == name:
            yield {"to": [_pod_peer(deployment, target)], "ports": _ports(port)}
    yield from _clustered(deployment, name, "to")
    # Provisioning asks the providers for their addresses, as Keycloak does.
    source = naming.KEYCLOAK if name == PROVISIONING else name
    ports: set[int] = set()
    for connection in connections(deployment):
        if connection.source != source or connection.target in {*COMPONENTS, BROWSERS, PROXY}:
            continue
        if connection.target == DICOM_DEVICES:
            yield from _to_modalities(deployment)
        elif not (port := connection.port):
            # A raw setting that names another server: any port.
            yield {"to": _everywhere()}
        else:
            ports.add(port)
    if _is_operated(deployment, name):
        ports |= set(_API_SERVER_PORTS)
    if ports:
        yield {"to": _everywhere(), "ports": _ports(*sorted(ports))}


def _to_modalities(deployment: Deployment) -> Iterator[Rule]:
    addresses = {
        (modality.host, modality.port) for modality in deployment.profile.archive.modalities.values()
    }
    for host, port in sorted(addresses):
        cidr = f"{host}/{128 if ':' in host else 32}"
        yield {"to": [{"ipBlock": {"cidr": cidr}}], "ports": _ports(port)}


def _everywhere() -> list[dict[str, Any]]:
    return [{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"ipBlock": {"cidr": "::/0"}}]


def _clustered(deployment: Deployment, name: str, direction: str) -> Iterator[Rule]:
    """Connections between the pods of one service."""
    peer = {direction: [_pod_peer(deployment, name)]}
    if name == naming.KEYCLOAK and replicas(deployment, name) > 1:
        yield {**peer, "ports": _ports(*_KEYCLOAK_CACHE_PORTS)}
    if _is_operated(deployment, name):
        yield {**peer, "ports": _ports(deployment.platform.ports[name], DATABASE_OPERATOR_PORT)}


def _is_operated(deployment: Deployment, name: str) -> bool:
    return deployment.has_database_operator and name in {naming.ORTHANC_DB, naming.KEYCLOAK_DB}


def _solver_policy(deployment: Deployment) -> KubernetesManifest:
    content = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(deployment, "acme-solver"),
        "spec": {
            "podSelector": {"matchLabels": _SOLVER_LABEL},
            "policyTypes": ["Ingress"],
            "ingress": [{"ports": _ports(_SOLVER_PORT)}],
        },
    }
    purpose = "cert-manager's answer to the authority, where the issuer asks over http."
    return KubernetesManifest("", "networkpolicy-acme-solver", purpose, content)
