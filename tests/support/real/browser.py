"""A real browser without a window: the system's Chromium, driven by Playwright."""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
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


def program_on(host: Sequence[str], folder: Path) -> Path:
    """A program in `folder` that starts the browser on another host; `host` is the beginning of its command line."""
    program = folder / "browser"
    line = shlex.join([*host, parts.command("chromium")])
    program.write_text(f'#!/bin/sh\nexec {line} "$@"\n', encoding="ascii")
    program.chmod(0o755)
    return program


@contextmanager
def launched(
    playwright: Playwright,
    home: Path | None = None,
    *,
    flags: Sequence[str] = (),
    program: Path | None = None,
) -> Iterator[Browser]:
    """A running browser; `home` is the home folder of its user, with the authorities that the user trusts."""
    environment: dict[str, str | float | bool] | None = None
    if home is not None:
        environment = {**os.environ, "HOME": str(home)}
    browser = playwright.chromium.launch(
        executable_path=program or parts.command("chromium"), args=[*_FLAGS, *flags], env=environment
    )
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def trusting(playwright: Playwright, certificate: Path) -> Iterator[Browser]:
    """A browser that trusts a certificate; it keeps the files of a server in its cache only if it trusts the server."""
    command = ["openssl", "x509", "-in", str(certificate), "-pubkey", "-noout"]
    public = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    key = base64.b64decode("".join(public.splitlines()[1:-1]))
    digest = base64.b64encode(hashlib.sha256(key).digest()).decode()
    with launched(playwright, flags=[f"--ignore-certificate-errors-spki-list={digest}"]) as running:
        yield running


@contextmanager
def visitor(browser: Browser, *, language: str = "en") -> Iterator[BrowserContext]:
    """A person's browser, with cookies and storage of its own; certificates that a test made are accepted."""
    context = browser.new_context(ignore_https_errors=True, locale=language)
    # A second on an idle machine; beside a dozen busy programs, Keycloak's first page of a realm takes more than fifteen.
    context.set_default_timeout(90_000)
    try:
        yield context
    finally:
        context.close()
