"""Every deployment of the diagnosis' tests, broken ones too, is adopted without an error of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthgen.adoption.adopt import adopt
from orthgen.errors import InputError
from orthgen.observed.read import observe_texts
from orthgen.rendering.pipeline import resolve_profile
from orthgen.targets import TARGETS
from tests.support.diagnosis_page import files_of

DEPLOYMENTS = Path(__file__).parents[1] / "diagnosis"
TEXTS = sorted([*DEPLOYMENTS.glob("cases/*.txt"), *DEPLOYMENTS.glob("correct/*.txt")])
INGRESS = DEPLOYMENTS / "correct/kubernetes-with-named-ports.txt"


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_deployment_of_somebody_is_adopted(path: Path) -> None:
    """The profile renders where `adopt` calls it valid; only a text without any deployment is refused."""
    observed = observe_texts(files_of(path.read_text(encoding="utf-8"), "unnamed"))
    if not (observed.orthancs or observed.keycloaks or observed.auth_services):
        with pytest.raises(InputError, match="there is no deployment"):
            adopt(observed, "site.yaml")
        return

    adoption = adopt(observed, "site.yaml")

    if adoption.is_valid:
        deployment, _ = resolve_profile("site.yaml", read=lambda _: adoption.text.encode())
        assert TARGETS[deployment.target].render(deployment)
    else:
        assert any(note.kind.value == "to fill in" for note in adoption.notes)


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
