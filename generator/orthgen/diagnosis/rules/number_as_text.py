"""A number, or true or false, where Orthanc expects a text."""

from __future__ import annotations

import json
from collections.abc import Iterator

from orthgen.diagnosis.facts import value_types
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.secret_detection import is_secret_name

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
          ORTHANC__DICOM_AET: VALUE
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
"""
RULE = Rule(
    "number-as-text",
    Severity.ERROR,
    summary="A setting of Orthanc is a number, true or false, and Orthanc expects a text. The image reads a variable and a secret as JSON: "
    "`12345678` is a number there, also with the quotes of YAML.",
    consequence="Orthanc stops at its start: `The configuration option … must be a string`, `… is not a string as expected`, `Badly formatted list of users`.",
    remedy="Write the value with double quotes. In a variable or a secret, the double quotes are a part of the value: `'\"12345678\"'`.",
    file="docker-compose.yml",
    example=_FILES.replace("VALUE", '"2024"'),
    counterexample=_FILES.replace("VALUE", "'\"2024\"'"),
)
# Orthanc 1.13.0 starts with a number as its name.
_TOLERANT = ("Name",)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Each text is a text."""
    for orthanc in deployment.orthancs:
        for path, value, kind in value_types.stated(orthanc):
            if kind != "text" or not isinstance(value, bool | int | float) or path == _TOLERANT:
                continue
            written = f'"{json.dumps(value)}"'
            in_variable = _is_in_variable(orthanc, path)
            is_secret = path[0] == "RegisteredUsers" or is_secret_name(str(path[-1]))
            yield Finding(
                RULE,
                f"`{'.'.join(map(str, path))}` is {'true or false' if isinstance(value, bool) else 'a number'}; "
                "Orthanc expects a text",
                orthanc.settings.locate(path),
                "write it with double quotes"
                + (" as a part of the value: the image reads the value as JSON" if in_variable else ""),
                replacement="" if is_secret or in_variable else written,
                is_sensitive=is_secret,
            )


def _is_in_variable(orthanc: Orthanc, path: Path) -> bool:
    """Whether a variable or a secret states the setting."""
    stating = [layer for layer in orthanc.settings.layers if layer.has(path)]
    return stating[-1].name in {"environment", "secrets"}
