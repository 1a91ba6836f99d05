"""What a release says: its images, its versions, its closed lists, what it lacks."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from orthgen.catalogue import UnknownFeatureError, UnknownReleaseError, data, features, load, newest, releases
from orthgen.catalogue.versions import at_least, parse

RELEASES = releases()


def test_the_newest_release_comes_first_and_is_the_default() -> None:
    """Releases are listed from the newest to the oldest, and the newest is the default."""
    assert RELEASES == ("26.8", "26.7", "26.4", "25.8")
    assert newest() is load("26.8")


def test_an_unknown_release_names_those_that_are_known() -> None:
    """Asking for a release that is not there is refused with the list of those that are."""
    with pytest.raises(UnknownReleaseError) as refusal:
        load("24.1")

    assert refusal.value.known == RELEASES
    assert "`26.8`" in refusal.value.hint


@pytest.mark.parametrize("name", RELEASES)
def test_a_release_file_is_called_as_the_release_that_it_holds(name: str) -> None:
    """The name inside a release file is the name of the file."""
    assert load(name).name == name


@pytest.mark.parametrize("name", RELEASES)
def test_images_are_pinned_and_name_no_registry(name: str) -> None:
    """Every image has a full version for its tag and lies on Docker Hub."""
    for reference in load(name).images.values():
        assert re.fullmatch(r"(?:[a-z]+/)?[a-z0-9-]+:v?\d+(?:\.\d+)+", reference)


@pytest.mark.parametrize("name", RELEASES)
def test_the_tag_of_an_image_is_the_version_of_its_component(name: str) -> None:
    """Where an image is a component, both places name the same version."""
    release = load(name)
    pairs = {"orthanc": "orthanc-image", "auth-service": "auth-service"}
    pairs |= {image: image for image in ("keycloak", "nginx", "postgres")}

    for image, component in pairs.items():
        assert release.image(image).tag == release.components[component]


@pytest.mark.parametrize("name", RELEASES)
def test_a_release_runs_on_keycloak_nginx_and_postgres_that_the_deployment_needs(name: str) -> None:
    """No release falls behind the companion's Keycloak, loses LDAP roles, or lacks njs."""
    release = load(name)

    assert at_least(release.components["keycloak"], "26.2.5")
    assert release.lacks("edge-guard") is None
    assert release.lacks("hostname-v2") is None
    assert "ldap-member-of" not in {weakness.id for weakness in release.weaknesses()}


@pytest.mark.parametrize(
    ("name", "orthanc", "auth_service"),
    [
        ("25.8", "25.8.2", "25.9.0"),
        ("26.4", "26.4.2", "26.4.1"),
        ("26.7", "26.7.0", "26.4.1"),
        ("26.8", "26.8.1", "26.4.1"),
    ],
)
def test_a_release_pairs_orthanc_with_the_auth_service_that_fits(
    name: str, orthanc: str, auth_service: str
) -> None:
    """The newest Orthanc image of the line comes with the official pairing of the auth-service."""
    release = load(name)

    assert release.image("orthanc").tag == orthanc
    assert release.image("auth-service").tag == auth_service
    assert release.image("ohif").tag == auth_service


def test_versions_follow_the_release_notes() -> None:
    """The components of a release are those that its image was built with."""
    assert load("26.8").components["orthanc"] == "1.13.0"
    assert load("26.8").components["authorization"] == "0.11.4"
    assert load("26.8").components["dicomweb"] == "1.24"
    assert load("26.4").components["explorer-2"] == "1.12.0"
    assert load("25.8").components["postgresql"] == "9.0"


@pytest.mark.parametrize("name", RELEASES)
def test_audit_logs_is_a_permission_in_every_release(name: str) -> None:
    """`audit-logs` came with auth-service 25.8.0."""
    assert "audit-logs" in load(name).permissions


def test_worklists_is_a_permission_since_auth_service_25_12() -> None:
    """The auth-service of 25.8 would stop at the permission `worklists`; the later ones know it."""
    assert "worklists" not in load("25.8").permissions
    assert all("worklists" in load(name).permissions for name in ("26.4", "26.7", "26.8"))


def test_every_other_permission_is_the_same_in_all_releases() -> None:
    """The closed list grew by `worklists` only."""
    assert {frozenset(load(name).permissions) - {"worklists"} for name in RELEASES} == {
        frozenset(load("25.8").permissions)
    }
    assert len(load("26.8").permissions) == 16


