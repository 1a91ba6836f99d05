"""Every recorded answer of the real plugin (0.11.4 in Orthanc 1.13.0) is the model's answer."""

from collections import defaultdict
from typing import Any

import msgspec
import pytest

from orthgen.authz.auth_service import AuthService
from orthgen.authz.decide import decide
from orthgen.authz.plugin_config import PluginConfiguration

from .builders import CONFIGURATIONS, configuration, reader, recorded_lines

RECORDED = 87_607


@pytest.fixture(scope="module")
def recorded() -> dict[str, list[dict[str, Any]]]:
    """The recorded decisions by configuration."""
    by_configuration = defaultdict(list)
    for line in recorded_lines():
        decision = msgspec.json.decode(line)
        by_configuration[decision["config"]].append(decision)
    return by_configuration


def test_every_recorded_decision_has_its_configuration(recorded: dict[str, list[dict[str, Any]]]) -> None:
    """All recorded decisions are there, each with its configuration."""
    assert sum(map(len, recorded.values())) == RECORDED
    assert sorted(recorded) == list(CONFIGURATIONS)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_model_answers_as_the_plugin_did(name: str, recorded: dict[str, list[dict[str, Any]]]) -> None:
    """Whether a request was let through, and who refused it, agrees line by line."""
    content = configuration(name)
    plugin = PluginConfiguration.compile(content["orthanc"])
    service = AuthService.compile(content["permissions"], content["anonymous_profile"])
    lines = reader()

    differing = []
    for line in recorded[name]:
        decision = decide(plugin, service, lines.read(line))
        if (decision.allowed, decision.denied_by) != (line["allowed"], line["denied_by"]):
            differing.append((line, decision))

    assert not differing, f"{len(differing)} differ, first: {differing[0]}"
    assert not plugin.findings
    assert not service.findings
