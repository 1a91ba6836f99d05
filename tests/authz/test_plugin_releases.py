"""What changed between the plugin's releases, as far as an answer can tell."""

from typing import Any

import pytest

from orthgen.authz.auth_service import AuthService
from orthgen.authz.decide import decide
from orthgen.authz.evaluation_state import start_evaluation
from orthgen.authz.handler_routes import handler_for
from orthgen.authz.handler_rules import acting_profile
from orthgen.authz.model import DeniedBy, Request, Token
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.request_target import read_target
from orthgen.authz.resources import STORED_LEVELS, Level, index, study_tree

from .builders import ask, link, orthanc_id, plugin, request, service, uid, user

FIND = "POST /tools/find"


def granted(line: str, *tokens: Token, release: str, **more: Any) -> bool:
    """Whether a release lets a request through with the test configuration."""
    changes: dict[str, Any] = more.pop("changes", {})
    return ask(line, *tokens, of=plugin(release, **changes), **more).granted


def test_anonymous_profiles_are_asked_for_since_0_10() -> None:
    """Without a token the anonymous profile counts since 0.10.0; rows that ask for nothing always opened."""
    generous = service(anonymous={"permissions": ["view"], "authorized-labels": ["external"]})

    assert granted("GET /studies/{A}", release="0.10.0", at=generous)
    assert not granted("GET /studies/{B}", release="0.10.0", at=generous)
    assert not granted("GET /studies/{A}", release="0.9.4", at=generous)
    assert granted("POST /tools/lookup", release="0.9.4", at=generous)
    assert not granted("GET /tools/labels", user("nobody"), release="0.9.4")


def test_the_search_for_studies_passes_since_0_9_2() -> None:
    """GET /dicom-web/studies was refused by the filter, then answered empty, then confined to the link's study."""
    line = "GET /dicom-web/studies"

    assert ask(line, link("A"), of=plugin("0.9.1")).denied_by is DeniedBy.FILTER
    assert ask(line, link("A"), of=plugin("0.9.2")).granted
    assert ask(line, link("A"), of=plugin("0.9.3")).denied_by is DeniedBy.CALLBACK
    assert ask(line, link("A", decodable=True), of=plugin("0.9.3")).granted
    search = {"Level": "Study", "Query": {}}
    assert ask(
        FIND, of=plugin("0.9.1", Permissions=[["post", "^/tools/find$", ""]]), body=search
    ).denied_by is (DeniedBy.CALLBACK)


def test_posting_to_a_list_was_refused_before_0_8() -> None:
    """POST /instances counted as the whole list before 0.8.0."""
    assert granted("POST /instances", user("writer"), release="0.8.0")
    assert not granted("POST /instances", user("writer"), release="0.7.2")


def test_one_granted_resource_sufficed_before_0_6_2() -> None:
    """Before 0.6.2 a link had to open one of the checked resources, since then all of them."""
    two = {"without": ("CheckedLevel",), "UncheckedLevels": ["system"]}

    assert granted("GET /series/{A.series}", link("A"), release="0.6.1", changes=two)
    assert not granted("GET /series/{A.series}", link("A"), release="0.6.2", changes=two)


def test_labels_needed_a_validation_url_before_0_7() -> None:
    """Before 0.7.0 labels were looked at only where links were validated."""
    profiles_only = {"without": ("WebServiceRootUrl",), "WebServiceUserProfileUrl": "http://auth:8000/user"}

    assert granted("GET /studies/{B}", user("reader"), release="0.6.2", changes=profiles_only)
    assert not granted("GET /studies/{B}", user("reader"), release="0.7.0", changes=profiles_only)


def test_archives_by_argument_are_read_since_0_6_2() -> None:
    """`resources=` names studies since 0.6.2; an unknown id refuses until 0.11.4 passes over it."""
    line = "GET /tools/create-archive?resources={A}"

    assert not granted(line, link("A"), release="0.6.1")
    assert granted(line, link("A"), release="0.6.2")
    assert not granted(f"{line},unknown", link("A"), release="0.11.3")
    assert granted(f"{line},unknown", link("A"), release="0.11.4")


