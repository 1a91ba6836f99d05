"""How requests get in: load balancer, Gateway API, Ingress, port-forward, and the certificate."""

from __future__ import annotations

import pytest

from tests.support.builders import make_deployment
from tests.support.clusters import TLS
from tests.support.kubernetes_objects import ISSUER, cluster, objects, pods, text

PROXY = "tls: {terminated-by: proxy}"

# --------------------------------------------------------------------------------------------- the way in


def test_a_load_balancer_leads_to_nginx() -> None:
    """Nginx is the only public web server, ends TLS, and sees the clients' addresses."""
    made = objects(cluster())
    service = made["Service/nginx"]["spec"]

    assert (service["type"], service["externalTrafficPolicy"]) == ("LoadBalancer", "Local")
    assert {port["name"]: port["port"] for port in service["ports"]} == {"http": 80, "https": 443}
    assert [
        name
        for name, tree in made.items()
        if tree["spec" if "spec" in tree else "metadata"].get("type") == "LoadBalancer"
    ] == ["Service/nginx"]


@pytest.mark.parametrize(
    ("tls", "kind", "port"),
    [pytest.param(TLS, "TLSRoute", 443, id="passes on"), pytest.param(PROXY, "HTTPRoute", 80, id="ends")],
)
def test_a_gateway_ends_tls_or_passes_it_on(tls: str, kind: str, port: int) -> None:
    """`terminated-by: proxy` says that the Gateway ends TLS."""
    made = objects(cluster("{entry: {gateway: {name: public, namespace: gateways, listener: https}}}", tls))
    route = made[f"{kind}/nginx"]["spec"]

    assert route["parentRefs"] == [{"name": "public", "namespace": "gateways", "sectionName": "https"}]
    assert route["hostnames"] == ["pacs.example.org"]
    assert route["rules"] == [{"backendRefs": [{"name": "nginx", "port": port}]}]
    assert made["Service/nginx"]["spec"]["type"] == "ClusterIP"


def test_an_ingress_controller_ends_tls() -> None:
    """Nginx speaks plain http behind it, and believes its headers; uploads of any size pass."""
    deployment = cluster("{entry: {ingress: {class: nginx, annotations: {a.example/b: c}}}}")
    ingress = objects(deployment)["Ingress/nginx"]

    assert ingress["spec"]["tls"] == [{"hosts": ["pacs.example.org"], "secretName": "nginx-tls"}]
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"] == "0"
    assert ingress["metadata"]["annotations"]["a.example/b"] == "c"
    site = text(deployment, "nginx/conf.d/site.conf")
    assert "ssl" not in site
    assert "if ($came_in_clear)" in site
    assert "Service/nginx" in objects(deployment)


def test_a_trial_is_reached_by_port_forward() -> None:
    """`http://localhost` is this machine: no load balancer has that name."""
    deployment = make_deployment(
        institution='{name: Trial, url: "http://localhost"}', deployment="{kubernetes: {}}"
    )

    assert objects(deployment)["Service/nginx"]["spec"]["type"] == "ClusterIP"


def test_cert_manager_makes_the_certificate() -> None:
    """The Certificate fills the Secret that nginx reads at each handshake."""
    deployment = cluster(f"{{{ISSUER.strip()}}}", "tls: {letsencrypt: {email: a@example.org}}")
    made = objects(deployment)
    certificate = made["Certificate/nginx-tls"]["spec"]
    volume = next(each for each in pods(deployment)["Deployment/nginx"]["volumes"] if each["name"] == "tls")

    assert certificate["dnsNames"] == ["pacs.example.org"]
    assert certificate["issuerRef"] == {
        "group": "cert-manager.io",
        "kind": "ClusterIssuer",
        "name": "letsencrypt",
    }
    assert certificate["secretName"] == volume["secret"]["secretName"]
    assert "ssl_certificate $certificate_folder/fullchain.pem" in text(deployment, "nginx/conf.d/site.conf")
    assert not any("certbot" in name for name in made)
