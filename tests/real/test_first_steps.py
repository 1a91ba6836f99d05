"""
The page docs/first-steps.md on a container engine: the smallest profile, from the first command to the last.

The commands run in a shell on a terminal, as they stand on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.support.builders import PROFILES
from tests.support.real import browser as browsers
from tests.support.real import dicom, parts, phantom
from tests.support.real.engine import HOST, Engine, Host
from tests.support.real.keycloak_pages import answer_until
from tests.support.real.network import on_host
from tests.support.real.stage import Stage
from tests.support.real.story import told

PAGE = (parts.REPOSITORY / "docs/first-steps.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def stage(engine: tuple[Engine, Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The deployment, healthy: what the page says up to the first sign-in."""
    folder = tmp_path_factory.mktemp("minimal")
    (folder / "profiles").mkdir()
    profile = folder / "profiles/minimal.yaml"
    profile.write_bytes((PROFILES / "minimal.yaml").read_bytes())
    stage = Stage(*engine, profile, folder)
    stage.type_in(commands_below("Start"))
    yield stage
    stage.remove()


@pytest.fixture(scope="module")
def at_home(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser on the engine's own machine, which reaches what is published on its loopback."""
    program = browsers.program_on(on_host(HOST), tmp_path_factory.mktemp("browser"))
    with browsers.launched(playwright, program=program) as browser:
        yield browser


def commands_below(heading: str) -> str:
    """The commands of docs/first-steps.md in the section `heading`."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"(?ms)^```sh\n(.*?)^```$", section))


def test_a_person_takes_the_first_steps(stage: Stage, at_home: Browser, tmp_path: Path) -> None:
    """The first administrator signs in, uploads a study, adds a viewer to the profile, looks, shares, and stops it all."""
    shown = stage.type_in(commands_below("Sign in"))
    password = re.search(r"password +(\S+)", shown)
    assert password, shown
    files = [tmp_path / f"{number}.dcm" for number in range(16)]
    volume = phantom.chest(PatientName="Doe^Jane", PatientID="P1")
    for file, instance in zip(files, volume, strict=True):
        file.write_bytes(dicom.encode(instance))
    study = volume[0].StudyInstanceUID

    with stage.keycloak() as keycloak:
        others = keycloak.add_user(stage.realm, "robin", roles=["staff"])

    @cache
    def headers() -> dict[str, str]:
        return {"token": f"Bearer {stage.sign_in('robin', others)['access_token']}"}

    with told("first-steps", stage, at_home, headers) as story:
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

        (lines,) = re.findall(r"(?ms)^```yaml\n(.*?)^```$", PAGE)
        with stage.profile.open("a", encoding="utf-8") as profile:
            profile.write(lines)
        stage.type_in(commands_below("View and share"))

        ann.go_home()
        ann.sees_list()
        window = ann.opens(study)
        window.sees_images()
        ann.picture("viewer", window.page)
        guest = story.person("guest")
        seen = guest.follow(ann.shares(study))
        seen.sees_images()
    stage.type_in(commands_below("Stop"))

    assert [seen.path for seen in guest.requests if "/keycloak/" in seen.path] == []
    assert stage.containers() == {}
