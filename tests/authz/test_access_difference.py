"""`orthgen access --diff`: what people gain and lose between two states of a profile."""

import json
import subprocess
from pathlib import Path

import msgspec
import pytest

from orthgen.errors import OrthgenError
from orthgen.report.rights_forms import DifferenceForm
from tests.support.rights_commands import PROFILE, change, run

pytestmark = pytest.mark.usefixtures("site_profile")


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


def test_a_difference_in_markdown_is_a_table() -> None:
    """A plus at the beginning of a line would become a bullet."""
    change("can: [view]", "can: [view, delete]", "more.yaml")

    output = run("access", "--diff", "site.yaml", "more.yaml", "--format", "markdown")[1]

    assert output.splitlines()[:3] == [
        "| | who | what |",
        "|---|---|---|",
        "| gains | reader | delete on `cardio` |",
    ]
