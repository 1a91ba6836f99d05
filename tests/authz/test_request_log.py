"""The format of recorded decisions, as requests."""

from typing import Any

import pytest

from orthgen.authz.model import Request, TokenKind
from orthgen.authz.resources import Level
from orthgen.authz.stored_studies import BadLine, StoredStudies

from .builders import RESOURCES, orthanc_id, reader, uid


def read(**line: Any) -> Request:
    """A line with only what differs."""
    return reader().read({"method": "GET", "uri": "/system", **line})


@pytest.mark.parametrize(
    ("kinds", "carriers", "expected"),
    [
        ("none", "none", []),
        ("garbage", "token", [("token", TokenKind.OTHER)]),
        ("expired-user:all", "token", [("token", TokenKind.OTHER)]),
        ("user:all", "get-arg token", [("token", TokenKind.USER)]),
        ("instant-link:A+B", "Authorization", [("Authorization", TokenKind.LINK)]),
        ("expired-instant-link", "Authorization", [("Authorization", TokenKind.OTHER)]),
        (
            "user:x+instant-link:B",
            "token+Authorization",
            [("token", TokenKind.USER), ("Authorization", TokenKind.LINK)],
        ),
        (
            "user:x+instant-link:A+B+basic",
            "token",
            [("token", TokenKind.USER), ("token", TokenKind.LINK), ("token", TokenKind.OTHER)],
        ),
        ("user:x+basic", "token", [("token", TokenKind.USER), ("token", TokenKind.OTHER)]),
    ],
)
def test_each_kind_becomes_the_token_that_the_auth_service_takes_it_for(
    kinds: str, carriers: str, expected: list[tuple[str, TokenKind]]
) -> None:
    """Each kind becomes the token that the auth-service takes it for, in the header that carried it."""
    tokens = read(headers_kind=kinds, token_header=carriers).tokens

    assert [(token.name, token.kind) for token in tokens] == expected
    assert all(token.argument == carriers.startswith("get-arg") for token in tokens)


def test_links_name_studies_and_shares_are_told_back() -> None:
    """A link knows its studies by id and UID; only a share link is decodable."""
    instant, share = (
        read(headers_kind=f"{kind}-link:A", token_header="token").tokens[0] for kind in ("instant", "share")
    )

    assert instant.studies == {orthanc_id("A"), uid("A")} == share.studies
    assert (instant.decodable, share.decodable) == (False, True)
    assert len(read(headers_kind="user:x+instant-link:A+B", token_header="token").tokens[1].studies) == 4
    assert not read(headers_kind="instant-link:unknown", token_header="token").tokens[0].studies
    assert read(headers_kind="basic", token_header="Authorization").tokens[0].basic
    (named, link) = read(headers_kind="basic:ops+instant-link:A", token_header="Authorization+token").tokens
    assert (named.basic, named.user, link.kind) == (True, "ops", TokenKind.LINK)
    assert read(headers_kind="user:a,b", token_header="token").tokens[0].roles == ("a,b", "a", "b")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"method": None}, "`method` is not text"),
        ({"uri": "system"}, "does not begin with a slash"),
        ({"variant": 1}, "`variant` is not text"),
        ({"resource": "A", "resource_labels": [1]}, "not a list of texts"),
        ({"headers_kind": "alien", "token_header": "token"}, "`alien` is not a kind of token"),
        ({"headers_kind": "share-link:Z", "token_header": "token"}, "the study `Z`"),
        ({"variant": "find-series-odd", "resource": "A"}, "not a known variant"),
        ({"variant": "find-study-uid"}, "needs a `resource`"),
    ],
)
def test_lines_that_say_no_request(line: dict[str, Any], message: str) -> None:
    """A line that cannot be read says what is wrong with it."""
    with pytest.raises(BadLine) as raised:
        read(**line)

    assert message in str(raised.value)
    with pytest.raises(BadLine, match="`uri` is missing"):
        reader().read({"method": "GET"})


@pytest.mark.parametrize(
    ("variant", "resource", "body"),
    [
        ("find-study-all", None, {"Level": "Study", "Query": {}}),
        ("find-study-uid", "A", {"Level": "Study", "Query": {"StudyInstanceUID": uid("A")}}),
        ("find-series-parentstudy", "A", {"Level": "Series", "Query": {}, "ParentStudy": orthanc_id("A")}),
        (
            "find-instance-parentseries",
            "A",
            {"Level": "Instance", "Query": {}, "ParentSeries": orthanc_id("A", "series")},
        ),
        ("count-study", None, {"Level": "Study", "Query": {}}),
        ("real-bulk-delete-series", "A", {"Resources": [orthanc_id("A", "series")], "Level": "Series"}),
        ("bulk-badbody", None, None),
        ("dangerous", None, None),
    ],
)
def test_variants_stand_for_bodies(variant: str, resource: str | None, body: dict[str, Any] | None) -> None:
    """The variant of a line says which body it had; a body of the line's own goes before it."""
    assert read(variant=variant, resource=resource).body == body
    assert read(variant=variant, resource=resource, body={"x": 1}).body == {"x": 1}


def test_throw_away_studies_exist_while_their_line_is_read() -> None:
    """`pool:LABEL` is a study of its own, found by the id in the path, with labels at study level only."""
    identifier = "a8d68d69-b84afe71-5d3de853-15b8e366-dff54f47"
    store = read(
        uri=f"/series/{identifier}", resource="pool:external", resource_labels=["external"]
    ).resources
    series = store.with_id(Level.SERIES, identifier)

    assert series is not None
    assert [resource.labels for resource in series.chain] == [set(), {"external"}, set()]
    assert store.with_id(Level.STUDY, orthanc_id("A")) is not None
    bulk = read(variant="bulk-delete-patients", resource="pool:none", resource_labels=[])
    assert bulk.body is not None
    assert bulk.resources.with_id(Level.PATIENT, bulk.body["Resources"][0]) is not None


def test_labels_of_a_line_go_before_those_of_the_file() -> None:
    """Where a line says other labels for a known study, they are in force for it."""
    as_usual = read(resource="A", resource_labels=["external"]).resources
    changed = read(resource="A", resource_labels=["other"]).resources.with_id(Level.STUDY, orthanc_id("A"))

    assert as_usual is RESOURCES.all
    assert changed is not None
    assert changed.labels == {"other"}
    assert read(resource="unknown", resource_labels=[]).resources is RESOURCES.all


def test_resources_may_say_little() -> None:
    """A study without ids gets ids of its own; labels may be given per level; another shape is an error."""
    small = StoredStudies.read({"S": {"labels": ["x"], "series_labels": ["y"]}})
    patient, study, series, instance = small.studies["S"]

    assert patient.orthanc_id == "S/patient"
    assert [set(stored.labels) for stored in (study, series, instance)] == [{"x"}, {"y"}, set()]
    for wrong in ([], {"S": []}):
        with pytest.raises(BadLine):
            StoredStudies.read(wrong)
