"""The pods of readers: their Deployment, their volume, their autoscaler, and how nginx reaches them."""

from __future__ import annotations

from tests.support.clusters import deployment_of
from tests.support.kubernetes_objects import objects, text


def test_readers_are_pods_of_one_deployment() -> None:
    """Each has an identifier and a host number of its own, and they start after the ingest node, all at once."""
    deployment = deployment_of("readers")
    spec = objects(deployment)["Deployment/orthanc-reader"]["spec"]
    pod = spec["template"]["spec"]
    (container,), (wait,) = pod["containers"], pod["initContainers"]
    fields = {entry["name"]: entry.get("valueFrom") for entry in container["env"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    mounts = {mount["mountPath"]: (volumes[mount["name"]], mount.get("readOnly")) for mount in container["volumeMounts"]}  # fmt: skip

    assert (spec["replicas"], spec["strategy"]) == (2, {"type": "Recreate"})
    assert fields["ORTHANC__DATABASE_SERVER_IDENTIFIER"] == {"fieldRef": {"fieldPath": "metadata.name"}}
    assert mounts["/etc/hostid"][0]["downwardAPI"]["items"][0]["fieldRef"] == {"fieldPath": "metadata.uid"}
    assert "http://orthanc:8042/" in wait["command"][-1]
    # Archives that it builds: nothing to keep, and more than the logs' share of the disk.
    assert "emptyDir" in mounts["/var/lib/orthanc"][0]
    assert container["resources"]["limits"]["ephemeral-storage"] == "22Gi"


def test_readers_share_the_volume_of_the_ingest_node() -> None:
    """Its claim is for many nodes, and readers cannot write to it; with S3 there is nothing to share."""
    made, in_bucket = (
        objects(deployment_of("readers")),
        objects(deployment_of("readers that follow the load")),
    )
    mounts = made["Deployment/orthanc-reader"]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]

    assert made["PersistentVolumeClaim/orthanc-data"]["spec"]["accessModes"] == ["ReadWriteMany"]
    assert {"name": "orthanc-data", "mountPath": "/srv/orthanc", "readOnly": True} in mounts
    assert in_bucket["PersistentVolumeClaim/orthanc-data"]["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert "orthanc-reader-data" not in str(made.keys())


def test_readers_follow_the_load() -> None:
    """The autoscaler chooses the number, which no apply resets; PostgreSQL accepts the connections of the largest."""
    deployment = deployment_of("readers that follow the load")
    made = objects(deployment)
    autoscaler = made["HorizontalPodAutoscaler/orthanc-reader"]["spec"]
    arguments = made["StatefulSet/orthanc-db"]["spec"]["template"]["spec"]["containers"][0]["args"]
    accepted = next(int(each.split("=")[1]) for each in arguments if each.startswith("max_connections="))

    assert (autoscaler["minReplicas"], autoscaler["maxReplicas"]) == (2, 6)
    # 60 % of the two processors that a reader may use.
    assert autoscaler["metrics"][0]["resource"]["target"]["averageValue"] == "1200m"
    assert "replicas" not in made["Deployment/orthanc-reader"]["spec"]
    assert accepted >= 7 * deployment.profile.archive.storage.connections
    assert "PodDisruptionBudget/orthanc-reader" in made


def test_nginx_asks_the_readers_by_one_name() -> None:
    """Their Service chooses the pod, so nginx needs no reload when one more starts."""
    nginx = text(deployment_of("readers"), "nginx/nginx.conf")

    assert "server orthanc-reader:8042 max_fails=1 fail_timeout=5s;" in nginx
    assert "server orthanc:8042 max_fails=1 fail_timeout=5s backup;" in nginx
