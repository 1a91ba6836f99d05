"""The stages of the plugin, one after the other, and what they say."""

from typing import Any

import pytest

from orthgen.authz.model import DeniedBy, Effect, Stage, Token, TokenKind
from orthgen.authz.permission_table import UndecidablePattern

from .builders import ask, link, plugin, service, user


def test_an_unchecked_folder_opens_before_anybody_is_asked() -> None:
    """A GET below an unchecked folder is let through without token."""
    decision = ask("GET /ohif/viewer")

    assert decision.granted
    assert decision.decisive.stage is Stage.UNCHECKED
    assert "unchecked folder `/ohif/`" in decision.decisive.found


def test_an_unchecked_path_is_unchecked_for_get_only() -> None:
    """Another method of an unchecked path needs what it needs."""
    assert ask("GET /system").granted
    assert not ask("PUT /system").granted


def test_a_permission_without_the_label_refuses() -> None:
    """A role that may view sees a study that carries one of its labels, and no other."""
    assert ask("GET /studies/{A}", user("reader")).granted
    refused = ask("GET /studies/{B}", user("reader"))

    assert refused.denied_by is DeniedBy.FILTER
    assert refused.decisive.stage is Stage.LABEL
    assert refused.decisive.found == "it carries the label `cardio`"
    assert "`external`" in refused.decisive.needed


def test_the_first_gate_that_closed_is_named() -> None:
    """A role without the permission is shown of the permission, not of the links it could have used."""
    refused = ask("DELETE /studies/{A}", user("reader"))

    assert refused.decisive.stage is Stage.PERMISSION
    assert refused.decisive.found == "role `reader`: `view`"
    assert refused.decisive.remedy == "give the role the permission `delete`"
    assert refused.reasons[-1].stage is Stage.DEFAULT_DENY


def test_default_deny_is_explained() -> None:
    """A path that no row knows is refused, and the missing row is named."""
    refused = ask("POST /tools/reset", user("all"))

    assert refused.decisive.found == "no row fits"
    assert refused.decisive.remedy == "add a row to `ExtraPermissions`"
    assert "system path" in refused.reasons[-1].found


def test_whole_lists_need_every_label() -> None:
    """GET of a whole list is refused to anybody who is limited to labels."""
    assert ask("GET /studies", user("all")).granted
    refused = ask("GET /studies/", user("reader"))

    assert refused.decisive.stage is Stage.LABEL
    assert "the whole list" in refused.decisive.needed


def test_a_system_path_has_no_labels_to_check() -> None:
    """With CheckedLevel studies a system path needs the permission alone."""
    decision = ask("POST /dicom-web/studies", user("writer"))

    assert decision.granted
    assert "no resource of a checked level" in decision.decisive.found


def test_an_unknown_study_is_refused_and_an_unknown_patient_is_not() -> None:
    """The plugin fails on a study that does not exist; on a patient it finds nothing to check."""
    refused = ask("GET /studies/ffffffff-0", user("reader"))

    assert "not stored" in refused.decisive.found
    assert ask("GET /patients/ffffffff-0", user("reader")).granted


def test_a_link_opens_every_method_of_its_study() -> None:
    """A resource token grants what names its study, whatever the method, and nothing else."""
    assert ask("DELETE /studies/{A}", link("A")).granted
    assert ask("PUT /series/{A.series}/labels/x", link("A")).granted
    assert not ask("GET /studies/{B}", link("A")).granted
    refused = ask("POST /dicom-web/studies", link("A"))
    assert refused.reasons[-2].found == "nothing on this path is of a checked level, so no link opens it"


def test_a_link_to_something_else_is_said_to_be_one() -> None:
    """The reasons tell a missing link from a link to another study."""
    assert any(
        reason.found == "a link to another study" for reason in ask("GET /studies/{B}", link("A")).reasons
    )
    assert any(reason.found == "no link" for reason in ask("GET /studies/{B}").reasons)


def test_the_last_token_decides_on_the_permission() -> None:
    """Of several tokens the last one tried decides whether the permission is there, not the best one."""
    assert ask("GET /changes", user("all", header="token"), user("nobody", header="Authorization")).granted
    assert not ask(
        "GET /changes", user("nobody", header="token"), user("all", header="Authorization")
    ).granted


def test_a_label_refusal_of_one_token_ends_it_for_all() -> None:
    """A token with the permission but without the label refuses, whatever another token would allow."""
    refused = ask("GET /studies/{B}", user("reader", header="Authorization"), user("all", header="token"))

    assert refused.denied_by is DeniedBy.FILTER
    assert refused.decisive.stage is Stage.LABEL


@pytest.mark.parametrize("header", ["token", "TOKEN", "authorization", "Api-Key"])
def test_header_names_compare_without_case(header: str) -> None:
    """A configured header is found however it is spelt."""
    assert ask("GET /changes", user("all", header=header)).granted


