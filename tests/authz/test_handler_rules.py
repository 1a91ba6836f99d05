"""The plugin's own handlers: tools/find, DICOMweb through it, bulk routes, labels, audit logs."""

from typing import Any

import pytest

from orthgen.authz.model import DeniedBy, Stage, Token, TokenKind

from .builders import ask, link, orthanc_id, plugin, service, uid, user

FIND = "POST /tools/find"


def find(level: str, **more: Any) -> dict[str, Any]:
    """The body of a search."""
    return {"Level": level, "Query": {}, **more}


def test_a_search_for_studies_is_confined_not_refused() -> None:
    """At study level the plugin adds the labels; anybody who has labels gets an answer."""
    assert ask(FIND, user("reader"), body=find("Study")).granted
    assert (
        ask("POST /tools/count-resources/", user("reader"), body=find("studies")).denied_by is DeniedBy.FILTER
    )
    assert ask("POST /tools/count-resources", user("reader"), body=find("studies")).granted


def test_a_search_for_patients_needs_every_label() -> None:
    """At patient level only `*` gets an answer."""
    refused = ask(FIND, user("reader"), body=find("Patient"))

    assert refused.allowed
    assert not refused.granted
    assert refused.denied_by is DeniedBy.CALLBACK
    assert refused.decisive.stage is Stage.HANDLER
    assert ask(FIND, user("all"), body=find("Patient")).granted


def test_a_search_below_studies_needs_a_visible_parent() -> None:
    """Series and instances are found only in a study that the profile may see."""
    parents: list[dict[str, Any]] = [
        {"ParentStudy": orthanc_id("A")},
        {"ParentSeries": orthanc_id("A", "series")},
        {"Query": {"StudyInstanceUID": uid("A")}},
        {"Query": {"0020,000d": uid("A")}},
    ]
    for parent in parents:
        assert ask(FIND, user("reader"), body=find("Series", **parent)).granted
    refused = ask(FIND, user("reader"), body=find("Instance", ParentStudy=orthanc_id("B")))
    assert refused.decisive.found.endswith("carries the label `cardio`")
    assert "no StudyInstanceUID" in ask(FIND, user("reader"), body=find("Series")).decisive.found
    assert (
        "no single study"
        in ask(FIND, user("reader"), body=find("Series", Query={"0020000D": "1.2"})).decisive.found
    )
    assert ask(FIND, user("all"), body=find("Series")).granted
    assert ask(FIND, user("reader"), body=find("Series", ParentStudy="unknown")).granted
    assert ask(FIND, user("reader"), body=find("Series", Query={"StudyInstanceUID": "1.*"})).granted


def test_a_parent_that_an_older_plugin_does_not_read_is_named() -> None:
    """Orthanc Explorer 2 names its parents whatever the plugin; before 0.11.0 only a UID is read."""
    body = find("Instance", ParentSeries=orthanc_id("A", "series"))

    refused = ask(FIND, user("reader"), of=plugin("0.10.1"), body=body)
    uid_is_missing = ask(FIND, user("reader"), of=plugin("0.10.1"), body=find("Instance"))

    assert "reads `ParentSeries` from 0.11.0 on" in refused.decisive.remedy
    assert "0.11.0" not in uid_is_missing.decisive.remedy


def test_unchecked_studies_leave_searches_below_them_shut() -> None:
    """Where the parent's level is not checked, its labels cannot be asked for, and the search is refused."""
    configuration = plugin(CheckedLevel="instances")
    refused = ask(FIND, user("reader"), of=configuration, body=find("Series", ParentStudy=orthanc_id("A")))

    assert "no level of the parent is checked" in refused.decisive.found


