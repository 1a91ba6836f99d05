"""A folder is one deployment's: another profile, another name and another release are refused until they are meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orthgen.deployment.resolve import name_of
from tests.support.builders import PROFILES
from tests.support.command import Outcome, orthgen

MINIMAL = (PROFILES / "minimal.yaml").read_text(encoding="utf-8")


def write(path: Path, *, name: str = "Trial", url: str = "http://localhost", more: str = "") -> str:
    """A profile, as a path to render."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(MINIMAL.replace("name: Trial", f"name: {name}").replace("http://localhost", url) + more)
    return str(path)


def render(profile: str, *options: str, cwd: Path) -> Outcome:
    """Render into `out`."""
    return orthgen("render", profile, "--out", "out", *options, cwd=cwd)


def project(folder: Path) -> str:
    """The compose project of the deployment in `out`."""
    text = (folder / "out" / "docker-compose.yml").read_text(encoding="utf-8")
    return next((line for line in text.splitlines() if line.startswith("name:")), "")


def test_a_corrected_institution_keeps_its_data(tmp_path: Path) -> None:
    """The volumes are found by the deployment's name, and that comes from the file's."""
    profile = write(tmp_path / "pacs.yaml", name="Lakside")
    render(profile, cwd=tmp_path)

    result = render(write(tmp_path / "pacs.yaml", name="Lakeside"), cwd=tmp_path)

    assert (result.returncode, project(tmp_path)) == (0, "name: pacs")


def test_two_profiles_of_one_institution_are_two_projects(tmp_path: Path) -> None:
    """Whatever script the institution's name is written in."""
    for name in ("test", "live"):
        orthgen("render", write(tmp_path / f"{name}.yaml", name="国立病院"), cwd=tmp_path)

    texts = [(tmp_path / "deployment" / name / "docker-compose.yml").read_text() for name in ("test", "live")]
    assert ["\nname: test\n" in texts[0], "\nname: live\n" in texts[1]] == [True, True]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("pacs.yaml", "pacs"),
        ("Klinik München.yml", "klinik-munchen"),
        ("Straße.yaml", "strasse"),
        ("paradim.production.yaml", "paradim-production"),
        ("病院.yaml", None),
        ("病院-test.yaml", None),
        ("2024.yaml", None),
        (f"{'a' * 64}.yaml", None),
        (".yaml", None),
    ],
)
def test_a_name_comes_from_the_files_where_nothing_of_it_is_lost(file: str, name: str | None) -> None:
    """Two files never come to one name because letters were left out."""
    assert name_of(file) == name


def test_a_file_whose_name_gives_none_needs_a_name_in_the_profile(tmp_path: Path) -> None:
    """The finding says where to write it."""
    refused = render(write(tmp_path / "病院.yaml"), cwd=tmp_path)
    given = render(write(tmp_path / "病院.yaml", more="deployment: {name: hospital}\n"), cwd=tmp_path)

    assert (refused.returncode, given.returncode) == (1, 0)
    assert "gives the deployment no name" in refused.stderr
    assert "write `deployment: {name: …}`" in refused.stderr
    assert project(tmp_path) == "name: hospital"


def test_another_name_is_refused_until_an_empty_archive_is_meant(tmp_path: Path) -> None:
    """The containers would start with empty volumes."""
    render(write(tmp_path / "pacs.yaml"), cwd=tmp_path)
    other = write(tmp_path / "pacs.yaml", more="deployment: {name: other}\n")

    refused = render(other, cwd=tmp_path)
    checked = render(other, "--check", cwd=tmp_path)
    meant = render(other, "--start-empty", cwd=tmp_path)

    assert (refused.returncode, checked.returncode, meant.returncode) == (4, 3, 0)
    assert "with empty volumes" in refused.stderr
    assert "with empty volumes" in checked.stderr
    assert "`deployment: {name: pacs}`" in refused.stderr
    assert project(tmp_path) == "name: other"


