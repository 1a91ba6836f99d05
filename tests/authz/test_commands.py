"""`orthgen access` and `orthgen explain`: exact text and exit codes."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from orthgen.authz.actions import ACTIONS
from orthgen.cli.app import orthgen
from orthgen.errors import OrthgenError
from orthgen.products.orthanc.files import orthanc_settings
from orthgen.profile.rights import ActionName
from orthgen.rendering.pipeline import resolve_profile
from orthgen.report.decision_forms import AnswerForm, DecisionForm
from orthgen.report.rights_forms import RightForm
from tests.support.rights_commands import PROFILE, change, run

pytestmark = pytest.mark.usefixtures("site_profile")


GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        pytest.param("matrix", ["access", "site.yaml"], 0, id="matrix"),
        pytest.param("matrix-markdown", ["access", "site.yaml", "--format", "markdown"], 0, id="markdown"),
        pytest.param(
            "allow",
            ["explain", "site.yaml", "--as", "reader", "--label", "cardio", "GET", "/studies/aa-bb"],
            0,
            id="allow",
        ),
        pytest.param(
            "deny-label",
            ["explain", "site.yaml", "--as", "reader", "--on", "neuro", "GET", "/studies/aa-bb"],
            5,
            id="label",
        ),
        pytest.param(
            "deny-permission",
            ["explain", "site.yaml", "--as", "reader", "--can", "report", "--on", "cardio"],
            5,
            id="permission",
        ),
        pytest.param(
            "deny-guard",
            ["explain", "site.yaml", "--as", "instant-link", "DELETE", "/studies/aa-bb"],
            5,
            id="guard",
        ),
        pytest.param(
            "deny-handler",
            ["explain", "site.yaml", "--as", "reader", "GET", "/dicom-web/series"],
            5,
            id="handler",
        ),
        pytest.param(
            "deny-signed-out",
            ["explain", "site.yaml", "get", "https://pacs.example.org/orthanc/dicom-web/studies?limit=1"],
            5,
            id="signed-out",
        ),
        pytest.param(
            "allow-action", ["explain", "site.yaml", "--as", "admin", "--can", "upload"], 0, id="upload"
        ),
    ],
)
def test_explanations_are_in_the_recorded_words(name: str, arguments: list[str], code: int) -> None:
    """What is told is told in these words (`tests/authz/golden`)."""
    exit_code, out = run(*arguments)

    assert out == (GOLDEN / f"{name}.txt").read_text()
    assert exit_code == code


def test_everything_is_told_to_programs_too() -> None:
    """JSON holds the same answers: who, action, collection, requests, reasons."""
    text = run("access", "site.yaml", "--format", "json")[1]
    matrix = json.loads(text)
    msgspec.json.decode(text, type=list[RightForm])
    answer = json.loads(
        run("explain", "site.yaml", "--as", "reader", "--can", "view", "--on", "neuro", "--format", "json")[1]
    )
    decision = json.loads(
        run("explain", "site.yaml", "--as", "admin", "GET", "/ui/app/x.js", "--format", "json")[1]
    )

    msgspec.convert(answer, AnswerForm)
    msgspec.convert(decision, DecisionForm)
    assert {"who": "reader", "action": "view", "on": "cardio", "can": True} in matrix
    refused = next(row for row in matrix if (row["who"], row["action"]) == ("signed-out", "view"))
    assert refused["stage"] == "permission row"
    assert (answer["can"], len(answer["requests"])) == (False, 6)
    assert decision["reasons"][0]["stage"] == "unchecked path"


@pytest.mark.parametrize(
    "arguments",
    [
        ["access"],
        ["access", "site.yaml", "--diff", "site.yaml", "site.yaml"],
        ["explain", "site.yaml"],
        ["explain", "site.yaml", "GET"],
        ["explain", "site.yaml", "--can", "view", "GET", "/system"],
        ["explain", "site.yaml", "--can", "view", "GET"],
    ],
)
def test_a_question_has_to_be_one(arguments: list[str]) -> None:
    """A command line that asks nothing, or two things, is a wrong one."""
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--as", "raeder", "GET", "/x"], "did you mean `reader`?"),
        (["--can", "veiw"], "did you mean `view`?"),
        (["--can", "view", "--on", "cardoi"], "did you mean `cardio`?"),
        (["--can", "view", "--on", "zzz"], "known here: `cardio`, `neuro`"),
    ],
)
def test_unknown_names_are_errors_with_a_guess(arguments: list[str], hint: str) -> None:
    """A role, action or collection that does not exist names the nearest one."""
    with pytest.raises(OrthgenError) as raised:
        run("explain", "site.yaml", *arguments)

    assert raised.value.hint == hint


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["explain", "site.yaml", "--can", "view", "--label", "cardio"],
            "with `--can`, use `--on COLLECTION`",
        ),
        (["explain", "site.yaml", "PATCH", "/studies"], "GET, POST, PUT, DELETE"),
        (["explain", "site.yaml", "GET", "studies"], "a path begins with `/`: `/studies`"),
        (["access", "--diff", "--format", "markdown", "a", "b"], "`--diff` takes the two words after it"),
        (["access", "site.yaml", "--html", "--format", "json"], "`--html` is `--format html`"),
        (["validte", "site.yaml"], "did you mean `validate`?"),
        (["nothing-near"], "`orthgen --help` lists the commands"),
    ],
)
def test_a_wrong_command_line_says_what_to_write(arguments: list[str], message: str) -> None:
    """What a command would ignore or misread is refused, with the right spelling."""
    result = CliRunner().invoke(orthgen, arguments, terminal_width=200)

    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_what_another_service_answers_is_no_question_to_orthanc() -> None:
    """OHIF's own server and Keycloak have folders of the one address, and ask nobody's permission there."""
    change("deployment:", "viewers: {ohif: {}}\ndeployment:", "viewers.yaml")

    with pytest.raises(OrthgenError, match="answered by OHIF's own server") as raised:
        run("explain", "viewers.yaml", "GET", "https://pacs.example.org/ohif/viewer?StudyInstanceUIDs=1.2")
    assert raised.value.hint == "ask about a path below `/orthanc/`"
    with pytest.raises(OrthgenError, match="answered by Keycloak"):
        run("explain", "site.yaml", "GET", "/keycloak/realms/orthanc")


def test_every_deed_of_the_profile_is_an_action() -> None:
    """What an expectation may speak of is what the model knows to ask, and the other way round."""
    assert {action.name for action in ACTIONS} == set(ActionName.__args__)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("who", "method", "path", "code"),
    [
        ("instant-link", "GET", "/dicom-web/studies/1.2.3/metadata", 0),
        ("instant-link", "GET", "/dicom-web/studies/1.2.3/metadata?token=x", 5),
        ("instant-link", "GET", "/dicom-web/studies?StudyInstanceUID=1.2.3&token=x", 5),
        ("instant-link", "GET", "/studies/aa-bb?token=x", 0),
        ("reader", "GET", "/studies/aa-bb?token=x", 0),
        ("reader", "GET", "/dicom-web/studies/1.2.3/series?token=x", 5),
        ("reader", "POST", "/tools/find?token=x", 5),
        ("reader", "POST", "/tools/find", 0),
        ("signed-out", "GET", "/studies/aa-bb?token=x", 5),
    ],
)
def test_a_token_in_the_query_is_sent_there(who: str, method: str, path: str, code: int) -> None:
    """DICOMweb hands headers on and arguments not, and of a POST no argument is read (seen on plugin 0.11.4)."""
    assert run("explain", "site.yaml", "--as", who, "--label", "cardio", method, path)[0] == code


def test_a_share_link_ends_with_the_sharing_of_the_profile() -> None:
    """A link of an earlier profile may have no end: the guard refuses a kind that the profile does not make."""
    code, said = run(
        "explain", "site.yaml", "--as", "share-link", "--label", "cardio", "GET", "/studies/aa-bb"
    )

    assert code == 5
    assert "needs a link of a kind that this deployment makes" in said


@pytest.mark.parametrize(
    ("signed_out", "places"),
    [
        pytest.param("", [], id="not in the profile"),
        pytest.param("signed-out: {can: [download]}\n", ["site.yaml:9:14"], id="with rights"),
        pytest.param("signed-out: {collections: [cardio]}\n", ["site.yaml:9:1"], id="without `can`"),
    ],
)
@pytest.mark.parametrize("who", ["signed-out", "instant-link"])
def test_rights_of_signed_out_people_have_the_place_of_their_key(
    who: str, signed_out: str, places: list[str]
) -> None:
    """A reason about signed-out people and links names `signed-out` of the profile, and no line where it is missing."""
    Path("site.yaml").write_text(PROFILE + signed_out)

    out = run("explain", "site.yaml", "--as", who, "GET", "/system")[1]

    assert re.findall(r"at (site\.yaml\S*)", out) == places


def test_a_row_is_counted_as_in_the_rendered_file() -> None:
    """The number of a row is its place in the list of the rendered orthanc.json, the first being 1."""
    out = run("explain", "site.yaml", "GET", "/system")[1]
    loaded = resolve_profile("site.yaml")[0]

    number = int(re.findall(r"entry (\d+) of Permissions", out)[0])

    assert orthanc_settings(loaded)["Authorization"]["Permissions"][number - 1][:2] == ["get", "^/system$"]


def test_a_mail_is_no_share_link() -> None:
    """A role with `share` shares studies that it sees; Explorer 2's mail service makes no link to any other."""
    Path("site.yaml").write_text(
        PROFILE.replace("can: [view]", "can: [view, share]")
        + "viewers: {stone: {}}\nsharing: {viewer: stone}\n"
    )

    matrix = json.loads(run("access", "site.yaml", "--format", "json")[1])

    shares = {row["on"]: row["by"] if not row["can"] else "all" for row in matrix if _is_share_of_reader(row)}
    assert shares == {"cardio": "all", "neuro": None, None: None}


