"""Commands for the containers of Docker Compose, given a profile for a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.builders import PROFILES
from tests.support.command import orthgen

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "words", [["doctor"], ["rotate"], ["rotate", "--check", "orthanc-db-password"]], ids=" ".join
)
def test_a_command_for_one_host_says_what_to_do_in_a_cluster(words: list[str], tmp_path: Path) -> None:
    """It names the page with the steps, and no command line of Docker Compose."""
    command, *names = words
    profile = tmp_path / "cluster.yaml"
    profile.write_text(
        f"extends: {PROFILES / 'minimal.yaml'}\ndeployment: {{kubernetes: {{namespace: pacs}}}}\n"
    )

    done = orthgen(command, profile.name, *names, cwd=tmp_path)

    assert done.returncode == 1
    assert "docs/kubernetes-operations.md" in done.stderr
    assert "docker compose" not in done.stdout + done.stderr
    assert (ROOT / "docs/kubernetes-operations.md").exists()


def test_an_upgrade_follows_what_the_folder_was_rendered_for(tmp_path: Path) -> None:
    """A profile without `kubernetes` that was rendered with `--target kubernetes` gets the command lines of a cluster."""
    profile = tmp_path / "site.yaml"
    profile.write_text(f'extends: {PROFILES / "minimal.yaml"}\nrelease: "25.8"\n')
    rendered = orthgen("render", profile.name, "--target", "kubernetes", "--out", "o", cwd=tmp_path)
    profile.write_text(f'extends: {PROFILES / "minimal.yaml"}\nrelease: "26.8"\n')

    told = orthgen("upgrade", profile.name, "--out", "o", cwd=tmp_path)
    refused = orthgen("render", profile.name, "--target", "kubernetes", "--out", "o", cwd=tmp_path)
    meant = orthgen("render", "site.yaml", "--target", "kubernetes", "--out", "o", "--upgrade", cwd=tmp_path)
    nothing = orthgen("upgrade", profile.name, "--out", "o", "--from", "26.7", cwd=tmp_path)

    assert (rendered.returncode, told.returncode, meant.returncode) == (0, 3, 0), (rendered, told, meant)
    assert "orthgen render site.yaml --out o --target kubernetes --upgrade" in told.stdout
    assert "docker" not in told.stdout
    assert "in 7 steps" in refused.stderr
    assert "kubectl apply --server-side --kustomize o" in nothing.stdout


def test_a_folder_for_a_host_is_one_whatever_else_its_profile_is_for(tmp_path: Path) -> None:
    """Its secrets are for containers, the doctor examines it, and the upgrade names `--target compose`."""
    profile = tmp_path / "site.yaml"
    text = f'extends: {PROFILES / "minimal.yaml"}\nrelease: "25.8"\ndeployment: {{kubernetes: {{}}}}\n'
    profile.write_text(text)
    orthgen("render", profile.name, "--target", "compose", "--out", "o", cwd=tmp_path)

    secrets = orthgen("secrets", profile.name, "--out", "o", "--format", "json", cwd=tmp_path)
    listed = orthgen("rotate", profile.name, "--out", "o", cwd=tmp_path)
    (tmp_path / "o" / "nginx" / "nginx.conf").unlink()
    examined = orthgen("doctor", profile.name, "--out", "o", cwd=tmp_path)
    profile.write_text(text.replace("25.8", "26.8"))
    told = orthgen("upgrade", profile.name, "--out", "o", cwd=tmp_path)

    assert (secrets.returncode, listed.returncode, told.returncode) == (0, 0, 3), (secrets, listed, told)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "o/secrets").glob("*-db-password")} <= {
        0,
        0o044,
    }
    assert "run `orthgen render site.yaml --target compose`" in examined.stdout
    assert "orthgen render site.yaml --out o --target compose --upgrade" in told.stdout
    assert "docker compose" in told.stdout