def test_stl_is_a_standard_configuration_since_authorization_0_10_2() -> None:
    """25.8 carries 0.10.1, which ignores the word `stl`."""
    assert "stl" not in load("25.8").standard_configurations
    assert "stl" in load("26.4").standard_configurations


def test_hungarian_and_japanese_came_with_later_explorers() -> None:
    """A language can only be offered where Orthanc Explorer 2 has it."""
    assert {"fr", "en"} <= set(load("25.8").languages)
    assert "ja" not in load("25.8").languages
    assert "hu" in load("26.7").languages
    assert "hu" not in load("26.4").languages


@pytest.mark.parametrize("feature", features())
def test_a_feature_needs_components_that_the_newest_release_has(feature: str) -> None:
    """Every feature names existing components, and the newest release has it."""
    facts = data.read("features")["features"][feature]

    assert facts["title"]
    assert set(facts["needs"]) <= set(newest().components)
    assert newest().lacks(feature) is None


@pytest.mark.parametrize(
    ("feature", "component", "has", "needs"),
    [
        ("worklists", "worklists", None, "0.9.0"),
        ("share-by-email", "authorization", "0.10.1", "0.11.2"),
        ("jobs-page", "authorization", "0.10.1", "0.11.3"),
        ("ohif-sign-in", "ohif", "3.11.0", "3.12.0"),
        ("stl", "explorer-2", "1.9.0", "1.9.2"),
        ("database-schema", "postgresql", "9.0", "10.0"),
    ],
)
def test_the_oldest_release_says_what_it_lacks(
    feature: str, component: str, has: str | None, needs: str
) -> None:
    """A lack names the component, the version that is there and the one that is needed."""
    lack = load("25.8").lacks(feature)

    assert lack is not None
    assert (lack.component, lack.has, lack.needs) == (component, has, needs)


@pytest.mark.parametrize(
    "feature", ["audit-logs", "anonymous-profile", "extra-permissions", "inbox", "volview", "api-keys"]
)
def test_the_oldest_release_has_what_came_with_25_8(feature: str) -> None:
    """What 25.8 and its companions brought is there."""
    assert load("25.8").lacks(feature) is None


def test_a_feature_that_nobody_described_is_a_mistake() -> None:
    """Asking about an unknown feature raises, so that a misspelt id is noticed."""
    with pytest.raises(UnknownFeatureError):
        newest().lacks("flying")


def test_weaknesses_disappear_with_the_release_that_mends_them() -> None:
    """Each release lists the holes that a later component closed; the newest has none of them."""
    weak = {name: {weakness.id for weakness in load(name).weaknesses()} for name in RELEASES}

    assert weak["26.8"] == set()
    assert weak["26.7"] == {"nested-sequences", "out-of-bounds"}
    assert weak["26.4"] == weak["26.7"] | {"explorer-xss", "explorer-xss-remote-source"}
    assert weak["25.8"] == weak["26.4"] | {"bulk-delete-unchecked"}


@pytest.mark.parametrize(
    ("keycloak", "is_weak"), [("26.1.5", False), ("26.2.0", True), ("26.3.9", True), ("26.4.0", False)]
)
def test_a_weakness_begins_with_the_version_that_brought_it(keycloak: str, *, is_weak: bool) -> None:
    """A release whose component is older than the fault does not have it."""
    release = replace(newest(), components={**newest().components, "keycloak": keycloak})

    assert ("ldap-member-of" in {weakness.id for weakness in release.weaknesses()}) is is_weak


@pytest.mark.parametrize(
    ("older", "newer"),
    [("1.9.0", "1.12.0"), ("0.9.4", "0.10.0"), ("1.24", "1.24.1"), ("9.0", "10.0"), ("26.4.2", "26.10.0")],
)
def test_versions_compare_by_their_numbers(older: str, newer: str) -> None:
    """Parts of a version are numbers, not text."""
    assert at_least(newer, older)
    assert not at_least(older, newer)


def test_a_version_may_leave_out_zeros_and_carry_a_prefix_or_a_build() -> None:
    """`v5.6.0` and `5.6` are the same, and `2.6+266b0b912c35` is 2.6."""
    assert parse("v5.6.0") == parse("5.6") == parse("5.6.0.0")
    assert parse("2.6+266b0b912c35") == parse("2.6")