def _is_share_of_reader(row: dict[str, str]) -> bool:
    return (row["who"], row["action"]) == ("reader", "share")


def test_several_roles_are_held_by_one_person() -> None:
    """`--as A --as B` asks for somebody who holds both: permissions and labels merge, the documented danger."""
    change("admin: {can", "uploader: {can: [upload], collections: all}\n  admin: {can")
    asked = ["explain", "site.yaml", "--on", "neuro", "GET", "/studies/aa-bb"]

    assert run(*asked, "--as", "reader")[0] == run(*asked, "--as", "uploader")[0] == 5
    code, output = run(*asked, "--as", "reader", "--as", "uploader", "--as", "reader")
    assert code == 0
    assert output.startswith("ALLOW  reader and uploader: GET /studies/aa-bb\n")


def test_a_link_is_nobodys_role() -> None:
    """What one person cannot hold together is told."""
    with pytest.raises(OrthgenError, match="`share-link` is not a role"):
        run("explain", "site.yaml", "--as", "reader", "--as", "share-link", "GET", "/system")


@pytest.mark.parametrize("placeholder", ["ID", "ORTHANC-ID", "{id}", "<id>", ":id"])
def test_a_placeholder_is_an_identifier(placeholder: str) -> None:
    """The rows of the permission table fit identifiers alone, and documentation writes `ID`."""
    Path("site.yaml").write_text(PROFILE)
    answers = [
        run("explain", "site.yaml", "--as", "reader", "--label", "cardio", "GET", f"/studies/{name}/series")
        for name in (placeholder, "0f1e2d3c-4b5a6978-8796a5b4-c3d2e1f0-0f1e2d3c")
    ]

    assert answers[0] == answers[1]
    assert answers[0][0] == 0
