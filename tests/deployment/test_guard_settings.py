"""How long a link may live at the edge, and whose tokens are accepted there."""

from __future__ import annotations

import pytest

from orthgen.deployment.guard_settings import longest_life, token_clients
from tests.support.builders import make_deployment

DAY = 86_400
VIEWERS = "{stone: {}}"


@pytest.mark.parametrize(
    ("sharing", "seconds"),
    [
        pytest.param("expires-after: 7d", 7 * DAY, id="what-the-page-gives"),
        pytest.param("expires-after: 7d, at-most: 30d", 30 * DAY, id="what-programs-may-ask-for"),
        pytest.param("expires-after: 0", 0, id="for-ever"),
        pytest.param("expires-after: 0, at-most: 30d", 30 * DAY, id="not-for-ever"),
    ],
)
def test_a_share_link_lives_as_long_as_the_profile_says(sharing: str, seconds: int) -> None:
    """The edge bounds what programs ask for; 0 is a link without an end."""
    deployment = make_deployment(viewers=VIEWERS, sharing=f"{{viewer: stone, {sharing}}}")

    assert longest_life(deployment)["stone-viewer-publication"] == seconds


@pytest.mark.parametrize(
    ("choices", "seconds"), [("[1d, 7d]", 15 * DAY), ("[30d]", 30 * DAY), ("[7d, 0]", 0)]
)
def test_the_longest_choice_of_the_page_bounds_it(choices: str, seconds: int) -> None:
    """Before release 26.4 the page offers several lives, and a link without an end may be one of them."""
    deployment = make_deployment(
        viewers=VIEWERS, sharing=f"{{viewer: stone, choices: {choices}}}", release="25.8"
    )

    assert longest_life(deployment)["stone-viewer-publication"] == seconds


def test_links_of_viewers_and_downloads_live_an_hour_or_as_the_profile_says() -> None:
    """Where nobody shares, no share link can be made."""
    assert longest_life(make_deployment()) == {"viewer-instant-link": 3600, "download-instant-link": 3600}
    shared = longest_life(make_deployment(viewers=VIEWERS, sharing="{viewer: stone, instant-links: 5m}"))
    assert (shared["viewer-instant-link"], shared["download-instant-link"]) == (300, 300)


@pytest.mark.parametrize(
    ("keycloak", "accepted"),
    [
        ("manage: clients-and-roles", ("orthanc", "ohif")),
        ("manage: clients-and-roles, other-clients: [ris, portal]", ("orthanc", "ohif", "ris", "portal")),
        ("manage: everything", None),
    ],
)
def test_clients_count_where_other_applications_use_the_realm(
    keycloak: str, accepted: tuple[str, ...] | None
) -> None:
    """The profile's own clients, and those that it names."""
    identity = f"{{sign-in: [accounts: {{}}], keycloak: {{server: 'https://sso.example.org', {keycloak}}}}}"
    deployment = make_deployment(viewers="{ohif: {reports: signed-in}}", identity=identity)

    assert token_clients(deployment) == accepted
