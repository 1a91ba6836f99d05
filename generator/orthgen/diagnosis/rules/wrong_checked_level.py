"""A level of checks at which labels and links do not work."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "wrong-checked-level",
    Severity.WARNING,
    summary="The authorization plugin does not check studies, while labels and links belong to studies.",
    consequence="Users whose role is limited to labels get 403 for studies that they may see, or see studies of others; "
    "links to a study do not open it.",
    remedy='Write `"CheckedLevel": "studies"`.',
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "CheckedLevel": "series"
          }
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "CheckedLevel": "studies"
          }
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Studies are checked, and nothing above them."""
    for orthanc in deployment.orthancs:
        if not orthancs.setting(orthanc, "Authorization", "WebServiceRootUrl"):
            continue  # with single addresses people build services of their own, with rules of their own
        values = orthancs.section(orthanc, "Authorization")
        level = values.get("CheckedLevel")
        if level in ("series", "instances", "patients"):
            message = f"with `CheckedLevel` `{level}` nothing checks the labels of studies"
        elif (
            level is None and orthanc.is_complete and "patients" not in as_list(values.get("UncheckedLevels"))
        ):
            message = "without `CheckedLevel` the plugin reads labels from patients, which have none"
        else:
            continue
        better, change = orthancs.proposal(orthanc, "studies", "Authorization", "CheckedLevel")
        yield Finding(
            RULE,
            message,
            orthancs.place(orthanc, "Authorization", "CheckedLevel"),
            'write `"CheckedLevel": "studies"`',
            replacement=better,
            change=change,
        )
