"""What a deployment is called."""

from __future__ import annotations

import pytest

from orthgen.deployment.model import Origin
from orthgen.deployment.resolve import name_of, resolve
from tests.support.builders import make_deployment


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("hospital.yaml", "hospital"),
        ("Hospital.yml", "hospital"),
        ("Hôpital Général.yaml", "hopital-general"),
        ("universitätsklinik.yaml", "universitatsklinik"),
        ("paradim.production.yaml", "paradim-production"),
        ("a" * 63 + ".yaml", "a" * 63),
        ("a" * 64 + ".yaml", None),
        ("straße.yaml", "strasse"),
        ("病院.yaml", None),
        ("2026.yaml", None),
        ("-.yaml", None),
    ],
)
def test_a_deployment_is_called_as_its_profile(source: str, name: str | None) -> None:
    """Accents go, as a Compose project cannot have them; a name that would lose letters is none."""
    assert name_of(source) == name


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("localhost", True), ("127.0.0.1", True), ("[::1]", True), ("pacs.localhost", True), ("localhost.example.org", False)],
)  # fmt: skip
def test_names_below_localhost_stay_on_this_machine(host: str, *, is_local: bool) -> None:
    """Browsers take plain http there for a secure context (RFC 6761)."""
    assert Origin("http", host, 80).is_local is is_local


@pytest.mark.parametrize(
    ("named", "name", "source", "project"),
    [
        ("{name: clinic}", "folder", "hospital.yaml", "clinic"),
        ("{}", "folder", "hospital.yaml", "folder"),
        ("{}", "", "hospital.yaml", "hospital"),
        ("{}", "", "2026.yaml", ""),
    ],
)
def test_the_profile_names_the_project_before_its_folder_and_its_file(
    named: str, name: str, source: str, project: str
) -> None:
    """The nearest name counts; a file's name that Compose cannot take gives none."""
    deployment = make_deployment(deployment=named)

    assert resolve(deployment.profile, deployment.release, source, name=name).project == project
