"""The steps of a change of the release in a cluster: each names what the rendered folder has, in the order that keeps the data."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath

import pytest

from orthgen.catalogue import load
from orthgen.deployment.model import Deployment
from orthgen.targets import TARGETS
from orthgen.targets.kubernetes.manifest import namespace_of
from orthgen.upgrade.model import Upgrade
from orthgen.upgrade.plan import upgrade
from tests.support.builders import make_deployment
from tests.support.clusters import NAMES, VARIANTS, Object, deployment_of, manifests

FOLDER = "deployment/cluster"
KINDS = {
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "statefulsets": "StatefulSet",
    "service": "Service",
    "clusters.postgresql.cnpg.io": "Cluster",
}


def plan(deployment: Deployment, before: str = "25.8", after: str = "26.8") -> Upgrade:
    """A change of the release in a cluster, rendered in `FOLDER`."""
    return upgrade(before, load(after), deployment, "site.yaml", FOLDER)


def lines_of(change: Upgrade) -> list[str]:
    """Every command line, in order."""
    return [line for step in change.steps for line in step.commands]


def objects_in(line: str) -> set[tuple[str, str]]:
    """Kind and name of every object that a command line of kubectl names: `kind/name`, or a kind with names behind it."""
    words = shlex.split(line.partition(" -- ")[0])
    named = {
        tuple(word.split("/")) for word in words if re.fullmatch(r"[a-z.]+/[a-z-]+", word) and word != FOLDER
    }
    if words[1:2] in (["delete"], ["wait"]) and "--filename" not in words and "pod" not in words:
        kind, *names = [word for word in words[4:] if not word.startswith("--")]
        named |= {(kind, name) for name in names}
    return {(KINDS[kind], name) for kind, name in named}


def in_cluster(deployment: Deployment) -> set[tuple[str, str]]:
    """Kind and name of every rendered object; the operator makes the Service of a database by itself."""
    found = {(each["kind"], each["metadata"]["name"]) for each in manifests(deployment)}
    return found | {("Service", name) for kind, name in found if kind == "Cluster"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("before", "after"), [("25.8", "26.8"), ("26.8", "25.8")], ids=["up", "down"])
def test_every_object_and_file_is_in_the_rendered_folder(name: str, before: str, after: str) -> None:
    """Names of workloads, databases, files and the namespace are those that `render` writes; nothing is of Docker Compose."""
    deployment = deployment_of(name)
    paths = {PurePosixPath(file.path) for file in TARGETS["kubernetes"].render(deployment)}
    folders = {parent for path in paths for parent in path.parents}
    there = in_cluster(deployment)
    lines = lines_of(plan(deployment, before, after))

    assert lines
    assert not [line for line in lines if "docker" in line]
    kubectl = [line for line in lines if line.startswith("kubectl ")]
    for line in kubectl:
        assert objects_in(line) <= there, line
        named = re.findall(r"--(?:filename|kustomize) (\S+)", line)
        assert all(PurePosixPath(path).relative_to(FOLDER) in paths | folders for path in named), line
        assert named or f"--namespace {namespace_of(deployment)} " in line


def running(deployment: Deployment) -> list[Object]:
    """The Deployments and StatefulSets that have an Orthanc, a Keycloak or a database as their own or behind them."""
    return [
        each
        for each in manifests(deployment)
        if each["kind"] in {"Deployment", "StatefulSet"} and each["metadata"]["name"] != "ohif"
    ]


@pytest.mark.parametrize("name", NAMES)
def test_everything_but_the_databases_stops_and_starts(name: str) -> None:
    """The first command stops each workload that uses a database, readers too; the start waits for the same ones."""
    deployment = deployment_of(name)
    lines = lines_of(plan(deployment))
    names = {each["metadata"]["name"] for each in running(deployment)} - {"orthanc-db", "keycloak-db"}
    stop, wait = lines[:2]
    ready = [line for line in lines if "rollout status" in line][-1]

    assert {name for _, name in objects_in(stop)} == {name for _, name in objects_in(ready)} == names
    assert "--replicas=0" in stop
    assert "--for=delete" in wait
    (selected,) = re.findall(r"app.kubernetes.io/name in \(([a-z,-]+)\)", wait)
    assert set(selected.split(",")) == names
    assert f"app.kubernetes.io/instance={deployment.project}," in wait


def positions(lines: list[str], *parts: str) -> list[int]:
    """The first line with each of the parts."""
    return [next(index for index, line in enumerate(lines) if part in line) for part in parts]


def test_data_is_dumped_before_it_changes_and_restored_before_anything_starts() -> None:
    """Stop, dump, render, databases alone, restore, all, Job."""
    lines = lines_of(plan(deployment_of("load balancer")))
    order = positions(
        lines,
        "scale",
        "pg_dump",
        "orthgen render site.yaml --out deployment/cluster --target kubernetes --upgrade",
        "--filename deployment/cluster/manifests/orthanc-db",
        "rollout status --namespace test statefulset/orthanc-db statefulset/keycloak-db",
        "pg_restore -U orthanc -d orthanc --exit-on-error < orthanc-db-25.8.dump",
        "--kustomize",
        "job.yaml --for=condition=Complete",
        "orthgen verify https://pacs.example.org",
    )

    assert order == sorted(order)


def test_an_autoscaler_gets_its_first_readers_after_the_ingest_node() -> None:
    """It leaves a Deployment without pods alone; without an autoscaler the apply starts them, and each waits by itself."""
    scaled = lines_of(plan(deployment_of("readers that follow the load"), "26.7"))
    fixed = lines_of(plan(deployment_of("readers"), "26.7"))
    order = positions(
        scaled, "--kustomize", "rollout status --namespace test statefulset/orthanc ", "--replicas=2"
    )

    assert order == sorted(order)
    assert [line for line in fixed if "--replicas=" in line] == fixed[:1]


def test_the_operator_keeps_its_postgresql() -> None:
    """CloudNativePG chooses the version: nothing starts empty, and its superuser dumps through the Service of the primary."""
    change = plan(deployment_of("CloudNativePG"))
    back = lines_of(plan(deployment_of("CloudNativePG"), "26.8", "25.8"))
    kubectl = "kubectl exec --namespace test"

    assert not [each for each in change.changes if each.startswith("PostgreSQL ")]
    assert not [line for line in lines_of(change) if "pg_restore -U" in line]
    assert (
        f"{kubectl} service/orthanc-db -- pg_dump -U postgres -d orthanc -Fc > orthanc-db-25.8.dump"
        in lines_of(change)
    )
    assert "kubectl delete --namespace test clusters.postgresql.cnpg.io orthanc-db keycloak-db" in back
    assert (
        "kubectl wait --namespace test clusters.postgresql.cnpg.io orthanc-db keycloak-db --for=condition=Ready --timeout=15m"
        in back
    )


def test_a_database_outside_is_dumped_from_the_machine_of_the_operator() -> None:
    """No pod with its programs runs then. The connection is checked as Orthanc's, with the file that the profile names."""
    change = plan(deployment_of("PostgreSQL outside"))
    back = lines_of(plan(deployment_of("PostgreSQL outside"), "26.8", "25.8"))
    uri = "'postgresql://orthanc@db.example.org:5432/orthanc?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem'"

    assert f"pg_dump --dbname {uri} -Fc > orthanc-db-25.8.dump" in lines_of(change)
    assert "pg_restore --list < orthanc-db-25.8.dump | grep -c 'TABLE DATA'" in lines_of(change)
    assert f"pg_restore --dbname {uri} --clean --if-exists --exit-on-error < orthanc-db-25.8.dump" in back
    assert not [line for line in lines_of(change) + back if "exec" in line or "kubectl delete" in line]