def test_another_profile_of_the_same_file_name_is_refused(tmp_path: Path) -> None:
    """Both would be called `pacs` and go to the same folder."""
    render(write(tmp_path / "a" / "pacs.yaml", name="A"), cwd=tmp_path)
    other = write(tmp_path / "b" / "pacs.yaml", name="B")
    before = (tmp_path / "out" / "orthanc" / "orthanc.json").read_text()

    refused = render(other, cwd=tmp_path)

    assert refused.returncode == 4
    assert "holds the deployment of another profile: `a/pacs.yaml` (A, http://localhost)" in refused.stderr
    assert (tmp_path / "out" / "orthanc" / "orthanc.json").read_text() == before
    assert render(other, "--replace", cwd=tmp_path).returncode == 0


def test_a_profile_that_was_moved_is_the_same_one(tmp_path: Path) -> None:
    """Nothing of it changed, so nothing of the deployment does."""
    render(write(tmp_path / "a" / "pacs.yaml"), cwd=tmp_path)

    moved = render(write(tmp_path / "b" / "pacs.yaml"), "--check", cwd=tmp_path)

    assert (moved.returncode, moved.stderr) == (0, "")


def test_another_release_is_refused_until_the_upgrade_is_meant(tmp_path: Path) -> None:
    """`orthgen upgrade` tells the steps from what the manifest says; nothing of it is a surprise."""
    render(write(tmp_path / "pacs.yaml", more='release: "25.8"\n'), cwd=tmp_path)
    newer = write(tmp_path / "pacs.yaml", more='release: "26.8"\n')

    refused = render(newer, cwd=tmp_path)
    told = orthgen("upgrade", newer, "--out", "out", cwd=tmp_path)
    meant = render(newer, "--upgrade", cwd=tmp_path)
    after = orthgen("upgrade", newer, "--out", "out", cwd=tmp_path)

    assert (refused.returncode, told.returncode, meant.returncode, after.returncode) == (4, 3, 0, 0)
    assert "is on release 25.8, the profile on 26.8" in refused.stderr
    assert "PostgreSQL 17 to 18" in told.stdout
    assert told.stdout.index("pg_dump") < told.stdout.index("--upgrade") < told.stdout.index("pg_restore -U")
    assert json.loads((tmp_path / "out/.orthgen/manifest.json").read_text())["release"] == "26.8"


def test_a_release_that_stores_nothing_otherwise_needs_no_upgrade(tmp_path: Path) -> None:
    """A question that is asked for nothing is not read when it matters."""
    render(write(tmp_path / "pacs.yaml", more='release: "26.8"\n'), cwd=tmp_path)
    manifest = tmp_path / "out/.orthgen/manifest.json"

    told = orthgen("upgrade", write(tmp_path / "pacs.yaml"), "--from", "26.8", "--out", "out", cwd=tmp_path)
    unknown = orthgen("upgrade", str(tmp_path / "pacs.yaml"), "--from", "24.1", "--out", "out", cwd=tmp_path)
    nowhere = orthgen("upgrade", str(tmp_path / "pacs.yaml"), cwd=tmp_path)

    assert (told.returncode, "there is nothing to do" in told.stdout) == (0, True)
    assert (unknown.returncode, "knows no release 24.1" in unknown.stdout) == (3, True)
    assert (nowhere.returncode, "does not say which release" in nowhere.stderr) == (1, True)
    assert manifest.is_file()


def test_back_to_an_earlier_release_is_called_what_it_is(tmp_path: Path) -> None:
    """Nothing starts on what a newer one has stored."""
    profile = write(tmp_path / "pacs.yaml", more='release: "25.8"\n')

    told = orthgen("upgrade", profile, "--from", "26.8", cwd=tmp_path)

    assert told.stdout.count("BACKWARDS") == 2


BUCKET = "s3: {bucket: %s, region: r, access-key: {secret: id}, secret-key: {secret: word}%s}"


def files(tmp_path: Path, place: str) -> str:
    """A profile whose DICOM files are in this place."""
    storage = "" if place == "volume" else f"archive: {{storage: {{files: {{{place}}}}}}}\n"
    return write(tmp_path / "pacs.yaml", more=storage)


def bucket(name: str = "images", encryption: str = "") -> str:
    """A bucket with these keys."""
    return BUCKET % (name, f", encryption: {encryption}" if encryption else "")


