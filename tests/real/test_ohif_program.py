"""The decisions of the rendered app-config.js, run by node."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from orthgen.products.ohif.app_config import ohif_files
from tests.support.builders import make_deployment
from tests.support.real.parts import command

TESTS = Path(__file__).parents[1] / "js" / "app_config.test.js"


@pytest.mark.parametrize("serve", ["container", "plugin"])
def test_the_program_decides_as_described(serve: str, tmp_path: Path) -> None:
    """Every decision comes out as described, for any address, any token and any memory of the tab."""
    deployment = make_deployment(
        institution={"name": "Test", "url": "https://pacs.example.org", "languages": ["fr", "en"]},
        viewers={"ohif": {"reports": "signed-in", "serve": serve}},
    )
    (artifact,) = ohif_files(deployment)
    rendered = tmp_path / "app-config.js"
    rendered.write_text(artifact.text, encoding="utf-8")
    environment = {"ORTHGEN_APP_CONFIG": str(rendered), "PATH": os.environ["PATH"]}
    if serve == "plugin":
        environment["ORTHGEN_PINNED"] = "yes"

    done = subprocess.run(
        [command("node"), "--test", "--test-reporter=tap", str(TESTS)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
    assert "# pass 0" not in done.stdout
