"""Deployments of the diagnosis' tests are adopted; the broken ones are in tests/real/test_adoption.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthgen.adoption.adopt import adopt
from orthgen.observed.read import observe_texts
from orthgen.rendering.pipeline import resolve_profile
from tests.adoption.support import assert_adopted
from tests.support.diagnosis_page import files_of

DEPLOYMENTS = Path(__file__).parents[1] / "diagnosis"
INGRESS = DEPLOYMENTS / "correct/kubernetes-with-named-ports.txt"


@pytest.mark.parametrize("path", sorted(DEPLOYMENTS.glob("correct/*.txt")), ids=lambda path: path.stem)
def test_a_deployment_of_somebody_is_adopted(path: Path) -> None:
    """The profile renders where `adopt` calls it valid; only a text without any deployment is refused."""
    assert_adopted(path)


def test_a_cluster_of_somebody_stays_one() -> None:
    """The profile is one for a cluster with its Ingress, and no step speaks of Docker Compose."""
    adoption = adopt(observe_texts(files_of(INGRESS.read_text(encoding="utf-8"), "unnamed")), "site.yaml")
    deployment, _ = resolve_profile("site.yaml", read=lambda _: adoption.text.encode())

    assert deployment.target == "kubernetes"
    assert deployment.profile.deployment.tls is not None
    assert deployment.profile.deployment.tls.terminated_by == "proxy"
    assert [note.message for note in adoption.notes] == [
        "`RegisteredUsers` is in the configuration",
        "the data are in volume claims of the cluster",
        "the deployment is one for a Kubernetes cluster",
    ]
    assert not any(note.commands for note in adoption.notes)
