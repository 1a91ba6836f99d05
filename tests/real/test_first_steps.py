"""
The page docs/first-steps.md on a container engine, from an empty folder and an installed package to a shared study.

The commands run in a shell on a terminal, as they stand on the page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.real import dicom, parts, phantom, terminal
from tests.support.real.checkout import clone, run
from tests.support.real.engine import Engine, Host
from tests.support.real.keycloak_pages import answer_until
from tests.support.real.network import Network
from tests.support.real.people import headers_of
from tests.support.real.stage import Stage
from tests.support.real.story import told

PAGE = (parts.REPOSITORY / "docs/first-steps.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def programs(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - before it is left
    """The folder with the command `orthgen`, installed from a clone as the page says: pipx makes a wheel of it."""
    folder = tmp_path_factory.mktemp("installation")
    made = folder / "programs"
    path = f"{parts.tool('release', 'pipx').parent}:{os.environ['PATH']}"
    places = {"PIPX_HOME": str(folder / "pipx"), "PIPX_BIN_DIR": str(made), "PATH": path}
    run("sh", "-euc", commands_below("Install"), cwd=clone(folder / "clone"), environment=places)
    return made


@pytest.fixture(scope="module")
def stage(
    engine: tuple[Engine, Host], programs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """The deployment, healthy: the page up to the first sign-in."""
    folder = tmp_path_factory.mktemp("first-steps")
    variables = {"PATH": f"{programs}:{os.environ['PATH']}"}
    terminal.run(commands_below("Write a profile"), folder, {**os.environ, **variables})
    stage = Stage(*engine, folder / "trial/trial.yaml", folder / "trial", variables=variables)
    stage.type_in(commands_below("Start"))
    yield stage
    stage.remove()


def commands_below(heading: str) -> str:
    """The commands of docs/first-steps.md in the section `heading`."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"(?ms)^```sh\n(.*?)^```$", section))


def test_a_person_takes_the_first_steps(stage: Stage, at_home: Browser, tmp_path: Path) -> None:
    """The first administrator signs in, uploads a study, looks, adds links to the profile, shares, and stops it all."""
    shown = stage.type_in(commands_below("Sign in"))
    password = re.search(r"password +(\S+)", shown)
    assert password, shown
    files = [tmp_path / f"{number}.dcm" for number in range(16)]
    volume = phantom.chest(PatientName="Doe^Jane", PatientID="P1")
    for file, instance in zip(files, volume, strict=True):
        file.write_bytes(dicom.encode(instance))
    study = volume[0].StudyInstanceUID

    with told("first-steps", stage, at_home, headers_of(stage, "reader")) as story:
        ann = story.person("ann")
        ann.page.goto("http://localhost/")
        ann.page.wait_for_selector("#username")
        ann.picture("sign-in", clip={"x": 400, "y": 200, "width": 600, "height": 560})
        ann.fill_in("admin", password[1])
        answer_until(ann.page, stage.home, "a-password-of-her-own")
        ann.sees_list()
        ann.uploads(*files)
        ann.row(study).wait_for()
        ann.picture("study-list")
        window = ann.opens(study)
        window.sees_images()
        ann.picture("viewer", window.page)

        (lines,) = re.findall(r"(?ms)^```yaml\n(.*?)^```$", PAGE)
        with stage.profile.open("a", encoding="utf-8") as profile:
            profile.write(lines)
        stage.type_in(commands_below("Share"))

        ann.go_home()
        ann.sees_list()
        guest = story.person("guest")
        seen = guest.follow(ann.shares(study))
        seen.sees_images()
    stage.type_in(commands_below("Stop"))

    assert [seen.path for seen in guest.requests if "/keycloak/" in seen.path] == []
    assert stage.containers() == {}
