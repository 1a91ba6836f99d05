"""Raw files of a deployment, line by line; and the command that opens them."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from orthgen.authz.config_files import ConfigFiles, ConfiguredDeployment, RefusedLine, Remark
from orthgen.cli.app import orthgen
from orthgen.errors import InputError
from orthgen.formats.yaml_io import Document, parse_json
from orthgen.report.decision_forms import DecideForm

from .builders import ORACLE, ROLES, orthanc, orthanc_id

USERINFO = "http://keycloak:8080/realms/orthanc/protocol/openid-connect/userinfo"
RESOURCES_FILE = str(ORACLE / "resources.json")


def document(value: Any, name: str) -> Document:
    """A parsed file of this content, with a comment in front."""
    parsed, findings = parse_json(f"// a comment\n{json.dumps(value, indent=1)}\n", name)
    assert not findings
    return parsed


def files(*, anonymous: Any = None, configuration: Any = None) -> ConfigFiles:
    """The files of the test deployment."""
    return ConfigFiles(
        document(configuration or orthanc(), "orthanc.json"),
        document({"roles": ROLES}, "permissions.json"),
        document(json.loads((ORACLE / "resources.json").read_text()), "resources.json"),
        document(anonymous, "anonymous.json") if anonymous is not None else None,
    )


def line(**changes: Any) -> str:
    """A request line with only what differs."""
    return json.dumps({"method": "GET", "uri": "/changes", **changes})


def answers(deployment: ConfiguredDeployment, *lines: str) -> list[dict[str, Any] | RefusedLine | Remark]:
    """The answers, parsed."""
    return [
        answer if isinstance(answer, RefusedLine | Remark) else json.loads(answer)
        for answer in deployment.answers(lines)
    ]


def test_each_line_gets_its_answer_or_its_error() -> None:
    """Good lines are answered whatever bad ones stand between them, and blank ones do not count."""
    good = line(headers_kind="user:all", token_header="token")
    deployment = ConfiguredDeployment.compile(files())

    first, second, third, fourth = answers(deployment, good, "", "{", "[1]", good)

    assert isinstance(first, dict)
    assert isinstance(fourth, dict)
    assert first == {**fourth, "line": 1}
    assert first == {"allowed": True, "denied_by": None, "reason": first["reason"], "line": 1}
    assert second == RefusedLine(3, "not JSON: expecting property name enclosed in double quotes", 2)
    assert third == RefusedLine(4, "not a JSON object")


def test_a_refusal_says_where() -> None:
    """The reason of a refusal names stage, need, finding, remedy and the line of the file."""
    (answer,) = answers(
        ConfiguredDeployment.compile(files()), line(headers_kind="user:eraser", token_header="token")
    )

    assert answer == {
        "allowed": False,
        "denied_by": "filter",
        "reason": "permission row: needs `all` or `view` for GET `^/changes$` (entry 9 of the default table); "
        "found role `eraser`: `delete`; to allow it: give the role the permission `view` (permissions.json:30:4)",
        "line": 1,
    }


def test_without_a_file_the_shipped_anonymous_profile_is_in_force() -> None:
    """The image's profile uploads; a file of one's own replaces it."""
    upload = line(method="POST", uri="/instances")
    empty = {"permissions": [], "authorized-labels": []}

    assert answers(ConfiguredDeployment.compile(files()), upload)[0]["allowed"]  # type: ignore[index]
    assert not answers(ConfiguredDeployment.compile(files(anonymous=empty)), upload)[0]["allowed"]  # type: ignore[index]


def test_a_file_may_hold_all_three() -> None:
    """A recorded configuration is taken whole for each of its parts, and its places are told."""
    whole = document(json.loads((ORACLE / "configs" / "c02-empty-anon.json").read_text()), "c02.json")
    resources = document(json.loads((ORACLE / "resources.json").read_text()), "resources.json")
    deployment = ConfiguredDeployment.compile(ConfigFiles(whole, whole, resources))

    assert not deployment.service.anonymous.permissions
    (answer,) = answers(deployment, line(uri="/ui/app/x"))
    assert "(c02.json:" in answer["reason"]  # type: ignore[index]


def test_a_dead_auth_service_is_taken_for_one() -> None:
    """By the caller's word, by an address where nothing listens, or by a recorded profile of null."""
    request_line = line(headers_kind="user:all", token_header="token")
    nowhere = orthanc(WebServiceRootUrl="http://auth-service:9/")
    invalid = orthanc(without=("WebServiceRootUrl",), WebServiceUserProfileUrl="http://auth.invalid:8000/x")

    for deployment in (
        ConfiguredDeployment.compile(files(), reachable=False),
        ConfiguredDeployment.compile(files(configuration=nowhere)),
        ConfiguredDeployment.compile(files(configuration=invalid)),
        ConfiguredDeployment.compile(
            files(configuration=orthanc(WebServiceRootUrl="http://localhost:8001/"))
        ),
        ConfiguredDeployment.compile(files(configuration=orthanc(WebServiceRootUrl=USERINFO))),
    ):
        assert not answers(deployment, request_line)[0]["allowed"]  # type: ignore[index]
    for url in (
        "http://127.0.0.1:8000/",
        "http://localhost:8000",
        "http://auth:80/",
        "https://auth.example.org/",
        "http://auth.realm.example.org/",
    ):
        up = ConfiguredDeployment.compile(files(configuration=orthanc(WebServiceRootUrl=url)))
        assert answers(up, request_line)[0]["allowed"]  # type: ignore[index]
    assumed_up = ConfiguredDeployment.compile(files(configuration=nowhere), reachable=True)
    assert answers(assumed_up, request_line)[0]["allowed"]  # type: ignore[index]
    (finding,) = ConfiguredDeployment.compile(files(configuration=nowhere)).findings
    assert finding.location.file == "orthanc.json"
    assert finding.hint.startswith("pass `--auth-service up` if one does")
    recorded = line(headers_kind="user:all", token_header="token", profile=None)
    assert not answers(ConfiguredDeployment.compile(files()), recorded)[0]["allowed"]  # type: ignore[index]


