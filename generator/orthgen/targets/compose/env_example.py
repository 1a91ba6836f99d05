"""
Host settings in `.env`, which Docker Compose reads beside the compose file.

The compose file refers to a setting by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.targets.services.host_settings import host_settings

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

EXAMPLE_PATH = ".env.example"


def env_example(deployment: Deployment) -> Artifact:
    """`.env.example`: to be copied to `.env` and changed there. Holds no secret."""
    lines = [
        header(deployment.source),
        "# Copy this file to `.env` and change it there. Secrets are files in `secrets/`.\n",
    ]
    for setting in host_settings(deployment):
        lines.append("\n")
        lines += [f"# {line}\n" for line in setting.comment]
        lines.append(f"{setting.name}={setting.default}\n")
    return Artifact(EXAMPLE_PATH, "".join(lines))
