"""PostgreSQL in a StatefulSet, by CloudNativePG, and outside of the cluster."""

from __future__ import annotations

import pytest

from orthgen.deployment import naming
from tests.support.clusters import deployment_of
from tests.support.kubernetes_objects import cluster, mounted_keys, objects, parsed, pods, text

# ------------------------------------------------------------------------------------------------ databases


def test_an_operator_runs_the_databases() -> None:
    """CloudNativePG makes cluster and password; the Service has the name that Orthanc and Keycloak know."""
    deployment = cluster(
        "{database: {cloudnative-pg: {instances: 3}}, volumes: {databases: {size: 50Gi, class: fast}}}"
    )
    made = objects(deployment)
    spec = made["Cluster/orthanc-db"]["spec"]

    assert spec["instances"] == 3
    assert spec["storage"] == {"size": "50Gi", "storageClass": "fast"}
    assert (
        spec["managed"]["services"]["additional"][0]["serviceTemplate"]["metadata"]["name"]
        == naming.ORTHANC_DB
    )
    assert "StatefulSet/orthanc-db" not in made
    assert {("orthanc-db-app", "password"), ("keycloak-db-app", "password")} <= mounted_keys(deployment)
    assert not [secret.name for secret in deployment.secrets if "db-password" in secret.name]
    assert not [image for image in deployment.images if image.startswith("postgres")]
    selectors = [each["podSelector"]["matchLabels"] for rule in made["NetworkPolicy/orthanc"]["spec"]["egress"] for each in rule["to"] if "podSelector" in each]  # fmt: skip
    assert {"cnpg.io/cluster": "orthanc-db"} in selectors


def test_the_database_has_room_for_every_keycloak() -> None:
    """Each pod of Keycloak has a pool of connections; the pods find each other through the database."""
    deployment = cluster("{replicas: 3}")
    made = pods(deployment)
    variables = {
        entry["name"]: entry["value"] for entry in made["Deployment/keycloak"]["containers"][0]["env"]
    }
    arguments = made["StatefulSet/keycloak-db"]["containers"][0]["args"]

    assert variables["KC_CACHE"] == "ispn"
    connections_of_database = next(
        int(each.split("=")[1]) for each in arguments if each.startswith("max_connections=")
    )
    assert connections_of_database > 3 * int(variables["KC_DB_POOL_MAX_SIZE"])
    peers = objects(deployment)["NetworkPolicy/keycloak"]["spec"]["ingress"]
    assert {7800, 57800} <= {port["port"] for rule in peers for port in rule["ports"]}


# -------------------------------------------------------------------------------------------- command line


@pytest.mark.parametrize(("client", "name"), [("StatefulSet/orthanc", "orthanc-db-check"), ("Deployment/keycloak", "keycloak-db-check")])  # fmt: skip
def test_a_database_outside_is_examined_first(client: str, name: str) -> None:
    """A container of the client's pod runs the check that Docker Compose waits for, and its reason is in the pod's status."""
    deployment = deployment_of("PostgreSQL outside")
    pod = pods(deployment)[client]
    check = pod["initContainers"][0]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}

    assert check["name"] == name
    assert check["command"] == ["bash", "/opt/orthgen/passfile.sh", "bash", "/opt/orthgen/check.sh"]
    assert check["terminationMessagePolicy"] == "FallbackToLogsOnError"
    assert {"name": "PGHOST", "value": "db.example.org"} in check["env"]
    mounted = {mount["mountPath"]: volumes[mount["name"]] for mount in check["volumeMounts"]}
    assert set(mounted) == {"/opt/orthgen/passfile.sh", "/opt/orthgen/check.sh", "/run/database", "/tmp"}  # noqa: S108 - in the container
    assert mounted["/opt/orthgen/check.sh"]["configMap"] == {"name": f"{name}-files"}
    generators = parsed(text(deployment, "kustomization.yaml"))["configMapGenerator"]
    assert f"{name}-files" in {generator["name"] for generator in generators}
    assert len(volumes) == len(pod["volumes"])


def test_a_database_outside_has_no_pod() -> None:
    """Orthanc and Keycloak reach it at its port; its authority is a key of the Secret."""
    server = "{host: db.example.org, port: 6432, password: {secret: db}, authority: /etc/ssl/db.pem, max-connections: 200}"
    deployment = cluster(archive=f"{{storage: {{postgresql: {server}}}}}")
    made = objects(deployment)

    assert not [name for name in made if "orthanc-db" in name]
    outside = [rule for rule in made["NetworkPolicy/orthanc"]["spec"]["egress"] if {"ipBlock": {"cidr": "0.0.0.0/0"}} in rule["to"]]  # fmt: skip
    assert [port["port"] for rule in outside for port in rule["ports"]] == [6432]
    assert ("orthanc-secrets", "orthanc-db-authority") in mounted_keys(deployment)
    assert "--from-file=orthanc-db-authority=/etc/ssl/db.pem" in text(deployment, "secrets/README.md")
