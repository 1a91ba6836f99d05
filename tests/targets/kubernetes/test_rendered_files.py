"""The files of a cluster as a whole: they agree, decide as those of a host do, and follow the profile."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from msgspec.structs import replace

from orthgen.consistency.check import inconsistencies
from orthgen.deployment.model import Deployment
from orthgen.errors import ProfileError
from orthgen.findings import Severity
from orthgen.products.artifact import Artifact
from orthgen.rendering.pipeline import resolve_profile
from orthgen.targets import TARGETS
from tests.support import builders
from tests.support.builders import EXAMPLES, PROFILES
from tests.support.clusters import deployment_of
from tests.support.kubernetes_objects import KUBERNETES, cluster, profile, rendered

DECIDING = ("orthanc/", "auth-service/", "nginx/njs/", "nginx/snippets/", "keycloak/realm.json")

SIZE = re.compile(r"^.*(?:CacheSize|Capacity|of memory).*\n", re.MULTILINE)


def test_the_files_of_an_example_do_not_contradict_each_other(example: Deployment) -> None:
    """The files of no example contradict each other, the realm that the Job makes included."""
    assert inconsistencies((*rendered(example), *KUBERNETES.describe(example))) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_access_is_decided_by_the_same_files_as_on_a_host(name: str) -> None:
    """
    Settings of Orthanc, the auth-service and the guard, and the realm, are those of Docker Compose, byte for byte.

    Sizes of caches may differ, because the memory of a host says nothing about that of a cluster.
    """
    on_host, in_cluster = builders.example(name, target="compose"), deployment_of(name)

    def deciding(target: str, deployment: Deployment) -> dict[str, str]:
        files = (*TARGETS[target].render(deployment), *TARGETS[target].describe(deployment))
        return {each.path: SIZE.sub("", each.text) for each in files if each.path.startswith(DECIDING)}

    of_host, of_cluster = deciding("compose", on_host), deciding("kubernetes", in_cluster)
    assert {"orthanc/orthanc.json", "auth-service/permissions.json", "nginx/njs/settings.js"} <= set(of_host)
    assert of_cluster == of_host


# ---------------------------------------------------------------------------------------------- consistency


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        ("kustomization.yaml", "manifests/nginx/service.yaml", "manifests/nginx/services.yaml", "missing-mounted-file"),
        ("kustomization.yaml", "=nginx/nginx.conf", "=nginx/http.conf", "missing-mounted-file"),
        ("manifests/nginx/deployment.yaml", "key: njs.guard.js", "key: njs.guards.js", "missing-mounted-file"),
        ("manifests/nginx/deployment.yaml", "subPath: nginx.conf", "subPath: http.conf", "missing-mounted-file"),
        ("manifests/orthanc/service.yaml", "port: 8042", "port: 8043", "missing-upstream"),
        ("manifests/orthanc-auth-service/deployment.yaml", "key: auth-service-password", "key: other", "auth-service-credentials-differ"),
        ("manifests/orthanc-auth-service/deployment.yaml", "realms/orthanc/", "realms/pacs/", "realms-differ"),
        ("manifests/orthanc/statefulset.yaml", "orthancteam/orthanc:", "orthancteam/orthanc:1", "key-unknown-to-image"),
        ("manifests/keycloak/deployment.yaml", "value: keycloak-db", "value: postgres", "missing-service"),
    ],
)  # fmt: skip
def test_a_changed_file_is_noticed(path: str, old: str, new: str, rule: str) -> None:
    """One side of a fact that two files state is changed, and the finding names it."""
    deployment = cluster()
    files = {
        artifact.path: artifact for artifact in (*rendered(deployment), *KUBERNETES.describe(deployment))
    }
    changed = files[path].text.replace(old, new, 1)
    assert changed != files[path].text
    files[path] = replace(files[path], text=changed)

    assert rule in {finding.rule.id for finding in inconsistencies(tuple(files.values()))}


# -------------------------------------------------------------------------------------------- command line


def test_the_option_counts_more_than_the_profile(tmp_path: Any) -> None:
    """One profile serves a host and a cluster."""
    path = profile("paradim.yaml", tmp_path)

    assert resolve_profile(path)[0].target == "kubernetes"
    assert resolve_profile(path, target="compose")[0].target == "compose"
    assert resolve_profile(str(PROFILES / "paradim.yaml"), target="kubernetes")[0].target == "kubernetes"


def test_a_cluster_refuses_what_it_cannot_do(tmp_path: Any) -> None:
    """The finding of a setting stands where the author wrote it."""
    path = tmp_path / "site.yaml"
    path.write_text(f"extends: {PROFILES / 'paradim.production.yaml'}\ndeployment: {{kubernetes: {{}}}}\n")

    with pytest.raises(ProfileError) as error:
        resolve_profile(str(path))

    errors = {finding.rule.id for finding in error.value.findings if finding.severity is Severity.ERROR}
    assert errors == {"cluster-without-issuer"}


def test_json_of_the_realm_is_checked_but_not_written() -> None:
    """Reviewers see the realm in the plan of `orthgen provision-keycloak`; the folder has no file that nobody reads."""
    (realm,) = KUBERNETES.describe(cluster())

    assert isinstance(realm, Artifact)
    assert json.loads(realm.text)["realm"] == "orthanc"
