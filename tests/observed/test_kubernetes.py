"""Kubernetes' workloads are read as services, Ingresses of ingress-nginx as proxies."""

from __future__ import annotations

import pytest

from orthgen.observed.read import observe_texts
from orthgen.observed.service_model import Product

MANIFESTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {ORTHANC__NAME: Clinic, ORTHANC__DICOM_AET: CLINIC}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: pacs}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: pacs, part: server}}
    spec:
      containers:
        - name: server
          image: orthancteam/orthanc:26.8.1
          envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: keys}}]
          env:
            - {name: ORTHANC__DICOM_AET, value: OTHER}
            - {name: ORTHANC__POSTGRESQL__PASSWORD, valueFrom: {secretKeyRef: {name: pg, key: p}}}
          volumeMounts:
            - {name: scratch, mountPath: /tmp}
            - {name: data, mountPath: /var/lib/orthanc/db}
      volumes: [{name: scratch, emptyDir: {}}]
---
apiVersion: v1
kind: Service
metadata: {name: orthanc-http}
spec: {selector: {app: pacs}, ports: [{name: web, port: 80, targetPort: 8042}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: pacs
  annotations: {nginx.ingress.kubernetes.io/proxy-body-size: 8m, nginx.ingress.kubernetes.io/rewrite-target: /$2}
spec:
  tls: [{hosts: [pacs.example.org]}]
  rules:
    - host: pacs.example.org
      http: {paths: [{path: /orthanc(/|$)(.*), backend: {service: {name: orthanc-http, port: {name: web}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: other}
spec: {ingressClassName: traefik, rules: []}
"""


def test_a_container_of_a_workload_is_a_service() -> None:
    """A later variable replaces that of a ConfigMap; a secret's value is unknown; a Service gives the container its name."""
    deployment = observe_texts({"pacs.yaml": MANIFESTS})
    (service,) = deployment.services
    (orthanc,) = deployment.orthancs

    assert (service.name, service.product) == ("server", Product.ORTHANC)
    assert "orthanc-http" in service.host_names
    assert (orthanc.settings.get("Name"), orthanc.settings.get("DicomAet")) == ("Clinic", "OTHER")
    assert service.locate_variable("ORTHANC__DICOM_AET").line == 19
    assert service.variable("ORTHANC__POSTGRESQL__PASSWORD") == "${ORTHANC__POSTGRESQL__PASSWORD}"
    assert [(mount.kind, mount.target) for mount in service.mounts] == [
        ("tmpfs", "/tmp"),  # noqa: S108 - in a container
        ("volume", "/var/lib/orthanc/db"),
    ]
    assert not orthanc.is_complete
    assert deployment.unseen == ("`pacs` has `envFrom`, entry 2 from objects that are not in the files.",)


def test_an_ingress_of_nginx_is_a_proxy() -> None:
    """The port is that of the container; annotations are directives; an Ingress of another controller is not read."""
    (proxy,) = observe_texts({"pacs.yaml": MANIFESTS}).proxies
    (server,) = proxy.servers
    (location,) = server.locations

    assert (proxy.product, server.names, server.uses_tls) == (Product.INGRESS, ("pacs.example.org",), True)
    assert (location.path, location.upstream, location.passes_uri) == (
        "/orthanc",
        "http://orthanc-http:8042/",
        True,
    )
    assert location.directive("client_max_body_size")[0].arguments == ("8m",)


def test_manifests_without_their_parts_stop_nothing() -> None:
    """Templates and cut files have no containers, no labels and no rules."""
    for text in (
        "apiVersion: apps/v1\nkind: Deployment # orthanc\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: orthanc}}}\n",
        "apiVersion: v1\nkind: Pod\nspec: {containers: [orthanc, {env: [1], envFrom: [1], volumeMounts: [1]}], volumes: [1]}\n",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nspec: {ingressClassName: nginx, rules: [orthanc, {http: {paths: [1]}}]}\n",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {annotations: orthanc}\n",
    ):
        assert observe_texts({"a.yaml": text}).orthancs == ()


MOUNTED = """\
apiVersion: v1
kind: Pod
metadata: {name: pacs, labels: {app: pacs}}
spec:
  containers:
    - name: orthanc
      image: orthancteam/orthanc:26.8.1
      ports: [{name: web, containerPort: 8042}]
      volumeMounts:
        - {name: one, mountPath: /etc/orthanc/a.json, subPath: b.json}
        - {name: all, mountPath: /etc/orthanc}
        - {name: some, mountPath: /etc/orthanc/c.json, subPath: c.json}
  volumes:
    - {name: one, configMap: {name: generated}}
    - {name: all, configMap: {name: stated}}
    - {name: some, configMap: {name: generated, items: [{key: orthanc.json, path: c.json}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: stated}
data:
  d.json: |
    {"DicomAet": "STATED"}
  e.json: '{"DicomPort": 104}'
"""
KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [pod.yaml]
configMapGenerator: [{name: generated, files: [b.json=files/b.json, files/orthanc.json, none.json]}]
"""


def test_a_container_reads_the_files_of_its_config_maps() -> None:
    """A key, chosen keys or all keys, of a ConfigMap or of files from which kustomize makes one; each file is read once."""
    deployment = observe_texts(
        {
            "base/pod.yaml": MOUNTED,
            "base/kustomization.yaml": KUSTOMIZATION + "# orthanc\n",
            "base/files/b.json": '{"Name": "generated"}',
            "base/files/orthanc.json": '{"HttpPort": 8043}',
        }
    )
    (orthanc,) = deployment.orthancs
    assert orthanc.service is not None

    assert orthanc.service.configured == {
        "/etc/orthanc/a.json": "base/files/b.json",
        "/etc/orthanc/d.json": "base/pod.yaml",
        "/etc/orthanc/e.json": "base/pod.yaml",
        "/etc/orthanc/c.json": "base/files/orthanc.json",
    }
    assert orthanc.settings.value == {
        "Name": "generated",
        "DicomAet": "STATED",
        "DicomPort": 104,
        "HttpPort": 8043,
    }
    assert orthanc.settings.locate(("DicomAet",)).line == 23
    assert deployment.unseen == ()


@pytest.mark.parametrize(
    ("service", "exposed"),
    [
        (
            "{type: NodePort, selector: {app: pacs}, ports: [{port: 80, targetPort: web, nodePort: 30042}]}",
            ("30042", "8042"),
        ),
        ("{type: LoadBalancer, selector: {app: pacs}, ports: [{port: 8042}]}", ("8042", "8042")),
        (
            "{externalIPs: [192.0.2.1], selector: {app: pacs}, ports: [{port: 80, targetPort: 8042}]}",
            ("80", "8042"),
        ),
        ("{selector: {app: pacs}, ports: [{port: 80, targetPort: web}]}", None),
        ("{type: NodePort, selector: {app: other}, ports: [{port: 8042}]}", None),
    ],
)
def test_a_service_on_the_nodes_exposes_its_containers(service: str, exposed: tuple[str, str] | None) -> None:
    """A named port is the one of the container; a Service inside the cluster exposes nothing."""
    objects = f"{MOUNTED}---\napiVersion: v1\nkind: Service\nmetadata: {{name: direct}}\nspec: {service}\n"
    (orthanc,) = observe_texts({"pod.yaml": objects}).orthancs
    assert orthanc.service is not None

    ports = [(port.published, port.target) for port in orthanc.service.exposed]
    assert ports == ([exposed] if exposed is not None else [])


@pytest.mark.parametrize(
    "text",
    [
        MOUNTED.replace("subPath: b.json", "subPath: [b.json]").replace(
            "name: generated}}", "name: stated}}"
        ),
        MOUNTED.replace("items: [{", "items: [1, {path: [1]}, {"),
        MOUNTED.replace("d.json: |", "- |").replace("  e.json: ", "  - "),
        KUSTOMIZATION.replace("b.json=files/b.json", "1, '=', 'a=', '../b.json'")
        + f"# orthanc\n---\n{MOUNTED}",
        MOUNTED
        + "---\napiVersion: v1\nkind: Service\nspec: {type: [1], selector: {}, ports: [{port: [1]}], externalIPs: 1}\n",
    ],
)
def test_config_maps_with_odd_values_stop_nothing(text: str) -> None:
    """Lists, numbers and empty names where texts belong give a container no file."""
    (orthanc,) = observe_texts({"a.yaml": text}).orthancs

    assert orthanc.name == "orthanc"
