"""`orthgen adopt`: its streams, its file, its JSON, and what is no deployment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from orthgen.report.adoption_forms import AdoptionForm
from tests.adoption.support import SAMPLES, adopted
from tests.support.command import orthgen

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = str(SAMPLES / "handwritten")


def test_the_profile_goes_to_standard_output_and_the_list_to_standard_error(tmp_path: Path) -> None:
    """So that `> profile.yaml` holds a profile and nothing else."""
    outcome = orthgen("adopt", SAMPLE, cwd=tmp_path)

    assert outcome.returncode == 0
    assert outcome.stdout.startswith("# Adopted from docker-compose.yml")
    assert "What changes\n" in outcome.stderr
    assert f"`orthgen access --diff {SAMPLE} profile.yaml`" in outcome.stderr


def test_a_file_is_written_once_and_is_valid(tmp_path: Path) -> None:
    """With `--out` the list is the result; a file that is there stays without `--force`."""
    first = orthgen("adopt", SAMPLE, "--out", "site.yaml", cwd=tmp_path)
    text = (tmp_path / "site.yaml").read_text(encoding="utf-8")
    (tmp_path / "site.yaml").write_text("mine", encoding="utf-8")
    second = orthgen("adopt", SAMPLE, "--out", "site.yaml", cwd=tmp_path)
    kept = (tmp_path / "site.yaml").read_text(encoding="utf-8")
    third = orthgen("adopt", SAMPLE, "--out", "site.yaml", "--force", cwd=tmp_path)

    assert (first.returncode, second.returncode, third.returncode) == (0, 4, 0)
    assert first.stdout.startswith("Secrets")
    assert "pass `--force`" in second.stderr
    assert kept == "mine"
    assert (tmp_path / "site.yaml").read_text(encoding="utf-8") == text
    assert orthgen("validate", "site.yaml", cwd=tmp_path).returncode == 0


def test_programs_read_one_object(tmp_path: Path) -> None:
    """The profile's text, whether it is valid, and every note."""
    outcome = orthgen("adopt", str(SAMPLES / "plain"), "--format", "json", cwd=tmp_path)

    form = msgspec.json.decode(outcome.stdout, type=AdoptionForm)
    assert not form.valid
    assert [note.message for note in form.notes if note.kind == "to fill in"] == [
        "`institution.url` is not known",
        "`deployment.tls` is not known",
    ]
    assert outcome.stderr == ""


def test_a_pasted_file_is_enough(tmp_path: Path) -> None:
    """An orthanc.json on standard input; what it does not say is to be filled in."""
    outcome = orthgen("adopt", "-", cwd=tmp_path, stdin='{"Name": "Hill", "DicomAet": "HILL"}')

    assert "aet: HILL # from <standard input>:1:30\n" in outcome.stdout
    assert "url: # fill in: the address that browsers use" in outcome.stdout


def test_what_is_no_deployment_is_refused(tmp_path: Path) -> None:
    """The message says what was read, and what to give instead."""
    (tmp_path / "notes.txt").write_text("buy milk", encoding="utf-8")
    outcome = orthgen("adopt", "notes.txt", cwd=tmp_path)

    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert "error: there is no deployment in what was read\n" in outcome.stderr
    assert "`notes.txt`" in outcome.stderr


def test_a_name_that_no_profile_can_have_is_to_fill_in() -> None:
    """The rest is checked and adopted all the same: without a name, every raw setting would be lost without a word."""
    settings = {"Name": "x" * 256, "DicomAet": "A", "MaximumPatientCount": 12, "MetricsEnabled": "yes"}

    adoption = adopted(orthanc_json=json.dumps(settings))

    notes = {note.message: note for note in adoption.notes}
    assert "fill in: one line of at most 255 characters" in adoption.text
    assert "MaximumPatientCount: 12" in adoption.text
    assert any("institution.name" in message and "is not a line" in message for message in notes)
    assert any("MetricsEnabled` takes `true` or `false`" in message for message in notes)
    assert not adoption.is_valid


def test_two_errors_about_one_setting_take_out_that_setting_alone() -> None:
    """The other raw settings stay."""
    adoption = adopted(
        orthanc_json=json.dumps({"Name": "A", "LimitFindResults": -1, "MaximumPatientCount": 12})
    )

    assert "MaximumPatientCount: 12" in adoption.text
    assert "LimitFindResults" not in adoption.text
    assert any("LimitFindResults" in note.message for note in adoption.notes)
