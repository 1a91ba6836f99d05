"""The OrthancExplorer2 section: what people see of the profile."""

from __future__ import annotations

from typing import Any

import pytest

from orthgen.products.orthanc import inbox_answers, orthanc_settings
from tests.support.builders import make_deployment

SHARING = "{viewer: ohif, expires-after: 7d, instant-links: 30m}"


def section(**changes: Any) -> dict[str, Any]:
    """The section of the small profile with `changes`."""
    found: dict[str, Any] = orthanc_settings(make_deployment(**changes))["OrthancExplorer2"]
    return found


def options(**changes: Any) -> dict[str, Any]:
    """Its UiOptions."""
    found: dict[str, Any] = section(**changes)["UiOptions"]
    return found


def test_it_signs_in_at_the_realm_of_the_profile() -> None:
    """Keycloak is named as browsers reach it."""
    keycloak = section(identity="{realm: hospital, sign-in: [accounts: {}]}")["Keycloak"]

    assert keycloak == {
        "Enable": True,
        "Url": "https://pacs.example.org/keycloak/",
        "Realm": "hospital",
        "ClientId": "orthanc",
    }


def test_links_always_carry_a_token() -> None:
    """Without it downloads, previews and viewers would be refused; they use instant links even where nothing is shared."""
    assert section()["Tokens"] == {"RequiredForLinks": True, "InstantLinksValidity": 3600}


def test_sharing_names_its_viewer_and_how_long() -> None:
    """The type of a share link follows from the viewer, its life is counted in days."""
    shared = section(viewers="{ohif: {}}", sharing=SHARING)

    assert shared["Tokens"]["ShareType"] == "ohif-viewer-publication"
    assert shared["Tokens"]["InstantLinksValidity"] == 1800
    assert (shared["UiOptions"]["EnableShares"], shared["UiOptions"]["ShareDuration"]) == (True, 7)


def test_nothing_is_shared_where_the_profile_does_not_say_so() -> None:
    """The button is off, and no type of link is named."""
    assert options()["EnableShares"] is False
    assert "ShareType" not in section()["Tokens"]


def test_an_older_release_offers_a_list_of_lives() -> None:
    """Before Orthanc Explorer 2 1.11.0 people choose among some lives, the profile's own among them."""
    shared = options(
        release='"25.8"',
        viewers="{ohif: {}}",
        sharing="{viewer: ohif, expires-after: 7d, choices: [30d, 1d, never]}",
    )

    assert (shared["ShareDurations"], shared["DefaultShareDuration"]) == ([0, 1, 7, 30], 7)
    assert "ShareDuration" not in shared


@pytest.mark.parametrize(
    ("written", "days"),
    [
        pytest.param("never", 0, id="without end"),
        pytest.param("1h", 1, id="an hour is a day"),
        pytest.param("36h", 2, id="a day and a half is two"),
    ],
)
def test_a_part_of_a_day_is_not_for_ever(written: str, days: int) -> None:
    """Rounded down, an hour would be 0 days, which never end."""
    shared = options(viewers="{ohif: {}}", sharing=f"{{viewer: ohif, expires-after: {written}}}")

    assert shared["ShareDuration"] == days


def test_the_viewers_have_their_buttons_in_the_profiles_order() -> None:
    """The default viewer comes first, the others as they are written, each with its icon."""
    shown = options(
        viewers="{volview: {icon: bi bi-star}, ohif: {modes: [viewer, segmentation]}, default: ohif}"
    )

    assert shown["ViewersOrdering"] == ["ohif", "ohif-seg", "volview"]
    assert shown["ViewersIcons"]["volview"] == "bi bi-star"
    assert (shown["EnableOpenInOhifViewer3"], shown["OhifViewer3PublicRoot"]) == (True, "/ohif/")


def test_no_viewer_is_offered_that_the_profile_does_not_name() -> None:
    """OHIF's button is off even where its plugin is there."""
    shown = options()

    assert shown["ViewersOrdering"] == []
    assert shown["EnableOpenInOhifViewer3"] is False


def test_people_choose_among_the_labels_of_the_collections() -> None:
    """A list that is not empty keeps them from inventing labels that no role knows."""
    assert options(collections="{cardio: {label: CARDIO}, neuro: {}}")["AvailableLabels"] == [
        "CARDIO",
        "neuro",
    ]


def test_the_first_language_is_the_default() -> None:
    """The others can be chosen; one that Orthanc Explorer 2 does not speak is left out."""
    institution = '{name: X, url: "https://pacs.example.org", languages: [fr, tlh, en]}'

    shown = options(institution=institution)

    assert (shown["DefaultLanguage"], shown["AvailableLanguages"]) == ("fr", ["fr", "en"])


def test_the_study_list_searches_as_the_profile_says() -> None:
    """By a button, and with nothing shown before."""
    shown = options(interface="{search: button, before-search: nothing, most-studies: 7}")

    assert shown["StudyListSearchMode"] == "search-button"
    assert shown["StudyListContentIfNoSearch"] == "empty"
    assert shown["MaxStudiesDisplayed"] == 7


def test_the_page_bears_the_institutions_name() -> None:
    """Unless the profile has another title for it."""
    assert section()["CustomTitle"] == "Test Institution"
    assert section(interface="{title: Images, theme: dark}")["CustomTitle"] == "Images"


class TestInbox:
    """The page on which people hand studies in."""

    INBOX = "{title: Trial 7, introduction: Names <b>stay</b> & go.}"

    def test_its_introduction_is_plain_text(self) -> None:
        """What looks like HTML is shown, not obeyed."""
        inbox = section(inbox=self.INBOX)["Inbox"]

        assert inbox["IntroTextHtml"] == "<p>Names &lt;b&gt;stay&lt;/b&gt; &amp; go.</p>"

    def test_it_has_what_the_page_reads_without_looking(self) -> None:
        """FormFields and both addresses have to be there in every release; people sign in unless the profile says otherwise."""
        inbox = section(inbox=self.INBOX)["Inbox"]

        assert inbox["FormFields"] == []
        assert (inbox["CommitUrl"], inbox["ProcessingMonitoringUrl"]) == ("inbox/commit", "inbox/progress")
        assert inbox["EnableAnonymousAccess"] is False

    def test_the_proxys_answers_end_the_wait(self) -> None:
        """The page stops asking, in the institution's language, with nothing that nginx would take for its own."""
        answers = inbox_answers(
            make_deployment(
                inbox=self.INBOX,
                institution='{name: X, url: "https://x.example.org", languages: [fr-CA, en]}',
            )
        )

        assert answers["inbox/progress"] == (
            '{"IsComplete": true, "HasFailed": false, "PctProcessed": 100, "Message": "Les fichiers sont arriv\\u00e9s."}'
        )
        assert all(text.isascii() and not set(text) & set("'$") for text in answers.values())

    def test_without_it_nothing_is_answered(self) -> None:
        """No section, no answers."""
        assert "Inbox" not in section()
        assert inbox_answers(make_deployment()) == {}
