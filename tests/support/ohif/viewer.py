"""OHIF in a real browser, used with the mouse as a person would."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.ohif.identity import SESSION

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.support.ohif.site import Site

# Two busy cores draw with the processor; none of this takes long on a machine of today.
_PATIENCE = 60_000
_IMAGE = ".cornerstone-canvas"
_NOTICE = "#orthgen-notice"
_SEEN_BEFORE = """
if (location.protocol.startsWith('http')) {
  localStorage.setItem('shownTours', '["basicViewerTour"]');
  localStorage.setItem('investigationalUseDialog', '{"expiryDate": "2999-01-01"}');
}
"""


class Viewer:
    """A person at a browser of their own, who has seen OHIF's tour and notice before."""

    def __init__(self, browser: Browser, site: Site, locale: str = "fr-FR") -> None:
        self.site = site
        self.context = browser.new_context(
            viewport={"width": 1400, "height": 900}, locale=locale, ignore_https_errors=True
        )
        self.context.add_init_script(_SEEN_BEFORE)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(_PATIENCE)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self._note(message.text))

    def _note(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.errors.append(text)

    def open(self, study: str, token: str = "", page: str = "viewer") -> None:
        """Follow a link to a study."""
        link = f"&token={token}" if token else ""
        self.page.goto(f"{self.site.origin}{self.site.base}{page}?StudyInstanceUIDs={study}{link}")

    def sign_in(self, user: str, password: str = "") -> None:
        """Fill in the sign-in page, which has to appear."""
        self.page.fill("#username", user)
        if password:
            self.page.fill("#password", password)
        self.page.click("#kc-login")

    def sign_out(self) -> None:
        """Choose to sign out in OHIF's own menu."""
        self.page.mouse.click(1382, 24)  # the wheel in the corner, which has no name of its own
        self.page.get_by_role("menuitem", name="Logout").click()

    def signed_in_already(self, user: str) -> None:
        """Hold the session of somebody who signed in for Orthanc Explorer 2."""
        self.context.add_cookies([{"name": SESSION, "value": user, "url": self.site.origin}])

    def reload(self) -> None:
        """Press F5."""
        self.page.reload()

    def sees_images(self) -> None:
        """Wait for the image to be drawn."""
        self.page.wait_for_selector(_IMAGE)
        self.page.get_by_text(re.compile("[0-9]/3")).first.wait_for()

    def measure(self) -> None:
        """Draw a line with the length tool, and agree to keep it."""
        self.page.locator('[data-cy="MeasurementTools-split-button-primary"]').click()
        box = self.page.locator(_IMAGE).first.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x - 100, y - 60)
        self.page.mouse.down()
        self.page.mouse.move(x, y, steps=5)
        self.page.mouse.move(x + 100, y + 60, steps=5)
        self.page.mouse.up()
        self.page.locator('[data-cy="prompt-begin-tracking-yes-btn"]').click()

    def create_report(self) -> None:
        """Press the button below the measurements."""
        button = self.page.get_by_text(re.compile("^(Create SR|Créer SR)$"))
        if not button.count():
            self.page.locator('[data-cy="trackedMeasurements-btn"]').click()
        button.click()

    def confirm_report(self) -> None:
        """Press Save in the dialog, and wait until the archive has answered."""
        with self.page.expect_response(lambda response: response.request.method == "POST"):
            self.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Save")).click()

    def notice(self) -> str:
        """The message over the viewer, which has to appear."""
        self.page.wait_for_selector(_NOTICE)
        return self.page.locator(f"{_NOTICE} span").inner_text()

    def notices(self) -> int:
        """How many messages are over the viewer now."""
        return self.page.locator(_NOTICE).count()

    def measurements(self) -> int:
        """How many measurements are on the screen."""
        return self.page.locator('[data-cy="data-row"]').count()

    def picture(self, path: Path) -> None:
        """Keep what the person sees."""
        self.page.screenshot(path=path)

    def close(self) -> None:
        """Close the browser's window."""
        self.context.close()