@pytest.mark.parametrize(
    ("labels", "granted"),
    [
        pytest.param({"Labels": ["external"], "LabelsConstraint": "All"}, True, id="all-of-ours"),
        pytest.param({"Labels": ["external", "x"], "LabelsConstraint": "All"}, False, id="all-of-others"),
        pytest.param({"Labels": ["external", "x"], "LabelsConstraint": "Any"}, True, id="any-of-ours"),
        pytest.param({"Labels": ["x"], "LabelsConstraint": "Any"}, False, id="any-of-others"),
        pytest.param({"Labels": ["x"], "LabelsConstraint": "None"}, False, id="none"),
        pytest.param({"Labels": [], "LabelsConstraint": "None"}, True, id="none-of-nothing"),
        pytest.param({"Labels": ["external"]}, False, id="no-constraint"),
        pytest.param({"LabelsConstraint": "Any"}, False, id="no-labels"),
        pytest.param({"Labels": ["x"], "LabelsConstraint": "Odd"}, True, id="unknown-constraint"),
    ],
)
def test_labels_that_a_search_asks_for(labels: dict[str, Any], *, granted: bool) -> None:
    """A search may ask for labels of the profile; asking for others, or for their absence, is refused."""
    assert ask(FIND, user("reader"), body=find("Study", **labels)).granted is granted


def test_a_body_that_is_none_is_answered_otherwise() -> None:
    """Without a JSON body, or without a level, the answer is another error and no refusal."""
    assert ask(FIND, user("reader")).granted
    assert ask(FIND, user("reader"), body={}).granted
    assert not ask(FIND, user("reader", header="Authorization"), body={"Level": "Patient"}).granted


def test_without_labels_only_a_link_to_the_study_helps() -> None:
    """A profile without labels searches what a link of the same request opens."""
    blind = service({"blind": {"permissions": ["view"], "authorized-labels": []}})
    body = find("Series", Query={"StudyInstanceUID": uid("A")})

    refused = ask(FIND, user("blind"), at=blind, body=body)
    assert refused.decisive.found == "role `blind` has no label"
    last = ask(FIND, user("blind", header="Authorization"), link("A", header="token"), at=blind, body=body)
    assert last.denied_by is DeniedBy.FILTER
    assert ask(FIND, link("A", header="api-key"), user("blind"), at=blind, body=body).granted
    unknown = find("Series", Query={"StudyInstanceUID": "1.2"})
    assert "no single study" in ask(FIND, user("blind"), at=blind, body=unknown).decisive.found
    wild = find("Series", Query={"StudyInstanceUID": "1.?"})
    assert ask(FIND, user("blind"), at=blind, body=wild).granted
    assert not ask(FIND, user("blind"), at=blind, body={"Query": "no object"}).granted


def test_dicom_web_searches_through_the_plugin() -> None:
    """QIDO and WADO ask tools/find inside, so the plugin's handler refuses what the filter let pass."""
    assert ask("GET /dicom-web/studies", user("reader")).granted
    assert ask("GET /dicom-web/series", user("reader")).denied_by is DeniedBy.CALLBACK
    assert ask("GET /dicom-web/studies/{A.uid}/series", user("reader")).granted
    assert ask("GET /dicom-web/studies/{A.uid}/thumbnail", user("reader")).granted
    assert ask("GET /dicom-web/studies", link("A")).denied_by is DeniedBy.CALLBACK
    assert ask("GET /dicom-web/studies", link("A", decodable=True)).granted
    assert ask("GET /dicom-web/studies").denied_by is DeniedBy.CALLBACK
    assert ask("GET /dicom-web/studies?limit=x", user("nobody")).granted
    assert ask("GET /dicom-web/studies?fuzzymatching=perhaps", user("nobody")).granted
    assert (
        ask("GET /dicom-web/studies?fuzzymatching=true&limit=1", user("nobody")).denied_by
        is DeniedBy.CALLBACK
    )


def test_the_inner_search_does_not_see_get_arguments() -> None:
    """A token in a GET argument opens the filter, but DICOMweb does not pass it on to its search."""
    token = Token("token", TokenKind.USER, argument=True, roles=("all",))

    assert ask("GET /dicom-web/studies", token).denied_by is DeniedBy.CALLBACK
    assert ask("GET /studies/{A}/archive", token).granted


