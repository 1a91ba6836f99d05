"""`orthgen access` and `orthgen explain`: exact text, exit codes, and two states of a profile."""

import json
import re
import subprocess
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
from orthgen.report.rights_forms import DifferenceForm, RightForm

PROFILE = """\
orthgen: 1
institution: {name: Test | Institution, url: "https://pacs.example.org", paths: {orthanc: /orthanc/}}
identity: {sign-in: [accounts: {}], keycloak: {local-port: 8081}}
collections: {cardio: {title: Cardiology}, neuro: {}}
roles:
  reader: {can: [view], collections: [cardio]}
  admin: {can: [everything, administer], collections: all}
deployment: {tls: {certificate: /etc/ssl/cert.pem, key: /etc/ssl/key.pem}}
"""
GOLDEN = Path(__file__).parent / "golden"


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output of a command line."""
    result = CliRunner().invoke(orthgen, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


@pytest.fixture(autouse=True)
def _profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site.yaml").write_text(PROFILE)
    monkeypatch.chdir(tmp_path)


def change(old: str, new: str, name: str = "site.yaml") -> None:
    """Write the profile with one text replaced."""
    assert old in PROFILE
    Path(name).write_text(PROFILE.replace(old, new))


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
def test_explanations(name: str, arguments: list[str], code: int) -> None:
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


def test_a_difference_is_told_and_a_gain_fails() -> None:
    """Two profiles are compared; the exit code is 5 where somebody gains something."""
    change("can: [view]", "can: [view, delete]", "more.yaml")

    assert run("access", "--diff", "site.yaml", "more.yaml") == (
        5,
        "+ reader: delete on `cardio`\n1 gained, 0 lost.\n",
    )
    assert run("access", "--diff", "more.yaml", "site.yaml") == (
        0,
        "- reader: delete on `cardio`\n0 gained, 1 lost.\n",
    )
    assert run("access", "--diff", "site.yaml", "site.yaml")[1].startswith("No change")
    rows = json.loads(run("access", "--diff", "site.yaml", "more.yaml", "--format", "json")[1])
    assert rows == [{"who": "reader", "action": "delete", "on": "cardio", "change": "gained"}]


def test_a_renamed_role_is_told_by_its_new_name() -> None:
    """Who held the role holds it by another name: nothing is gained, nothing lost."""
    change("  reader: {", "  radiologist: {renamed-from: reader, ", "renamed.yaml")
    Path("renamed.yaml").write_text(
        Path("renamed.yaml").read_text().replace("role: reader", "role: radiologist")
    )

    expected = "= radiologist: was called reader\nNo change: everybody can do what they could do before.\n"
    assert run("access", "--diff", "site.yaml", "renamed.yaml") == (0, expected)
    rows = json.loads(run("access", "--diff", "site.yaml", "renamed.yaml", "--format", "json")[1])
    msgspec.convert(rows, list[DifferenceForm])
    assert rows == [{"who": "radiologist", "change": "renamed", "from": "reader"}]


def test_a_renamed_collection_is_told_by_its_new_name() -> None:
    """It keeps its label, so nobody gains or loses a study; without that, everybody who is limited to it does."""
    for written in ("renamed-from: cardio", "label: cardio"):
        change("cardio: {title", f"heart: {{{written}, title", "renamed.yaml")
        Path("renamed.yaml").write_text(Path("renamed.yaml").read_text().replace("[cardio]", "[heart]"))

        expected = "= heart: was called cardio\nNo change: everybody can do what they could do before.\n"
        assert run("access", "--diff", "site.yaml", "renamed.yaml") == (0, expected)
    output = run("access", "--diff", "site.yaml", "renamed.yaml", "--format", "markdown")[1]
    rows = json.loads(run("access", "--diff", "site.yaml", "renamed.yaml", "--format", "json")[1])
    msgspec.convert(rows, list[DifferenceForm])
    assert "| is called | heart | before: cardio |" in output
    assert rows == [{"on": "heart", "change": "renamed", "from": "cardio"}]

    Path("lost.yaml").write_text(PROFILE.replace("cardio", "heart"))
    assert "- reader: view on `cardio`" in run("access", "--diff", "site.yaml", "lost.yaml")[1]


def test_a_difference_outside_the_collections_is_told() -> None:
    """What is about no study, or about studies of no collection, has words of its own."""
    change("can: [view], collections: [cardio]", "can: [view, upload], collections: all", "more.yaml")
    out = run("access", "--diff", "site.yaml", "more.yaml")[1]

    assert "+ reader: upload\n" in out
    assert "+ reader: view on studies of no collection\n" in out


def test_a_side_may_be_a_revision() -> None:
    """OLD or NEW may be a git revision of the other, or REVISION:FILE."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "site.yaml"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    change("can: [view]", "can: [view, delete]")

    expected = "+ reader: delete on `cardio`\n1 gained, 0 lost.\n"
    assert run("access", "--diff", "HEAD", "site.yaml") == (5, expected)
    assert run("access", "--diff", "HEAD:site.yaml", "site.yaml") == (5, expected)
    assert run("access", "--diff", "site.yaml", "HEAD")[0] == 0
    with pytest.raises(OrthgenError, match="of revision `nowhere` cannot be read"):
        run("access", "--diff", "nowhere", "site.yaml")


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


LABELS = """orthgen: 1
institution: {name: T, url: http://localhost}
identity: {sign-in: [accounts: {}]}
collections: {x: {label: XX}, y: {label: YY}}
roles:
  of-x: {can: [view], collections: [x], granted-by: [{group: /x}]}
  of-y: {can: [view], collections: [y], granted-by: [{group: /y}]}
"""


@pytest.mark.parametrize(
    ("collections", "lines"),
    [
        pytest.param(
            "{x: {label: YY}, y: {label: XX}}",
            [
                "= y: was called x",
                "= x: was called y",
                "+ of-x: view on `x`",
                "+ of-y: view on `y`",
                "- of-x: view on `y`",
                "- of-y: view on `x`",
            ],
            id="exchanged",
        ),
        pytest.param(
            "{x: {label: YY}, y: {label: ZZ}}",
            [
                "= x (label XX): was called x",
                "= x: was called y",
                "+ of-x: view on `x`",
                "+ of-y: view on `y`",
                "- of-x: view on `x (label XX)`",
                "- of-y: view on `x`",
            ],
            id="passed on",
        ),
        pytest.param("{x: {label: ZZ}, y: {label: YY}}", [], id="a label that nobody had"),
    ],
)
def test_a_label_that_passes_to_another_collection_takes_the_studies_along(
    tmp_path: Path, collections: str, lines: list[str]
) -> None:
    """A person sees studies by their labels: with exchanged labels, two roles see each other's studies."""
    (tmp_path / "old.yaml").write_text(LABELS)
    (tmp_path / "new.yaml").write_text(LABELS.replace("{x: {label: XX}, y: {label: YY}}", collections))

    code, said = run("access", "--diff", "old.yaml", "new.yaml")

    assert code == (5 if lines else 0)
    of_roles = [line for line in said.splitlines() if line[:1] in {"=", "+", "-"} and "link" not in line]
    assert of_roles == lines


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


def test_a_difference_in_markdown_is_a_table() -> None:
    """A plus at the beginning of a line would become a bullet."""
    change("can: [view]", "can: [view, delete]", "more.yaml")

    output = run("access", "--diff", "site.yaml", "more.yaml", "--format", "markdown")[1]

    assert output.splitlines()[:3] == [
        "| | who | what |",
        "|---|---|---|",
        "| gains | reader | delete on `cardio` |",
    ]
