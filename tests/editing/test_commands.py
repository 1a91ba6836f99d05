"""`orthgen add`, `orthgen rename`, `orthgen upgrade --to`: stories of profiles that keep their comments and stay valid."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click
import msgspec
import pytest

from orthgen.cli.exit_codes import ExitCode
from orthgen.profile.archive import Modality
from orthgen.profile.rights import Collection, Gather, Role
from orthgen.report.editing_forms import EditForm
from orthgen.report.upgrade_forms import UpgradeForm
from tests.support.builders import PROFILES
from tests.support.command import Outcome, orthgen
from tests.support.regenerate import commands


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A git repository with a profile and its overlay."""
    for name in ("paradim.yaml", "paradim.production.yaml", "minimal.yaml"):
        (tmp_path / name).write_bytes((PROFILES / name).read_bytes())
    (tmp_path / ".git").mkdir()
    return tmp_path


def texts(folder: Path) -> dict[str, str]:
    """The profiles of a folder."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.yaml")}


def command(site: Path, line: str) -> Outcome:
    """A command line in the folder."""
    return orthgen(*line.split(), cwd=site)


def run(site: Path, line: str) -> Outcome:
    """A command line that succeeds."""
    outcome = command(site, line)
    assert outcome.returncode == 0, outcome
    return outcome


def changed_lines(before: str, after: str) -> list[str]:
    """The lines of `after` that are not in `before`."""
    lines = before.splitlines()
    return [line.strip() for line in after.splitlines() if line not in lines]


ADDITIONS = {
    "role": (
        "add role paradim.yaml fellow --can view,download --collections neuro --granted-by entra-id=Orthanc.Fellow",
        ["fellow:", "can: [view, download]", "collections: [neuro]", "- {entra-id: Orthanc.Fellow}"],
    ),
    "collection": (
        "add collection paradim.yaml onco --title Oncology --called-aet ONCO --tags Modality=CT|PT --role radiologist,external",
        [
            "onco:",
            "title: Oncology",
            "- {called-aet: ONCO}",
            "- {tags: {Modality: CT|PT}}",
            "collections: [cardio, neuro, onco]",
            "collections: [cardio, onco]",
        ],
    ),
    "modality": (
        "add modality paradim.yaml ct2 --aet CT2 --host 10.1.2.9 --port 11112 --may echo,store",
        ["ct2: {aet: CT2, host: 10.1.2.9, port: 11112, may: [echo, store]}"],
    ),
    "viewer": ("add viewer paradim.yaml stone", ["stone: {}"]),
}


@pytest.mark.parametrize("kind", ADDITIONS)
def test_an_addition_changes_its_lines_only(kind: str, site: Path) -> None:
    """The profile has the new lines, in the style of their neighbours, and nothing else changed; a second run changes nothing."""
    line, expected = ADDITIONS[kind]
    before = texts(site)
    preview = orthgen(*line.split(), "--check", cwd=site)
    unchanged = texts(site)
    run(site, line)
    after = texts(site)
    again = run(site, line)

    assert (preview.returncode, unchanged) == (ExitCode.CHANGES, before)
    assert set(expected) <= set(changed_lines(before["paradim.yaml"], after["paradim.yaml"]))
    lost = changed_lines(after["paradim.yaml"], before["paradim.yaml"])
    assert all(text.startswith("collections: [cardio") for text in lost)
    assert "nothing was changed" in again.stdout
    assert texts(site) == after


def test_a_new_warning_is_shown(site: Path) -> None:
    """The role is written, and the warning points to its line; a warning that the profile had is not repeated."""
    outcome = run(
        site, "add role paradim.yaml fellow --can view,upload --collections neuro --granted-by entra-id=F"
    )
    second = run(site, "add viewer paradim.yaml stone")

    assert "[right-beyond-collections]" in outcome.stderr
    assert "can: [view, upload]" in outcome.stderr
    assert second.stderr == ""


def test_an_addition_to_an_overlay_stays_in_it(site: Path) -> None:
    """A collection of the production alone: the list of the role's collections is copied, the other file stays."""
    before = texts(site)
    run(site, "add collection paradim.production.yaml onco --called-aet ONCO --role radiologist")
    after = texts(site)

    assert after["paradim.yaml"] == before["paradim.yaml"]
    assert "radiologist: {collections: [cardio, neuro, onco]}" in after["paradim.production.yaml"]
    assert "only what differs from the pre-production" in after["paradim.production.yaml"]


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("add modality paradim.yaml ct9 --aet CT9 --host ct9.local", 1, "`ct9.local` is not an IP address"),
        ("add role paradim.yaml x --can viev --collections all", 1, "did you mean `view`?"),
        ("add role paradim.yaml external --can view --collections all", 4, "a role `external` already"),
        ("add viewer paradim.yaml ohiff", 1, "did you mean `ohif`?"),
        ("add viewer paradim.yaml stone --set icon", 2, "--set takes KEY=VALUE, not `icon`"),
        ("add collection paradim.yaml x --role radiologyst", 1, "did you mean `radiologist`?"),
        ("add viewer - stone", 1, "a profile from standard input cannot be changed"),
        ("rename role paradim.yaml externel guest", 1, "did you mean `external`?"),
        ("rename role paradim.yaml external radiologist", 1, "has a role `radiologist` already"),
        ("rename role paradim.yaml external Guest", 1, "would not be valid; nothing was written"),
        ("rename collection paradim.yaml cardio neuro", 1, "has a collection `neuro` already"),
        ("rename label paradim.yaml nosuch x", 1, "no collection of `paradim.yaml` has the label `nosuch`"),
        ("upgrade paradim.yaml --to 25.8", 1, "would not be valid; nothing was written"),
        ("upgrade paradim.yaml --to 99.1", 1, "release `99.1` is not in the catalogue"),
    ],
)
def test_a_wrong_edit_writes_nothing(line: str, code: int, message: str, site: Path) -> None:
    """The message is that of validate or names the nearest word, and every file stays."""
    before = texts(site)
    outcome = orthgen(*line.split(), cwd=site, stdin="")

    assert (outcome.returncode, message in outcome.stderr) == (code, True), outcome
    assert texts(site) == before


