"""What pods may do, where they run, how they end, and what the kubelet does otherwise than Docker."""

from __future__ import annotations

import pytest

from orthgen.deployment import naming
from orthgen.deployment.model import Deployment
from orthgen.targets import TARGETS
from orthgen.targets.kubernetes.container_settings import environment
from tests.support.kubernetes_objects import cluster, containers, objects, parsed, pods, text


def test_pods_may_do_little(example: Deployment) -> None:
    """No root, no capability, no token of the cluster, a root file system that is read-only, limits for everything."""
    for pod in pods(example).values():
        assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(example):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }
        assert container["resources"]["limits"].keys() == container["resources"]["requests"].keys()
        assert all(port["containerPort"] >= 1024 for port in container.get("ports", ()))


def test_folders_in_memory_have_at_most_half_of_the_limit() -> None:
    """The kernel counts what is in an `emptyDir` in memory as memory of the container."""
    small = pods(cluster("{memory: {nginx: 128m, keycloak: 640m}}"))

    for name, sizes in {"Deployment/nginx": ["64Mi"], "Deployment/keycloak": ["160Mi", "160Mi"]}.items():
        volumes = [volume.get("emptyDir", {}) for volume in small[name]["volumes"]]
        assert [each["sizeLimit"] for each in volumes if each.get("medium") == "Memory"] == sizes


def test_pods_finish_their_requests(example: Deployment) -> None:
    """A pod serves for five seconds after the signal to stop, and then has the time that Docker Compose gives it."""
    compose = parsed(
        next(each.text for each in TARGETS["compose"].render(example) if each.path == "docker-compose.yml")
    )
    for name, pod in pods(example).items():
        service = compose["services"].get(name.partition("/")[2])
        if service is not None:
            time_to_end = int(service["stop_grace_period"].removesuffix("s"))
            assert pod["terminationGracePeriodSeconds"] == time_to_end + 5, name
            assert pod["containers"][0]["lifecycle"] == {"preStop": {"exec": {"command": ["sleep", "5"]}}}, (
                name
            )


def test_pods_of_a_service_are_spread() -> None:
    """Over nodes and zones, but a cluster with one node starts them all; nothing else of a pod needs a node."""
    made = pods(cluster("{replicas: 3}"))

    spread = {
        name: [(each["topologyKey"], each["whenUnsatisfiable"]) for each in pod["topologySpreadConstraints"]]
        for name, pod in made.items()
        if "topologySpreadConstraints" in pod
    }
    keys = [(f"{key}", "ScheduleAnyway") for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")]
    assert spread == {
        f"Deployment/{name}": keys for name in (naming.NGINX, naming.KEYCLOAK, naming.AUTH_SERVICE)
    }


@pytest.mark.parametrize("database", ["{}", "{cloudnative-pg: {instances: 2}}"])
def test_every_pod_has_the_priority_of_the_profile(database: str) -> None:
    """The Job and the pods of an operator included; without the key no pod names a class."""
    deployment = cluster(f"{{priority-class: pacs, database: {database}}}")
    operated = [each["spec"] for name, each in objects(deployment).items() if name.startswith("Cluster/")]

    assert {spec["priorityClassName"] for spec in (*pods(deployment).values(), *operated)} == {"pacs"}
    assert not [pod for pod in pods(cluster()).values() if "priorityClassName" in pod]


def test_the_namespace_admits_restricted_pods_only() -> None:
    """PodSecurity refuses every other pod."""
    labels = objects(cluster())["Namespace/test"]["metadata"]["labels"]

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


# -------------------------------------------------------------------------------------- what compose leaks


def test_nginx_needs_no_name_server() -> None:
    """Services keep their addresses; the kubelet asks for the health page from outside the pod."""
    deployment = cluster()
    nginx, site = text(deployment, "nginx/nginx.conf"), text(deployment, "nginx/conf.d/site.conf")

    assert "resolver" not in nginx
    assert "server ohif:8080" in text(cluster(viewers="{ohif: {}}"), "nginx/nginx.conf")
    assert "listen 8081;" in site
    assert "listen 8443 ssl" in site


def test_a_volume_is_filled_from_the_image() -> None:
    """Docker fills a new volume from the image; here a container does, before Keycloak starts."""
    pod = pods(cluster())["Deployment/keycloak"]
    (init,), path = pod["initContainers"], "/opt/keycloak/lib/quarkus"

    assert init["command"] == ["cp", "-R", f"{path}/.", "/filled/"]
    mount = next(each for each in pod["containers"][0]["volumeMounts"] if each["mountPath"] == path)
    assert init["volumeMounts"][0]["name"] == mount["name"]


def test_references_of_the_kubelet_are_escaped() -> None:
    """The kubelet would replace `$(NAME)` in an argument."""
    assert environment([("A", "$(B) $C")]) == [{"name": "A", "value": "$$(B) $C"}]


def test_roles_that_are_edited_are_one_pods_file() -> None:
    """With the permission editor there is one auth-service, and its volume."""
    made = objects(cluster(identity="{sign-in: [accounts: {}], permission-editor: true}"))

    assert made["Deployment/orthanc-auth-service"]["spec"]["replicas"] == 1
    assert "PersistentVolumeClaim/permissions" in made
