"""Every example on a real Kubernetes: accepted, the same the second time, its pods admitted, placed and connected."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from orthgen.deployment import naming
from orthgen.deployment.model import Deployment
from orthgen.targets import TARGETS
from orthgen.targets.kubernetes.components import PROVISIONING
from orthgen.upgrade.plan import upgrade
from tests.support.builders import EXAMPLES, make_deployment, write_artifacts
from tests.support.clusters import TLS, deployment_of
from tests.support.network_policies import is_allowed
from tests.support.real.cluster import Cluster, Object
from tests.support.real.deployment_checks import REACHED
from tests.support.real.parts import REPOSITORY

CONNECTIONS = {
    naming.NGINX: {
        naming.ORTHANC: {8042},
        naming.READER: {8042},
        naming.KEYCLOAK: {8080},
        naming.OHIF: {8080},
    },
    naming.ORTHANC: {naming.AUTH_SERVICE: {8000}, naming.ORTHANC_DB: {5432}},
    naming.READER: {naming.ORTHANC: {8042}, naming.AUTH_SERVICE: {8000}, naming.ORTHANC_DB: {5432}},
    naming.AUTH_SERVICE: {naming.KEYCLOAK: {8080}},
    naming.KEYCLOAK: {naming.KEYCLOAK_DB: {5432}, naming.KEYCLOAK: {7800, 57800}},
    PROVISIONING: {naming.KEYCLOAK: {8080}},
}
"""From a component to the components that it connects to, and their ports."""

NAME = "app.kubernetes.io/name"


@dataclass(frozen=True)
class Deployed:
    """A deployment on the cluster: its folder, its namespace, its pods."""

    cluster: Cluster
    folder: Path
    namespace: str
    pods: list[Object]

    def components(self) -> set[str]:
        """The components that have pods."""
        return {pod["metadata"]["labels"][NAME] for pod in self.pods}


@pytest.fixture(scope="module", params=[*EXAMPLES, "readers"])
def deployed(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Deployed:
    """An example or a deployment with readers, judged by a dry run, applied, with its pods running."""
    folder = tmp_path_factory.mktemp("kubernetes")
    write_artifacts(TARGETS["kubernetes"].render(deployment_of(request.param)), folder)
    namespace = yaml.safe_load((folder / "kustomization.yaml").read_text())["namespace"]
    cluster.dry_run(folder)
    cluster.apply(folder)
    return Deployed(cluster, folder, namespace, cluster.settle(namespace))


def test_every_pod_is_placed(deployed: Deployed) -> None:
    """As many pods as the objects ask for, admitted by `restricted`; two pods of nginx are on two nodes."""
    workloads = deployed.cluster.objects("deployments,statefulsets,jobs", deployed.namespace)
    replicas = sum(workload["spec"].get("replicas", 1) for workload in workloads)
    nodes = [
        pod["spec"]["nodeName"] for pod in deployed.pods if pod["metadata"]["labels"][NAME] == naming.NGINX
    ]

    assert len(deployed.pods) == replicas
    assert len(set(nodes)) == len(nodes) == 2
    (namespace,) = (
        json.loads(deployed.cluster.kubectl("get", "namespaces", deployed.namespace, "--output=json")),
    )
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_second_time_nothing_changes(deployed: Deployed) -> None:
    """No difference from what runs, and applied again, every object stays as it is."""
    assert deployed.cluster.diff(deployed.folder) == ""
    before = lasting(deployed)

    deployed.cluster.apply(deployed.folder)

    assert lasting(deployed) == before


def lasting(deployed: Deployed) -> list[Object]:
    """The objects of the folder as the server has them, without what controllers change by themselves."""
    text = deployed.cluster.kubectl("get", f"--kustomize={deployed.folder}", "--output=json")
    objects = json.loads(text)["items"]
    for each in objects:
        each.pop("status", None)
        del each["metadata"]["resourceVersion"]
        each["metadata"].pop("managedFields", None)
    return list(objects)


def test_services_lead_to_their_pods(deployed: Deployed) -> None:
    """Behind each Service are all pods of its component, and no others; each of its ports has a name in them."""
    services = deployed.cluster.objects("services", deployed.namespace)
    slices = deployed.cluster.objects("endpointslices", deployed.namespace)

    pods_behind: dict[str, set[str]] = {service["metadata"]["name"]: set() for service in services}
    ports_of: dict[str, set[str]] = {name: set() for name in pods_behind}
    for each in slices:
        name = each["metadata"]["labels"]["kubernetes.io/service-name"]
        pods_behind[name] |= {endpoint["targetRef"]["name"] for endpoint in each["endpoints"]}
        ports_of[name] |= {port["name"] for port in each["ports"]}
    for service in services:
        name = service["metadata"]["name"]
        component = service["metadata"]["labels"][NAME]
        assert pods_behind[name] == {
            pod["metadata"]["name"] for pod in deployed.pods if pod["metadata"]["labels"][NAME] == component
        }, name
        assert ports_of[name] == {port["name"] for port in service["spec"]["ports"]}, name
    assert deployed.components() - {PROVISIONING} == {
        service["metadata"]["labels"][NAME] for service in services
    }


def test_network_policies_allow_these_connections(deployed: Deployed) -> None:
    """Of all connections between pods, those of the table are allowed; each is one that compose allows, too."""
    policies = deployed.cluster.objects("networkpolicies", deployed.namespace)
    ports = {7800, 57800} | {
        port["containerPort"]
        for pod in deployed.pods
        for container in pod["spec"]["containers"]
        for port in container.get("ports", ())
    }
    pods = {pod["metadata"]["labels"][NAME]: pod for pod in deployed.pods}

    allowed = {
        (source, target, port)
        for source in pods
        for target in pods
        for port in ports
        if is_allowed(policies, pods[source], pods[target], port)
    }

    assert allowed == {
        (source, target, port)
        for source, targets in CONNECTIONS.items()
        for target, target_ports in targets.items()
        for port in target_ports
        if {source, target} <= pods.keys()
    }
    for source, target, _ in allowed:
        reached = REACHED.get(node(source), {naming.KEYCLOAK}) | {node(source)}
        assert node(target) in reached, (source, target)


def node(component: str) -> str:
    """The service of Docker Compose with the same networks: a reader has those of the ingest node."""
    return naming.ORTHANC if component == naming.READER else component


def test_the_steps_of_the_operations_page(cluster: Cluster, tmp_path: Path) -> None:
    """
    Databases start alone before the rest.

    The pod that copies studies is one that the namespace admits.
    """
    write_artifacts(TARGETS["kubernetes"].render(deployment_of("load balancer")), tmp_path)
    page = (REPOSITORY / "docs/kubernetes-operations.md").read_text(encoding="utf-8")
    manifests = tmp_path / "manifests"

    cluster.kubectl("apply", "--server-side", f"--filename={manifests / 'namespace.yaml'}")
    databases = [f"--filename={manifests / name}" for name in (naming.ORTHANC_DB, naming.KEYCLOAK_DB)]
    cluster.kubectl("apply", "--server-side", *databases)
    first = cluster.settle("test")
    cluster.apply(tmp_path)
    cluster.settle("test")
    waits = re.findall(r"kubectl ((?:rollout status|wait --namespace pacs job) .*)", page)
    for command in waits:
        cluster.kubectl(*command.replace("--namespace pacs", "--namespace test").split())

    assert len(waits) == 3
    assert {pod["metadata"]["labels"][NAME] for pod in first} == {naming.ORTHANC_DB, naming.KEYCLOAK_DB}
    (pod,) = re.findall(r"^( +apiVersion: v1\n +kind: Pod\n.*?)^ *```", page, re.DOTALL | re.MULTILINE)
    copy = dedent(pod).replace("namespace: pacs", "namespace: test")
    options = ("--dry-run=server", "--validate=strict", "--warnings-as-errors", "--filename=-")
    assert "pod/copy created" in cluster.kubectl("apply", *options, text=copy)


class Upgrade:
    """A deployment that runs, and the command lines that bring it to another release, carried out one by one."""

    def __init__(self, cluster: Cluster, folder: Path, namespace: str) -> None:
        self.cluster, self.folder, self.namespace = cluster, folder, namespace
        self.running: list[Counter[str]] = []
        """The pods after each command line of kubectl."""

    def deployment(self, release: str, **changes: str) -> Deployment:
        """The deployment on a release."""
        settings = f"{{{TLS}, kubernetes: {{namespace: {self.namespace}{changes.pop('kubernetes', '')}}}}}"
        return make_deployment(release=f'"{release}"', deployment=settings, **changes)

    def render(self, deployment: Deployment) -> None:
        """Write the folder anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        write_artifacts(TARGETS["kubernetes"].render(deployment), self.folder)

    def start(self, deployment: Deployment) -> None:
        """Apply the folder, as at the first start."""
        self.render(deployment)
        self.cluster.apply(self.folder)
        self.cluster.settle(self.namespace)

    def carry_out(self, before: str, after: Deployment) -> list[str]:
        """Every command line of the plan that asks the cluster; a program in a pod is asked for its pod only."""
        plan = upgrade(before, after.release, after, "site.yaml", str(self.folder))
        lines = [line for step in plan.steps for line in step.commands]
        for line in lines:
            if line.startswith("orthgen render"):
                self.render(after)
            if not line.startswith("kubectl "):
                continue
            words = shlex.split(line.partition(" -- ")[0])[1:]
            if words[0] == "exec":
                (target,) = [word for word in words if word.startswith("statefulset/")]
                words = ["rollout", "status", "--namespace", self.namespace, target]
            self.cluster.settle(self.namespace)
            self.cluster.kubectl(*words)
            self.cluster.settle(self.namespace)
            self.running.append(self.components())
        return lines

    def pods(self) -> list[Object]:
        """The pods that run: not those of Jobs, which have ended."""
        pods = self.cluster.objects("pods", self.namespace)
        return [pod for pod in pods if pod["status"]["phase"] == "Running"]

    def components(self) -> Counter[str]:
        """The number of pods of each component."""
        return Counter(pod["metadata"]["labels"][NAME] for pod in self.pods())

    def images(self) -> set[str]:
        """The images of all pods that run."""
        return {container["image"] for pod in self.pods() for container in pod["spec"]["containers"]}


