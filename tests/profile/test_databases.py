"""PostgreSQL servers outside of the deployment: each slip has a finding at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthgen.errors import FindingsError
from orthgen.profile.load import load
from tests.support.builders import PROFILES

SERVER = "{host: db.example.org, authority: /etc/ssl/db.pem, password: {secret: db}%s}"


def findings(tmp_path: Path, index: str = "", keycloak: str = "", storage: str = "") -> list[tuple[str, str]]:
    """Id and message of each finding of the smallest profile with these servers."""
    profile = tmp_path / "site.yaml"
    lines = [f"extends: {PROFILES / 'minimal.yaml'}"]
    if index:
        lines.append(f"archive: {{storage: {{postgresql: {SERVER % index}{storage}}}}}")
    if keycloak:
        lines.append(f"identity: {{keycloak: {{postgresql: {SERVER % keycloak}}}}}")
    profile.write_text("\n".join(lines) + "\n")
    try:
        found = load(str(profile)).warnings
    except FindingsError as error:
        found = error.findings
    return [(finding.rule.id, finding.message) for finding in found]


@pytest.mark.parametrize(
    ("index", "keycloak", "total"),
    [
        pytest.param(", other-connections: 76", "", None, id="just enough"),
        pytest.param(
            ", other-connections: 77", "", "Orthanc 20, the checks 1, other programs 77", id="one more"
        ),
        pytest.param(", other-connections: 55", ", other-connections: 55", None, id="both, enough"),
        pytest.param(
            ", other-connections: 56",
            ", other-connections: 2",
            "Orthanc 20, Keycloak 20, the checks 2",
            id="both",
        ),
        pytest.param(", max-connections: 44", ", port: 5433, max-connections: 24", None, id="two servers"),
        pytest.param(", max-connections: 200", ", max-connections: 40", "accepts 40", id="the lower number"),
    ],
)
def test_connections_are_added_up_for_each_server(
    tmp_path: Path, index: str, keycloak: str, total: str | None
) -> None:
    """Orthanc's, Keycloak's, the checks', other programs' and those that PostgreSQL keeps: no more than it accepts."""
    found = findings(tmp_path, index, keycloak)

    if total is None:
        assert found == []
    else:
        assert [rule for rule, _ in found] == ["too-many-connections"]
        assert total in found[0][1]


@pytest.mark.parametrize(
    ("index", "storage", "rule"),
    [
        pytest.param(", host: 127.0.0.5", "", "duplicate-key", id="twice"),
        pytest.param(", port: 5432", ", database: sqlite", "unused-database", id="sqlite"),
        pytest.param(", encryption: none", "", "database-without-authority", id="authority without TLS"),
        pytest.param(", database: 'a b'", "", "invalid-value", id="name"),
        pytest.param(", max-connections: 3", "", "invalid-value", id="number"),
    ],
)
def test_a_slip_has_a_finding(tmp_path: Path, index: str, storage: str, rule: str) -> None:
    """The example of each rule has its finding too (tests/test_findings.py)."""
    assert [found for found, _ in findings(tmp_path, index, storage=storage)] == [rule]
