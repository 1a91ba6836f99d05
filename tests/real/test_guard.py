"""Real nginx with the guard, in front of Orthanc as the project's model of plugin and auth-service decides."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orthgen.authz.resources import STORED_LEVELS, Level, index, study_tree
from orthgen.formats.yaml_io import parse_yaml, typed
from tests.authz.builders import RESOURCES
from tests.support.builders import make_deployment
from tests.support.dicom_objects import CONTENT_TYPE, dicom, multipart
from tests.support.filtered import API_KEY, FilteredOrthanc, archive, link_token, user_token
from tests.support.real import web
from tests.support.rendered_nginx import Edge, Nginx, edge, every_nginx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.authz.resources import Resource
    from tests.support.real.web import Response

CASES = Path(__file__).parent / "guard"
EVERY_NGINX = [pytest.param(nginx, id=str(nginx)) for nginx in every_nginx()]

PROFILE: dict[str, Any] = {
    "institution": "{name: T, url: 'http://localhost'}",
    "identity": "{sign-in: [accounts: {}], api-keys: true}",
    "deployment": "{}",
    "collections": "{external: {}, cardio: {}}",
    "viewers": "{ohif: {}, stone: {}}",
    "sharing": "{viewer: ohif, expires-after: 15d, instant-links: 1h}",
    "roles": """
reader: {can: [view], collections: [external]}
editor:
  can: [view, download, share, send, upload, delete, modify, anonymize, edit-labels]
  collections: [external]
