"""The fixture `page`: a real browser on pages of this machine."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.real.network import GATEWAY, Network
from tests.support.real.standin import Answer, StandIn

DOCUMENT = b"""<!doctype html><title>Test</title>
<button onclick="this.textContent = navigator.language + ' at ' + location.host">Press</button>
"""


def test_a_button_is_pressed(page: Page, network: Network) -> None:
    """The browser loads a page by the name of a host, runs its script and shows what it did."""
    html = Answer(headers=(("Content-Type", "text/html"),), body=DOCUMENT)
    with StandIn("ohif", network.service("ohif"), 80, lambda _: html) as served:
        page.goto("http://ohif/viewer?x=1")
        page.get_by_role("button").click()

        expect(page.get_by_role("button")).to_have_text("en at ohif")

    assert [seen.target for seen in served.requests if "favicon" not in seen.target] == ["/viewer?x=1"]


def test_the_browser_cannot_leave_the_network(page: Page, network: Network) -> None:
    """A name outside has no address, and a public name of the tests leads to nginx and nowhere else."""
    network.publish("pacs.example.org")

    outcome = page.evaluate(
        "() => Promise.all(['http://outside.example.net/', 'http://pacs.example.org:9/'].map("
        "url => fetch(url, {mode: 'no-cors'}).then(() => 'loaded', () => 'failed')))"
    )

    assert GATEWAY == "10.203.0.2"
    assert outcome == ["failed", "failed"]