def test_the_steps_of_an_upgrade_and_of_the_way_back(cluster: Cluster, tmp_path: Path) -> None:
    """Kubectl takes each line. Nothing but the databases runs between the stop and the start, and everything after it."""
    change = Upgrade(cluster, tmp_path / "deployment", "upgraded")
    old, new = change.deployment("25.8"), change.deployment("26.8")
    databases = Counter({naming.ORTHANC_DB: 1, naming.KEYCLOAK_DB: 1})
    change.start(old)
    whole, images = change.components(), change.images()

    for before, after in (("25.8", new), ("26.8", old)):
        change.running.clear()
        lines = [line for line in change.carry_out(before, after) if line.startswith("kubectl ")]
        started = next(index for index, line in enumerate(lines) if "--kustomize" in line)
        assert all(pods <= databases for pods in change.running[:started]), lines
        assert change.running[-1] == whole

    assert change.images() == images


def test_readers_of_an_autoscaler_stop_and_start_with_the_ingest_node(
    cluster: Cluster, tmp_path: Path
) -> None:
    """An apply alone would leave them without a pod."""
    change = Upgrade(cluster, tmp_path / "deployment", "scaled")
    deployment = change.deployment(
        "26.8", archive="{replicas: {readers: 2}}", kubernetes=", autoscaler: {max-readers: 4}"
    )
    change.start(deployment)
    whole = change.components()

    change.carry_out("26.7", deployment)

    assert change.running[0][naming.READER] == 0
    assert change.running[-1] == whole
    assert whole[naming.READER] == 2