def test_dicom_web_answers_at_its_own_root_only() -> None:
    """Where DICOMweb is elsewhere, disabled, or WADO-URI asks, the handler is found accordingly."""
    row = [["get", "^/.*$", "view"]]
    elsewhere = plugin(core={"DicomWeb": {"Root": "pacs"}}, Permissions=row)
    disabled = plugin(core={"DicomWeb": {"Enable": False, "EnableWado": False}}, Permissions=row)

    assert ask("GET /pacs/series", user("reader"), of=elsewhere).denied_by is DeniedBy.CALLBACK
    assert ask("GET /dicom-web/series", user("reader"), of=elsewhere).granted
    assert ask("GET /dicom-web/series", user("reader"), of=disabled).granted
    wado = "GET /wado?requestType=WADO&objectUID=1"
    assert ask(wado, user("reader"), of=elsewhere).denied_by is DeniedBy.CALLBACK
    assert ask(f"{wado}&studyUID={uid('A')}", user("reader"), of=elsewhere).granted
    assert ask("GET /wado?requestType=WADO", user("reader"), of=elsewhere).granted
    assert ask(wado, user("reader"), of=disabled).granted


def test_without_a_decoder_a_search_by_link_is_another_error() -> None:
    """Without a token-decoder URL the plugin fails on a link, and refuses only anybody who brings no token."""
    configuration = plugin(
        without=("WebServiceRootUrl",),
        WebServiceUserProfileUrl="http://auth:8000/user/get-profile",
        WebServiceTokenValidationUrl="http://auth:8000/tokens/validate",
    )

    assert ask("GET /dicom-web/studies", link("A"), of=configuration).granted
    assert ask("GET /dicom-web/studies", of=configuration).denied_by is DeniedBy.CALLBACK


def test_a_dead_auth_service_in_a_handler() -> None:
    """A handler without profile refuses what it cannot confine."""
    dead = service(reachable=False)
    body = find("Series", Query={"StudyInstanceUID": uid("A")})
    open_find = plugin(Permissions=[["post", "^/tools/.*$", ""], ["get", "^/tools/labels$", ""]])

    assert ask("GET /dicom-web/studies", link("A", decodable=True), at=dead).denied_by is DeniedBy.CALLBACK
    assert ask(FIND, user("all"), of=open_find, at=dead, body=body).granted
    assert ask("GET /tools/labels", user("all"), of=open_find, at=dead).denied_by is DeniedBy.CALLBACK
    bulk = {"Resources": [orthanc_id("A")]}
    assert (
        ask("POST /tools/bulk-delete", user("all"), of=open_find, at=dead, body=bulk).denied_by
        is DeniedBy.CALLBACK
    )


def test_labels_are_listed_for_whoever_has_a_profile() -> None:
    """tools/labels answers every profile; what it lists is filtered."""
    assert ask("GET /tools/labels", user("reader")).granted


def test_bulk_deletion_checks_everything_listed() -> None:
    """Each listed resource has to carry a label of the profile, at a level that is checked."""

    def delete(*listed: Any, **more: Any) -> Any:
        return ask("POST /tools/bulk-delete", user("eraser"), body={"Resources": [*listed], **more})

    assert delete(orthanc_id("A")).granted
    assert delete({"ID": orthanc_id("A"), "Level": "Study"}, {"ID": 1}).granted
    assert delete(orthanc_id("A", "series"), Level="series").granted
    assert "carries the label `cardio`" in delete(orthanc_id("A"), orthanc_id("B")).decisive.found
    assert "labels are not checked" in delete(orthanc_id("A", "patient")).decisive.found
    assert delete("unknown").granted
    assert delete("unknown", Level="Study").granted
    assert delete(orthanc_id("A"), Level="nonsense").granted
    assert delete({"ID": orthanc_id("B"), "Level": "nonsense"}).granted
    assert ask("POST /tools/bulk-delete", user("eraser"), body={}).granted
    assert ask("POST /tools/bulk-modify", user("all"), body={"Resources": [orthanc_id("B")]}).granted