def test_a_recorded_profile_of_null_tells_nothing_where_no_profile_is_asked_for() -> None:
    """With a token-validation URL alone the plugin asks for no profile, and a link opens its study."""
    url = "http://auth-service:8000/tokens/validate"
    alone = orthanc(without=("WebServiceRootUrl",), WebServiceTokenValidationUrl=url)
    request_line = line(
        uri=f"/studies/{orthanc_id('A')}", headers_kind="instant-link:A", token_header="token", profile=None
    )

    assert answers(ConfiguredDeployment.compile(files(configuration=alone)), request_line)[0]["allowed"]  # type: ignore[index]


def test_an_empty_root_is_an_address_where_nothing_answers() -> None:
    """The plugin makes `/user/get-profile` of it and asks there, in vain."""
    deployment = ConfiguredDeployment.compile(files(configuration=orthanc(WebServiceRootUrl="")))

    assert not deployment.service.reachable
    assert deployment.configuration.profiles


def test_a_service_that_does_not_start_does_not_answer() -> None:
    """Roles that the service cannot read stop it, unless the caller knows better."""
    good = files()
    odd = document({"roles": {"reader": {"permissions": ["read"]}}}, "permissions.json")
    unmet = ConfigFiles(good.orthanc, odd, good.resources)

    assert not ConfiguredDeployment.compile(unmet).service.reachable
    assert ConfiguredDeployment.compile(unmet, reachable=True).service.reachable


def test_what_an_anonymous_profile_lacks_is_told() -> None:
    """The service drops a profile without name and validity; a recorded one leaves them out and counts."""
    deployment = ConfiguredDeployment.compile(
        files(anonymous={"permissions": ["view"], "authorized-labels": []})
    )
    whole = {"name": "Anonymous", "validity": 60, "permissions": [], "authorized-labels": []}

    assert [finding.rule.id for finding in deployment.findings] == ["incomplete-anonymous-profile"]
    assert deployment.service.anonymous.permissions == {"view"}
    assert not ConfiguredDeployment.compile(files(anonymous=whole)).findings


