"""What a deployment is called."""

from __future__ import annotations

import pytest

from orthgen.deployment.resolve import name_of


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
