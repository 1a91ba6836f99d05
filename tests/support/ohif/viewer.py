"""OHIF in a real browser, used with the mouse as a person would."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import TimeoutError as NotThereError

from tests.support.ohif.identity import SESSION

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.support.ohif.site import Site

# The processor draws, and many programs may share it; on an idle machine nothing here takes ten seconds.
_PATIENCE = 240_000
_OPENINGS = 6
_IMAGE = ".cornerstone-canvas:visible"
_NOTICE = "#orthgen-notice"
_DRAWN: dict[str, str | re.Pattern[str]] = {"SR": re.compile("[0-9] mm$"), "SEG": "Segment 1"}
"""What OHIF shows of a saved series when it is opened."""
_SEEN_BEFORE = """
if (location.protocol.startsWith('http')) {
  localStorage.setItem('shownTours', '["basicViewerTour"]');
  localStorage.setItem('investigationalUseDialog', '{"expiryDate": "2999-01-01"}');
}
"""


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """The browser of a person who has seen OHIF's tour and notice before."""
    context = browser.new_context(
        viewport={"width": 1400, "height": 900}, ignore_https_errors=True, **options
    )
    context.add_init_script(_SEEN_BEFORE)
    return context


class Window:
    """A browser's window with OHIF in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.page.set_default_timeout(_PATIENCE)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self._note(message.text))

    def _note(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.errors.append(text)

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

    def reload(self) -> None:
        """Press F5."""
        self.page.reload()

    def sees_images(self) -> None:
        """Wait for the image to be drawn."""
        self.page.wait_for_selector(_IMAGE)
        self.page.get_by_text(re.compile("[0-9]+/[0-9]+")).first.wait_for()

    def measure(self) -> None:
        """Draw a line with the length tool, and agree to keep it."""
        self.page.locator('[data-cy="MeasurementTools-split-button-primary"]').click()
        x, y = self._middle()
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

    def opens_series(self, modality: str) -> None:
        """
        Open the saved series of a modality from the list of series, and see what is drawn from it.

        On a busy machine, OHIF 3.13.2 sometimes shows the image before it knows what to draw on it, and draws nothing until
        the series is opened again.
        """
        drawn = self.page.get_by_text(_DRAWN[modality]).first
        for _ in range(_OPENINGS - 1):
            self.page.get_by_text(modality, exact=True).first.dblclick()
            try:
                drawn.wait_for(timeout=_PATIENCE / _OPENINGS)
            except NotThereError:
                self.page.get_by_text("CT", exact=True).first.dblclick()
            else:
                return
        self.page.get_by_text(modality, exact=True).first.dblclick()
        drawn.wait_for()

    def paint(self) -> None:
        """Paint a segment with the brush, on the page of the mode `segmentation`."""
        self.page.locator('[data-cy="addSegmentation"]').click()
        self.page.locator('[data-cy="data-row"]').wait_for()
        self.page.locator('[data-cy="Brush-btn"]').click()
        x, y = self._middle()
        self.page.mouse.move(x - 20, y - 60)
        self.page.mouse.down()
        self.page.mouse.move(x + 20, y - 40, steps=5)
        self.page.mouse.move(x + 60, y, steps=5)
        self.page.mouse.up()

    def save_segmentation(self) -> None:
        """Choose *Download & Export*, *DICOM SEG* in the segmentation's menu, and wait until the archive has answered."""
        # The button before the segmentation's name has no name of its own.
        self.page.get_by_role("combobox").first.locator("xpath=preceding::button[1]").click()
        self.page.get_by_role("menuitem", name="Download & Export").hover()
        # The first one downloads.
        self.page.get_by_role("menuitem", name="DICOM SEG").last.click()
        self.confirm_report()

    def scroll(self) -> None:
        """Turn the wheel over the image."""
        self.page.mouse.move(*self._middle())
        self.page.mouse.wheel(0, 100)

    def _middle(self) -> tuple[float, float]:
        box = self.page.locator(_IMAGE).first.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

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


class Viewer(Window):
    """A person at a browser of their own, on a site of the tests."""

    def __init__(self, browser: Browser, site: Site, locale: str = "fr-FR") -> None:
        self.site = site
        self.context = new_context(browser, locale=locale)
        super().__init__(self.context.new_page())

    def open(self, study: str, token: str = "", page: str = "viewer") -> None:
        """Follow a link to a study."""
        link = f"&token={token}" if token else ""
        self.page.goto(f"{self.site.origin}{self.site.base}{page}?StudyInstanceUIDs={study}{link}")

    def signed_in_already(self, user: str) -> None:
        """Hold the session of somebody who signed in for Orthanc Explorer 2."""
        self.context.add_cookies([{"name": SESSION, "value": user, "url": self.site.origin}])

    def close(self) -> None:
        """Close the browser's window."""
        self.context.close()
