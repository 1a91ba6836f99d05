"""Two small deployments, and how `render` writes one to a folder."""

from __future__ import annotations

from pathlib import Path

from orthgen.products.artifact import Artifact
from orthgen.workspace.apply import apply
from orthgen.workspace.plan import plan
from orthgen.workspace.recovery import recover

ONE = (Artifact("docker-compose.yml", "services: {}\n"), Artifact("nginx/nginx.conf", "events {}\n"))

OTHER = (Artifact("docker-compose.yml", "services: {a: {}}\n"), Artifact("orthanc/orthanc.json", "{}\n"))


def tree(folder: Path) -> dict[str, str]:
    """Every file below `folder`, without the manifest."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in files
        if path.name != "manifest.json"
    }


def write(artifacts: tuple[Artifact, ...], folder: Path) -> None:
    """Recover, plan and apply, as `render` does."""
    recover(folder)
    apply(plan(artifacts, folder))
