"""The plain format of requests: what it says, what is no request, and the recordings translated into it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orthgen.authz.auth_service import AuthService
from orthgen.authz.config_files import ConfigFiles, ConfiguredDeployment, RefusedLine
from orthgen.authz.decide import decide
from orthgen.authz.model import Request, Token, TokenKind
from orthgen.authz.plain_request import PlainRequestReader
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.resources import Level
from orthgen.formats.yaml_io import parse_json

from .builders import RESOURCES, ROLES, configuration, orthanc, orthanc_id, reader, recorded_lines, uid

ROLE = {"t": {"roles": ["reader"]}}


def read(**line: Any) -> Request:
    """A line with only what differs."""
    return PlainRequestReader(RESOURCES).read({"method": "GET", "path": "/system", **line})


def deployment(*, with_studies: bool = True) -> ConfiguredDeployment:
    """The deployment of the tests, from its files."""
    values = {"orthanc.json": orthanc(), "permissions.json": {"roles": ROLES}}
    if with_studies:
        values["studies.json"] = {"A": {"study": "1.2.3", "labels": ["external"]}}
    return ConfiguredDeployment.compile(
        ConfigFiles(*(parse_json(json.dumps(value), name)[0] for name, value in values.items()))
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param({}, (), id="no-token"),
        pytest.param(
            {"headers": {"Authorization": "Bearer t"}, "tokens": {"t": {"roles": ["a", "b"]}}},
            (Token("Authorization", TokenKind.USER, roles=("a", "b")),),
            id="user",
        ),
        pytest.param(
            {"path": "/system?x=%74&token=u", "tokens": {"t": {"roles": []}}},
            (Token("x", TokenKind.USER, argument=True), Token("token", TokenKind.OTHER, argument=True)),
            id="argument",
        ),
        pytest.param(
            {"headers": {"token": "t"}, "tokens": {"t": {"instant-link": ["A"]}}},
            (Token("token", TokenKind.LINK, studies=frozenset({orthanc_id("A"), uid("A")})),),
            id="instant-link",
        ),
        pytest.param(
            {"headers": {"token": "t"}, "tokens": {"t": {"share-link": ["A"]}}},
            (Token("token", TokenKind.LINK, studies=frozenset({orthanc_id("A"), uid("A")}), decodable=True),),
            id="share-link",
        ),
        pytest.param(
            {"headers": {"Authorization": "Basic b3Bz"}, "tokens": {"b3Bz": {"registered-user": "ops"}}},
            (Token("Authorization", TokenKind.OTHER, basic=True, user="ops"),),
            id="basic",
        ),
        pytest.param(
            {"headers": {"a": "", "b": "x", "c": "t"}, "tokens": {"t": None}},
            (
                Token("c", TokenKind.OTHER),
                Token("a", TokenKind.OTHER, empty=True),
                Token("b", TokenKind.OTHER),
            ),
            id="nobody",
        ),
        pytest.param({"headers": {"x-http-Method-override": "PUT"}}, (), id="override"),
    ],
)
def test_tokens_have_the_holders_of_the_line(line: dict[str, Any], expected: tuple[Token, ...]) -> None:
    """A token stands in a header or in the query, and `tokens` says whose it is; without an entry it is nobody's."""
    assert read(**line).tokens == expected


