"""Adopted deployments for tests: samples in the style of public ones, and what an adopted profile renders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.adoption.adopt import adopt
from orthgen.observed.read import observe_texts
from orthgen.products.access_page.model import access_policy
from orthgen.products.access_page.page import access_file
from orthgen.rendering.pipeline import resolve_profile
from orthgen.targets import TARGETS
from tests.support.builders import texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.adoption.adopt import Adoption

SAMPLES = Path(__file__).parent / "samples"
SAMPLE_NAMES = tuple(sorted(folder.name for folder in SAMPLES.iterdir()))
PASSWORD = "Pa55word"
"""The end of every secret in the samples."""


def adopted_sample(name: str) -> Adoption:
    """The adoption of a sample."""
    return adopt(observe_texts(texts_of(SAMPLES / name)), f"{name}.yaml")


def adopted(**texts: str) -> Adoption:
    """The adoption of files, given by their names with `_` for a dot."""
    return adopt(observe_texts({name.replace("_", "."): text for name, text in texts.items()}), "site.yaml")


def files_of(profile: str, name: str) -> Mapping[str, str]:
    """The files that a profile's text renders under the name of its file."""
    deployment, loaded = resolve_profile(name, read=lambda _: profile.encode())
    page = access_file(deployment, access_policy(deployment, loaded))
    return {artifact.path: artifact.text for artifact in (*TARGETS["compose"].render(deployment), page)}
