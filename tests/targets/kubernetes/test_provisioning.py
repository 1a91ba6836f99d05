"""The Job that provisions Keycloak, and the size of what it gets."""

from __future__ import annotations

import socket
import subprocess
from typing import Any

import pytest

from orthgen.deployment.model import Deployment
from orthgen.errors import OrthgenError
from orthgen.products.artifact import Artifact
from orthgen.realm.realm_file import desired
from orthgen.rendering.pipeline import resolve_profile
from orthgen.targets.kubernetes.configuration import MAX_BYTES, ConfigMap, check_sizes
from orthgen.targets.kubernetes.provisioning import PROFILE_PATH, profile_file
from tests.support.builders import EXAMPLES, make_deployment
from tests.support.clusters import TLS, Object
from tests.support.kubernetes_objects import cluster, objects, pods, profile, rendered, text


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_job_gets_the_whole_profile(name: str, tmp_path: Any) -> None:
    """The profile of the Job is one file, and asks for the same realm."""
    deployment, _ = resolve_profile(profile(name, tmp_path))
    if not deployment.has_own_keycloak:
        assert PROFILE_PATH not in {artifact.path for artifact in rendered(deployment)}
        return
    (tmp_path / "profile.yaml").write_text(text(deployment, PROFILE_PATH), encoding="utf-8")
    of_job, _ = resolve_profile(str(tmp_path / "profile.yaml"))

    assert desired(of_job) == desired(deployment)
    assert of_job.project == deployment.project


def job(deployment: Deployment) -> Object:
    """The Job."""
    return next(tree for name, tree in objects(deployment).items() if name.startswith("Job/"))


def test_the_job_waits_for_keycloak() -> None:
    """A container of its pod ends when Keycloak takes connections, and not before: a failed pod is started again after minutes."""
    (waiting,) = pods(cluster())[f"Job/{job(cluster())['metadata']['name']}"]["initContainers"]
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        address = f"127.0.0.1/{server.getsockname()[1]}"
        command = [word.replace("keycloak/8080", address) for word in waiting["command"]]

        assert address in command[-1]
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(command, timeout=0.3, check=False)
        server.listen()
        subprocess.run(command, timeout=60, check=True)


def test_a_changed_profile_is_another_job() -> None:
    """A Job's template cannot be changed: the name follows the profile, and nothing else."""
    first, again = job(cluster()), job(cluster())
    other = job(cluster(roles="{admin: {can: [everything, administer], collections: all}}"))

    assert first == again
    assert first["metadata"]["name"] != other["metadata"]["name"]


def test_a_large_realm_is_in_no_config_map() -> None:
    """A thousand roles fit, because the realm is in no file."""
    roles = {f"role-{number}": {"can": ["view"], "collections": "all"} for number in range(1000)}
    roles["admin"] = {"can": ["everything", "administer"], "collections": "all"}
    deployment = make_deployment(roles=roles, deployment=f"{{{TLS}, kubernetes: {{}}}}")

    assert len(profile_file(deployment).data) < MAX_BYTES / 5
    assert "keycloak/realm.json" not in {artifact.path for artifact in rendered(cluster())}


def test_files_that_no_config_map_holds_are_refused() -> None:
    """The API server would refuse the ConfigMap when the rest of the deployment is there already."""
    maps = [ConfigMap("orthanc", {"orthanc.json": "orthanc/orthanc.json", "hostid": "orthanc/hostid"})]
    documents = {path: Artifact(path, "x") for path in maps[0].files.values()}
    check_sizes(maps, documents)
    documents["orthanc/orthanc.json"] = Artifact("orthanc/orthanc.json", "x" * MAX_BYTES)

    with pytest.raises(OrthgenError, match="a ConfigMap holds") as error:
        check_sizes(maps, documents)

    assert "`orthanc/orthanc.json`" in error.value.hint
