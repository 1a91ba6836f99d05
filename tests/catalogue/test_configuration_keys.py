"""Which configuration keys a release reads, and what is said about one that it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orthgen.catalogue import UnreadReason, data, load, releases

RELEASES = releases()
REPORTED = json.loads((Path(__file__).parent / "reported.json").read_text(encoding="utf-8"))

# Components whose configuration is elsewhere than in Orthanc's file.
OUTSIDE = {"auth-service", "ohif", "keycloak", "nginx", "njs", "postgres"}
# Plugins that are catalogued as a section only: `orthanc-image` lets their keys pass.
SECTION_ONLY = {"pixels-masker", "education"}


def unknown(release: str, config: object) -> list[str]:
    """The unknown keys of a configuration, as dotted paths."""
    return [".".join(key.path) for key in load(release).unknown_keys(config)]


@pytest.mark.parametrize("name", RELEASES)
def test_every_component_of_a_release_has_a_keys_file(name: str) -> None:
    """A release names only components whose keys are known, for their version or an older one."""
    for component, version in load(name).components.items():
        if component not in OUTSIDE | SECTION_ONLY:
            assert data.key_file(component, version) is not None, component


@pytest.mark.parametrize("file", data.names("configuration_keys"))
def test_a_keys_file_is_called_as_what_it_holds_and_says_where_it_is_from(file: str) -> None:
    """Name, component and version agree, there are sources, and the tree has only the kinds that are described."""
    facts = data.read(f"configuration_keys/{file}")

    def leaves(tree: Any) -> set[str]:
        if isinstance(tree, dict):
            return {leaf for below in tree.values() for leaf in leaves(below)}
        if isinstance(tree, list):
            assert len(tree) == 1
            return leaves(tree[0])
        return {tree}

    assert f"{facts['component']}-{facts['since']}" == file
    assert facts["sources"]
    assert leaves(facts["keys"]) <= {"flag", "number", "text", "list", "any"}


@pytest.mark.parametrize("name", RELEASES)
def test_what_the_image_sets_by_default_is_known(name: str) -> None:
    """The image's own defaults for its plugins are keys of the catalogue."""
    release = load(name)
    for plugin in release.plugins().values():
        for key in plugin.defaults:
            assert plugin.section is not None
            assert release.knows((plugin.section, key)), (plugin.name, key)


@pytest.mark.parametrize(
    "path",
    [
        ("DicomAet",),
        ("AuthenticationEnabled",),
        ("RegisteredUsers", "anybody"),
        ("DicomModalities", "ct1", "AllowStore"),
        ("OrthancPeers", "remote", "Url"),
        ("UserMetadata", "Source"),
        ("ExtraMainDicomTags", "Study"),
        ("Authorization", "WebServiceRootUrl"),
        ("Authorization", "ExtraPermissions"),
        ("Authorization", "EnableAuditLogs"),
        ("DicomWeb", "PublicRoot"),
        ("OrthancExplorer2", "IsDefaultOrthancUI"),
        ("OrthancExplorer2", "UiOptions", "ViewersIcons", "ohif-seg"),
        ("OrthancExplorer2", "Tokens", "RequiredForLinks"),
        ("OrthancExplorer2", "Tokens", "LandingOptions", "0", "Type"),
        ("OrthancExplorer2", "Inbox", "FormFields", "0", "GroupsRegex"),
        ("OrthancExplorer2", "Keycloak", "ClientId"),
        ("OHIF", "UserConfiguration"),
        ("StoneWebViewer", "DicomWebRoot"),
        ("WholeSlideImaging", "ServeMirador"),
        ("PostgreSQL", "TransactionMode"),
        ("AwsS3Storage", "StorageEncryption", "MasterKey"),
        ("Housekeeper", "Triggers", "MainDicomTagsChange"),
        ("DelayedDeletion", "ThrottleDelayMs"),
        ("MultitenantDicom", "Servers"),
        ("MultitenantDicom", "Servers", "0", "Labels"),
        ("MultitenantDicom", "Servers", "LabelsConstraint"),
        ("MultitenantDicom", "Servers", "LabelsStoreLevels"),
        ("MultitenantDicom", "Servers", "AET"),
        ("MultitenantDicom", "Servers", "Port"),
        ("Worklists", "FilterIssuerAet"),
    ],
    ids=".".join,
)
@pytest.mark.parametrize("name", RELEASES)
def test_keys_that_every_release_reads_are_known(name: str, path: tuple[str, ...]) -> None:
    """These keys are read by all four releases, names that people choose included."""
    assert load(name).knows(path)


