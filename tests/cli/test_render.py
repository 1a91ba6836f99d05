"""`orthgen render`, `validate` and `secrets` as a user meets them: what they write, say and return."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orthgen.rendering import batch
from orthgen.rendering.pipeline import render_profile
from tests.support.builders import MINIMAL, PROFILES
from tests.support.command import orthgen

ROOT = Path(__file__).parents[2]


def elsewhere(*arguments: str, cwd: Path, **environment: str) -> None:
    """Run the command line in a process of its own, with another environment."""
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "generator"), **environment}
    subprocess.run(
        [sys.executable, "-m", "orthgen", *arguments],
        cwd=cwd,
        env=variables,
        check=True,
        capture_output=True,
    )


def files(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_profile_becomes_a_deployment(tmp_path: Path) -> None:
    """One command writes every file and says so in one line."""
    result = orthgen("render", MINIMAL, "--out", "out", cwd=tmp_path)

    count = len(files(tmp_path / "out")) - 1  # without the manifest
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"out: {count} created of {count} files\n"


def test_without_out_the_deployment_is_named_after_the_profile(tmp_path: Path) -> None:
    """Several profiles never write over each other."""
    result = orthgen("render", MINIMAL, str(PROFILES / "paradim.production.yaml"), cwd=tmp_path)

    assert result.returncode == 0
    assert sorted(path.name for path in (tmp_path / "deployment").iterdir()) == [
        "minimal",
        "paradim.production",
    ]


def test_twice_in_a_row_changes_nothing(tmp_path: Path) -> None:
    """The second run says so and leaves every byte and time stamp."""
    orthgen("render", MINIMAL, "--out", "out", cwd=tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    result = orthgen("render", MINIMAL, "--out", "out", cwd=tmp_path)

    assert "up to date, 0 changed" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_the_bytes_do_not_depend_on_the_machine(tmp_path: Path) -> None:
    """Locale, time zone, hash seed and working directory make no difference."""
    (tmp_path / "folder").mkdir()
    render = ["render", str(PROFILES / "paradim.yaml"), "--out"]
    french = {"LC_ALL": "C.UTF-8", "LANG": "fr_FR.UTF-8", "TZ": "Asia/Tokyo"}

    elsewhere(*render, "one", cwd=tmp_path, PYTHONHASHSEED="1", LC_ALL="C", TZ="UTC")
    elsewhere(*render, "../other", cwd=tmp_path / "folder", PYTHONHASHSEED="4242", **french)

    assert files(tmp_path / "one") == files(tmp_path / "other")
    assert files(tmp_path / "one") != {}


def test_check_writes_nothing_and_has_a_code_of_its_own(tmp_path: Path) -> None:
    """3 where the folder is out of date, 0 where it is not."""
    missing = orthgen("render", MINIMAL, "--out", "out", "--check", cwd=tmp_path)
    assert missing.returncode == 3
    assert not (tmp_path / "out").exists()

    orthgen("render", MINIMAL, "--out", "out", cwd=tmp_path)

    assert orthgen("render", MINIMAL, "--out", "out", "--check", cwd=tmp_path).returncode == 0


def test_diff_shows_what_changes(tmp_path: Path) -> None:
    """A unified difference for each file, on standard output."""
    (tmp_path / "p.yaml").write_text(Path(MINIMAL).read_text())
    orthgen("render", "p.yaml", "--out", "out", cwd=tmp_path)
    (tmp_path / "p.yaml").write_text(Path(MINIMAL).read_text().replace("name: Trial", "name: Trial 2"))

    result = orthgen("render", "p.yaml", "--out", "out", "--check", "--diff", cwd=tmp_path)

    assert result.returncode == 3
    assert "--- a/orthanc/orthanc.json\n+++ b/orthanc/orthanc.json\n" in result.stdout
    assert '-  "Name": "Trial",\n+  "Name": "Trial 2",\n' in result.stdout


def test_a_file_that_somebody_edited_is_not_overwritten(tmp_path: Path) -> None:
    """The difference is shown, the exit code says so, and nothing at all is written."""
    (tmp_path / "p.yaml").write_text(Path(MINIMAL).read_text())
    orthgen("render", "p.yaml", "--out", "out", cwd=tmp_path)
    compose = tmp_path / "out" / "docker-compose.yml"
    compose.write_text(compose.read_text() + "# mine\n")
    (tmp_path / "p.yaml").write_text(Path(MINIMAL).read_text().replace("name: Trial", "name: Trial 2"))
    before = files(tmp_path / "out")

    result = orthgen("render", "p.yaml", "--out", "out", cwd=tmp_path)

    assert result.returncode == 4
    assert files(tmp_path / "out") == before
    assert "-# mine" in result.stderr
    assert "docker-compose.yml" in result.stderr
    assert "--force" in result.stderr

    assert orthgen("render", "p.yaml", "--out", "out", "--force", cwd=tmp_path).returncode == 0
    assert "# mine" not in compose.read_text()


def test_secrets_in_the_folder_survive_a_render(tmp_path: Path) -> None:
    """What orthgen did not render is left alone."""
    orthgen("render", MINIMAL, "--out", "out", cwd=tmp_path)
    made = orthgen("secrets", MINIMAL, "--out", "out", cwd=tmp_path)
    assert made.returncode == 0
    before = files(tmp_path / "out" / "secrets")
    (tmp_path / "out" / "docker-compose.yml").unlink()

    orthgen("render", MINIMAL, "--out", "out", cwd=tmp_path)

    assert files(tmp_path / "out" / "secrets") == before


def test_secrets_lists_what_a_person_supplies_and_says_so_in_its_code(tmp_path: Path) -> None:
    """3 until it is there; no value in the output, ever."""
    profile = str(tmp_path / "profile.yaml")
    source = (PROFILES / "paradim.yaml").read_text()
    Path(profile).write_text(source.replace("/srv/tls/orthanc", str(tmp_path / "tls")))
    (tmp_path / "out").mkdir()

    result = orthgen("secrets", profile, "--out", "out", cwd=tmp_path)

    assert result.returncode == 3
    assert "? secrets/entra-client-secret" in result.stdout
    for path in (tmp_path / "out" / "secrets").iterdir():
        assert path.read_text() not in result.stdout + result.stderr
        assert path.stat().st_mode & 0o777 == 0o600

    shutil.rmtree(tmp_path / "out" / "secrets")
    quiet = orthgen("secrets", profile, "--out", "out", "--quiet", cwd=tmp_path)
    assert quiet.stdout.startswith("  ? secrets/entra-client-secret")
    assert " made, " not in quiet.stdout

    (tmp_path / "out" / "secrets" / "entra-client-secret").write_text("x")
    supplied = orthgen("secrets", profile, "--out", "out", cwd=tmp_path)
    assert "? secrets/" not in supplied.stdout
    assert f"! {tmp_path}/tls/privkey.pem is not there" in supplied.stdout


def test_a_wrong_profile_is_explained_and_nothing_is_written(tmp_path: Path) -> None:
    """Place, excerpt, remedy, and a last line that counts; exit code 1."""
    (tmp_path / "p.yaml").write_text(
        Path(MINIMAL).read_text().replace("can: [everything]", "can: [evrything]")
    )

    result = orthgen("render", "p.yaml", "--out", "out", cwd=tmp_path)

    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == (
        "p.yaml:15:11: error: `evrything` is not a value of `can` [invalid-value]\n"
        "  15 |     can: [evrything]\n"
        "     |           ^^^^^^^^^\n"
        "    = did you mean `everything`?\n"
        "error: `p.yaml` is not valid: 1 error\n"
    )
    assert not (tmp_path / "out").exists()


def test_one_wrong_profile_does_not_keep_the_others_from_being_rendered(tmp_path: Path) -> None:
    """Several profiles in one call: each is done or explained."""
    (tmp_path / "bad.yaml").write_text("orthgen: 1\n")

    result = orthgen("render", "bad.yaml", MINIMAL, "--parent", "out", cwd=tmp_path)

    assert result.returncode == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["minimal"]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["render"], id="no profile"),
        pytest.param(["render", MINIMAL, "--target", "nomad"], id="an unknown target"),
        pytest.param(["render", MINIMAL, MINIMAL], id="two profiles of one name"),
        pytest.param(["render", MINIMAL, "other.yaml", "--out", "x"], id="one folder for two profiles"),
        pytest.param(["render", MINIMAL, "--out", ""], id="an empty folder"),
        pytest.param(["render", MINIMAL, "--parent", ""], id="an empty parent"),
        pytest.param(["secrets", MINIMAL, "--out", ""], id="an empty folder for secrets"),
        pytest.param(["provision-keycloak", MINIMAL, "--deployment", ""], id="an empty deployment"),
        pytest.param(["paint"], id="an unknown command"),
    ],
)
def test_a_wrong_command_line_has_a_code_of_its_own(tmp_path: Path, arguments: list[str]) -> None:
    """2, as every command line tool has it."""
    assert orthgen(*arguments, cwd=tmp_path).returncode == 2


def test_a_missing_profile_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    """It names the file that is not there."""
    result = orthgen("validate", "nowhere.yaml", cwd=tmp_path)

    assert result.returncode == 1
    assert "cannot read `nowhere.yaml`: no such file or directory" in result.stderr
    assert "Traceback" not in result.stderr


def test_many_profiles_are_rendered_on_every_core_with_the_same_result(tmp_path: Path) -> None:
    """Nine profiles in one call are nine deployments, in their order, each as if it were alone."""
    for number in range(9):
        text = Path(MINIMAL).read_text().replace("name: Trial", f"name: Trial {number}")
        (tmp_path / f"p{number:02}.yaml").write_text(text)
    names = [f"p{number:02}.yaml" for number in range(9)]

    result = orthgen("render", *names, "--parent", "out", cwd=tmp_path)

    lines = result.stdout.splitlines()
    assert result.returncode == 0
    assert [line.split(":")[0] for line in lines] == [f"out/p{number:02}" for number in range(9)]
    orthgen("render", "p07.yaml", "--out", "alone", cwd=tmp_path)
    assert files(tmp_path / "alone") == files(tmp_path / "out" / "p07")


@pytest.mark.parametrize("others", [(), ("other.yaml",)])
def test_check_looks_in_the_same_place_for_one_profile_and_for_several(
    tmp_path: Path, others: tuple[str, ...]
) -> None:
    """A hook that passes on whatever files changed does not depend on their number."""
    for name in ("p.yaml", "other.yaml"):
        (tmp_path / name).write_text(Path(MINIMAL).read_text(encoding="utf-8"))
    assert orthgen("render", "p.yaml", "other.yaml", "--parent", "out", cwd=tmp_path).returncode == 0

    result = orthgen("render", "p.yaml", *others, "--check", "--parent", "out", cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("out/p: up to date")


def test_every_command_looks_for_the_deployment_where_render_puts_it(tmp_path: Path) -> None:
    """Neither `render` nor `secrets` needs to be told where."""
    (tmp_path / "site.yml").write_text(Path(MINIMAL).read_text(encoding="utf-8"))
    orthgen("render", "site.yml", cwd=tmp_path)

    made = orthgen("secrets", "site.yml", cwd=tmp_path)

    assert made.returncode == 0
    assert (tmp_path / "deployment" / "site" / "secrets" / "orthanc-db-password").is_file()


def test_secrets_for_a_folder_that_is_not_there_are_not_made(tmp_path: Path) -> None:
    """A misspelt folder is not made: the containers would look for the secrets elsewhere."""
    result = orthgen("secrets", MINIMAL, "--out", "typo", cwd=tmp_path)

    assert (result.returncode, result.stdout) == (1, "")
    assert "`typo` is not there" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [3, 10])
def test_as_many_outcomes_as_jobs_or_none_is_a_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """A StopIteration inside a job is not taken for the end of the jobs."""
    original = render_profile

    def stop(path: str, target: str, *, folder: Path) -> object:
        if path == "p1.yaml":
            raise StopIteration
        return original(path, target, folder=folder)

    for number in range(count):
        (tmp_path / f"p{number}.yaml").write_text(Path(MINIMAL).read_text(encoding="utf-8"))
    monkeypatch.setattr(batch, "render_profile", stop)

    with pytest.raises(RuntimeError, match="StopIteration"):
        orthgen("render", *(f"p{number}.yaml" for number in range(count)), cwd=tmp_path)


def test_a_profile_without_a_name_of_its_own_needs_out(tmp_path: Path) -> None:
    """`deployment/` itself is no place for one of several deployments."""
    (tmp_path / ".yaml").write_text(Path(MINIMAL).read_text(encoding="utf-8"))

    result = orthgen("render", ".yaml", cwd=tmp_path)

    assert result.returncode == 2
    assert "`.yaml` has no name for its folder" in result.stderr
    assert "--out" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [".yaml"]


def test_whoever_stands_in_the_folder_is_told_that_it_is_another_one_now(tmp_path: Path) -> None:
    """A deployment changes as a whole, so the shell is left in the old one."""
    (tmp_path / "here").mkdir()

    result = orthgen("render", MINIMAL, "--out", ".", cwd=tmp_path / "here")

    assert result.returncode == 0
    assert 'cd "$PWD"' in result.stderr
    assert (tmp_path / "here" / "docker-compose.yml").is_file()


def test_quiet_says_only_what_is_wrong(tmp_path: Path) -> None:
    """With `--quiet` neither warnings nor successes are told; errors, changes asked for and exit codes are."""
    profile = tmp_path / "site.yaml"
    profile.write_text(
        "orthgen: 1\n"
        "institution: {name: Site, url: http://localhost}\n"
        "identity: {sign-in: [{accounts: {}}]}\n"
        "collections: {cardio: {gather: [{called-aet: CARDIO}]}}\n"
        "roles: {reader: {can: [everything], collections: all}}\n"
    )
    assert "warning" in orthgen("validate", "site.yaml", cwd=tmp_path).stderr

    for command in (("validate",), ("render",), ("render",), ("render", "--check")):
        result = orthgen(*command, "site.yaml", "--quiet", cwd=tmp_path)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")

    profile.write_text(profile.read_text().replace("name: Site", "name: Other"))
    assert orthgen("render", "site.yaml", "--check", "--quiet", cwd=tmp_path).returncode == 3
    assert "+" in orthgen("render", "site.yaml", "--diff", "--quiet", cwd=tmp_path).stdout
    profile.write_text("institution: {name: Site}\n")
    for name in ("validate", "render"):
        result = orthgen(name, "site.yaml", "--quiet", cwd=tmp_path)
        assert (result.returncode, "error: " in result.stderr) == (1, True)


def test_a_terminal_without_utf8_is_told_what_is_wrong(tmp_path: Path) -> None:
    """What the terminal cannot show is replaced; there is no traceback."""
    (tmp_path / "site.yaml").write_text("orthgen: 1\ninstitution: {name: Hôpital}\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "orthgen", "validate", "site.yaml"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "generator"), "PYTHONIOENCODING": "ascii"},
        check=False,
        capture_output=True,
    )

    assert run.returncode == 1
    assert b"error: " in run.stderr
    assert b"Traceback" not in run.stderr


def test_a_profile_that_is_named_twice_is_refused_in_these_words(tmp_path: Path) -> None:
    """A list of files that a shell makes may have one twice; nothing is wrong with the profile's name."""
    result = orthgen("render", MINIMAL, MINIMAL, cwd=tmp_path)

    assert result.returncode == 2
    assert f"the profile `{MINIMAL}` is named twice; name it once" in result.stderr
