"""The profile that the commands of the tests ask about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.rights_commands import PROFILE


@pytest.fixture
def site_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A current folder with the profile `site.yaml`."""
    (tmp_path / "site.yaml").write_text(PROFILE)
    monkeypatch.chdir(tmp_path)
