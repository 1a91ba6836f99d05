"""Profiles and deployments for tests: a small valid one, of which a test states only what differs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orthgen.catalogue import load as load_release
from orthgen.catalogue import releases
from orthgen.deployment.resolve import resolve
from orthgen.formats.yaml_io import parse_yaml, untyped
from orthgen.profile.load import load
from orthgen.profile.root import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact

PROFILES = Path(__file__).parents[2] / "profiles"
MINIMAL = str(PROFILES / "minimal.yaml")
EXAMPLES = tuple(sorted(path.name for path in PROFILES.glob("*.yaml")))

_SMALL = """
orthgen: 1
institution: {name: Test Institution, url: "https://pacs.example.org"}
identity: {sign-in: [accounts: {}], keycloak: {local-port: 8081}}
collections: {cardio: {}, neuro: {}}
roles:
  reader: {can: [view], collections: [cardio]}
  admin: {can: [everything, administer], collections: all}
deployment: {tls: {certificate: /etc/ssl/cert.pem, key: /etc/ssl/key.pem}}
"""


def make_tree(**changes: Any) -> dict[str, Any]:
    """The small profile as a plain tree; a keyword replaces a top-level key (`_` for `-`), None removes it."""
    tree: dict[str, Any] = parse_yaml(_SMALL, "test.yaml")[0].value
    for name, value in changes.items():
        key = name.replace("_", "-")
        parsed = parse_yaml(value, "test.yaml")[0].value if isinstance(value, str) else untyped(value)
        if value is None:
            tree.pop(key, None)
        else:
            tree[key] = parsed
    return tree


def make_profile(**changes: Any) -> Profile:
    """The small profile; each keyword is a top-level key, given as YAML text or as a plain value."""
    return Profile.model_validate(make_tree(**changes))


def make_deployment(*, source: str = "test.yaml", **changes: Any) -> Deployment:
    """The deployment of the small profile with `changes`, on the release that it names or the newest."""
    profile = make_profile(**changes)
    return resolve(profile, load_release(profile.release or releases()[0]), source)


@cache
def example(name: str, target: str | None = None) -> Deployment:
    """The deployment of one of the profiles that the project ships; a test copies what it changes."""
    loaded = load(str(PROFILES / name), target=target)
    return resolve(loaded.profile, load_release(loaded.profile.release or releases()[0]), loaded.name)


def texts_of(folder: Path) -> dict[str, str]:
    """The texts below a folder by their paths in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in files}


def write_artifacts(artifacts: Iterable[Artifact], folder: Path) -> None:
    """Write rendered files below a folder, each with its mode."""
    for artifact in artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
        path.chmod(artifact.mode)
