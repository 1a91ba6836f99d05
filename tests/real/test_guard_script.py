"""The rendered scripts by themselves, in node: how tokens, arguments and wishes are read."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from pathlib import Path
from typing import Any

from orthgen.authz.dicom_tags import name_of
from orthgen.authz.request_bodies import SEARCH_MEMBERS, Modification, modification, search_refusal
from orthgen.products.nginx.guard import guard_scripts
from tests.support.builders import example
from tests.support.real.parts import command

TESTS = Path(__file__).parents[1] / "js" / "guard.test.js"


_PIECES = (
    "PatientID",
    "0010",
    ",",
    "0020",
    "-",
    "(",
    ")",
    " ",
    ".",
    "[0]",
    "StudyInstanceUID",
    "x",
    "_",
    "\0",
    "é",
)
_NAMES = (
    "PatientID",
    "0010,0020",
    "studyinstanceuid",
    "0020-000E",
    "(0008,0018)",
    "PatientName",
    "00101000",
    "a[0].b",
    "X",
)
_VALUES = ("1.2", "P", " P ", "", "data:x", "DATA:,", "a\\b", "é", "1.2.*", 5, None, ["1"], "x" * 65)


def _agreed() -> dict[str, Any]:
    """Bodies by chance, with what the model makes of them."""
    chance = random.Random(20261127)
    texts = ["".join(chance.choices(_PIECES, k=chance.randrange(1, 6))) for _ in range(3000)]
    bodies = [_modification(chance) for _ in range(2000)]
    searches = [
        dict.fromkeys(chance.sample([*SEARCH_MEMBERS, "ParentPatient", "parentStudy", ""], 4), "x")
        for _ in range(500)
    ]
    return {
        "names": [(text, name_of(text)) for text in texts],
        "modifications": [
            (body, word, _read(body, anonymizes=word)) for body in bodies for word in (True, False)
        ],
        "searches": [(body, search_refusal(body) is not None) for body in searches],
    }


def _modification(chance: random.Random) -> dict[str, Any]:
    def names() -> list[str]:
        return chance.sample(_NAMES, chance.randrange(3))

    return {
        "Replace": {name: chance.choice(_VALUES) for name in names()},
        "Remove": names(),
        "Keep": names(),
    }


def _read(body: dict[str, Any], *, anonymizes: bool) -> dict[str, Any] | None:
    wish = modification(body, anonymizes=anonymizes)
    if not isinstance(wish, Modification):
        return None
    pairs = [(level.value.capitalize(), value) for level, value in wish.identifiers]
    return {"identifiers": pairs, "describesPatient": wish.describes_patient}


def test_the_script_reads_tokens_and_wishes_as_it_should(tmp_path: Path) -> None:
    """Every test of tests/js/guard.test.js passes, the one with random tokens among them."""
    (tmp_path / "package.json").write_text('{"type": "module"}')
    for artifact in guard_scripts(example("paradim.yaml")):
        (tmp_path / Path(artifact.path).name).write_text(artifact.text, encoding="utf-8")

    (tmp_path / "agreed.json").write_text(json.dumps(_agreed()), encoding="utf-8")

    done = subprocess.run(
        [command("node"), "--test", "--test-reporter=tap", str(TESTS)],
        env={**os.environ, "ORTHGEN_GUARD": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert int(re.findall(r"^# pass (\d+)$", done.stdout, re.MULTILINE)[0]) >= 10