# ------------------------------------------------------------------------------------------------ names


def test_a_role_keeps_its_holders(site: Path) -> None:
    """The key, the expectations and the overlay change, Keycloak's role is renamed, and nobody gains or loses anything."""
    overlay = "\nroles:\n  external: {can: [view, download]}   # production only\n"
    path = site / "paradim.production.yaml"
    path.write_text(
        path.read_text() + overlay + "expectations: [{role: external, can: download, on: cardio}]\n"
    )
    (site / "old.yaml").write_bytes((site / "paradim.yaml").read_bytes())
    run(site, "rename role paradim.yaml external guest")
    after = texts(site)

    assert "renamed-from: external" in after["paradim.yaml"]
    assert after["paradim.yaml"].count("external") == 1
    assert "guest: {can: [view, download]}   # production only" in after["paradim.production.yaml"]
    assert "{role: guest, can: download" in after["paradim.production.yaml"]
    difference = orthgen("access", "--diff", "old.yaml", "paradim.yaml", cwd=site)
    assert (difference.returncode, "= guest: was called external" in difference.stdout) == (0, True), (
        difference
    )


@pytest.mark.parametrize(("role", "count"), [("staff", "1 place"), ("crew", "2 places")])
def test_the_number_of_changed_places_is_shown(tmp_path: Path, role: str, count: str) -> None:
    """A role without a reference is in one place."""
    (tmp_path / "site.yaml").write_text(
        "orthgen: 1\ninstitution: {name: S, url: http://localhost}\nidentity: {sign-in: [accounts: {}]}\n"
        "roles:\n"
        "  staff: {can: [view], collections: all, granted-by: [{group: /staff}]}\n"
        "  crew: {can: [view], collections: all, granted-by: [{group: /crew}]}\n"
        "expectations: [{role: crew, can: view}]\n"
    )

    outcome = run(tmp_path, f"rename role site.yaml {role} other")

    assert outcome.stdout.splitlines()[0] == f"role `{role}` is `other` now, in {count}"


def test_a_role_is_renamed_where_it_is_defined(site: Path) -> None:
    """From the overlay, the file that defines the role changes, and both profiles are named."""
    before = texts(site)
    outcome = run(site, "rename role paradim.production.yaml external guest")

    assert texts(site)["paradim.production.yaml"] == before["paradim.production.yaml"]
    assert "guest:" in texts(site)["paradim.yaml"]
    assert "orthgen provision-keycloak paradim.yaml" in outcome.stdout
    assert "orthgen provision-keycloak paradim.production.yaml" in outcome.stdout


def test_a_role_renamed_twice_needs_a_realm_in_between(site: Path) -> None:
    """A realm that still has the first name would lose the holders, so that the second change needs a confirmation."""
    run(site, "rename role paradim.yaml external guest")
    refused = command(site, "rename role paradim.yaml guest visitor")
    run(site, "rename role paradim.yaml guest visitor --provisioned")
    back = run(site, "rename role paradim.yaml visitor guest")

    assert (refused.returncode, "pass `--provisioned`" in refused.stderr) == (ExitCode.REFUSED, True)
    assert "renamed-from: visitor" in texts(site)["paradim.yaml"]
    assert "`guest` now" in back.stdout


