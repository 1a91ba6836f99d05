"""
What has to hold for any configuration: more rights never take access away, save where the plugin itself does so.

The plugin's own exceptions, each tested below or in `test_decide`:

- a permission added to a role that lacks the label turns a request that a link opened, or that passed as the
  search for studies, into a label refusal: labels are asked once the permission is there, and end the decision;
- the first label of a profile changes how the handler of tools/find treats it: with labels it is confined to
  them, without any a link on the same request may still open the study;
- of several tokens the last decides on the permission, and any label refusal is final.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orthgen.authz.auth_service import AuthService
from orthgen.authz.decide import decide
from orthgen.authz.model import Request, Stage, Token
from orthgen.authz.permissions import Permission
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.resources import Level

from .builders import RESOURCES, ask, link, orthanc, service, user
from .builders import request as make_request

LINES = (
    "GET /system",
    "GET /changes",
    "GET /studies",
    "GET /studies/{A}",
    "DELETE /studies/{B}",
    "GET /patients/{N.patient}",
    "GET /instances/{C.instance}/tags",
    "PUT /series/{A.series}/labels/x",
    "POST /instances",
    "POST /dicom-web/studies",
    "GET /dicom-web/studies",
    "GET /dicom-web/series",
    "GET /dicom-web/studies/{A.uid}/metadata",
    "GET /dicom-web/instances?StudyInstanceUID={B.uid}",
    "PUT /auth/tokens/viewer-instant-link",
    "GET /tools/create-archive?resources={A},{B}",
    "POST /tools/lookup",
    "GET /studies/ffff-0",
)
permissions = st.sets(st.sampled_from([one.value for one in Permission]), max_size=4)
labels = st.sets(st.sampled_from(["*", "external", "cardio", "other"]), max_size=3)
levels = st.sampled_from([{"CheckedLevel": level.value} for level in Level] + [{"UncheckedLevels": []}])
lines = st.sampled_from(LINES)
rows = st.lists(
    st.tuples(
        st.sampled_from(["get", "post", "put", "delete"]),
        st.sampled_from(
            ["^/studies.*$", "^/.*$", "^/system$", "^/(instances|series)/.*$", "/DICOM_WEB_ROOT/.*"]
        ),
        st.sampled_from(["", "view", "all|upload", "delete", "admin-permissions"]),
    ),
    max_size=5,
)


@st.composite
def configurations(draw: st.DrawFn) -> PluginConfiguration:
    """Any of many configurations, with the default table or another."""
    changes: dict[str, Any] = {**draw(levels)}
    if draw(st.booleans()):
        changes["Permissions"] = [list(row) for row in draw(rows)]
    without = () if "CheckedLevel" in changes else ("CheckedLevel",)
    return compiled(json.dumps(orthanc(without=without, **changes)))


@cache
def compiled(text: str) -> PluginConfiguration:
    """A configuration, compiled once."""
    return PluginConfiguration.compile(json.loads(text))


def served(held: set[str], carried: set[str], anonymous: dict[str, Any] | None = None) -> AuthService:
    """An auth-service with one role."""
    return service({"one": {"permissions": sorted(held), "authorized-labels": sorted(carried)}}, anonymous)


def granted(configuration: PluginConfiguration, at: AuthService, line: str, *tokens: Token) -> bool:
    """Whether a request is granted."""
    return decide(configuration, at, make_request(line, *tokens)).granted


@given(configurations(), permissions, permissions, labels, lines)
def test_another_permission_never_takes_access_away(
    configuration: PluginConfiguration, held: set[str], more: set[str], carried: set[str], line: str
) -> None:
    """With one user's token, whatever a role may do it may still do when it holds more permissions."""
    before = decide(configuration, served(held, carried), make_request(line, user("one")))
    after = decide(configuration, served(held | more, carried), make_request(line, user("one")))

    # The plugin's own exception: labels are asked once the permission is there, and close the search for studies.
    searched = Stage.STUDY_SEARCH in {reason.stage for reason in before.reasons}
    assert after.granted >= before.granted or (searched and after.decisive.stage is Stage.LABEL)


