"""The guard in front of Orthanc, as one more stage."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from orthgen.authz.decide import decide
from orthgen.authz.guard_model import Guard, decide_with_guard
from orthgen.authz.model import Decision, DeniedBy, Stage, Token, TokenKind

from .builders import link, orthanc_id, plugin, request, service, uid, user

GUARD = Guard(
    "/orthanc/",
    re.compile(
        r"/orthanc/(?:studies|series|patients|tools/(?:find|bulk-delete)|dicom-web|statistics|changes|auth|modalities)(?:/|$)"
    ),
    re.compile(r"/orthanc/(?:tools/bulk-delete|modalities/[^/]+/store)/?$"),
    re.compile(r"/orthanc/(?:changes|patients)(?:/|$)"),
    re.compile(r"/orthanc/studies/[^/]+/archive$"),
    frozenset({"viewer-instant-link"}),
)
MARKED = plugin(ExtraPermissions=[["get", "^/modalities$", "view"]])


def ask(line: str, *tokens: Token, body: Any = None, override: str = "", **roles: Any) -> Decision:
    """A decision behind the guard."""
    return decide_with_guard(
        GUARD, MARKED, service(roles), request(line, *tokens, body=body, override=override)
    )


def test_a_link_reads_and_nothing_else() -> None:
    """What a link opens in the plugin for every method, the guard leaves open for reading."""
    refused = ask("DELETE /studies/{A}", link("A"))

    assert ask("GET /studies/{A}", link("A")).granted
    assert refused.denied_by is DeniedBy.GUARD
    assert refused.decisive.stage is Stage.GUARD
    assert not ask("POST /dicom-web/studies/{A.uid}", user("writer"), link("A")).granted
    assert ask("DELETE /studies/{A}", user("eraser")).granted


def test_the_list_of_studies_takes_view() -> None:
    """The plugin leaves DICOMweb's list to anybody who has a label; the guard asks somebody signed in for `view`."""
    sender = {"permissions": ["upload"], "authorized-labels": ["external"]}
    for line in (
        "GET /dicom-web/studies",
        "GET /dicom-web/studies/?limit=1",
        "GET /dicom-web/studies?PatientID=*",
    ):
        assert ask(line, user("sender"), sender=sender).denied_by is DeniedBy.GUARD
    assert ask("POST /dicom-web/studies", user("sender"), sender=sender).denied_by is not DeniedBy.GUARD
    assert ask("GET /dicom-web/studies", user("reader")).granted
    assert ask("GET /dicom-web/studies", user("all")).granted
    assert ask("GET /dicom-web/studies?StudyInstanceUID={A.uid}", link("A")).denied_by is not DeniedBy.GUARD


def test_only_an_anonymous_copy_replaces_its_original() -> None:
    """A list for another purpose has no copies, whatever its body says of a source."""
    body = {"Resources": [orthanc_id("A")], "KeepSource": False}
    sender = {"permissions": ["view", "send", "delete"], "authorized-labels": ["external"]}

    assert ask("POST /modalities/x/store", user("sender"), body=body, sender=sender).granted
    assert ask("POST /tools/bulk-delete", user("sender"), body=body, sender=sender).granted


def test_a_method_in_disguise_is_refused() -> None:
    """`_method`, in whatever spelling, and X-HTTP-Method-Override never reach Orthanc."""
    for line in ("GET /studies/{A}?_method=PUT", "GET /studies/{A}?x=1%26_metho%64=DELETE"):
        assert ask(line, user("all")).denied_by is DeniedBy.GUARD
    assert ask("GET /studies/{A}", user("all"), override="PUT").denied_by is DeniedBy.GUARD


def test_lookups_and_decoding_stay_open_to_links() -> None:
    """The landing page and Stone ask with a link; what a lookup answers is filtered."""
    assert ask("POST /tools/lookup", link("A")).granted
    assert ask("POST /auth/tokens/decode", link("A")).granted


def test_a_link_is_made_for_what_its_maker_sees() -> None:
    """Making a link asks for the study as well, by the caller's own rights, and only for kinds that are made here."""
    body = {"Resources": [{"OrthancId": orthanc_id("A")}]}
    other = {"Resources": [{"OrthancId": orthanc_id("A")}, {"OrthancId": orthanc_id("B")}]}

    assert ask("PUT /auth/tokens/viewer-instant-link", user("reader"), body=body).granted
    refused = ask("PUT /auth/tokens/viewer-instant-link", user("reader"), body=other)
    assert orthanc_id("B") in refused.decisive.found
    assert not ask("PUT /auth/tokens/viewer-instant-link", user("reader"), body={"Resources": ["x"]}).granted
    assert "nonsense" in ask("PUT /auth/tokens/nonsense", user("all"), body=body).decisive.found


