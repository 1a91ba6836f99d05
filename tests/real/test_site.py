"""The documentation as a site: every link leads somewhere, and it works without a network."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.real import browser as browsers
from tests.support.real import parts

# One word of the page that the search has to find, and the page.
_SEARCHED = ("Create Report", "reports.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A page that the navigation omits, and a link or an anchor that leads nowhere, are errors."""
    folder = tmp_path_factory.mktemp("site")
    command = [str(parts.tool("site", "mkdocs")), "build", "--strict", "--site-dir", str(folder)]
    built = subprocess.run(
        command,
        cwd=parts.REPOSITORY,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "WEBSITE_PACKAGES": str(parts.website_packages())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    return folder


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    """Scripts, styles and pictures are files of the site, and each of them is there."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|link rel="stylesheet")[^>]*?(?:src|href)="?([^"\s>]+)', text)
        assert loaded
        for target in loaded:
            assert not re.match(r"\w+:|//", target), (page.name, target)
            assert page.name == "404.html" or (page.parent / target.partition("?")[0]).exists(), target


def test_links_out_of_the_documentation_name_files_of_the_repository(site: Path) -> None:
    """A page that names a file of the repository links to it there, and the file exists."""
    pages = [page.read_text(encoding="utf-8") for page in site.rglob("*.html")]
    linked = {name for text in pages for name in re.findall(r'href="?[^"\s>]*/blob/main/([^"#\s>]+)', text)}

    assert {"CONTRIBUTING.md", "LICENSE"} <= linked
    for name in linked:
        assert (parts.REPOSITORY / name).exists(), name


def test_the_site_is_readable_from_a_folder(site: Path, browser: Browser) -> None:
    """Without a web server the front page shows, the search finds a page, and nothing is asked of a server."""
    word, page_name = _SEARCHED
    with browsers.visitor(browser) as context:
        page = context.new_page()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto((site / "index.html").as_uri(), timeout=60_000)
        expect(page.get_by_role("heading", name="orthgen", exact=False).first).to_be_visible()

        page.locator("input.md-search__input").click()
        page.locator("input.md-search__input").press_sequentially(word)
        result = page.locator(f'.md-search-result a[href*="{page_name}"]').first
        expect(result).to_be_visible(timeout=60_000)
        result.click()
        expect(page).to_have_url(re.compile(page_name))
    assert {url.partition(":")[0] for url in requests} <= {"file", "blob", "data"}
