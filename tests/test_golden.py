"""The whole output of every example, reviewed like code: nothing changes in a deployment unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthgen.rendering.pipeline import render_profile
from tests.support.builders import EXAMPLES, PROFILES, texts_of

GOLDEN = Path(__file__).parent / "golden"
WITH_READERS = Path(__file__).parent / "data" / "readers.yaml"


def check(folder: Path, rendered: dict[str, str], request: pytest.FixtureRequest) -> None:
    """Compare the tree of `folder` with the rendered files; `--update-golden` accepts a change."""
    if request.config.getoption("--update-golden"):
        for path in texts_of(folder).keys() - rendered.keys():
            (folder / path).unlink()
        for path, text in rendered.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")

    assert texts_of(folder) == rendered


def files(name: str, target: str) -> dict[str, str]:
    """The rendered files of an example."""
    return {
        artifact.path: artifact.text for artifact in render_profile(str(PROFILES / name), target).artifacts
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_renders_as_it_was_accepted(name: str, request: pytest.FixtureRequest) -> None:
    """Every file, byte for byte."""
    check(GOLDEN / name.removesuffix(".yaml") / "compose", files(name, "compose"), request)


def test_readers_render_as_they_were_accepted(request: pytest.FixtureRequest) -> None:
    """Every file that a deployment with readers has otherwise than the same without them."""
    without = files("minimal.yaml", "compose")
    rendered = {
        artifact.path: artifact.text for artifact in render_profile(str(WITH_READERS), "compose").artifacts
    }
    own = {path: text for path, text in rendered.items() if _body(without.get(path, "")) != _body(text)}
    check(GOLDEN / "minimal" / "readers", own, request)


def _body(text: str) -> str:
    """A file without its header, which names the profile."""
    return text.replace(WITH_READERS.name, "minimal.yaml")


@pytest.mark.parametrize("name", ["minimal.yaml", "paradim.yaml"])
def test_a_cluster_renders_as_it_was_accepted(name: str, request: pytest.FixtureRequest) -> None:
    """Every file that Docker Compose's deployment has not, or has otherwise."""
    of_compose = files(name, "compose")
    own = {path: text for path, text in files(name, "kubernetes").items() if of_compose.get(path) != text}
    check(GOLDEN / name.removesuffix(".yaml") / "kubernetes", own, request)


def test_no_golden_tree_is_left_over() -> None:
    """A profile that is gone takes its tree along."""
    assert {folder.name for folder in GOLDEN.iterdir()} == {name.removesuffix(".yaml") for name in EXAMPLES}
