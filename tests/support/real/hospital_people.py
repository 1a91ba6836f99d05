"""The people of the running teaching hospital: a study, a consultant, and what their browsers and nginx have asked."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from tests.support.real.deployment_examples import KEYCLOAK, OHIF, ORTHANC
from tests.support.real.people import People
from tests.support.real.stage import Stage
from tests.support.real.story import Person, Story, told

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@dataclass
class Hospital:
    """The teaching hospital with a study, and a consultant."""

    stage: Stage
    browser: Browser
    people: People
    study: str
    password: str

    def story(self, name: str) -> contextlib.AbstractContextManager[Story]:
        """Begin a story."""
        return told(name, self.stage, self.browser, lambda: {"token": f"Bearer {self.people('pacs-admin')}"})


def strays(*people: Person) -> list[str]:
    """The addresses that browsers asked for outside the deployment's paths; a browser asks for an icon by itself."""
    paths = {seen.path for person in people for seen in person.requests}
    return sorted(
        path for path in paths if not path.startswith((ORTHANC, OHIF, KEYCLOAK)) and path != "/favicon.ico"
    )


def access_log(stage: Stage) -> list[dict[str, Any]]:
    """The requests that nginx has logged."""
    return [json.loads(line) for line in stage.log(naming.NGINX).splitlines() if line.startswith("{")]


def answered_by(stage: Stage, path: str, requests: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    """The services that have answered the requests to addresses that begin with `path`, by method."""
    services = {
        network["IPAddress"]: name
        for name, container in stage.containers().items()
        for network in container["NetworkSettings"]["Networks"].values()
    }
    answered: dict[str, set[str]] = {}
    for entry in requests:
        if entry["path"].startswith(path) and entry["upstream"]:
            address = entry["upstream"].split(", ")[-1].rpartition(":")[0]
            answered.setdefault(entry["method"], set()).add(services.get(address, address))
    return answered