def test_first_accounts_and_silences_follow_a_role(site: Path) -> None:
    """People of `accounts` and the place of a silenced warning name the role too."""
    (site / "site.yaml").write_text(
        "orthgen: 1\ninstitution: {name: X, url: http://localhost}\n"
        "identity: {sign-in: [{accounts: {people: {ann: {name: Ann, email: ann@example.org, roles: [staff]}}}}]}\n"
        "roles: {staff: {can: [view, edit-labels], collections: [c], beyond-collections: [edit-labels]}}\n"
        "collections: {c: {}}\n"
        "silence: [{finding: right-beyond-collections, reason: known, at: roles.staff.beyond-collections}]\n"
    )
    edit = command(site, "rename role site.yaml staff crew --diff --format json")
    form = msgspec.json.decode(edit.stdout, type=EditForm) if edit.returncode == ExitCode.CHANGES else None

    assert form is not None, edit
    assert "roles: [crew]" in form.files[0].diff
    assert "at: roles.crew.beyond-collections" in form.files[0].diff


def test_a_collection_keeps_its_studies(site: Path) -> None:
    """The label stays that of the studies, by `renamed-from`; a second name keeps the first label."""
    (site / "old.yaml").write_bytes((site / "paradim.yaml").read_bytes())
    run(site, "rename collection paradim.yaml cardio heart")
    run(site, "rename collection paradim.yaml heart echo")
    profile = texts(site)["paradim.yaml"]
    difference = orthgen("access", "--diff", "old.yaml", "paradim.yaml", cwd=site)

    assert profile.count("renamed-from: cardio") == 1
    assert "collections: [echo, neuro]" in profile
    assert (difference.returncode, "= echo: was called cardio" in difference.stdout) == (0, True), difference


def test_a_label_changes_and_the_studies_are_named(site: Path) -> None:
    """The profile gets the label, and the output says that the studies do not have it yet."""
    run(site, "rename collection paradim.yaml cardio heart")
    outcome = run(site, "rename label paradim.yaml cardio heart-2")
    new = run(site, "rename label paradim.yaml neuro brain")
    again = run(site, "rename label paradim.yaml neuro brain")

    assert "label: heart-2" in texts(site)["paradim.yaml"]
    assert "renamed-from" not in texts(site)["paradim.yaml"]
    assert "add `heart-2` to them" in outcome.stdout
    assert "--hide-studies paradim.yaml" in outcome.stdout
    assert "`brain` instead of `neuro`" in new.stdout
    assert "nothing was changed" in again.stdout


def test_overlays_elsewhere_in_the_repository_follow(site: Path) -> None:
    """A profile in another folder of the git repository is found; one that is not valid before stops nothing."""
    (site / "sites/a").mkdir(parents=True)
    other, broken = site / "sites/a/hospital.yaml", site / "sites/a/broken.yaml"
    other.write_text(
        "orthgen: 1\nextends: ../../paradim.yaml\nexpectations: [{role: external, can: view, on: cardio}]\n"
    )
    broken.write_text("orthgen: 1\nextends: ../../paradim.yaml\nroles: {external: {can: [veiw]}}\n")
    outcome = run(site, "rename role paradim.yaml external guest")

    assert "role: guest" in other.read_text()
    assert "guest: {can" in broken.read_text()
    assert "orthgen render sites/a/hospital.yaml" in outcome.stdout
    assert "orthgen render sites/a/broken.yaml" not in outcome.stdout


def test_profiles_that_extend_something_else_are_left_alone(site: Path) -> None:
    """Another institution in the repository may have a role of the same name."""
    other = site / "other.yaml"
    (site / "base.yaml").write_text((site / "paradim.yaml").read_text())
    other.write_text(
        "orthgen: 1\nextends: base.yaml\nexpectations: [{role: external, can: view, on: cardio}]\n"
    )
    before = other.read_text()
    outcome = run(site, "rename role paradim.yaml external guest")

    assert other.read_text() == before
    assert "orthgen render other.yaml" not in outcome.stdout


def test_an_overlay_that_would_break_stops_the_edit(site: Path) -> None:
    """The other profile has a role of the new name: nothing is written."""
    overlay = site / "paradim.production.yaml"
    overlay.write_text(
        overlay.read_text()
        + "\nroles: {guest: {can: [view], collections: all, granted-by: [{entra-id: G}]}}\n"
    )
    before = texts(site)
    outcome = command(site, "rename role paradim.yaml external guest")

    assert "`paradim.production.yaml` has a role `guest` already" in outcome.stderr
    assert texts(site) == before


