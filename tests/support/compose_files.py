"""What orthgen renders for Docker Compose, as dictionaries: the files, the compose file, a service's variables."""

from typing import Any

import pytest
import yaml

from orthgen.deployment.model import Deployment
from orthgen.targets.compose import COMPOSE_PATH, render
from tests.support.builders import EXAMPLES

ALL = pytest.mark.parametrize("name", EXAMPLES)


def rendered(deployment: Deployment) -> dict[str, str]:
    """The deployment's files, path to text."""
    return {artifact.path: artifact.text for artifact in render(deployment)}


def compose_file(deployment: Deployment) -> dict[str, Any]:
    """The compose file as others read it."""
    # libyaml reads as the other loader does, ten times faster.
    tree: dict[str, Any] = yaml.load(rendered(deployment)[COMPOSE_PATH], Loader=yaml.CSafeLoader)
    return tree


def environment(service: dict[str, Any]) -> dict[str, str]:
    """A service's variables."""
    return dict(service.get("environment", {}))


def reachable(tree: dict[str, Any], name: str) -> set[str]:
    """The other services that share a network with one."""
    own = set(tree["services"][name]["networks"])
    return {
        other
        for other, service in tree["services"].items()
        if other != name and own & set(service["networks"])
    }