limited: {can: [everything], collections: [external]}
masker: {can: [view, anonymize], collections: [external]}
robot: {can: [view, delete], collections: [external]}
sender: {can: [upload], collections: [external], beyond-collections: [upload]}
auditor: {can: [view], collections: all}
admin: {can: [everything, administer], collections: all}
""",
}

SECRET = "00112233445566778899aabbccddeeff"
BOUND = link_token("A", own_id=f"browser:{hashlib.sha256(SECRET.encode()).hexdigest()}")


def _shared(number: int, label: str) -> tuple[Resource, ...]:
    """One of the studies of a patient who has two, each of another collection."""
    ids = {
        level: "-".join([f"{place:x}{number if place else 0:07x}", *["c0ffee00"] * 4])
        for place, level in enumerate(STORED_LEVELS)
    }
    uids = {level: f"1.2.99.{place}.{number}" for place, level in enumerate(STORED_LEVELS)}
    return study_tree(ids, {**uids, Level.PATIENT: "PAT-S"}, {Level.STUDY: [label]})


# What is stored: the recorded studies, and two of one patient.
TREES = {**RESOURCES.studies, "S": _shared(1, "external"), "S2": _shared(2, "cardio")}
STORED = index(one for tree in TREES.values() for one in tree)

CALLERS: dict[str, dict[str, str]] = {
    "nobody": {},
    # As the editor makes them, who may download and share.
    "instant": {"Authorization": f"Bearer {link_token('A', own_id='download')}"},
    "share": {"token": link_token("A", kind="ohif-viewer-publication", own_id="download")},
    # As the reader makes one, who may neither: in the browser of its maker, and handed on to somebody else.
    "bound": {"Authorization": f"Bearer {BOUND}", "Cookie": f"a=b; orthanc-links={SECRET}"},
    "handed": {"Authorization": f"Bearer {BOUND}", "Cookie": f"orthanc-links={SECRET[::-1]}"},
    "forged": {"Authorization": f"Bearer {link_token('A', header={'alg': 'HS256', 'x': 1})[:-1]}"},
    "basic": {"Authorization": "Basic dXNlcjpwYXNzd29yZA=="},
    **{
        role: {"token": user_token(role)}
        for role in ("reader", "editor", "limited", "masker", "sender", "auditor", "admin")
    },
}


def _words() -> dict[str, str]:
    """What stands for what in the data files."""
    link, rest = link_token("A", own_id="download"), {}
    for name, (patient, study, series, instance) in TREES.items():
        rest[name], rest[f"{name}.uid"] = study.orthanc_id, study.uid
        rest[f"{name}.patient"], rest[f"{name}.series"] = patient.orthanc_id, series.orthanc_id
        rest[f"{name}.instance"], rest[f"{name}.patient-id"] = instance.orthanc_id, patient.uid
        rest[f"{name}.series-uid"], rest[f"{name}.instance-uid"] = series.uid, instance.uid
    return {
        **rest,
        "link": link,
        "share": link_token("A", kind="ohif-viewer-publication"),
        "bound": BOUND,
        "split-bound": f"{BOUND[:20]}Bearer {BOUND[20:]}",
        "secret": SECRET,
        "both": link_token("A", "B"),
        "download": link_token("A", kind="download-instant-link"),
        "split": f"{link[:20]}Bearer {link[20:]}",
        "forged": link_token("A", header={"alg": "RS256"}),
        "mixed": link_token("A", header={"alg": "HS256", "Alg": "RS256"}),
        "user": user_token("editor"),
        "ended": user_token("editor", ends=1_700_000_000),
        "lasting": user_token("editor", ends=4_000_000_000),
        "ended-link": link_token("A", own_id="download", ends="2020-01-01T00:00:00.123456+00:00"),
        "lasting-link": link_token("A", own_id="download", ends="2090-01-01T00:00:00.123456+00:00"),
        "other-link": link_token("A", kind="stone-viewer-publication", own_id="download"),
        "odd-link": link_token("A", kind="constructor", own_id="download"),
        "nobody": user_token("nobody-knows"),
        "admin": user_token("admin"),
        "key": API_KEY,
    }


WORDS = _words()


def filled(text: str) -> str:
    """The text with ids and tokens in place of their names."""
    return re.sub(r"\{([A-Za-z0-9.-]+)\}", lambda match: WORDS.get(match[1], match[0]), text)


def _cases(name: str) -> list[Any]:
    value = parse_yaml((CASES / name).read_text(encoding="utf-8"), name)[0].value
    cases = typed(value)
    return [
        pytest.param(case, id=f"{number}-{case['request'].replace(' ', '-')}"[:90])
        for number, case in enumerate(cases, 1)
    ]


class Stage:
    """A running edge and the Orthanc behind it."""

    def __init__(self, running: Edge, orthanc: FilteredOrthanc) -> None:
        self.edge, self.orthanc = running, orthanc
        self.prefix = running.deployment.addresses.orthanc_path.rstrip("/")

    def ask(self, line: str, headers: dict[str, str], body: object = None) -> Response:
        """Ask with a line such as `GET /studies`; a body that is no text is sent as JSON."""
        method, path = filled(line).split(" ", 1)
        # OHIF has a path of its own beside Orthanc's.
        prefix = "" if path.startswith("/ohif/") else self.prefix
        sent = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
        self.edge.forget()
        self.orthanc.changes.clear()
        return web.request(
            method,
            f"http://127.0.0.1:{self.edge.http}",
            target=prefix + path,
            headers={"Host": "localhost", **{name: filled(value) for name, value in headers.items()}},
            body=filled(sent).encode() if isinstance(sent, str) else sent,
        )


VARIANTS: dict[str, dict[str, Any]] = {
    "sub-path": {"institution": "{name: T, url: 'http://localhost', paths: {orthanc: /orthanc/}}"},
    "cluster": {"deployment": "{kubernetes: {}}"},
}
"""What differs in the profile, on the newest nginx."""


@pytest.fixture(scope="module", params=[*EVERY_NGINX, *VARIANTS])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every nginx with Orthanc at the root; the newest with Orthanc at /orthanc/, and as a cluster has it."""
    changes = PROFILE | VARIANTS.get(request.param, {})
    nginx: Nginx = every_nginx()[-1] if request.param in VARIANTS else request.param
    deployment = make_deployment(**changes)
    orthanc = FilteredOrthanc(deployment, archive, STORED)
    folder = tmp_path_factory.mktemp("guard")
    with edge(deployment, folder, nginx=nginx, answers={"orthanc": orthanc}) as running:
        yield Stage(running, orthanc)


@pytest.mark.parametrize("case", [*_cases("weaknesses.yaml"), *_cases("bodies.yaml"), *_cases("pages.yaml")])
def test_a_request_is_answered_as_the_table_says(stage: Stage, case: dict[str, Any]) -> None:
    """Every kind of caller gets the answer of the table, and what is refused has changed nothing."""
    got, said = {}, {}
    for caller in case["answers"]:
        reply = stage.ask(case["request"], CALLERS[caller], case.get("body"))
        got[caller] = reply.status
        if caller in case.get("says", {}):
            said[caller] = _summary(reply.json(), case["says"][caller])
        if "reaches" in case:
            assert stage.edge.services["orthanc"].seen[-1].path == case["reaches"], case["why"]
        if reply.status >= 400:
            assert stage.orthanc.changes == [], f"{caller}: {case['why']}"

    assert got == case["answers"], case["why"]
    assert said == case.get("says", {}), case["why"]