@pytest.mark.parametrize(
    "bad", ["[" * 100_000, "1" * 5000, line(uri="/\ud800")], ids=["nesting", "number", "half"]
)
def test_nothing_in_a_line_ends_the_others(bad: str) -> None:
    """Nesting without end, numbers without end and half a character are errors of their line."""
    first, second = answers(ConfiguredDeployment.compile(files()), bad, line())

    assert first == RefusedLine(1, "no request that could have been sent")
    assert isinstance(second, dict)


def test_a_path_may_be_no_text() -> None:
    """What is no UTF-8 is matched as bytes, and told in ASCII."""
    (answer,) = answers(ConfiguredDeployment.compile(files()), line(uri="/%ff", method="PUT"))

    assert "/\udcff" in answer["reason"]  # type: ignore[index]


def test_a_row_that_cannot_be_read_is_an_error_of_the_line() -> None:
    """A request that reaches an unreadable row is not answered, and the finding is there before it."""
    deployment = ConfiguredDeployment.compile(
        files(configuration=orthanc(Permissions=[["get", r"^/\B", "view"]]))
    )

    assert [finding.rule.id for finding in deployment.findings] == ["undecidable-pattern"]
    (answer,) = answers(deployment, line())
    assert isinstance(answer, RefusedLine)
    assert "entry 1 of Permissions" in answer.message


def test_files_of_another_shape_are_refused() -> None:
    """A file that is no JSON object, or resources of another shape, cannot be read."""
    good = files()
    listed = document([], "odd.json")

    with pytest.raises(InputError, match=r"odd\.json"):
        ConfiguredDeployment.compile(ConfigFiles(listed, good.permissions, good.resources))
    with pytest.raises(InputError, match=r"odd\.json"):
        ConfiguredDeployment.compile(ConfigFiles(good.orthanc, good.permissions, listed))


# ------------------------------------------------------------------------------------------------ the command


