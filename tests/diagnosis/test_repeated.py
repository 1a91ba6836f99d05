"""A mistake that several services share, or that a deployment has very often, is said once, or in part."""

from __future__ import annotations

from io import StringIO

from orthgen.diagnosis.check import findings_of
from orthgen.diagnosis.diagnose import Diagnosis
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.read import observe_texts
from orthgen.report.diagnosis import diagnosis_text


def test_services_that_share_a_part_have_its_finding_once() -> None:
    """Two Orthancs that extend the same service share the mistake in it."""
    text = (
        "services:\n  a: {extends: base}\n  b: {extends: base}\n"
        "  base:\n    image: orthancteam/orthanc:26.8.1\n    environment: {ORTHANC__DICOM_WEB__ROOTS: /dicom-web/}\n"
    )
    findings = [
        each
        for each in findings_of(observe_texts({"compose.yml": text}))
        if each.rule.id == "unread-orthanc-key"
    ]

    assert len(findings) == 1


def test_what_was_not_seen_is_listed_in_part() -> None:
    """The text has the first sentences, and the number of the others."""
    deployment = ObservedDeployment(unseen=tuple(f"`{number}.json` is not there." for number in range(50)))
    text = diagnosis_text(Diagnosis(deployment, ()), StringIO())

    assert "`39.json` is not there." in text
    assert "`40.json`" not in text
    assert "and 10 more (`--format json` lists them)" in text
