"""Version, changelog, tag and addresses agree (docs/contributing/release.md)."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

from packaging.version import Version

from orthgen import __version__

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HOME = PROJECT["urls"]["Homepage"]
COPIED = (
    "action.yml",
    "ci/gitlab.yml",
    "docs/pipelines.md",
    *(f"ci/github/{name}.yml" for name in ("review", "apply", "drift", "lock")),
)
HEADING = re.compile(r"## \[(?P<version>[^]]+)\] - (?P<date>unreleased|\d{4}-\d{2}-\d{2})")
GROUPS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def _sections() -> list[tuple[str, str, list[str]]]:
    """Version, date and groups of each section of the changelog, the newest first."""
    sections: list[tuple[str, str, list[str]]] = []
    for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = HEADING.fullmatch(line)
            assert heading is not None, line
            sections.append((heading["version"], heading["date"], []))
        elif line.startswith("### "):
            sections[-1][2].append(line.removeprefix("### "))
    return sections


def test_changelog_begins_with_the_version() -> None:
    """Only the newest section may be unreleased, versions fall, groups have their order and do not repeat."""
    sections = _sections()
    versions = [Version(version) for version, _, _ in sections]

    assert sections[0][0] == __version__
    assert versions == sorted(versions, reverse=True)
    assert all(date != "unreleased" for _, date, _ in sections[1:])
    for _, _, groups in sections:
        assert groups == [group for group in GROUPS if group in groups]


def test_version_is_one_that_a_tag_can_have() -> None:
    """Three numbers, or a pre-release of them; the release workflow gives the tag."""
    tag = os.environ.get("ORTHGEN_RELEASE_TAG")

    assert str(Version(__version__)) == __version__
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", __version__)
    if tag:
        assert tag == f"v{__version__}"
        assert _sections()[0][1] != "unreleased"


def test_files_that_users_copy_name_this_version() -> None:
    """The action, the hooks and the requirement are those of the version that the pages describe."""
    for name in COPIED:
        text = (ROOT / name).read_text(encoding="utf-8")
        named = re.findall(r"orthgen/orthgen@v([\w.]+)|orthgen==([\w.]+)|rev: v([\w.]+)", text)
        assert {"".join(version) for version in named} <= {__version__}, name
        assert named or name == "action.yml", name


def test_every_address_is_that_of_the_project() -> None:
    """pyproject.toml has the address; the schema, the image, the pages and the examples follow."""
    owner = HOME.removeprefix("https://github.com/")
    schema = json.loads((ROOT / "profile.schema.json").read_text(encoding="utf-8"))

    assert all(url.startswith(HOME) for url in PROJECT["urls"].values())
    assert schema["$id"] == f"https://raw.githubusercontent.com/{owner}/main/profile.schema.json"
    assert f'image.source="{HOME}"' in (ROOT / "Containerfile").read_text(encoding="utf-8")
    assert f"]({HOME}/blob/v$HFPR_VERSION/" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"url": "{schema["$id"]}"' in (ROOT / "docs/contributing/release.md").read_text(encoding="utf-8")
    for name in COPIED:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert set(re.findall(r"uses: (\S+)/orthgen@", text)) <= {owner.partition("/")[0]}
        assert set(re.findall(r"repo: https://github.com/(\S+)", text)) <= {owner}
