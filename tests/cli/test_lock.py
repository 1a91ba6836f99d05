"""`orthgen lock` with digests from a file: missing, outdated and stale entries. tests/real asks real registries."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from orthgen.report.lock_forms import LockForm
from tests.support.builders import PROFILES
from tests.support.command import orthgen

IMAGES = (
    "keycloak/keycloak:26.7.3",
    "nginx:1.30.6",
    "orthancteam/orthanc-auth-service:26.4.1",
    "orthancteam/orthanc:26.8.1",
    "postgres:18.6",
)
A, B = "a" * 64, "b" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A profile, and a list of digests."""
    minimal = (PROFILES / "minimal.yaml").read_text(encoding="utf-8")
    (tmp_path / "site.yaml").write_text(f'{minimal}release: "26.8"\n', encoding="utf-8")
    (tmp_path / "list").write_text("".join(f"{image}@sha256:{A}\n" for image in IMAGES))
    return tmp_path


def test_lock_makes_the_render_pinned(folder: Path) -> None:
    """A new lock has every image of the deployment, and `--check` and `render` accept it."""
    before = orthgen("lock", "site.yaml", "--check", cwd=folder)
    made = orthgen("lock", "site.yaml", "--from", "list", cwd=folder)
    after = orthgen("lock", "site.yaml", "--check", cwd=folder)

    assert (before.returncode, before.stdout.splitlines()[-1]) == (3, "orthgen.lock: 5 missing")
    assert made.stdout.endswith("orthgen.lock: 5 added\n")
    assert (after.returncode, after.stdout) == (0, "orthgen.lock: 5 kept\n")
    assert orthgen("validate", "site.yaml", cwd=folder).stderr == ""
    assert not list(folder.glob(".orthgen.lock*"))


def test_entries_are_kept_without_update(folder: Path) -> None:
    """A tested digest changes only on request, and `--diff` shows the line and writes nothing."""
    orthgen("lock", "site.yaml", "--from", "list", cwd=folder)
    (folder / "list").write_text((folder / "list").read_text().replace(A, B))
    lock = (folder / "orthgen.lock").read_text()

    kept = orthgen("lock", "site.yaml", "--from", "list", cwd=folder)
    shown = orthgen("lock", "site.yaml", "--from", "list", "--update", "--diff", cwd=folder)

    assert kept.stdout == "orthgen.lock: 5 kept\n"
    assert shown.returncode == 3
    assert f"-nginx:1.30.6: sha256:{A}\n" in shown.stdout
    assert f"+nginx:1.30.6: sha256:{B}\n" in shown.stdout
    assert (folder / "orthgen.lock").read_text() == lock
    assert orthgen("lock", "site.yaml", "--from", "list", "--update", cwd=folder).returncode == 0
    assert (folder / "orthgen.lock").read_text() == lock.replace(A, B)


def test_stale_entries_go_only_with_prune(folder: Path) -> None:
    """Another profile of the folder may need them."""
    orthgen("lock", "site.yaml", "--from", "list", cwd=folder)
    with (folder / "orthgen.lock").open("a") as file:
        file.write(f"postgres:17.11: sha256:{A}\n")

    kept = orthgen("lock", "site.yaml", "--check", cwd=folder)
    checked = orthgen("lock", "site.yaml", "--check", "--prune", "--format", "json", cwd=folder)
    orthgen("lock", "site.yaml", "--prune", cwd=folder)

    assert (kept.returncode, "? postgres:17.11  stale" in kept.stdout) == (0, True)
    (form,) = msgspec.json.decode(checked.stdout, type=list[LockForm])
    assert (checked.returncode, form.current) == (3, False)
    assert [(each.image, each.before) for each in form.images if each.state == "removed"] == [
        ("postgres:17.11", f"sha256:{A}")
    ]
    assert "17.11" not in (folder / "orthgen.lock").read_text()


def test_profiles_of_one_folder_share_the_lock(folder: Path) -> None:
    """Two profiles on two releases: nothing of either is stale. Another folder has its own lock."""
    minimal = (PROFILES / "minimal.yaml").read_text(encoding="utf-8")
    (folder / "old.yaml").write_text(f'{minimal}release: "25.8"\n', encoding="utf-8")
    (folder / "sub").mkdir()
    (folder / "sub/site.yaml").write_text(minimal, encoding="utf-8")
    profiles = ("site.yaml", "old.yaml", "sub/site.yaml")

    result = orthgen("lock", *profiles, "--check", "--format", "json", cwd=folder)

    forms = msgspec.json.decode(result.stdout, type=list[LockForm])
    assert [form.path for form in forms] == ["orthgen.lock", "sub/orthgen.lock"]
    images = [each.image for each in forms[0].images]
    assert {"postgres:17.11", "postgres:18.6"} <= set(images)


def test_digests_that_the_file_does_not_have(folder: Path) -> None:
    """All of them are named, and no lock is written."""
    (folder / "list").write_text(f"nginx:1.30.6@sha256:{A}\n")

    result = orthgen("lock", "site.yaml", "--from", "list", "--format", "json", cwd=folder)

    assert result.returncode == 1
    message = json.loads(result.stdout)["error"]["message"]
    assert all(f"`{image}`" in message for image in IMAGES if image != "nginx:1.30.6")
    assert not (folder / "orthgen.lock").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--from", "list", "--mirror", "https://m.example"), "`--from` asks no registry"),
        (("--platform", "amd64"), "`amd64` is not a platform: write `linux/amd64`"),
    ],
)
def test_options_that_do_not_go_together(folder: Path, options: tuple[str, ...], message: str) -> None:
    """A usage error says so before a registry is asked."""
    result = orthgen("lock", "site.yaml", *options, cwd=folder)

    assert result.returncode == 2
    assert message in result.stderr


def test_lock_keeps_its_mode_and_its_link(folder: Path) -> None:
    """A lock that several repositories share by a symbolic link stays one file."""
    (folder / "shared").mkdir()
    (folder / "shared/lock").write_text("# shared\nnginx:1.30.6: sha256:" + B + "\n")
    (folder / "shared/lock").chmod(0o640)
    (folder / "orthgen.lock").symlink_to("shared/lock")

    result = orthgen("lock", "site.yaml", "--from", "list", cwd=folder)

    assert result.returncode == 0
    assert (folder / "orthgen.lock").is_symlink()
    assert (folder / "shared/lock").stat().st_mode & 0o777 == 0o640
    assert (folder / "shared/lock").read_text().startswith(f"# shared\nnginx:1.30.6: sha256:{B}\n")
