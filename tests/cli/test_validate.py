"""`orthgen validate`: what is right with a profile, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.builders import PROFILES
from tests.support.command import orthgen

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = """\
orthgen: 1
institution: {name: Test Institution, url: "https://pacs.example.org"}
identity: {sign-in: [accounts: {}], keycloak: {local-port: 8081}}
collections: {cardio: {}}
roles:
  reader: {can: [view, upload], collections: [cardio]}
  admin: {can: [everything, administer], collections: all}
deployment: {tls: {certificate: /etc/ssl/cert.pem, key: /etc/ssl/key.pem}}
expectations:
  - {role: reader, can: view, on: cardio}
  - {role: admin, can: delete, on: cardio}
  - {role: reader, cannot: delete, on: cardio}
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param("", "", "{}; 3 expectations hold, 1 warning", id="expectations-and-a-warning"),
        pytest.param(", upload", "", "{}; 3 expectations hold", id="expectations"),
        pytest.param(PROFILE[PROFILE.index("expectations") :], "", "{}, 1 warning", id="a-warning"),
    ],
)
def test_a_valid_profile_is_told_in_one_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    """The release, the number of sentences that hold, the number of warnings: what a reviewer looks for."""
    (tmp_path / "site.yaml").write_text(PROFILE.replace(old, new))

    outcome = orthgen("validate", "site.yaml", cwd=tmp_path)

    assert outcome.returncode == 0
    assert outcome.stdout == line.format("site.yaml: valid for release 26.8") + "\n"


def test_every_profile_is_told(tmp_path: Path) -> None:
    """One wrong profile does not hide the others; the exit code is that of the wrong one."""
    (tmp_path / "wrong.yaml").write_text(PROFILE.replace("cannot: delete", "cannot: view"))
    (tmp_path / "right.yaml").write_text((PROFILES / "minimal.yaml").read_text())

    outcome = orthgen("validate", "wrong.yaml", "right.yaml", cwd=tmp_path)

    assert outcome.returncode == 1
    assert outcome.stdout.startswith("right.yaml: valid for release ")
    assert "wrong.yaml:12:" in outcome.stderr