@pytest.mark.parametrize(
    ("path", "since"),
    [
        (("OrthancExplorer2", "UiOptions", "ShareDuration"), "26.4"),
        (("OrthancExplorer2", "Emails", "Server", "Url"), "26.4"),
        (("OrthancExplorer2", "UiOptions", "EnableJobsList"), "26.4"),
        (("OrthancExplorer2", "UiOptions", "EnableDicomWebServers"), "26.7"),
        (("Worklists", "SaveInOrthancDatabase"), "26.4"),
        (("PostgreSQL", "Schema"), "26.4"),
        (("AwsS3Storage", "Tags"), "26.4"),
        (("AwsS3Storage", "MaxConnections"), "26.7"),
        (("HttpBindAddresses",), "26.4"),
        (("DicomWeb", "OtherBinaryMode"), "26.8"),
        (("StorageLoaderThreadsCount",), "26.8"),
        (("TranscoderMemoryCapacity",), "26.8"),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else value,
)
def test_a_key_is_known_from_the_release_on_that_brought_it(path: tuple[str, ...], since: str) -> None:
    """A key is unknown before the release that first reads it, and known ever after."""
    oldest_first = RELEASES[::-1]
    at = oldest_first.index(since)

    assert [load(name).knows(path) for name in oldest_first] == [False] * at + [True] * (len(RELEASES) - at)


def test_a_key_of_a_later_release_is_said_to_be_newer() -> None:
    """Who writes a key too early is told which version reads it."""
    (key,) = load("26.4").unknown_keys({"DicomWeb": {"OtherBinaryMode": "BulkDataURI"}})

    assert key.reason is UnreadReason.NEWER
    assert key.hint == "it is read from dicomweb 1.24 on"


@pytest.mark.parametrize("name", RELEASES)
def test_is_default_ui_is_unknown_and_the_right_name_is_offered(name: str) -> None:
    """The key of the official samples is read by no release; the hint names the one that is."""
    (key,) = load(name).unknown_keys({"OrthancExplorer2": {"IsDefaultUI": True}})

    assert key.reason is UnreadReason.NEVER
    assert key.use == ("OrthancExplorer2", "IsDefaultOrthancUI")
    assert "`OrthancExplorer2.IsDefaultOrthancUI`" in key.hint


@pytest.mark.parametrize("name", ["ShareDurations", "DefaultShareDuration"])
def test_share_durations_are_known_in_25_8_and_replaced_from_26_4_on(name: str) -> None:
    """Both old keys are read by Orthanc Explorer 2 1.9 and refused later, with the one key that took their place."""
    config = {"OrthancExplorer2": {"UiOptions": {name: 15}}}

    assert unknown("25.8", config) == []
    for release in ("26.4", "26.7", "26.8"):
        (key,) = load(release).unknown_keys(config)
        assert key.reason is UnreadReason.REMOVED
        assert key.use == ("OrthancExplorer2", "UiOptions", "ShareDuration")
        assert key.version == "1.11.0"


def test_the_reported_configuration_has_exactly_its_known_unknown_keys() -> None:
    """What a hospital reported with its 403 holds four keys that nobody reads, two of them only since 26.4."""
    never = ["OrthancExplorer2.IsDefaultUI", "OrthancExplorer2.OrthancApiPublicRoot"]
    removed = ["OrthancExplorer2.UiOptions.DefaultShareDuration", "OrthancExplorer2.UiOptions.ShareDurations"]

    assert unknown("25.8", REPORTED) == never
    for release in ("26.4", "26.7", "26.8"):
        assert unknown(release, REPORTED) == never + removed


@pytest.mark.parametrize(
    ("config", "path", "meant"),
    [
        ({"DicomModalitis": {}}, "DicomModalitis", "DicomModalities"),
        ({"Authorization": {"CheckLevel": ""}}, "Authorization.CheckLevel", "Authorization.CheckedLevel"),
        (
            {"OrthancExplorer2": {"EnableShares": True}},
            "OrthancExplorer2.EnableShares",
            "OrthancExplorer2.UiOptions.EnableShares",
        ),
        ({"WebServicePassword": ""}, "WebServicePassword", "Authorization.WebServicePassword"),
        (
            {"DicomModalities": {"ct": {"Aet": "CT"}}},
            "DicomModalities.ct.Aet",
            "DicomModalities.ct.AET",
        ),
        (
            {"MultitenantDicom": {"Servers": [{"Label": ["a"]}]}},
            "MultitenantDicom.Servers.0.Label",
            "MultitenantDicom.Servers.Labels",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_misspelt_or_misplaced_key_gets_the_one_that_was_meant(
    config: object, path: str, meant: str
) -> None:
    """The nearest key of the section is offered, or the section where the name belongs."""
    (key,) = load("26.8").unknown_keys(config)

    assert ".".join(key.path) == path
    assert key.hint == f"did you mean `{meant}`?"


def test_a_key_like_nothing_else_has_no_hint() -> None:
    """Where nothing is near, nothing is made up."""
    (key,) = load("26.8").unknown_keys({"Zzyzx": 1})

    assert key.reason is UnreadReason.UNKNOWN
    assert key.hint == ""


def test_a_name_that_several_sections_have_is_not_guessed() -> None:
    """`Enable` is read in many sections; none of them is more likely than the others."""
    (key,) = load("26.8").unknown_keys({"Authorization": {"Enable": True}})

    assert key.use is None


def test_an_unknown_section_is_reported_once_and_not_searched() -> None:
    """What lies below an unknown key is not reported again."""
    assert unknown("26.8", {"OrthancExplorer": {"Enable": True, "Root": "/ui/"}}) == ["OrthancExplorer"]


def test_values_and_arrays_in_place_of_objects_are_left_alone() -> None:
    """A modality as an array, or a plain value where an object may stand, holds no names to check."""
    config = {
        "DicomModalities": {"ct": ["CT", "10.1.2.3", 104]},
        "Dictionary": {"0014,1020": ["DA", "x", 1, 1]},
    }

    assert unknown("26.8", config) == []


def test_sections_that_the_image_takes_by_the_wrong_name_are_explained() -> None:
    """`Wsi` and `Ohif` enable a plugin in the image, which then reads another section."""
    keys = {key.path[0]: key for key in load("26.8").unknown_keys({"Wsi": {}, "Ohif": {}})}

    assert keys["Wsi"].use == ("WholeSlideImaging",)
    assert keys["Ohif"].use == ("OHIF",)


@pytest.mark.parametrize("entry", data.read("superseded")["keys"], ids=lambda entry: entry["key"])
def test_a_superseded_key_leads_to_one_that_the_newest_release_reads(entry: dict[str, Any]) -> None:
    """What is offered instead is known; what is superseded is unknown, unless it is still read."""
    newest = load(RELEASES[0])

    assert entry["why"]
    assert newest.knows(tuple(entry["key"].split("."))) == entry.get("still-read", False)
    if "use" in entry:
        assert newest.knows(tuple(entry["use"].split(".")))
