"""The page for approvers in a real browser: for a screen reader, in light and dark, on paper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from tests.support.builders import PROFILES
from tests.support.command import orthgen
from tests.support.real import browser as browsers
from tests.support.real import parts

# What is not about the page itself: a browser's window and the part of a site that it stands in.
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def write_page(folder: Path, profile: str, *options: str) -> Path:
    """The page of an example, as the command writes it."""
    outcome = orthgen("access", "--html", *options, str(PROFILES / profile), cwd=folder)
    assert outcome.returncode == 0, outcome.stderr
    page = folder / "access.html"
    page.write_text(outcome.stdout)
    return page


def violations(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize(
    ("language", "scheme"), [("en", "light"), ("fr", "dark"), ("de", "light"), ("nl", "dark")]
)
def test_axe_finds_nothing(tmp_path: Path, browser: Browser, language: str, scheme: Any) -> None:
    """axe-core has no complaint about structure, names or contrast, whatever the language and the colours."""
    page_file = write_page(tmp_path, "teaching-hospital.yaml", "--language", language)
    with browsers.visitor(browser) as context:
        page = context.new_page()
        page.emulate_media(color_scheme=scheme)
        page.goto(page_file.as_uri())
        page.evaluate(parts.axe().read_text())

        found = page.evaluate(f"axe.run(document, {json.dumps(_RULES)})")

        assert len(found["passes"]) > 20
        assert violations(found) == []


def test_a_cell_leads_to_its_reason_and_nothing_is_loaded(tmp_path: Path, browser: Browser) -> None:
    """The reason shows on hover and is one click away; the page asks no server for anything."""
    page_file = write_page(tmp_path, "paradim.yaml", "--language", "en")
    with browsers.visitor(browser) as context:
        page = context.new_page()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(page_file.as_uri())

        row = page.get_by_role("row", name="External reader")
        cell = row.nth(1).get_by_role("link").first
        assert cell.get_attribute("title") == "Refused: the collection is not one of the role’s."
        cell.click()
        expect(page.locator(":target")).to_contain_text("the collection is not one of the role’s")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert requests == [page_file.as_uri()]


def test_the_printed_page_has_everything(tmp_path: Path, browser: Browser) -> None:
    """On paper the reasons, the connections, the digest and the lines for signatures are there."""
    page_file = write_page(tmp_path, "paradim.yaml", "--language", "en")
    paper = tmp_path / "access.pdf"
    with browsers.visitor(browser) as context:
        page = context.new_page()
        page.goto(page_file.as_uri())
        page.pdf(path=str(paper), prefer_css_page_size=True)

    text = "\n".join(sheet.extract_text() for sheet in PdfReader(paper).pages)
    for words in ("Refused: the role does not have", "DICOM devices", "Digest", "Signature"):
        assert words in text