FIRST = "{number: 1, key: {secret: first}}"
SECOND = "{number: 2, key: {secret: second}}"
BOTH = "{number: 2, key: {secret: second}, previous: [{number: 1, key: {secret: first}}]}"


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("volume", "path: /srv/dicom", "the folder `/srv/dicom`, and those that it has are in a volume"),
        ("path: /srv/a", bucket(), "are in the folder `/srv/a`\n  = send every study"),
        (
            bucket("a-bucket"),
            bucket("b-bucket"),
            "are in the bucket `a-bucket` at s3.r.amazonaws.com\n  = copy them there first",
        ),
        ("nfs: {server: nas, path: /a}", "nfs: {server: nas, path: /b}", "are in the folder `/a` of `nas`"),
        (bucket(encryption=FIRST), bucket(encryption=SECOND), "files that were encrypted with master key 1"),
        (bucket(encryption=BOTH), bucket(encryption=SECOND), "files that were encrypted with master key 1"),
        (bucket(encryption=FIRST), bucket(), "files that were encrypted with master key 1"),
        (bucket(), bucket(encryption=FIRST), "files that are in the bucket without encryption"),
    ],
)
def test_files_are_not_left_behind(tmp_path: Path, before: str, now: str, words: str) -> None:
    """Orthanc's index would name files that it cannot read, until that is meant."""
    render(files(tmp_path, before), cwd=tmp_path)

    refused = render(files(tmp_path, now), cwd=tmp_path)
    checked = render(files(tmp_path, now), "--check", cwd=tmp_path)
    meant = render(files(tmp_path, now), "--leave-files", cwd=tmp_path)

    assert (refused.returncode, checked.returncode, meant.returncode) == (4, 3, 0)
    assert words in refused.stderr
    assert words.partition("\n")[0] in checked.stderr  # without the remedy
    assert render(files(tmp_path, now), cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (bucket(encryption=FIRST), bucket(encryption=BOTH)),
        (bucket(), f"{bucket()[:-1]}, endpoint: 'https://s3.r.amazonaws.com/', path-style: true}}"),
        ("nfs: {server: nas, path: /a}", "nfs: {server: nas, path: /a, options: 'nfsvers=3'}"),
    ],
)
def test_files_that_stay_are_found(tmp_path: Path, before: str, now: str) -> None:
    """A new key beside the old one, and another way to the same place."""
    render(files(tmp_path, before), cwd=tmp_path)

    assert render(files(tmp_path, now), cwd=tmp_path).returncode == 0


def test_a_label_by_which_people_see_studies_is_not_lost(tmp_path: Path) -> None:
    """A collection that gets another name keeps its label, or the render stops until the loss is meant."""

    def profile(collections: str, name: str) -> str:
        more = f"collections: {collections}\nroles: {{reader: {{can: [view], collections: [{name}]}}}}\n"
        text = MINIMAL[: MINIMAL.index("roles:")] + more
        (tmp_path / "pacs.yaml").write_text(text)
        return str(tmp_path / "pacs.yaml")

    def labels() -> object:
        text = (tmp_path / "out" / "auth-service" / "permissions.json").read_text()
        return json.loads(text[text.index("{") :])["roles"]["reader"]["authorized-labels"]

    first = render(profile("{heart: {}, brain: {}}", "heart"), cwd=tmp_path)
    refused = render(profile("{cardio: {}}", "cardio"), cwd=tmp_path)
    checked = render(profile("{cardio: {}}", "cardio"), "--check", cwd=tmp_path)
    assert (first.returncode, refused.returncode, checked.returncode, labels()) == (0, 4, 3, ["heart"])
    told = "studies that carry the label `heart` would become invisible"
    assert [told in refused.stderr, told in checked.stderr] == [True, True]
    assert "`renamed-from: heart`" in refused.stderr

    kept = render(profile("{cardio: {renamed-from: heart}}", "cardio"), cwd=tmp_path)
    assert (kept.returncode, labels()) == (0, ["heart"])
    again = render(profile("{cor: {renamed-from: cardio}}", "cor"), cwd=tmp_path)
    meant = render(profile("{cor: {}}", "cor"), "--hide-studies", cwd=tmp_path)
    assert (again.returncode, meant.returncode, labels()) == (4, 0, ["cor"])


