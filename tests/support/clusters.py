"""Deployments for a cluster: every example, and small ones that differ in the objects that they need."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from orthgen.catalogue import load as load_release
from orthgen.catalogue import releases
from orthgen.deployment.resolve import resolve
from orthgen.profile.load import load
from orthgen.targets import TARGETS
from tests.support.builders import EXAMPLES, PROFILES, make_deployment

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

Object = dict[str, Any]

_SETTINGS = {
    "paradim.production.yaml": "{entry: {gateway: {name: public}}, certificate: {issuer: letsencrypt}, "
    "secrets: {external-secret: {store: vault}}}",
    "research-platform.yaml": "{entry: {ingress: {class: nginx}}, certificate: {issuer: letsencrypt}}",
}
"""`deployment.kubernetes` of the examples that Let's Encrypt certifies: with the objects of operators."""

TLS = "tls: {certificate: /etc/ssl/cert.pem, key: /etc/ssl/key.pem}"
_SERVER = "{host: db.example.org, password: {secret: %s}, authority: /etc/ssl/db.pem, max-connections: 400}"
_S3 = "{bucket: images, region: b, endpoint: 'https://s3.example.org:9443', access-key: {secret: c}, secret-key: {secret: d}}"


def _kubernetes(settings: str, tls: str = TLS) -> str:
    return f"{{{tls}, kubernetes: {settings}}}"


VARIANTS: dict[str, dict[str, Any]] = {
    "load balancer": {
        "deployment": _kubernetes("{entry: {load-balancer: {annotations: {example.org/pool: public}}}}"),
        "archive": "{dicom: {port: 104}, modalities: {ct: {aet: CT, host: 10.1.2.3, port: 11112}}}",
    },
    "gateway that passes TLS on": {"deployment": _kubernetes("{entry: {gateway: {name: public}}}")},
    "gateway that ends TLS": {
        "deployment": _kubernetes("{entry: {gateway: {name: public}}}", "tls: {terminated-by: proxy}")
    },
    "ingress": {"deployment": _kubernetes("{entry: {ingress: {class: nginx}}}")},
    "CloudNativePG": {"deployment": _kubernetes("{database: {cloudnative-pg: {instances: 3}}}")},
    "PostgreSQL outside": {
        "deployment": _kubernetes("{}"),
        "archive": f"{{storage: {{postgresql: {_SERVER % 'index'}}}}}",
        "identity": f"{{sign-in: [accounts: {{}}], keycloak: {{postgresql: {_SERVER % 'realm'}}}}}",
    },
    "DICOM files in S3": {
        "deployment": _kubernetes("{volumes: {files: {size: 10Gi}, databases: {size: 50Gi, class: fast}}}"),
        "archive": f"{{storage: {{files: {{s3: {_S3}}}}}}}",
    },
    "readers": {
        "institution": '{name: Test Institution, url: "https://readers.example.org"}',
        "deployment": _kubernetes("{namespace: readers}"),
        "archive": "{replicas: {readers: 2}}",
    },
    "readers that follow the load": {
        "deployment": _kubernetes("{autoscaler: {max-readers: 6, cpu: 60}}"),
        "archive": f"{{replicas: {{readers: 2}}, storage: {{files: {{s3: {_S3}}}}}}}",
    },
    "external secret": {
        "deployment": _kubernetes("{secrets: {external-secret: {store: vault, path: pacs}}}")
    },
    "sealed secret": {"deployment": _kubernetes("{secrets: sealed-secret}")},
    "SOPS": {"deployment": _kubernetes("{secrets: sops}")},
    "one pod of each": {
        "deployment": _kubernetes("{replicas: 1, priority-class: pacs}"),
        "identity": "{sign-in: [accounts: {}], permission-editor: true}",
    },
}
"""What differs from the small profile."""

NAMES = (*EXAMPLES, *VARIANTS)


@cache
def deployment_of(name: str) -> Deployment:
    """The deployment of an example or of a variant, for a cluster."""
    if name in VARIANTS:
        return make_deployment(**VARIANTS[name])
    path = PROFILES / f"cluster-{name}"
    text = f"orthgen: 1\nextends: {name}\ndeployment: {{kubernetes: {_SETTINGS.get(name, '{}')}}}\n"
    loaded = load(
        str(path), read=lambda each: text.encode() if Path(each) == path else Path(each).read_bytes()
    )
    return resolve(loaded.profile, load_release(loaded.profile.release or releases()[0]), name)


def manifests(deployment: Deployment) -> list[Object]:
    """The objects of a deployment, without the ConfigMaps, which kustomize makes."""
    return [
        yaml.load(artifact.text, Loader=yaml.CSafeLoader)
        for artifact in TARGETS["kubernetes"].render(deployment)
        if artifact.path.startswith("manifests/")
    ]