def test_a_header_that_is_not_configured_is_not_looked_at() -> None:
    """A token in another header is no token."""
    assert not ask("GET /changes", user("all", header="x-token")).granted


def test_an_argument_is_read_of_a_get_only_and_to_the_letter() -> None:
    """The GET argument `token` works on GET, not on POST, and not as `Token`."""

    def argument(name: str) -> Token:
        return Token(name, TokenKind.USER, argument=True, roles=("all",))

    assert ask("GET /changes", argument("token")).granted
    assert not ask("GET /changes", argument("Token")).granted
    assert not ask("POST /tools/create-dicom", argument("token")).granted
    assert ask("POST /tools/create-dicom", user("all")).granted


def test_of_two_headers_of_one_name_the_first_counts() -> None:
    """Orthanc keeps the first of equal headers."""
    assert ask("GET /changes", user("all"), user("nobody")).granted
    assert not ask("GET /changes", user("nobody"), user("all")).granted


def test_authentication_of_orthanc_comes_first() -> None:
    """With AuthenticationEnabled a token without Basic credentials is answered 401 before any plugin."""
    core = {"AuthenticationEnabled": True, "RegisteredUsers": {"ops": "secret"}}
    configuration = plugin(core=core)
    refused = ask("GET /system", user("all"), of=configuration)
    basic = Token("Authorization", TokenKind.OTHER, basic=True, user="ops")
    elsewhere = Token("token", TokenKind.OTHER, basic=True, user="ops")

    assert refused.denied_by is DeniedBy.ORTHANC
    assert ask("GET /system", elsewhere, of=configuration).denied_by is DeniedBy.ORTHANC
    assert refused.decisive.stage is Stage.AUTHENTICATION
    assert ask("GET /system", basic, of=configuration).granted
    assert ask("GET /changes", basic, user("all"), of=configuration).granted


@pytest.mark.parametrize(
    ("core", "name", "granted"),
    [
        ({"RegisteredUsers": {"ops": "secret"}}, "ops", True),
        ({"RegisteredUsers": {"ops": "secret"}}, "", False),
        ({"RegisteredUsers": {"ops": "secret"}}, "orthanc", False),
        ({}, "orthanc", False),
        ({"RemoteAccessAllowed": True}, "orthanc", True),
        ({"RemoteAccessAllowed": True, "RegisteredUsers": {"ops": "secret"}}, "orthanc", False),
    ],
)
def test_credentials_are_those_of_registered_users(core: dict[str, Any], name: str, granted: bool) -> None:  # noqa: FBT001
    """Credentials of anybody else are answered 401; with remote access and nobody registered there is `orthanc`."""
    configuration = plugin(core={"AuthenticationEnabled": True, **core})
    sent = Token("Authorization", TokenKind.OTHER, basic=True, user=name)

    decision = ask("GET /system", sent, user("all"), of=configuration)

    assert decision.granted == granted
    assert granted or decision.denied_by is DeniedBy.ORTHANC
    assert granted or "RegisteredUsers" in decision.decisive.found


def test_remote_access_turns_authentication_on() -> None:
    """Where AuthenticationEnabled is not written, RemoteAccessAllowed switches it on."""
    core = {"RemoteAccessAllowed": True}
    without = plugin(core=core)
    with_it = type(without).compile({**core, "Authorization": {}})

    assert not without.authentication
    assert with_it.authentication


def test_without_urls_nothing_is_filtered() -> None:
    """A configuration that names no route of the auth-service installs no filter."""
    configuration = plugin(
        without=("WebServiceRootUrl",), WebServiceTokenCreationBaseUrl="http://auth:8000/tokens/"
    )
    decision = ask("DELETE /studies/{A}", of=configuration)

    assert decision.granted
    assert decision.decisive.stage is Stage.NO_FILTER


def test_links_alone_let_searches_pass() -> None:
    """With a token-validation URL alone, GET /dicom-web/studies lists everything to anybody."""
    configuration = plugin(
        without=("WebServiceRootUrl",), WebServiceTokenValidationUrl="http://auth:8000/tokens/validate"
    )

    assert ask("GET /dicom-web/studies", of=configuration).granted
    assert not ask("GET /dicom-web/series", of=configuration).granted
    assert ask("GET /studies/{A}", link("A"), of=configuration).granted
    assert not ask("GET /studies/{A}", user("all"), of=configuration).granted


def test_profiles_alone_know_no_links() -> None:
    """With a user-profile URL alone no link opens anything."""
    configuration = plugin(
        without=("WebServiceRootUrl",), WebServiceUserProfileUrl="http://auth:8000/user/get-profile"
    )
    refused = ask("GET /studies/{A}", link("A"), of=configuration)

    assert not refused.granted
    assert any("no link opens anything" in reason.found for reason in refused.reasons)
    assert ask("GET /studies/{A}", user("all"), of=configuration).granted


