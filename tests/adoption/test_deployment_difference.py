"""`render --diff` against a folder that somebody else wrote: what the files say, not that every file is new."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.adoption.support import PASSWORD, SAMPLES
from tests.support.command import orthgen

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_of_another_origin_is_compared_by_what_it_says(tmp_path: Path) -> None:
    """Services by their use, settings with Orthanc's defaults, roles; places in the folder, and no secret."""
    shutil.copytree(SAMPLES / "handwritten", tmp_path / "site")
    orthgen("adopt", "site", "--out", "site.yaml", cwd=tmp_path)

    outcome = orthgen("render", "site.yaml", "--out", "site", "--diff", cwd=tmp_path)
    lines = outcome.stdout.splitlines()

    assert outcome.returncode == 3
    assert lines[0] == "site: orthgen did not write this deployment; compared by what its files say:"
    assert "  ~ nginx, image: nginx:1.28 → nginx:1.30.6  (docker-compose.yml:3:3)" in lines
    assert "  ~ DicomAlwaysAllowStore: true (default) → false" in lines
    assert (
        '  ~ Authorization.WebServiceRootUrl: "http://auth:8000/" → "http://orthanc-auth-service:8000/"  (orthanc.json:7:26)'
        in lines
    )
    assert (
        "  ~ radiology: download, upload, view on * → api-view, download, upload, view on *  (permissions.json:3:5)"
        in lines
    )
    assert not [line for line in lines if "StableAge" in line or line.startswith(("---", "+++"))]
    assert lines[-1].startswith("site: ")
    assert not (tmp_path / "site" / ".orthgen").exists()


def test_secrets_of_both_sides_stay_secret(tmp_path: Path) -> None:
    """A password that is gone is named by its key."""
    shutil.copytree(SAMPLES / "keycloak", tmp_path / "site")
    orthgen("adopt", "site", "--out", "site.yaml", cwd=tmp_path)
    text = (tmp_path / "site.yaml").read_text(encoding="utf-8")
    (tmp_path / "site.yaml").write_text(text.replace("host: # from", "host: 192.0.2.9 #"), encoding="utf-8")

    outcome = orthgen("render", "site.yaml", "--out", "site", "--diff", cwd=tmp_path)

    assert "  ~ Authorization.WebServicePassword: (sensitive value)" in outcome.stdout
    assert PASSWORD not in outcome.stdout + outcome.stderr


def test_a_rendered_folder_is_compared_file_by_file(tmp_path: Path) -> None:
    """As before: orthgen's own files have the layout of orthgen."""
    orthgen("adopt", str(SAMPLES / "handwritten"), "--out", "site.yaml", cwd=tmp_path)
    orthgen("render", "site.yaml", "--out", "site", cwd=tmp_path)
    text = (tmp_path / "site.yaml").read_text(encoding="utf-8")
    (tmp_path / "site.yaml").write_text(text.replace("Forest Hospital", "Forest Clinic"), encoding="utf-8")

    outcome = orthgen("render", "site.yaml", "--out", "site", "--diff", cwd=tmp_path)

    assert "+++ b/orthanc/orthanc.json" in outcome.stdout
