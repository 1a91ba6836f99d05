"""The objects that orthgen renders for a cluster, as dictionaries: whole, by kind and name, their pods and containers."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from orthgen.deployment.model import Deployment
from orthgen.products.artifact import Artifact
from orthgen.profile.load import load
from orthgen.targets import TARGETS
from tests.support.builders import PROFILES, make_deployment
from tests.support.clusters import TLS, Object

KUBERNETES = TARGETS["kubernetes"]

ISSUER = "\n    certificate: {issuer: letsencrypt}"


def profile(name: str, folder: Any) -> str:
    """An overlay of an example for a cluster; where the example has Let's Encrypt, with an issuer."""
    path = folder / f"cluster-{name}"
    has_letsencrypt = load(str(PROFILES / name)).profile.deployment.tls
    issuer = ISSUER if has_letsencrypt is not None and has_letsencrypt.letsencrypt is not None else " {}"
    path.write_text(f"orthgen: 1\nextends: {PROFILES / name}\ndeployment:\n  kubernetes:{issuer}\n")
    return str(path)


@cache
def cluster(kubernetes: str = "{}", tls: str = TLS, **changes: Any) -> Deployment:
    """The small profile for a cluster."""
    return make_deployment(deployment=f"{{{tls}, kubernetes: {kubernetes}}}", **changes)


@cache
def parsed(text: str) -> Object:
    """One YAML document, read once."""
    tree: Object = yaml.load(text, Loader=yaml.CSafeLoader)
    return tree


_RENDERED: dict[int, tuple[Deployment, tuple[Artifact, ...]]] = {}


def rendered(deployment: Deployment) -> tuple[Artifact, ...]:
    """The files of a deployment, rendered once."""
    if id(deployment) not in _RENDERED:
        _RENDERED[id(deployment)] = deployment, KUBERNETES.render(deployment)
    return _RENDERED[id(deployment)][1]


def objects(deployment: Deployment) -> dict[str, Object]:
    """The objects by kind and name."""
    artifacts = rendered(deployment)
    trees = [parsed(artifact.text) for artifact in artifacts if artifact.path.startswith("manifests/")]
    return {f"{tree['kind']}/{tree['metadata']['name']}": tree for tree in trees}


def text(deployment: Deployment, path: str) -> str:
    """The text of a rendered file."""
    return next(artifact.text for artifact in rendered(deployment) if artifact.path == path)


def pods(deployment: Deployment) -> dict[str, Object]:
    """The specifications of pods by the name of their object."""
    found = {}
    for name, tree in objects(deployment).items():
        template = tree.get("spec", {}).get("template") if "spec" in tree else None
        if template is not None:
            found[name] = template["spec"]
    return found


def containers(deployment: Deployment) -> list[Object]:
    """Every container."""
    return [
        container
        for pod in pods(deployment).values()
        for container in (*pod["containers"], *pod.get("initContainers", ()))
    ]


def mounted_keys(deployment: Deployment) -> set[tuple[str, str]]:
    """Secret and key of everything that pods mount as a secret."""
    return {
        (source["secret"]["name"], item["key"])
        for pod in pods(deployment).values()
        for volume in pod["volumes"]
        for source in volume.get("projected", {}).get("sources", ())
        for item in source["secret"]["items"]
    }