@given(configurations(), permissions, labels, labels, lines)
def test_another_label_never_takes_access_away(
    configuration: PluginConfiguration, held: set[str], carried: set[str], more: set[str], line: str
) -> None:
    """With one user's token, whatever a role may see it may still see when it holds more labels."""
    before = granted(configuration, served(held, carried), line, user("one"))
    after = granted(configuration, served(held, carried | more), line, user("one"))

    assert after >= before


@given(configurations(), permissions, labels, lines)
def test_the_anonymous_profile_is_a_lower_bound(
    configuration: PluginConfiguration, held: set[str], carried: set[str], line: str
) -> None:
    """Anybody who holds at least what the anonymous profile holds may do what nobody in particular may do."""
    at = served(held, carried, {"permissions": sorted(held), "authorized-labels": sorted(carried)})

    assert granted(configuration, at, line, user("one")) >= granted(configuration, at, line)


@given(rows, permissions, lines)
def test_a_stricter_first_row_is_never_overridden(table: list[Any], held: set[str], line: str) -> None:
    """A row in front that wants what nobody holds closes every request that it fits, whatever follows."""
    at = served(held, {"*"})
    shut = [[method, "^/.*$", "nobody-holds-this"] for method in ("get", "post", "put", "delete")]
    configuration = PluginConfiguration.compile(
        orthanc(Permissions=shut, ExtraPermissions=[list(row) for row in table], StandardConfigurations=[])
    )

    decision = decide(configuration, at, make_request(line, user("one", header="api-key")))

    assert not decision.allowed or line == "GET /dicom-web/studies"


@given(configurations(), permissions, labels, lines)
def test_every_decision_says_why(
    configuration: PluginConfiguration, held: set[str], carried: set[str], line: str
) -> None:
    """A decision has reasons, and a refusal says what would open it."""
    decision = decide(configuration, served(held, carried), make_request(line, user("one")))

    assert decision.reasons
    assert decision.granted or decision.decisive.remedy


def test_a_permission_without_the_label_closes_what_a_link_opened() -> None:
    """The plugin's own exception: with the permission labels are asked, and their refusal is final."""
    opened = ask("GET /studies/{B}", link("B", header="Authorization"), user("nobody"))
    closed = ask("GET /studies/{B}", link("B", header="Authorization"), user("reader"))

    assert opened.granted
    assert not closed.granted


def test_a_first_label_closes_what_a_link_opened() -> None:
    """The plugin's own exception: a handler confines anybody who has labels, and asks links only for anybody who has none."""
    line = "GET /dicom-web/studies/{B.uid}/series"
    labelled = service({"labelled": {"permissions": [], "authorized-labels": ["external"]}})

    assert ask(line, user("nobody", header="Authorization"), link("B", header="token")).granted
    assert not ask(
        line, user("labelled", header="Authorization"), link("B", header="token"), at=labelled
    ).granted


def test_the_model_is_deterministic_and_forgets_nothing() -> None:
    """Asking the same again, or other things in between, changes no answer."""

    def answers(configuration: PluginConfiguration, at: AuthService) -> Iterator[tuple[bool, str]]:
        for line in LINES:
            for tokens in ((), (user("reader"),), (user("all"),), (link("A"),), (user("reader"), link("B"))):
                decision = decide(configuration, at, make_request(line, *tokens))
                yield decision.granted, decision.decisive.found

    configuration, at = PluginConfiguration.compile(orthanc()), service()
    first = list(answers(configuration, at))

    assert list(answers(configuration, at)) == first
    assert list(answers(PluginConfiguration.compile(orthanc()), service())) == first


def test_the_route_cache_is_bounded() -> None:
    """A stream of ever new paths is answered without keeping them all."""
    configuration, at = PluginConfiguration.compile(orthanc()), service()
    configuration.route_cache.update({("GET", f"/{number}", ""): None for number in range(100_000)})

    for number in range(3):
        decide(configuration, at, Request("GET", f"/new/{number}", (user("all"),), RESOURCES.all))

    assert len(configuration.route_cache) <= 3