@pytest.mark.parametrize(
    ("release", "argument", "read"),
    [
        ("0.11.2", "studyinstanceuid", True),
        ("0.11.1", "studyinstanceuid", True),
        ("0.11.1", "StudyInstanceUID", False),
        ("0.10.3", "studyinstanceuid", False),
        ("0.10.3", "StudyInstanceUID", True),
    ],
)
def test_search_arguments_compare_without_case_since_0_11_2(
    release: str, argument: str, *, read: bool
) -> None:
    """How a search has to spell its study changed; an unread spelling makes it a system path."""
    configuration = plugin(release)
    decision = ask(
        f"GET /dicom-web/series?{argument}={uid('A')}", user("writer"), link("A"), of=configuration
    )
    refused = ask(f"GET /dicom-web/series?{argument}={uid('A')}", link("A"), of=configuration)

    assert decision.allowed
    assert refused.allowed is read


def test_the_tag_of_the_patient_was_wrong_before_0_9_2() -> None:
    """PatientID by tag is 00100020 since 0.9.2; before, 00100010 was read."""
    patients: dict[str, Any] = {"CheckedLevel": "patients"}

    for release, tag in (("0.9.2", "00100020"), ("0.9.1", "00100010")):
        assert not granted(
            f"GET /dicom-web/series?{tag}=PAT-A", user("reader"), release=release, changes=patients
        )
    assert ask("GET /dicom-web/series?00100010=PAT-A", user("reader"), of=plugin("0.9.2", **patients)).allowed


def test_wildcards_name_no_resource_since_0_6_1() -> None:
    """A UID with a wildcard is a system path since 0.6.1, an unknown study before."""
    configuration = {"Permissions": [["get", "^/dicom-web/.*$", "view"]]}

    assert ask(
        "GET /dicom-web/series?StudyInstanceUID=1*", user("reader"), of=plugin("0.6.1", **configuration)
    ).allowed
    assert not ask(
        "GET /dicom-web/series?StudyInstanceUID=1*", user("reader"), of=plugin("0.6.0", **configuration)
    ).allowed


def test_searches_below_studies_changed_with_releases() -> None:
    """Everybody's labels at every level before 0.7.1, nobody at all in 0.7.1, ParentStudy since 0.11.0."""
    series = {"Level": "Series", "Query": {}}
    parent = {**series, "ParentStudy": orthanc_id("A")}

    assert granted(FIND, user("reader"), release="0.7.0", body=series)
    assert not granted(FIND, user("all"), release="0.7.1", body=series)
    assert granted(FIND, user("all"), release="0.7.2", body=series)
    assert not granted(FIND, user("reader"), release="0.10.3", body=parent)
    assert granted(FIND, user("reader"), release="0.11.0", body=parent)
    assert not granted(FIND, user("reader"), release="0.7.0", body={"Labels": [], "Query": {}})


def test_a_patient_of_the_same_id_spoilt_a_search_before_0_8_2() -> None:
    """Before 0.8.2 a lookup that found more than the study refused the search."""
    series = {"Level": "Series", "Query": {"StudyInstanceUID": uid("A")}}

    assert granted(FIND, user("reader"), release="0.8.1", body=series)
    twin = {"Level": "Series", "Query": {"StudyInstanceUID": "PAT-A"}}
    assert not granted(FIND, user("reader"), release="0.8.1", body=twin)


def test_bulk_routes_and_counting_got_handlers_late() -> None:
    """tools/bulk-* check their list since 0.11.0, tools/count-resources is confined since 0.8.2."""
    body = {"Resources": [orthanc_id("B"), {"ID": orthanc_id("B"), "Level": "Study"}]}

    assert granted("POST /tools/bulk-delete", user("eraser"), release="0.10.3", body=body)
    assert not granted("POST /tools/bulk-delete", user("eraser"), release="0.11.0", body=body)
    only = {"Resources": [{"ID": orthanc_id("B"), "Level": "Study"}]}
    assert granted("POST /tools/bulk-delete", user("eraser"), release="0.11.2", body=only)
    assert not granted("POST /tools/bulk-delete", user("eraser"), release="0.11.4", body=only)
    counting: dict[str, Any] = {"Permissions": [["post", "^/tools/count-resources$", "view"]]}
    patients = {"Level": "Patient", "Query": {}}
    assert granted(
        "POST /tools/count-resources", user("reader"), release="0.8.1", changes=counting, body=patients
    )
    assert not granted(
        "POST /tools/count-resources", user("reader"), release="0.8.2", changes=counting, body=patients
    )


