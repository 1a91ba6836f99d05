"""SARIF as others read it: by the schema of the standard."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

from jsonschema import Draft4Validator

from orthgen.errors import OrthgenError
from orthgen.findings import Finding, Location
from orthgen.rendering.validation import Validation, validate_profile
from orthgen.report.sarif import sarif_value
from tests.support.builders import EXAMPLES, PROFILES
from tests.support.findings_page import sections
from tests.support.real import parts


def test_findings_are_sarif(tmp_path: Path) -> None:
    """The shipped profiles, profiles with errors, silenced and related findings, and a failure without a place."""
    schema = json.loads(parts.sarif_schema().read_text(encoding="utf-8"))
    (tmp_path / "minimal.yaml").write_text((PROFILES / "minimal.yaml").read_text(encoding="utf-8"))
    validations = [validate_profile(str(PROFILES / name)) for name in EXAMPLES]
    for rule in sections()["Rights"]:
        path = tmp_path / f"{rule.id}.yaml"
        path.write_text(f"extends: minimal.yaml\n{dedent(rule.example)}", encoding="utf-8")
        validations.append(validate_profile(str(path)))
    silenced = [
        Finding(rule, "x", Location("a b.yaml", 1, 1), related=((Location("c", 1, 1), "y"),), silenced="z")
        for rule in sections()["Rights"]
    ]
    validations += [Validation("d", tuple(silenced)), Validation("e", error=OrthgenError("ended"))]
    value = json.loads(json.dumps(sarif_value(validations)))

    assert [error.message for error in Draft4Validator(schema).iter_errors(value)] == []
    (run,) = value["runs"]
    assert len(run["results"]) > len(silenced)
    del run["results"][0]["message"]
    assert [error.message for error in Draft4Validator(schema).iter_errors(value)] != []
