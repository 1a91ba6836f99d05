"""A running Kubernetes and its administrator: applies folders, compares, and brings pods to where they run."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from ssl import SSLContext
from typing import Any

import yaml

from tests.support.real import parts, web

Object = dict[str, Any]

_APPLY = ("apply", "--server-side", "--validate=strict", "--warnings-as-errors")


class KubernetesError(RuntimeError):
    """Kubernetes refused what was asked, or pods did not come; the message says why."""


@dataclass
class Cluster:
    """A running Kubernetes and its administrator."""

    url: str
    folder: Path
    _kubeconfig: Path
    _headers: Mapping[str, str]
    _trust: SSLContext
    _numbers: count[int] = field(default_factory=count)

    def is_ready(self) -> bool:
        """Whether the API server serves requests."""
        try:
            answer = web.get(f"{self.url}/readyz", headers=self._headers, trust=self._trust)
        except OSError:
            return False
        return answer.status == 200

    def kubectl(self, *words: str | Path, text: str = "", accepted: Sequence[int] = (0,)) -> str:
        """Run kubectl with `text` as its input, and return what it prints.

        Raises:
            KubernetesError: it ends with a status that is not among `accepted`.
        """
        done = subprocess.run(
            [str(parts.kubernetes("kubectl")), *map(str, words)],
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "KUBECONFIG": str(self._kubeconfig)},
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in accepted:
            raise KubernetesError(f"{done.stdout}{done.stderr}")
        return done.stdout

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        kind: str = "application/json",
        accepted: Sequence[int] = (200, 201, 202),
    ) -> Any:
        """Ask the API server; `path` starts with `/api`."""
        answer = web.request(
            method,
            self.url + path,
            json_body=body,
            headers={**self._headers, "Content-Type": kind},
            trust=self._trust,
        )
        if answer.status not in accepted:
            raise KubernetesError(f"{method} {path}: {answer.status}: {answer.text}")
        return answer.json()

    def create(self, *objects: Object) -> None:
        """Create objects."""
        self.kubectl("create", "--validate=strict", "--filename=-", text=_stream(objects))

    def apply(self, folder: Path) -> None:
        """Apply a folder with a `kustomization.yaml` as an operator does; a warning is an error."""
        self.kubectl(*_APPLY, f"--kustomize={folder}")

    def dry_run(self, folder: Path) -> None:
        """Let the server judge a folder and keep nothing of it but the namespaces, which the other objects need."""
        objects = list(yaml.safe_load_all(self.kubectl("kustomize", folder)))
        namespaces = [each for each in objects if each["kind"] == "Namespace"]
        self.kubectl(*_APPLY, "--filename=-", text=_stream(namespaces))
        self.kubectl(*_APPLY, "--dry-run=server", "--filename=-", text=_stream(objects))

    def diff(self, folder: Path) -> str:
        """How the folder differs from what runs; nothing if it does not."""
        return self.kubectl("diff", "--server-side", f"--kustomize={folder}", accepted=(0, 1))

    def objects(self, kinds: str, namespace: str) -> list[Object]:
        """The objects of some kinds, joined by commas, in a namespace."""
        text = self.kubectl("get", kinds, f"--namespace={namespace}", "--output=json")
        return list(json.loads(text)["items"])

    def set_status(self, path: str, status: Object) -> None:
        """Say how an object does, as the program that cares for it would."""
        self.request("PATCH", f"{path}/status", {"status": status}, "application/strategic-merge-patch+json")

    def settle(self, namespace: str, seconds: float = 400) -> list[Object]:
        """Wait until every pod of every deployment, stateful set and job is placed and runs; return the pods.

        A volume is provided for every claim, and a pod that is placed on a node is said to run there: a Job's, to
        have ended well.

        Raises:
            KubernetesError: a pod is refused, or not all come in time.
        """
        deadline = time.monotonic() + seconds
        while not self._is_settled(namespace):
            events = self._complaints(namespace)
            if time.monotonic() > deadline or any("violates PodSecurity" in event for event in events):
                raise KubernetesError("\n".join(events) or f"{namespace}: pods are missing, without an event")
            self._provide_volumes(namespace)
            self._run_pods(namespace)
            time.sleep(0.1)
        return self.objects("pods", namespace)

    def delete_namespace(self, namespace: str, seconds: float = 400) -> None:
        """Remove a namespace with all that is in it."""
        deadline = time.monotonic() + seconds
        self.kubectl("delete", "namespace", namespace, "--wait=false")
        while self.kubectl("get", "namespace", namespace, "--ignore-not-found"):
            if time.monotonic() > deadline:
                raise KubernetesError(f"{namespace} is not removed after {seconds:.0f} s")
            self._run_pods(namespace)
            time.sleep(0.1)

    def _list(self, path: str) -> list[Object]:
        return list(self.request("GET", path)["items"])

    def _is_settled(self, namespace: str) -> bool:
        def owners(group: str, kind: str) -> list[Object]:
            return self._list(f"/apis/{group}/v1/namespaces/{namespace}/{kind}")

        # A pod that ends counts as none for its owner, and is there until its kubelet removes it.
        if any(
            "deletionTimestamp" in pod["metadata"]
            for pod in self._list(f"/api/v1/namespaces/{namespace}/pods")
        ):
            return False
        return all(
            owner["status"].get("observedGeneration") == owner["metadata"]["generation"]
            and owner["status"].get("updatedReplicas", 0) == owner["spec"]["replicas"]
            and owner["status"].get("readyReplicas", 0) == owner["spec"]["replicas"]
            for owner in owners("apps", "deployments") + owners("apps", "statefulsets")
        ) and all(
            job["status"].get("succeeded") == job["spec"]["completions"] for job in owners("batch", "jobs")
        )

    def _complaints(self, namespace: str) -> list[str]:
        return [
            f"{event['involvedObject']['kind']} {event['involvedObject']['name']}: {event['message']}"
            for event in self._list(f"/api/v1/namespaces/{namespace}/events")
            if event["type"] == "Warning"
        ]

    def _provide_volumes(self, namespace: str) -> None:
        """Do as the provisioner of a storage class would."""
        for claim in self._list(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims"):
            if claim["status"]["phase"] == "Pending":
                volume = _volume(claim)
                path = f"/api/v1/persistentvolumes/{volume['metadata']['name']}?fieldManager=tests"
                self.request("PATCH", path, volume, "application/apply-patch+yaml")

    def _run_pods(self, namespace: str) -> None:
        """Do as the kubelets of the nodes would."""
        for pod in self._list(f"/api/v1/namespaces/{namespace}/pods"):
            path = f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}"
            if "deletionTimestamp" in pod["metadata"]:
                # The Job's controller may have removed it meanwhile.
                self.request("DELETE", path, {"gracePeriodSeconds": 0}, accepted=(200, 404))
            elif pod["spec"].get("nodeName") and pod["status"]["phase"] == "Pending":
                self.set_status(path, _status(pod, f"10.244.{next(self._numbers)}.1"))


def _stream(objects: Sequence[Object]) -> str:
    # Not a List, which kubectl would judge by itself and not leave to the server.
    return "\n---\n".join(map(json.dumps, objects))


def _volume(claim: Object) -> Object:
    """A volume for a claim, and for no other."""
    metadata, spec = claim["metadata"], claim["spec"]
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"pvc-{metadata['uid']}"},
        "spec": {
            "accessModes": spec["accessModes"],
            "capacity": spec["resources"]["requests"],
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "uid": metadata["uid"],
            },
            "storageClassName": spec.get("storageClassName", ""),
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": f"/srv/{metadata['uid']}"},
        },
    }


def _status(pod: Object, address: str) -> Object:
    """The status of a pod that runs, or that has ended well if it is a Job's."""
    is_job = any(owner["kind"] == "Job" for owner in pod["metadata"].get("ownerReferences", ()))
    state = {"terminated": {"exitCode": 0}} if is_job else {"running": {}}
    return {
        "phase": "Succeeded" if is_job else "Running",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "conditions": [
            {"type": kind, "status": "False" if is_job else "True"} for kind in ("ContainersReady", "Ready")
        ],
        "containerStatuses": [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": container["image"],
                "ready": not is_job,
                "started": not is_job,
                "restartCount": 0,
                "state": state,
            }
            for container in pod["spec"]["containers"]
        ],
    }
