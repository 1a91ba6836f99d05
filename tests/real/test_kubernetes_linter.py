"""A linter on the objects of every deployment for a cluster: it finds what the table names, and nothing else."""

from __future__ import annotations

import json
import subprocess

from orthgen.deployment import naming
from orthgen.targets.kubernetes.components import PROVISIONING
from tests.support.clusters import NAMES, Object, deployment_of, manifests
from tests.support.real import parts

IMAGES_USERS = "the images have files for their users, whose numbers are below 10,000"
BURSTS = "a service uses more than it reserves when it has to; memory, which cannot be taken back, is reserved as a whole"

PODS = {
    naming.NGINX,
    naming.ORTHANC,
    naming.READER,
    naming.ORTHANC_DB,
    naming.AUTH_SERVICE,
    naming.KEYCLOAK,
    naming.KEYCLOAK_DB,
    naming.OHIF,
}
REPLICATED = {naming.NGINX, naming.AUTH_SERVICE, naming.KEYCLOAK, naming.OHIF}
OPERATED = {naming.ORTHANC_DB, naming.KEYCLOAK_DB}

ACCEPTED = {
    "container-resource-requests-equal-limits": ({*PODS, PROVISIONING}, BURSTS),
    "container-cpu-requests-equal-limits": ({*PODS, PROVISIONING}, BURSTS),
    "container-ephemeral-storage-request-equals-limit": ({*PODS, PROVISIONING}, BURSTS),
    "container-image-pull-policy": (
        {*PODS, PROVISIONING},
        "a tag of a release never changes, and a node without its registry starts pods all the same",
    ),
    "container-security-context-user-group-id": (PODS, IMAGES_USERS),
    "deployment-has-host-podantiaffinity": (
        {*REPLICATED, naming.READER},
        "topology spread does the same, and a cluster with one node starts both pods",
    ),
    "statefulset-has-servicename": (
        {naming.ORTHANC, naming.ORTHANC_DB, naming.KEYCLOAK_DB},
        "one pod needs no name of its own beside that of its Service",
    ),
    "deployment-strategy": (
        {naming.KEYCLOAK, naming.READER},
        "pods of two versions cannot share their caches, or the tables of the index",
    ),
    "networkpolicy-targets-pod": ({*OPERATED, "acme-solver"}, "an operator makes these pods"),
    "deployment-replicas": (
        REPLICATED - {naming.OHIF},
        "a profile may ask for one pod of each, and the permission editor works with one",
    ),
}
"""For each accepted check the objects, and the reason."""


def component(name: str) -> str:
    """The name without the digest of a Job's profile."""
    return PROVISIONING if name.startswith(f"{PROVISIONING}-") else name


def findings(objects: list[Object]) -> set[tuple[str, str]]:
    """The checks that do not pass, the optional ones included, each with its object."""
    command = [str(parts.tool("kube-score", "kube-score")), "score", "--all-default-optional"]
    command += ["--kubernetes-version", "v1.37", "--output-format", "json", "-"]
    text = "\n---\n".join(map(json.dumps, objects))
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return {
        (check["check"]["id"], component(scored["object_meta"]["name"]))
        for scored in json.loads(done.stdout)
        for check in scored["checks"]
        if not check["skipped"] and check["grade"] < 10
    }


def test_kube_score_finds_what_is_accepted_and_nothing_else() -> None:
    """Every example and variant is scored; a row of the table that nothing needs is an error, too."""
    found = set().union(*(findings(manifests(deployment_of(name))) for name in NAMES))

    assert found == {(check, name) for check, (names, _) in ACCEPTED.items() for name in names}