def _summary(answer: Any, expected: Any) -> Any:
    """An answer in the words of the table: a list is `some` or empty; how many studies are `all`, or one's `own`."""
    if isinstance(answer, list):
        return "some" if answer else []
    if "Resources" in expected:
        return {"Resources": _summary(answer["Content"].get("Resources", []), expected)}
    own = sum("external" in tree[1].labels for tree in TREES.values())
    numbers = {"all": len(TREES), "own": own}
    word = expected["CountStudies"]
    return {"CountStudies": word if answer["CountStudies"] == numbers[word] else answer["CountStudies"]}


@pytest.mark.parametrize("case", _cases("bypasses.yaml"))
def test_a_way_around_the_guard_leads_nowhere(stage: Stage, case: dict[str, Any]) -> None:
    """Every spelling that was tried gets the answer of the table, and changes nothing that it should not."""
    reply = stage.ask(case["request"], case.get("headers", {}), case.get("body"))

    expected = case["answer"] if isinstance(case["answer"], list) else [case["answer"]]
    assert reply.status in expected, case["why"]
    assert len(stage.orthanc.changes) == case.get("changes", 0), case["why"]
    if "hands-on" in case:
        made = stage.edge.services["orthanc"].seen[-1]
        assert json.loads(made.body) == json.loads(filled(case["hands-on"])), case["why"]


def test_orthanc_is_not_asked_for_people_who_view_nothing(stage: Stage) -> None:
    """The time of an answer to a lookup would show them whether there is such a study."""
    asked = {}
    for caller in ("nobody", "forged", "basic", "sender", "instant", "share", "reader"):
        reply = stage.ask("POST /tools/lookup", CALLERS[caller], "{A.uid}")
        paths = [seen.path for seen in stage.edge.services["orthanc"].seen]
        asked[caller] = (len(reply.json()), "/tools/lookup" in paths)

    assert asked == {
        **dict.fromkeys(("nobody", "forged", "basic", "sender"), (0, False)),
        **dict.fromkeys(("instant", "share", "reader"), (1, True)),
    }


# ---------------------------------------------------------------------------------------- links of who may only view


def test_a_link_of_who_may_only_view_works_in_that_browser_and_hands_out_no_files(stage: Stage) -> None:
    """The guard writes a digest into the link and its secret into a cookie, and keeps the cookie for the next link."""
    body = {"Resources": [{"OrthancId": "{A}", "Level": "study"}], "ValidityDuration": 60}
    first = stage.ask("PUT /auth/tokens/viewer-instant-link", CALLERS["reader"], body)
    written = json.loads(stage.edge.services["orthanc"].seen[-1].body)["ID"]
    (cookie,) = [
        part for part in first.headers["set-cookie"].split("; ") if part.startswith("orthanc-links=")
    ]
    secret = cookie.partition("=")[2]

    assert first.headers["set-cookie"] == f"{cookie}; Path=/; HttpOnly; SameSite=Strict"
    assert written == f"browser:{hashlib.sha256(secret.encode()).hexdigest()}"
    link = {"token": link_token("A", own_id=written)}
    assert stage.ask("GET /studies/{A}", {**link, "Cookie": cookie}).status == 200
    assert stage.ask("GET /studies/{A}", link).status == 403

    stage.ask("PUT /auth/tokens/viewer-instant-link", {**CALLERS["reader"], "Cookie": cookie}, body)
    assert json.loads(stage.edge.services["orthanc"].seen[-1].body)["ID"] == written
    assert (
        "set-cookie" not in stage.ask("PUT /auth/tokens/viewer-instant-link", CALLERS["editor"], body).headers
    )


# ----------------------------------------------------------------------------------------- reports by an instant link


@pytest.fixture(scope="module", params=EVERY_NGINX)
def saving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A deployment whose profile lets instant links save reports."""
    deployment = make_deployment(**{**PROFILE, "viewers": "{ohif: {reports: instant-link}}"})
    orthanc = FilteredOrthanc(deployment, archive)
    folder = tmp_path_factory.mktemp("saving")
    with edge(deployment, folder, nginx=request.param, answers={"orthanc": orthanc}) as running:
        yield Stage(running, orthanc)


@pytest.mark.parametrize("case", _cases("reports.yaml"))
def test_only_an_instant_link_saves_and_only_into_its_own_study(saving: Stage, case: dict[str, Any]) -> None:
    """With `reports: instant-link` the object goes to the link's study, where the plugin asks for the link."""
    patient, study = RESOURCES.studies["A"][:2]
    body = multipart(dicom(study.uid, patient.uid))
    reply = saving.ask(case["request"], {"Content-Type": CONTENT_TYPE, **case.get("headers", {})}, body)

    assert reply.status == case["answer"], case["why"]
    assert saving.orthanc.changes == [filled(change) for change in case.get("changes", [])], case["why"]
