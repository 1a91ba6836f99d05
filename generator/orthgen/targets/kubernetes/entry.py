"""The path of requests into the cluster: nginx's Service, routes of a Gateway, an Ingress, the DICOM ports, the certificate."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.profile.host_ports import STANDARD_PORTS
from orthgen.targets.kubernetes.manifest import KubernetesManifest, metadata, selector
from orthgen.targets.kubernetes.secret_objects import TLS_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.profile.kubernetes import Certificate, Gateway, Ingress

_DICOM = "orthanc-dicom"
# ingress-nginx refuses bodies of more than 1 MB, and keeps whole uploads in files, unless it is told otherwise.
_INGRESS_NGINX = {
    "nginx.ingress.kubernetes.io/proxy-body-size": "0",
    "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
    "nginx.ingress.kubernetes.io/proxy-buffer-size": "32k",
    "nginx.ingress.kubernetes.io/proxy-read-timeout": "300",
    "nginx.ingress.kubernetes.io/proxy-send-timeout": "300",
}


def entry_manifests(deployment: Deployment) -> Iterator[KubernetesManifest]:
    """The objects by which requests from outside reach nginx, and DICOM peers reach Orthanc."""
    settings = deployment.kubernetes
    assert settings is not None  # noqa: S101 - this target's deployments have it
    yield KubernetesManifest(naming.NGINX, "service", "The address of nginx.", _nginx_service(deployment))
    if settings.entry is not None and settings.entry.gateway is not None:
        yield _route(deployment, settings.entry.gateway)
    if settings.entry is not None and settings.entry.ingress is not None:
        content = _ingress(deployment, settings.entry.ingress)
        yield KubernetesManifest(
            naming.NGINX, "ingress", "Web requests, whose TLS the ingress controller ends.", content
        )
    if settings.certificate is not None:
        content = _certificate(deployment, settings.certificate)
        yield KubernetesManifest(
            naming.NGINX, "certificate", "The certificate of the public origin, from cert-manager.", content
        )
    if deployment.publishes_dicom:
        yield KubernetesManifest(
            naming.ORTHANC, "service-dicom", "The DICOM ports.", _dicom_service(deployment)
        )


def is_load_balancer(deployment: Deployment) -> bool:
    """Whether nginx has a load balancer of its own."""
    entry = deployment.kubernetes.entry if deployment.kubernetes is not None else None
    return not deployment.origin.is_local if entry is None else entry.load_balancer is not None


def nginx_ports(deployment: Deployment) -> dict[str, int]:
    """The ports of nginx's Service, which are those of the public origin."""
    origin = deployment.origin
    if not deployment.ends_tls:
        return {"http": origin.port if origin.scheme == "http" else STANDARD_PORTS["http"]}
    return {"http": STANDARD_PORTS["http"], "https": origin.port}


def _nginx_service(deployment: Deployment) -> dict[str, Any]:
    ports = [
        {"name": name, "port": port, "targetPort": name, "protocol": "TCP"}
        for name, port in nginx_ports(deployment).items()
    ]
    spec: dict[str, Any] = {
        "type": "ClusterIP",
        "selector": selector(deployment, naming.NGINX),
        "ports": ports,
    }
    entry = deployment.kubernetes.entry if deployment.kubernetes is not None else None
    annotations: dict[str, str] = {}
    if is_load_balancer(deployment):
        # `Local`: the log has the addresses of the clients, and not those of nodes.
        spec |= {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}
        if entry is not None and entry.load_balancer is not None:
            annotations = entry.load_balancer.annotations
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _annotated(metadata(deployment, naming.NGINX), annotations),
        "spec": spec,
    }


def _annotated(content: dict[str, Any], annotations: dict[str, str]) -> dict[str, Any]:
    return {**content, "annotations": dict(annotations)} if annotations else content


def _route(deployment: Deployment, gateway: Gateway) -> KubernetesManifest:
    """An HTTPRoute where the Gateway ends TLS, a TLSRoute where it passes TLS on to nginx."""
    port = nginx_ports(deployment)["https" if deployment.ends_tls else "http"]
    parent = {"name": gateway.name}
    if gateway.namespace is not None:
        parent["namespace"] = gateway.namespace
    if gateway.listener is not None:
        parent["sectionName"] = gateway.listener
    version, kind = ("v1", "TLSRoute") if deployment.ends_tls else ("v1", "HTTPRoute")
    content = {
        "apiVersion": f"gateway.networking.k8s.io/{version}",
        "kind": kind,
        "metadata": metadata(deployment, naming.NGINX),
        "spec": {
            "parentRefs": [parent],
            "hostnames": [deployment.origin.host],
            "rules": [{"backendRefs": [{"name": naming.NGINX, "port": port}]}],
        },
    }
    purpose = (
        "TLS that the Gateway passes on to nginx." if deployment.ends_tls else "Web requests of the Gateway."
    )
    return KubernetesManifest(naming.NGINX, kind.lower(), purpose, content)


def _ingress(deployment: Deployment, ingress: Ingress) -> dict[str, Any]:
    host, tls = deployment.origin.host, deployment.profile.deployment.tls
    annotations = {**(_INGRESS_NGINX if ingress.class_ == "nginx" else {}), **ingress.annotations}
    backend = {"service": {"name": naming.NGINX, "port": {"name": "http"}}}
    spec: dict[str, Any] = {"ingressClassName": ingress.class_}
    if tls is not None and tls.terminated_by is None:
        spec["tls"] = [{"hosts": [host], "secretName": TLS_SECRET}]
    spec["rules"] = [
        {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    ]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": _annotated(metadata(deployment, naming.NGINX), annotations),
        "spec": spec,
    }


def _certificate(deployment: Deployment, certificate: Certificate) -> dict[str, Any]:
    host = deployment.origin.host.strip("[]")
    try:
        names = {"ipAddresses": [str(ip_address(host))]}
    except ValueError:
        names = {"dnsNames": [host]}
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": metadata(deployment, TLS_SECRET, naming.NGINX),
        "spec": {
            "secretName": TLS_SECRET,
            **names,
            "issuerRef": {"group": "cert-manager.io", "kind": certificate.kind, "name": certificate.issuer},
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "usages": ["digital signature", "server auth"],
        },
    }


def peers(deployment: Deployment) -> list[str]:
    """The networks of the DICOM peers, one address each."""
    hosts = {ip_address(modality.host) for modality in deployment.profile.archive.modalities.values()}
    return [
        f"{host}/{host.max_prefixlen}" for host in sorted(hosts, key=lambda host: (host.version, int(host)))
    ]


def _dicom_service(deployment: Deployment) -> dict[str, Any]:
    assert deployment.kubernetes is not None  # noqa: S101 - this target's deployments have it
    published = deployment.host_ports
    assert published.dicom is not None  # noqa: S101 - the caller asks for it
    ports = [{"name": "dicom", "port": published.dicom.port, "targetPort": "dicom", "protocol": "TCP"}]
    for server, host_port in zip(deployment.collection_aets, published.collections, strict=True):
        name = f"dicom-{server.port}"
        ports.append({"name": name, "port": host_port.port, "targetPort": name, "protocol": "TCP"})
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _annotated(
            metadata(deployment, _DICOM, naming.ORTHANC), deployment.kubernetes.dicom.annotations
        ),
        "spec": {
            "type": "LoadBalancer",
            # Orthanc compares the address of the caller (DicomCheckModalityHost): no node may replace it by its own.
            "externalTrafficPolicy": "Local",
            "loadBalancerSourceRanges": peers(deployment),
            "selector": selector(deployment, naming.ORTHANC),
            "ports": ports,
        },
    }
