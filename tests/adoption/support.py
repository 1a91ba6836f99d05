"""Adopted deployments for tests: samples in the style of public ones, and what an adopted profile renders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orthgen.adoption.adopt import adopt
from orthgen.errors import InputError
from orthgen.observed.read import observe_texts
from orthgen.products.access_page.model import access_policy
from orthgen.products.access_page.page import access_file
from orthgen.rendering.pipeline import resolve_profile
from orthgen.targets import TARGETS
from tests.support.builders import texts_of
from tests.support.diagnosis_page import files_of as texts_in

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


def assert_adopted(path: Path) -> None:
    """Adopt a deployment of the diagnosis' tests: what is called valid renders, and a text without one is refused."""
    observed = observe_texts(texts_in(path.read_text(encoding="utf-8"), "unnamed"))
    if not (observed.orthancs or observed.keycloaks or observed.auth_services):
        with pytest.raises(InputError, match="there is no deployment"):
            adopt(observed, "site.yaml")
        return
    adoption = adopt(observed, "site.yaml")
    if adoption.is_valid:
        deployment, _ = resolve_profile("site.yaml", read=lambda _: adoption.text.encode())
        assert TARGETS[deployment.target].render(deployment)
    else:
        assert any(note.kind.value == "to fill in" for note in adoption.notes)


def files_of(profile: str, name: str) -> Mapping[str, str]:
    """The files that a profile's text renders under the name of its file."""
    deployment, loaded = resolve_profile(name, read=lambda _: profile.encode())
    page = access_file(deployment, access_policy(deployment, loaded))
    return {artifact.path: artifact.text for artifact in (*TARGETS["compose"].render(deployment), page)}