def test_a_collection_gets_no_label_of_another_one_by_a_slip(tmp_path: Path) -> None:
    """With two labels exchanged, people would see the studies of other people's collection: the render stops."""

    def profile(collections: str) -> str:
        more = f"collections: {collections}\nroles: {{reader: {{can: [view], collections: [heart]}}}}\n"
        (tmp_path / "pacs.yaml").write_text(MINIMAL[: MINIMAL.index("roles:")] + more)
        return str(tmp_path / "pacs.yaml")

    exchanged = "{heart: {label: brain}, brain: {label: heart}}"
    first = render(profile("{heart: {}, brain: {}}"), cwd=tmp_path)
    refused = render(profile(exchanged), cwd=tmp_path)
    checked = render(profile(exchanged), "--check", cwd=tmp_path)
    assert (first.returncode, refused.returncode, checked.returncode) == (0, 4, 3)
    told = "people who are limited to `heart` would see the studies of `brain`"
    assert [told in refused.stderr, told in checked.stderr] == [True, True]
    assert "`label: heart` for `heart`" in refused.stderr

    meant = render(profile(exchanged), "--exchange-labels", cwd=tmp_path)
    same = render(profile(exchanged), cwd=tmp_path)
    assert (meant.returncode, same.returncode) == (0, 0)


def test_labels_that_nobody_is_limited_to_may_be_exchanged(tmp_path: Path) -> None:
    """Who sees every study sees the same ones by any label."""
    for labels in ("{heart: {}, brain: {}}", "{heart: {label: brain}, brain: {label: heart}}"):
        (tmp_path / "pacs.yaml").write_text(f"{MINIMAL}collections: {labels}\n")

        assert render(str(tmp_path / "pacs.yaml"), cwd=tmp_path).returncode == 0


def test_two_folders_differ_by_more_than_upper_and_lower_case(tmp_path: Path) -> None:
    """In a clone on macOS or Windows, both would be one folder."""
    profiles = [write(tmp_path / name / f"{file}.yaml") for name, file in (("a", "PACS"), ("b", "pacs"))]

    outcome = orthgen("render", *profiles, cwd=tmp_path)

    assert outcome.returncode == 2
    assert "`PACS` and `pacs` are one where upper and lower case are equal" in outcome.stderr
    assert not (tmp_path / "deployment").exists()


def test_two_deployments_of_one_name_are_told_when_rendered_together(tmp_path: Path) -> None:
    """Compose would take the second for the first; each may run on a machine of its own, so both are written."""
    first = write(tmp_path / "pacs.yaml")
    second = write(tmp_path / "other.yaml", more="deployment: {name: pacs}\n")

    result = orthgen("render", first, second, cwd=tmp_path)

    assert result.returncode == 0
    assert (
        "warning: the deployments in `deployment/pacs` and `deployment/other` are both called `pacs`"
        in result.stderr
    )
    assert "write another `deployment: {name: …}`" in result.stderr


def test_a_deployment_with_the_name_of_one_beside_it_is_told(tmp_path: Path) -> None:
    """Also where it is rendered alone, and where it is only compared; not for itself, and not with `--quiet`."""
    first = write(tmp_path / "pacs.yaml")
    second = write(tmp_path / "Pacs_.yaml")
    orthgen("render", first, cwd=tmp_path)

    result = orthgen("render", "--check", second, cwd=tmp_path)

    assert "`deployment/pacs` and `deployment/Pacs_` are both called `pacs`" in result.stderr
    assert "warning" not in orthgen("render", first, cwd=tmp_path).stderr
    assert "warning" not in orthgen("render", "--quiet", second, cwd=tmp_path).stderr


def test_a_damaged_or_foreign_folder_beside_a_deployment_says_nothing(tmp_path: Path) -> None:
    """Only a manifest that can be read names a deployment."""
    for name, manifest in (("damaged", "{"), ("nameless", '{"files": {}}')):
        (tmp_path / "deployment" / name / ".orthgen").mkdir(parents=True)
        (tmp_path / "deployment" / name / ".orthgen" / "manifest.json").write_text(manifest)

    result = orthgen("render", write(tmp_path / "pacs.yaml"), cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")


def test_a_host_and_a_cluster_may_have_one_name(tmp_path: Path) -> None:
    """One profile serves both: neither finds what belongs to the other."""
    profile = write(tmp_path / "pacs.yaml")
    orthgen("render", profile, cwd=tmp_path)

    result = orthgen("render", profile, "--target", "kubernetes", "--out", "deployment/cluster", cwd=tmp_path)

    assert "are both called" not in result.stderr