def test_with_audit_logs_what_is_not_stored_is_refused_to_everybody() -> None:
    """The plugin writes down what is read, and finds nothing to write down; without the logs Orthanc answers 404."""
    unknown = "GET /studies/" + "-".join(["00000000"] * 5)

    assert ask(unknown, user("all")).granted
    assert ask(unknown, user("all"), of=plugin(EnableAuditLogs=True)).denied_by is DeniedBy.FILTER
    assert (
        ask("GET /dicom-web/studies/1.2.3", user("all"), of=plugin(EnableAuditLogs=True)).denied_by
        is DeniedBy.FILTER
    )
    assert ask("GET /studies/{A}", user("all"), of=plugin(EnableAuditLogs=True)).granted
    assert ask(unknown.replace("studies", "patients"), user("all"), of=plugin(EnableAuditLogs=True)).granted


def test_audit_logs_want_somebody_with_a_name() -> None:
    """With audit logs a change by a link is refused by the handler, and a user's goes on."""
    audited = plugin(EnableAuditLogs=True)

    assert ask("DELETE /studies/{A}", user("eraser"), of=audited).granted
    refused = ask("DELETE /studies/{A}", link("A"), of=audited)
    anonymous_title = "the anonymous profile (signed-out people and links)"
    assert (refused.denied_by, refused.decisive.found) == (DeniedBy.CALLBACK, anonymous_title)
    assert ask("PUT /studies/{A}/labels/x", link("A"), of=audited).denied_by is DeniedBy.CALLBACK
    assert ask("POST /studies/{A}/modify", link("A"), of=audited, body={}).denied_by is DeniedBy.CALLBACK
    assert ask("POST /studies/{A}/modify", link("A"), of=audited).granted  # no JSON: 400
    told = {"UserData": {"AuditLogsUserId": "x"}}
    assert ask("POST /studies/{A}/anonymize", link("A"), of=audited, body=told).granted
    assert ask("GET /studies/{A}", link("A"), of=audited).granted
    bulk = {"Resources": [orthanc_id("A")]}
    assert ask("POST /tools/bulk-delete", user("eraser"), of=audited, body=bulk).granted
    anonymous = service(anonymous={"permissions": ["delete"], "authorized-labels": ["*"]})
    refused = ask("POST /tools/bulk-delete", of=audited, at=anonymous, body=bulk)
    assert (refused.denied_by, refused.decisive.found) == (DeniedBy.CALLBACK, anonymous_title)
    without_places = plugin(without=("TokenHttpHeaders", "StandardConfigurations"), EnableAuditLogs=True)
    refused = ask("POST /tools/bulk-delete", of=without_places, at=anonymous, body=bulk)
    assert (refused.denied_by, refused.decisive.found) == (DeniedBy.CALLBACK, "the auth-service gives none")
    refused = ask("DELETE /studies/{A}", of=without_places, at=anonymous)
    assert (refused.denied_by, refused.decisive.found) == (DeniedBy.CALLBACK, "nobody")


def test_audit_logs_ask_for_a_name_only_where_something_is_written_down() -> None:
    """A GET brings no body and is answered 400 before that; an empty list of deletions asks for nobody."""
    audited = plugin(EnableAuditLogs=True)
    anonymous = service(anonymous={"permissions": ["delete"], "authorized-labels": ["external"]})
    nothing = {"Resources": [], "Level": "Study"}

    assert ask("GET /studies/{A}/modify", link("A"), of=audited).granted
    assert ask("POST /studies/{A}/labels/x", link("A"), of=audited).denied_by is DeniedBy.CALLBACK
    assert ask("POST /tools/bulk-delete", of=audited, at=anonymous, body=nothing).granted


def test_a_handler_passes_over_an_empty_token() -> None:
    """An empty header makes nobody anonymous who is signed in by another; alone, it does."""
    empty = Token("Authorization", TokenKind.OTHER, empty=True)
    search = {"Level": "Study", "Query": {}}

    assert ask("POST /tools/find", empty, user("reader"), body=search).granted
    anonymous = service(anonymous={"permissions": ["view"], "authorized-labels": []})
    assert ask("POST /tools/find", empty, at=anonymous, body=search).denied_by is DeniedBy.CALLBACK