def test_the_words_name_what_the_cluster_has() -> None:
    """Claims, a bucket, the operator; the way back stops what writes first, and starts the databases alone."""
    own, bucket, operator = (
        deployment_of(name) for name in ("load balancer", "DICOM files in S3", "CloudNativePG")
    )
    backup = next(step.why for step in plan(own).steps if step.title.startswith("Back up"))
    removal = {
        name: next(
            step.why for step in plan(deployment, "26.8", "25.8").steps if "databases' claims" in step.title
        )
        for name, deployment in (("own", own), ("operator", operator))
    }

    assert "snapshot of the claim `orthanc-data`" in backup
    assert any("bucket" in step.why for step in plan(bucket).steps)
    assert "`kubectl delete persistentvolumeclaim`" in removal["own"]
    assert "CloudNativePG removes the claims" in removal["operator"]
    assert plan(own).rollback.startswith(
        "The claims of the old PostgreSQL stay as they are. Stop what writes"
    )
    assert 'write `release: "25.8"`' in plan(own).rollback
    assert plan(operator).rollback.startswith("Once the new release has been started")


def test_an_institutions_own_keycloak_has_no_job() -> None:
    """Its realm is reconciled by the command, and it is not stopped."""
    deployment = make_deployment(
        **VARIANTS["load balancer"] | {"identity": "{keycloak: {server: 'https://sso.example.org'}}"}
    )
    lines = lines_of(plan(deployment))

    assert "orthgen provision-keycloak site.yaml" in lines
    assert not [line for line in lines if "job.yaml" in line or "deployment/keycloak" in line]


def test_an_index_in_sqlite_comes_from_the_backup_of_its_claim() -> None:
    """There is nothing to dump."""
    deployment = make_deployment(
        **VARIANTS["load balancer"]
        | {
            "archive": "{storage: {database: sqlite}}",
            "identity": "{keycloak: {server: 'https://sso.example.org'}}",
        }
    )
    change = plan(deployment, "26.8", "25.8")

    assert [step.title for step in change.steps if "claims of Orthanc" in step.title]
    assert not [line for line in lines_of(change) if "pg_" in line or "orthanc-db" in line]


def test_without_a_migration_the_apply_is_enough() -> None:
    """The command names the command line of the target."""
    assert (
        plan(deployment_of("load balancer"), "26.8", "26.7").start
        == "kubectl apply --server-side --kustomize deployment/cluster"
    )
