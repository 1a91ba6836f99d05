"""The profile's schema where others read it: in an editor's YAML language server, in JavaScript, in a usual hook."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.profile.test_editor_agreement import SAMPLES
from tests.profile.test_load import GOOD
from tests.support.builders import EXAMPLES, PROFILES
from tests.support.real import parts
from tests.support.real.editor import Editor

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Path(__file__).parents[2] / "profile.schema.json"
_AJV = """
const Ajv = require("ajv/dist/2020").default;
const ajv = new Ajv({allowUnionTypes: true});
ajv.addVocabulary(["patternErrorMessage"]);
ajv.compile(require(process.argv[1]));
"""


@pytest.fixture(scope="module", name="editor")
def _editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    with Editor(SCHEMA, tmp_path_factory.mktemp("editor")) as editor:
        yield editor


def test_an_editor_finds_no_fault_with_the_examples(editor: Editor) -> None:
    """Nothing is underlined in any profile that the project ships."""
    texts = {name: (PROFILES / name).read_text(encoding="utf-8") for name in EXAMPLES}

    assert {name: editor.complaints(text) for name, text in texts.items()} == {name: [] for name in EXAMPLES}


def test_an_editor_underlines_what_the_tool_refuses(editor: Editor) -> None:
    """Each sample is fine to both, or to neither (the tool's side is in the fast suite)."""
    said = {sample: editor.complaints(f"{GOOD}{sample}\n") for sample, _ in SAMPLES}

    assert {sample: not complaints for sample, complaints in said.items()} == dict(SAMPLES)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (
            GOOD.replace("accounts: {}", "▮"),
            ["accounts", "entra-id", "github", "google", "ldap", "oidc", "saml"],
        ),
        (GOOD + "viewers:\n  ▮", ["default", "ohif", "stl", "stone", "volview", "wsi"]),
        (GOOD + "archive:\n  storage:\n    ▮", ["connections", "database", "files"]),
        (GOOD + "signed-out:\n  ▮", ["can", "collections"]),
        ("orthgen: 1\nextends: base.yaml\nsigned-out:\n  ▮", ["can", "collections"]),
    ],
)
def test_an_editor_offers_each_key_once_with_its_colon(editor: Editor, text: str, keys: list[str]) -> None:
    """What is chosen is a key, and the next thing to type is its value."""
    offered = editor.proposals(text)

    assert sorted(label for label, _ in offered if label in keys) == keys
    assert [label for label, inserted in offered if ":" not in inserted] == []


def test_an_editor_offers_no_key_twice_at_the_top(editor: Editor) -> None:
    """Also where a part has defaults."""
    labels = [label for label, _ in editor.proposals(GOOD + "▮")]

    assert sorted(labels) == sorted(set(labels))
    assert {"archive", "viewers", "sharing"} <= set(labels)


@pytest.mark.parametrize(
    "word", ["vie▮wers:\n  ohif: {}", "viewers:\n  oh▮if: {}", "archive:\n  storage:\n    fil▮es: volume"]
)
def test_an_editor_explains_a_key_once(editor: Editor, word: str) -> None:
    """One sentence or two, and not the same ones again."""
    told = editor.explanation(f"{GOOD}{word}\n")
    sentences = [line for line in told.splitlines() if line.endswith(".")]

    assert sentences
    assert len(sentences) == len(set(sentences)) == 1


def test_javascript_s_validator_compiles_the_schema() -> None:
    """In its strict mode, with Unicode expressions; only the editors' own word has to be announced."""
    done = subprocess.run(
        [parts.command("node"), "-e", _AJV, str(SCHEMA)],
        cwd=parts.node_modules().parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_usual_hook_checks_profiles() -> None:
    """check-jsonschema takes the schema, and every example by it."""
    command = [str(parts.tool("check-jsonschema", "check-jsonschema")), "--schemafile", str(SCHEMA)]
    examples = [str(PROFILES / name) for name in EXAMPLES]

    done = subprocess.run([*command, *examples], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