def test_modes_links_and_byte_order_marks_stay(site: Path) -> None:
    """The file behind a link is replaced, with its mode and its byte order mark."""
    real = site / "real.yaml"
    real.write_bytes(b"\xef\xbb\xbf" + (site / "minimal.yaml").read_bytes())
    real.chmod(0o640)
    (site / "link.yaml").symlink_to("real.yaml")
    run(site, "add viewer link.yaml stone")

    assert (site / "link.yaml").is_symlink()
    assert real.read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"stone: {}" in real.read_bytes()
    assert real.stat().st_mode & 0o777 == 0o640


# ---------------------------------------------------------------------------------------------- releases


def test_a_release_is_written_where_it_is_named(site: Path) -> None:
    """The overlay's release is that of the other file; versions and steps are shown, and a second run changes nothing."""
    outcome = command(site, "upgrade paradim.production.yaml --to 26.7 --format json")
    form = msgspec.json.decode(outcome.stdout, type=UpgradeForm)
    again = command(site, "upgrade paradim.production.yaml --to 26.7 --from 26.7")

    assert outcome.returncode == ExitCode.CHANGES
    assert ("orthanc", "1.13.0", "1.12.11") in {
        (each.component, each.before, each.after) for each in form.versions
    }
    assert [file.path for file in form.files] == ["paradim.yaml"]
    assert 'release: "26.7"' in texts(site)["paradim.yaml"]
    assert (again.returncode, "is in the profile already" in again.stdout) == (0, True), again


def test_a_release_is_inserted_where_none_is_named(site: Path) -> None:
    """The key comes after the institution, and a preview writes nothing."""
    before = texts(site)
    preview = command(site, "upgrade minimal.yaml --to 26.7 --diff")
    unchanged = texts(site)
    command(site, "upgrade minimal.yaml --to 26.7")

    assert (preview.returncode, unchanged) == (ExitCode.CHANGES, before)
    assert "+release: '26.7'" in preview.stdout
    assert "url: http://localhost\n\nrelease: '26.7'\n\nidentity:" in texts(site)["minimal.yaml"]


def test_a_lock_without_the_new_images_is_a_next_step(site: Path) -> None:
    """The lock can get the images of the new release only when the profile names it: the output says so."""
    (site / "orthgen.lock").write_text("nginx:1.30.6: sha256:" + "0" * 64 + "\n")
    outcome = command(site, "upgrade minimal.yaml --to 26.7")
    viewer = run(site, "add viewer minimal.yaml ohif")

    assert outcome.returncode == ExitCode.CHANGES, outcome
    assert "  orthgen lock minimal.yaml" in outcome.stdout
    assert "release: '26.7'" in texts(site)["minimal.yaml"]
    assert viewer.stdout.index("orthgen lock minimal.yaml") < viewer.stdout.index(
        "orthgen render minimal.yaml"
    )


# ------------------------------------------------------------------------------------------------ options


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("role", {str(field.alias) for field in Role.model_fields.values()}),
        (
            "collection",
            {str(field.alias) for model in (Collection, Gather) for field in model.model_fields.values()}
            - {"gather"},
        ),
        ("modality", {str(field.alias) for field in Modality.model_fields.values()}),
    ],
)
def test_every_key_has_its_option(kind: str, keys: set[str]) -> None:
    """`add` has an option for each key of the entry, except `renamed-from`, which `rename` writes."""
    group = commands()["add"][0]
    assert isinstance(group, click.Group)
    options = {
        option.removeprefix("--") for parameter in group.commands[kind].params for option in parameter.opts
    }

    assert keys - {"renamed-from"} - options == set()


def test_git_shows_the_edit_alone(site: Path) -> None:
    """The unified difference of `--diff` is what git would show: a patch that applies."""
    outcome = command(site, "rename role paradim.yaml external guest --diff")
    patch = outcome.stdout[outcome.stdout.index("--- a/") : outcome.stdout.index("nothing was written")]
    subprocess.run(["patch", "-p1", "-s"], input=patch, text=True, cwd=site, check=True)
    patched = texts(site)["paradim.yaml"]
    (site / "paradim.yaml").write_bytes((PROFILES / "paradim.yaml").read_bytes())
    run(site, "rename role paradim.yaml external guest")

    assert texts(site)["paradim.yaml"] == patched
