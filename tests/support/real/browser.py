"""A real browser without a window: the system's Chromium, driven by Playwright."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright

from tests.support.real import parts

_FLAGS = (
    # The tests run as root, where Chromium's own sandbox cannot be.
    "--no-sandbox",
    # No graphics card: WebGL is drawn by the processor.
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--disable-dev-shm-usage",
    # It asks nobody outside for anything: there is no outside.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def launched(playwright: Playwright, home: Path | None = None) -> Iterator[Browser]:
    """A running browser; `home` is the home folder of its user, with the authorities that the user trusts."""
    environment: dict[str, str | float | bool] | None = None
    if home is not None:
        environment = {**os.environ, "HOME": str(home)}
    browser = playwright.chromium.launch(
        executable_path=parts.command("chromium"), args=list(_FLAGS), env=environment
    )
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def visitor(browser: Browser, *, language: str = "en") -> Iterator[BrowserContext]:
    """A person's browser, with cookies and storage of its own; certificates that a test made are accepted."""
    context = browser.new_context(ignore_https_errors=True, locale=language)
    # A page that waits longer than this will not come.
    context.set_default_timeout(15_000)
    try:
        yield context
    finally:
        context.close()
