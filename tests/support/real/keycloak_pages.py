"""Keycloak's pages in a browser: what a person answers at the first sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.real.one_time_code import one_time_code

if TYPE_CHECKING:
    from playwright.sync_api import Page


def answer_until(page: Page, home: str, password: str) -> None:
    """Answer each form that Keycloak shows, until the browser is back at an address that begins with `home`."""
    while not page.url.startswith(home):
        _answer(page, password)


def _answer(page: Page, password: str) -> None:
    form = page.locator("form").first
    if page.locator("#password-new").count():
        page.fill("#password-new", password)
        page.fill("#password-confirm", password)
    elif page.locator("#totpSecret").count():
        page.fill("#totp", one_time_code(page.locator("#totpSecret").get_attribute("value") or ""))
        page.fill("#userLabel", "phone")
    else:
        page.fill("#email", "ann@clinic.example")
        page.fill("#firstName", "Ann")
        page.fill("#lastName", "Lee")
    form.locator("[type=submit]").first.click()
    page.wait_for_load_state()
