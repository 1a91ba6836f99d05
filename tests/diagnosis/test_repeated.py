"""A mistake that several services share, or that a deployment has very often, is said once, or in part."""

from __future__ import annotations

from io import StringIO

from orthgen.diagnosis.check import findings_of
from orthgen.diagnosis.diagnose import Diagnosis, diagnose
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


def _rules_of(text: str) -> list[tuple[str, str]]:
    return [(each.rule.id, each.message) for each in findings_of(observe_texts({"compose.yml": text}))]


def test_the_address_that_the_image_serves_is_named_once() -> None:
    """`ENABLE_ORTHANC_TOKEN_SERVICE` is one mistake, with the path of the image's nginx."""
    text = (
        "services:\n  nginx:\n    image: orthancteam/orthanc-nginx:26.4.1\n"
        "    environment: {ENABLE_ORTHANC_TOKEN_SERVICE: 'true'}\n"
        "  orthanc-auth-service: {image: 'orthancteam/orthanc-auth-service:26.4.1'}\n"
    )
    messages = [message for rule, message in _rules_of(text) if rule == "public-auth-service"]

    assert messages == ["`ENABLE_ORTHANC_TOKEN_SERVICE` serves the auth-service at `/auth-service/`"]


def test_a_switch_with_another_end_is_a_misspelt_one() -> None:
    """Also a switch that does not end as the others do is none."""
    text = "services:\n  o:\n    image: orthancteam/orthanc:26.8.1\n    environment: {OHIF_PLUGIN_ENABLE: 'true'}\n"

    assert ("unknown-switch", "the image knows no switch `OHIF_PLUGIN_ENABLE`") in _rules_of(text)


def test_the_plugin_locks_the_database_of_a_plain_image() -> None:
    """Where nothing is written, the plugin's default holds, and not that of the image orthancteam/orthanc."""
    text = 'configs:\n  c: {content: \'{"PostgreSQL": {"EnableIndex": true, "Host": "db"}}\'}\nservices:\n'
    text += "".join(
        f"  {name}: {{image: 'IMAGE', configs: [{{source: c, target: /etc/orthanc/o.json}}]}}\n"
        for name in "ab"
    )

    assert "locked-database" in dict(_rules_of(text.replace("IMAGE", "jodogne/orthanc-plugins:1.12.11")))
    assert "locked-database" not in dict(_rules_of(text.replace("IMAGE", "orthancteam/orthanc:26.8.1")))


def test_errors_of_one_kind_are_told_in_part() -> None:
    """The first 20 have their lines; the others their number and the first places."""
    rows = ",\n".join(f'["get", "^/x{number}$", "viewz"]' for number in range(30))
    text = f'{{"Authorization": {{"WebServiceRootUrl": "http://a:8000/", "Permissions": [\n{rows}\n]}}}}'
    shown = diagnosis_text(diagnose(observe_texts({"orthanc.json": text})), StringIO())

    assert shown.count("[unknown-permission-in-row]") == 21
    assert "error: 10 more [unknown-permission-in-row], at 22:" in shown