def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
    """Exit code, output and errors of a command line of `decide`."""
    result = CliRunner().invoke(orthgen, ["decide", *arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(name="options")
def _options(tmp_path: Path) -> list[str]:
    (tmp_path / "orthanc.json").write_text("/* as it is */ " + json.dumps(orthanc()))
    (tmp_path / "permissions.json").write_text(json.dumps({"roles": ROLES}))
    names = ("orthanc", "permissions")
    return [part for name in names for part in (f"--{name}", str(tmp_path / f"{name}.json"))] + [
        "--resources",
        RESOURCES_FILE,
    ]


def test_the_command_answers_standard_input(options: list[str]) -> None:
    """Requests on standard input are answered on standard output; a bad one is told and fails the run."""
    good = line(uri=f"/studies/{orthanc_id('A')}", headers_kind="user:reader", token_header="token")
    code, out, err = run(*options, stdin=f"{good}\nnonsense\n{good}\n")

    assert code == 1
    assert [msgspec.json.decode(one, type=DecideForm).line for one in out.splitlines()] == [1, 3]
    assert err == "-:2:1: error: not JSON: expecting value\n"


@pytest.mark.parametrize("name", ["requests.jsonl", "requests.jsonl.gz"])
def test_the_command_answers_a_file(options: list[str], tmp_path: Path, name: str) -> None:
    """Requests may stand in a file, compressed or not; `-` is standard input."""
    path = tmp_path / name
    text = b"\xff\n" + (line() + "\n").encode()
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    (tmp_path / "anonymous.json").write_text('{"permissions": ["view"], "authorized-labels": []}')

    code, out, _ = run(
        *options, "--anonymous", str(tmp_path / "anonymous.json"), "--release", "0.10.0", str(path)
    )
    assert (code, json.loads(out)["allowed"]) == (1, True)
    assert run(*options, "--auth-service", "down", "-", stdin=line())[0] == 0


def test_the_command_tells_what_it_cannot_read(options: list[str], tmp_path: Path) -> None:
    """Findings come before the answers; a file that is missing, not text or not JSON is an error."""
    (tmp_path / "orthanc.json").write_text(json.dumps(orthanc(Permissions=[["get", r"^/\B", "view"]])))
    assert "unread" not in run(*options, stdin="")[1]
    assert "the escape" in run(*options, stdin="")[2]

    for content, message in ((b"{,}", "not JSON"), (b"\xff", "cannot be read")):
        (tmp_path / "orthanc.json").write_bytes(content)
        with pytest.raises(InputError, match=message):
            run(*options)
    (tmp_path / "orthanc.json").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        run(*options)


def test_the_documented_formats_are_those_that_are_read(options: list[str], tmp_path: Path) -> None:
    """The studies, the requests of both formats and the answer in docs/decide.md are read, and given, by the command."""
    page = (Path(__file__).parents[2] / "docs" / "decide.md").read_text()
    blocks = re.findall(r"^```json\n(.*?)^```$", page.replace("cardio", "external"), re.MULTILINE | re.DOTALL)
    studies, requests, answer, recorded = blocks
    (tmp_path / "studies.json").write_text(studies)
    named = [*options[:-1], str(tmp_path / "studies.json")]

    code, out, err = run(*named, stdin=requests + recorded)

    assert (code, err) == (0, "")
    assert [json.loads(one)["allowed"] for one in out.splitlines()] == [False, True, True] * 2
    shown = re.sub(r"\(permissions.json:.*?\)", "", answer)
    assert re.sub(r"\([^(]*permissions.json:.*?\)", "", out.splitlines(keepends=True)[0]) == shown


def test_swapped_files_are_refused(options: list[str]) -> None:
    """The auth-service's roles in the place of Orthanc's configuration answer nothing."""
    swapped = ["--orthanc", options[3], "--permissions", options[1], *options[4:]]

    with pytest.raises(InputError) as raised:
        run(*swapped, stdin=line())

    assert "give it to `--permissions`" in raised.value.findings[0].message


@pytest.mark.parametrize("permissions", [{"roles": []}, {"roles": {"reader": {"permissions": ["veiw"]}}}])
def test_an_auth_service_that_does_not_start_is_decided_upon(
    options: list[str], tmp_path: Path, permissions: dict[str, Any]
) -> None:
    """Every line is answered as without the service, and standard error says why."""
    (tmp_path / "permissions.json").write_text(json.dumps(permissions))

    code, out, err = run(*options, stdin=line())

    assert (code, json.loads(out)["allowed"]) == (0, False)
    assert "the auth-service does not start" in err


def test_a_configuration_without_the_plugin_is_warned_about(options: list[str], tmp_path: Path) -> None:
    """Without the plugin's section the answers stand, and standard error says why everything is allowed."""
    (tmp_path / "orthanc.json").write_text('{"Name": "clinic"}')

    code, out, err = run(*options, stdin=line())

    assert (code, json.loads(out)["allowed"]) == (0, True)
    assert "there is no `Authorization` section" in err


def test_standard_input_may_be_gzipped(options: list[str]) -> None:
    """`orthgen decide … < requests.jsonl.gz` is unpacked by its content."""
    packed = gzip.compress(f"{line()}\n{line()}\n".encode())

    result = CliRunner().invoke(orthgen, ["decide", *options], input=packed)

    assert (result.exit_code, len(result.stdout.splitlines()), result.stderr) == (0, 2, "")


def test_an_unknown_key_is_told_once(options: list[str], tmp_path: Path) -> None:
    """A misspelt key of a request or of a study would change the answer unseen: each is named once."""
    studies = tmp_path / "studies.json"
    studies.write_text('{"A": {"label": ["x"]}, "B": {"label": ["y"]}}')
    request = line(header_kind="user:reader")

    code, out, err = run(*options[:-1], str(studies), stdin=f"{request}\n{request}\n")

    assert (code, len(out.splitlines())) == (0, 2)
    assert err.count("is not a key of a request and is ignored; did you mean `headers_kind`?") == 1
    assert err.count("`label` is not a key of a study and is ignored") == 1
    assert "did you mean `labels`?" in err
