"""The rendered scripts by themselves, in node: how tokens, arguments and wishes are read."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from generator.documents.nginx.guard import guard_scripts
from tests.support.builders import example
from tests.support.real.parts import command

TESTS = Path(__file__).parents[1] / "js" / "guard.test.js"


def test_the_script_reads_tokens_and_wishes_as_it_should(tmp_path: Path) -> None:
    """Every test of tests/js/guard.test.js passes, the one with random tokens among them."""
    (tmp_path / "package.json").write_text('{"type": "module"}')
    for artifact in guard_scripts(example("paradim.yaml")):
        (tmp_path / Path(artifact.path).name).write_text(artifact.text, encoding="utf-8")

    done = subprocess.run(
        [command("node"), "--test", "--test-reporter=tap", str(TESTS)],
        env={**os.environ, "ORTHGEN_GUARD": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert int(re.findall(r"^# pass (\d+)$", done.stdout, re.MULTILINE)[0]) >= 10