def test_a_dead_auth_service_refuses_all_but_what_asks_for_nothing() -> None:
    """Without an answer only unchecked paths and rows with an empty list remain."""
    dead = service(reachable=False)

    assert ask("GET /ui/app/index.html", at=dead).granted
    assert ask("POST /tools/lookup", user("all"), at=dead).granted
    refused = ask("GET /studies/{A}", user("all"), at=dead)
    assert not refused.granted
    assert "does not answer" in refused.decisive.found
    assert not ask("GET /studies/{A}", link("A"), at=dead).granted


def test_a_request_that_orthanc_does_not_know_is_nobodys_refusal() -> None:
    """A method that Orthanc answers 400 to by itself is not refused by the filter."""
    decision = ask("PATCH /studies/{A}")

    assert decision.granted
    assert decision.decisive.stage is Stage.SYNTAX


def test_a_method_override_is_the_method() -> None:
    """`?_method=DELETE` and X-HTTP-Method-Override need what DELETE needs."""
    assert not ask("GET /studies/{A}?_method=DELETE", user("reader")).granted
    assert ask("GET /studies/{A}?_method=DELETE", user("eraser")).granted
    assert not ask("GET /studies/{A}", user("reader"), override="DELETE").granted


def test_a_stricter_first_row_is_not_overridden() -> None:
    """The first row that fits decides, so a tightening row has to stand first and a later one adds nothing."""
    first = plugin(Permissions=[["get", "^/changes$", "settings"], ["get", "^/changes$", "all"]])
    last = plugin(ExtraPermissions=[["get", "^/changes$", "settings"]])

    assert not ask("GET /changes", user("all"), of=first).granted
    assert ask("GET /changes", user("all"), of=last).granted


def test_an_unreadable_row_is_not_guessed_at() -> None:
    """A request that would reach a row which boost and Python read differently gets no answer."""
    configuration = plugin(
        Permissions=[["get", "^/system$", "view"], ["get", r"^/x\B", "view"], ["get", "^/changes$", "view"]]
    )
    bare = plugin(
        Permissions=[["get", r"^/x\B", "view"]], StandardConfigurations=[], TokenHttpHeaders="token"
    )

    assert [finding.rule.id for finding in configuration.findings] == ["undecidable-pattern"]
    with pytest.raises(UndecidablePattern, match="entry 2 of Permissions"):
        ask("GET /changes", user("reader"), of=configuration)
    with pytest.raises(UndecidablePattern):
        ask("GET /x", user("reader"), of=bare)
    assert not ask("POST /x", user("reader"), of=bare).granted
    assert ask("GET /ohif/x", of=configuration).granted


def test_rows_that_refer_to_their_groups_match_one_by_one() -> None:
    """A back-reference means the row's own group, also beside other rows."""
    configuration = plugin(Permissions=[["get", "^/(z)$", ""], ["get", r"^/(a|b)-\1$", ""]])

    assert ask("GET /b-b", of=configuration).granted
    assert not ask("GET /a-b", of=configuration).granted


def test_the_reasons_follow_the_order_of_checking() -> None:
    """A refusal tells the permission, the label or the link, and the default, in this order."""
    stages = [reason.stage for reason in ask("GET /studies/{B}").reasons]

    assert stages == [Stage.PERMISSION, Stage.RESOURCE_TOKEN, Stage.DEFAULT_DENY]
    assert [reason.effect for reason in ask("GET /studies/{A}", user("reader")).reasons] == [
        Effect.PASSED,
        Effect.ALLOWED,
    ]


@pytest.mark.parametrize(
    ("request_line", "token", "found", "remedy"),
    [
        (
            "GET /changes",
            Token("X-Token", TokenKind.USER, roles=("all",)),
            "the header `X-Token`",
            "add `X-Token`",
        ),
        (
            "GET /changes",
            Token("key", TokenKind.USER, argument=True, roles=("all",)),
            "the argument `key`",
            "add `key`",
        ),
        (
            "POST /tools/find",
            Token("token", TokenKind.USER, argument=True, roles=("all",)),
            "`token`",
            "in a header",
        ),
    ],
)
def test_a_token_that_nobody_looks_for_is_named(
    request_line: str, token: Token, found: str, remedy: str
) -> None:
    """Anybody who is signed in is not told to sign in, but where the token has to stand."""
    decision = ask(request_line, token)

    assert not decision.granted
    assert found in decision.decisive.found
    assert remedy in decision.decisive.remedy
    assert "sign in" not in decision.decisive.remedy