def test_a_list_holds_what_its_caller_sees() -> None:
    """Bodies that list studies are checked for anybody who does not see everything."""
    assert ask("POST /tools/bulk-delete", user("all"), body={"Resources": [orthanc_id("B")]}).granted
    body = {"Resources": [orthanc_id("A", "series")]}
    seeing = {"permissions": ["delete", "view"], "authorized-labels": ["external"]}
    assert ask("POST /tools/bulk-delete", user("seeing"), body=body, seeing=seeing).allowed
    refused = ask(
        "POST /tools/bulk-delete", user("seeing"), body={"Resources": [orthanc_id("B")]}, seeing=seeing
    )
    assert refused.denied_by is DeniedBy.GUARD
    assert ask("POST /tools/bulk-delete", user("nobody")).denied_by is DeniedBy.FILTER


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_a_list_may_name_what_is_stored_at_every_level(level: str) -> None:
    """Anybody who sees a study sees its series and instances, and lists them by their own ids."""
    seeing = {"permissions": ["delete", "view"], "authorized-labels": ["external"]}
    body = {"Resources": [orthanc_id("A", level), {"ID": orthanc_id("A", level), "Type": "x"}]}
    other = {"Resources": [orthanc_id("A", level), orthanc_id("B", level)]}

    assert ask("POST /tools/bulk-delete", user("seeing"), body=body, seeing=seeing).allowed
    refused = ask("POST /tools/bulk-delete", user("seeing"), body=other, seeing=seeing)
    assert refused.denied_by is DeniedBy.GUARD
    assert orthanc_id("B", level) in refused.decisive.found


def test_what_tells_of_every_study_is_for_who_sees_every_study() -> None:
    """Changes and patients are refused to anybody who is limited to labels."""
    assert ask("GET /changes", user("all")).granted
    assert ask("GET /changes", user("reader")).denied_by is DeniedBy.GUARD


def test_totals_are_answered_with_a_number_of_ones_own() -> None:
    """Where the archive's totals are refused, the guard counts what the caller may see."""
    tight = plugin(Permissions=[["post", "^/tools/count-resources$", "view"]])

    def totals(*tokens: Token) -> Decision:
        return decide_with_guard(GUARD, tight, service(), request("GET /statistics", *tokens))

    assert totals(user("reader")).granted
    assert totals(user("reader")).allowed
    assert totals(user("reader")).decisive.stage is Stage.GUARD
    assert not totals(user("nobody")).granted
    for method in ("POST", "PUT", "DELETE"):
        written = decide_with_guard(GUARD, tight, service(), request(f"{method} /statistics", user("reader")))
        assert not written.granted


def test_paths_that_are_not_public_are_not_handed_on() -> None:
    """What the proxy does not publish is refused whatever the plugin says."""
    assert ask("POST /tools/execute-script", user("all")).decisive.needed == "a public path"


def test_without_a_guard_the_plugin_answers() -> None:
    """A deployment without guard is the plugin's answer."""
    decision = decide_with_guard(None, MARKED, service(), request("DELETE /studies/{A}", link("A")))

    assert decision.granted
    assert uid("A")
    assert not decide_with_guard(
        GUARD, MARKED, service(), request("POST /studies/{A}/modify", Token("token", TokenKind.OTHER))
    ).granted


def test_a_token_in_the_address_does_not_show_that_its_owner_sees_everything() -> None:
    """The proxy asks Orthanc without the arguments of the request."""
    in_address = Token("token", TokenKind.USER, argument=True, roles=("all",))

    assert ask("GET /changes", user("all")).granted
    assert ask("GET /changes?token=x", in_address).denied_by is DeniedBy.GUARD
    assert ask("GET /studies/{A}?token=x", in_address).granted


ARCHIVES = replace(GUARD, public=re.compile(r"/orthanc/(?:studies|tools/create-(?:archive|media))(?:/|$)"))


@pytest.mark.parametrize(
    ("arguments", "granted"),
    [
        ("resources={A}", True),
        ("resources={A},{A.series}", True),
        ("filename=x.zip&resources={A}", True),
        ("resources={A},{B}", False),
        ("resources={A},{B.patient}", False),
        ("resources={A},{A.patient}", False),
        ("resources={A},unknown", False),
        ("resources={B}&Resources={A}", False),
        ("resources={A}&Resources={A}", False),
        ("resources={A}&resources={A}", False),
        ("Resources={A}", False),
        ("resources=", False),
        ("", False),
    ],
)
def test_an_archive_of_many_has_one_list_of_visible_resources(arguments: str, granted: bool) -> None:  # noqa: FBT001
    """The plugin passes over patients and unknown ids, and compares the argument's name without case."""
    asked = request(f"GET /tools/create-archive?{arguments}", link("A"))

    assert decide_with_guard(ARCHIVES, MARKED, service({}), asked).granted is granted


def test_the_plugin_alone_would_open_a_patient_to_a_link() -> None:
    """Neither a patient nor a second spelling of the argument is checked there."""
    for arguments in ("resources={A},{B.patient}", "resources={B}&Resources={A}"):
        asked = request(f"GET /tools/create-archive?{arguments}", link("A"))
        assert decide(MARKED, service({}), asked).granted


def test_a_request_that_may_change_something_has_one_token() -> None:
    """With several, the plugin asks one for the permission and writes another's name into the audit log."""
    other = user("reader")
    for tokens in ((user("eraser"), other), (other, user("eraser"))):
        assert ask("DELETE /studies/{A}", *tokens).denied_by is DeniedBy.GUARD
        assert ask("GET /studies/{A}", *tokens).denied_by is not DeniedBy.GUARD
    twice = (user("eraser"), replace(user("eraser"), name="token"))
    assert ask("DELETE /studies/{A}", *twice).granted
    assert "one token" in ask("DELETE /studies/{A}", user("eraser"), other).decisive.needed