def test_a_line_says_the_whole_request() -> None:
    """Method override, body and studies of a line reach the model; a line's studies go before those of the file."""
    study = {"A": {"study": uid("A"), "labels": ["mine"]}, "New": {"o_study": "n", "labels": ["x"]}}
    request = read(
        method="POST",
        headers={"X-HTTP-Method-Override": "PUT", "token": "t"},
        tokens={"t": {"share-link": ["New"]}},
        studies=study,
        body={"x": 1},
    )

    assert (request.method, request.target, request.override, request.body) == (
        "POST",
        "/system",
        "PUT",
        {"x": 1},
    )
    labels = [request.resources.with_uid(Level.STUDY, uid(name)) for name in ("A", "B")]
    assert [one and one.labels for one in labels] == [{"mine"}, RESOURCES.studies["B"][1].labels]
    assert request.resources.with_id(Level.STUDY, "n") is not None
    assert request.tokens[0].studies == {"n", ""}


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ('{"method": "GET"}', 1, "`path` is missing"),
        ('{"method": 1, "path": "/"}', 12, "`method` is not text"),
        ('{"method": "GET", "path": "x"}', 27, "`path` does not begin with a slash: `x`"),
        ('{"method": "GET", "path": "/", "headers": []}', 32, "`headers` is not a JSON object"),
        ('{"method": "GET", "path": "/", "headers": {"a": 1}}', 49, "the header `a` is not text"),
        (
            '{"method": "GET", "path": "/", "headers": {"a": "", "A": ""}}',
            58,
            "the header `A` is there twice; case does not count",
        ),
        (
            '{"method": "GET", "path": "/", "tokens": {"t": null}}',
            48,
            "no header and no argument of `path` carries the token `t`",
        ),
        (
            '{"method": "GET", "path": "/?a=t", "tokens": {"t": {"role": ["a"]}}}',
            53,
            "`role` is not a kind of holder; did you mean `roles`?",
        ),
        (
            '{"method": "GET", "path": "/?a=t", "tokens": {"t": {"roles": "a"}}}',
            62,
            "`roles` of the token `t` is not a list of texts",
        ),
        (
            '{"method": "GET", "path": "/?a=t", "tokens": {"t": "a"}}',
            52,
            "the holder of the token `t` is not an object with one key",
        ),
        (
            '{"method": "GET", "path": "/?a=t", "tokens": {"t": {"share-link": ["Z"]}}}',
            68,
            "the link names the study `Z`, which does not exist; describe it under `studies`",
        ),
        (
            '{"method": "GET", "path": "/", "studies": {"A": {"label": []}}}',
            50,
            "`label` is not a key of a study; did you mean `labels`?",
        ),
        (
            '{"method": "GET", "path": "/", "studies": {"A": {"labels": [1]}}}',
            50,
            "`labels` of the study `A` is not a list of texts",
        ),
        ('{"method": "GET", "path": "/", "body": "x"}', 40, "`body` is not a JSON object"),
        ('{"method": "GET", "path": "/"', 30, "not JSON: expecting ',' delimiter"),
        ('{"method": "GET", "uri": "x"}', 26, "`uri` does not begin with a slash: `x`"),
    ],
)
def test_a_line_that_is_no_request_is_told_with_its_column(line: str, column: int, message: str) -> None:
    """The error names line, column and problem, and the next line is answered."""
    refusal, answer = deployment().answers([line, '{"method": "GET", "path": "/"}'])

    assert isinstance(refusal, RefusedLine)
    assert (refusal.line, refusal.column) == (1, column)
    assert refusal.message.startswith(message)
    assert isinstance(answer, str)


def test_studies_of_the_line_suffice() -> None:
    """Without a file of studies, each request brings its own."""
    line = {"method": "GET", "path": "/studies/a", "headers": {"token": "t"}, "tokens": ROLE}
    shown = {**line, "studies": {"A": {"o_study": "a", "labels": ["external"]}}}
    hidden = {**line, "studies": {"A": {"o_study": "a", "labels": ["other"]}}}

    answers = deployment(with_studies=False).answers(map(json.dumps, (shown, hidden, line)))

    assert [json.loads(str(answer))["allowed"] for answer in answers] == [True, False, False]


def _translated(recorded: Request) -> dict[str, Any]:
    """A recorded request in the plain format, with the studies of its tokens and nothing that it does not need."""
    headers: dict[str, str] = {}
    tokens: dict[str, Any] = {}
    arguments: list[str] = []
    names = {tree[1].orthanc_id: name for name, tree in RESOURCES.studies.items()}
    for number, token in enumerate(recorded.tokens):
        value = "" if token.empty else f"t{number}"
        if token.argument:
            arguments.append(f"{token.name}={value}")
        else:
            headers.setdefault(token.name, f"Basic {value}" if token.basic else value)
        linked = [names[identifier] for identifier in token.studies if identifier in names]
        if token.kind is TokenKind.USER:
            tokens[value] = {"roles": list(token.roles)}
        elif token.kind is TokenKind.LINK:
            tokens[value] = {"share-link" if token.decodable else "instant-link": linked}
        elif token.user:
            tokens[value] = {"registered-user": token.user}
    target = recorded.target
    if arguments:
        target += ("&" if "?" in target else "?") + "&".join(arguments)
    line = {"method": recorded.method, "path": target, "headers": headers, "tokens": tokens}
    return {**line, "body": recorded.body} if recorded.body is not None else line


def test_recordings_say_the_same_in_the_plain_format() -> None:
    """Each hundredth recorded request gets the same decision when it is translated into the plain format."""
    plain = PlainRequestReader(RESOURCES)
    compiled: dict[str, tuple[PluginConfiguration, AuthService]] = {}
    kinds = set()
    for text in list(recorded_lines())[::100]:
        line = json.loads(text)
        recorded = reader().read(line)
        # The rest has a study of its own, or two headers of one name, which JSON does not hold.
        if line.get("resource_labels") or len({one.name for one in recorded.tokens}) < len(recorded.tokens):
            continue
        if line["config"] not in compiled:
            content = configuration(line["config"])
            compiled[line["config"]] = (
                PluginConfiguration.compile(content["orthanc"]),
                AuthService.compile(content["permissions"], content["anonymous_profile"]),
            )
        plugin, service = compiled[line["config"]]
        translated = plain.read(_translated(recorded))
        kinds |= {token.kind for token in translated.tokens}
        expected, answer = decide(plugin, service, recorded), decide(plugin, service, translated)
        assert (answer.allowed, answer.denied_by) == (expected.allowed, expected.denied_by), line

    assert kinds == set(TokenKind)