def test_handlers_stood_without_profiles_in_0_6_0() -> None:
    """0.6.0 answered tools/find itself even where it asked for no profiles."""
    links_only: dict[str, Any] = {
        "without": ("WebServiceRootUrl",),
        "WebService": "http://auth:8000/validate",
    }
    every = {
        "without": ("WebServiceRootUrl", "CheckedLevel"),
        "WebService": "http://auth:8000/",
        "UncheckedLevels": [],
    }
    configuration = plugin("0.6.0", **links_only)

    assert configuration.links
    assert ask("GET /dicom-web/studies/{A.uid}", link("A"), of=configuration).granted
    assert not ask("GET /dicom-web/studies/{A.uid}/series", link("B"), of=plugin("0.6.0", **every)).granted


def test_configurations_compile_under_every_release() -> None:
    """The recorded configuration reads under each release."""
    for release in ("0.6.0", "0.6.1", "0.7.0", "0.8.2", "0.9.0", "0.10.1", "0.11.4"):
        assert isinstance(plugin(release), PluginConfiguration)
    assert isinstance(service(), AuthService)


@pytest.mark.parametrize(("release", "is_handled"), [("0.6.0", True), ("0.6.1", False)])
def test_handlers_without_profiles_ended_with_0_6_1(release: str, *, is_handled: bool) -> None:
    """A plugin that asks about links alone registers none of its handlers any more."""
    links = plugin(
        release,
        without=("WebServiceRootUrl",),
        WebServiceTokenValidationUrl="http://auth-service:8000/tokens/validate",
    )

    assert (handler_for(links, read_target("POST", "/tools/find")) is not None) is is_handled


@pytest.mark.parametrize(("release", "is_anonymous"), [("0.9.4", False), ("0.10.0", True)])
def test_a_handler_acts_for_the_anonymous_profile_since_0_10(release: str, *, is_anonymous: bool) -> None:
    """Before, a request without a token has no profile."""
    at = service()
    profile = acting_profile(start_evaluation(plugin(release), at, request(FIND)), ())

    assert profile is (at.anonymous if is_anonymous else None)


def test_no_later_release_is_proposed_where_the_parent_is_read() -> None:
    """0.11.0 reads a parent's id; what is no id is the author's mistake."""
    body = {"Level": "Series", "Query": {}, "ParentStudy": 5}
    remedies = [
        ask(FIND, user("reader"), of=plugin(release), body=body).decisive.remedy
        for release in ("0.10.3", "0.11.0")
    ]

    assert ["later release" in remedy for remedy in remedies] == [True, False]


@pytest.mark.parametrize(("release", "opens"), [("0.8.1", False), ("0.8.2", True)])
def test_a_patient_of_the_same_uid_spoilt_the_search_before_0_8_2(release: str, *, opens: bool) -> None:
    """The plugin looks for the study by its UID, and took every level for a match."""
    ids = {level: f"{level}-id" for level in STORED_LEVELS}
    uids = dict.fromkeys((Level.PATIENT, Level.STUDY), "1.2") | {Level.SERIES: "1.3", Level.INSTANCE: "1.4"}
    stored = index(study_tree(ids, uids, {Level.STUDY: ("external",)}))
    body = {"Level": "Series", "Query": {"StudyInstanceUID": "1.2"}}

    assert (
        decide(
            plugin(release), service(), Request("POST", "/tools/find", (user("reader"),), stored, body)
        ).granted
        is opens
    )


@pytest.mark.parametrize(("release", "has_logs"), [("0.9.4", False), ("0.10.0", True)])
def test_audit_logs_are_kept_since_0_10(release: str, *, has_logs: bool) -> None:
    """The key means nothing before."""
    assert plugin(release, EnableAuditLogs=True).audit_logs is has_logs
