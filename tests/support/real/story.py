"""
A story that a test plays with browsers at a running deployment, and all that it leaves for people to look at.

Its folder in the tests' cache has the screenshots, the network log of each person (HAR), and what Orthanc holds afterwards.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, FloatRect, Locator, Page, Response

from tests.support.ohif.viewer import Window, new_context
from tests.support.real import parts
from tests.support.real.stage import Stage

FOLDER = parts.CACHE / "stories"
_PATIENCE = 240_000


@dataclass(frozen=True)
class Seen:
    """A request of a browser, and its answer's status; `token` is the bearer of the Explorer's or of OHIF's header."""

    method: str
    path: str
    status: int
    token: str


@dataclass
class Story:
    """One story at a deployment; `headers` gives those of somebody who sees the whole archive."""

    name: str
    stage: Stage
    browser: Browser
    headers: Callable[[], Mapping[str, str]]
    people: list[Person] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where the story is kept."""
        return FOLDER / self.name

    def person(self, name: str, *, language: str = "en-US") -> Person:
        """Somebody with a browser that has never been here before."""
        context = new_context(
            self.browser,
            locale=language,
            record_har_path=self.folder / f"{name}.har",
            record_har_content="omit",
        )
        person = Person(name, self, context)
        self.people.append(person)
        return person

    def picture(self, page: Page, name: str, clip: FloatRect | None = None) -> None:
        """Keep what a page shows, or a part of it."""
        page.screenshot(path=self.folder / f"{name}.png", clip=clip)

    def archive(self) -> dict[str, dict[str, Any]]:
        """The studies of the archive by UID: labels, and the modalities of the series."""
        query = {"Level": "Series", "Query": {}, "Expand": True, "RequestedTags": ["StudyInstanceUID"]}
        series = self._find(query)
        return {
            study["MainDicomTags"]["StudyInstanceUID"]: {
                "id": study["ID"],
                "labels": sorted(study["Labels"]),
                "modalities": sorted(
                    one["MainDicomTags"]["Modality"] for one in series if one["ParentStudy"] == study["ID"]
                ),
            }
            for study in self._find({"Level": "Study", "Query": {}, "Expand": True})
        }

    def _find(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        answer = self.stage.request("POST", "/tools/find", headers=self.headers(), json_body=query)
        assert answer.status == 200, answer.text
        return list(answer.json())

    def close(self) -> None:
        """Close the browsers, and keep what the archive holds now."""
        for person in self.people:
            person.context.close()
        text = json.dumps(self.archive(), indent=2)
        (self.folder / "archive.json").write_text(text, encoding="utf-8")


@contextlib.contextmanager
def told(
    name: str, stage: Stage, browser: Browser, headers: Callable[[], Mapping[str, str]]
) -> Iterator[Story]:
    """A story whose folder is empty at the beginning, and complete at the end, however it ends."""
    story = Story(name, stage, browser, headers)
    shutil.rmtree(story.folder, ignore_errors=True)
    story.folder.mkdir(parents=True)
    try:
        yield story
    except BaseException:
        for person in story.people:
            for number, page in enumerate(person.context.pages):
                story.picture(page, f"failed-{person.name}-{number}")
        raise
    finally:
        story.close()


class Person:
    """Somebody at a browser of their own: the study list, and windows of OHIF."""

    def __init__(self, name: str, story: Story, context: BrowserContext) -> None:
        self.name, self.story, self.context = name, story, context
        self.context.set_default_timeout(_PATIENCE)
        self.requests: list[Seen] = []
        self.context.on("response", self._note)
        self.page = context.new_page()

    def _note(self, response: Response) -> None:
        request, address = response.request, urlsplit(response.url)
        token = request.headers.get("token") or request.headers.get("authorization", "")
        path = f"{address.path}?{address.query}" if address.query else address.path
        self.requests.append(Seen(request.method, path, response.status, token.removeprefix("Bearer ")))

    def picture(self, name: str, page: Page | None = None, *, clip: FloatRect | None = None) -> None:
        """Keep what the person sees, or a part of it."""
        self.story.picture(page or self.page, name, clip)

    # ------------------------------------------------------------------------------------------ the study list

    def go_home(self) -> None:
        """Open the study list."""
        self.page.goto(self.story.stage.home)

    def fill_in(self, user: str, password: str) -> None:
        """Fill the sign-in page in, which has to appear."""
        self.page.fill("#username", user)
        self.page.fill("#password", password)
        self.page.click("#kc-login")

    def sign_in(self, user: str, password: str) -> None:
        """Open the study list, and sign in where it leads."""
        self.go_home()
        self.fill_in(user, password)
        self.sees_list()

    def sees_list(self) -> None:
        """Wait for the study list."""
        self.page.wait_for_function("document.getElementById('person')?.textContent")

    def studies(self) -> set[str]:
        """The UIDs of the studies of the list as it is now."""
        with self.page.expect_response("**/tools/find"):
            self.page.get_by_role("button", name="Refresh").click()
        self.page.wait_for_timeout(100)
        rows = self.page.locator("#studies tbody tr").all()
        return {row.get_attribute("data-study") or "" for row in rows}

    def refreshes_until(self, shown: Locator) -> None:
        """Refresh the list until something is shown: Orthanc labels a study when no more of it arrives."""
        for _ in range(60):
            self.studies()
            if shown.is_visible():
                return
            self.page.wait_for_timeout(1000)
        shown.wait_for(timeout=1)

    def row(self, study: str) -> Locator:
        """A study of the list."""
        return self.page.locator(f'[data-study="{study}"]')

    def opens(self, study: str) -> Window:
        """Open a study of the list in OHIF."""
        with self.context.expect_page() as opened:
            self.row(study).get_by_role("button", name="Open in OHIF").click()
        return Window(opened.value)

    def shares(self, study: str) -> str:
        """Make a link to a study of the list."""
        with self.page.expect_response(re.compile("/auth/tokens/")):
            self.row(study).get_by_role("button", name="Share").click()
        self.page.wait_for_function("document.getElementById('link').value")
        return self.page.input_value("#link")

    def uploads(self, *files: Path) -> None:
        """Choose files in the list's upload."""
        with self.page.expect_response("**/tools/find"):
            self.page.set_input_files("#files", list(files))

    def sign_out(self) -> None:
        """Sign out of the study list."""
        self.page.get_by_role("button", name="Sign out").click()

    # ------------------------------------------------------------------------------------------------ elsewhere

    def follow(self, link: str) -> Window:
        """Open a link in a new window."""
        page = self.context.new_page()
        page.goto(link)
        return Window(page)

    def fetched(self, path: str, *, token: str = "", page: Page | None = None) -> int:
        """The status that a script of the page gets for an address; `path` begins at Orthanc's public root."""
        root = self.story.stage.deployment.addresses.orthanc_root.rstrip("/")
        headers = {"token": f"Bearer {token}"} if token else {}
        return int(
            (page or self.page).evaluate(
                "([url, headers]) => fetch(url, {headers}).then((answer) => answer.status)",
                [root + path, headers],
            )
        )

    @property
    def token(self) -> str:
        """The access token that the study list has sent last."""
        return self.last_token("/tools/find")

    def last_token(self, path: str) -> str:
        """The token of the last request to an address with `path` in it."""
        return [seen.token for seen in self.requests if path in seen.path][-1]
