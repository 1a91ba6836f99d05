"""The control plane of a real Kubernetes: etcd, API server, controller manager and scheduler, with made-up nodes.

No kubelet runs: `Cluster.settle` plays its part, and that of a provisioner of volumes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.support.real import authority, parts, web
from tests.support.real.cluster import Cluster
from tests.support.real.network import Network
from tests.support.real.process import Program

_PORT = 6443
_ETCD = "http://127.0.0.1:2379"
_USERS = ("admin", "manager", "scheduler")

STORAGE_CLASS = "standard"
"""The default storage class, whose volumes `Cluster.settle` provides."""

NODES = {"node-1": "zone-1", "node-2": "zone-1", "node-3": "zone-2"}
"""The zones of the nodes."""


@contextmanager
def running(network: Network, folder: Path) -> Iterator[Cluster]:
    """A control plane with the definitions of custom resources, ready for objects; its data and logs are in `folder`."""
    certificate, key = authority.certify("kubernetes", folder)
    tokens = {user: secrets.token_hex(16) for user in _USERS}
    lines = [f'{token},{user},{user},"system:masters"\n' for user, token in tokens.items()]
    (folder / "tokens.csv").write_text("".join(lines), encoding="ascii")
    address = network.service("kubernetes")
    kubeconfigs = {user: _kubeconfig(folder, user, token) for user, token in tokens.items()}
    with ExitStack() as stack:

        def start(program: str, *options: str) -> Program:
            argv = [str(parts.kubernetes(program)), *options]
            return stack.enter_context(Program(argv, log=folder / f"{program}.log", environment={}))

        start("etcd", *_etcd_options(folder))
        server = start("kube-apiserver", *_server_options(folder, address, certificate, key))
        cluster = Cluster(
            f"https://kubernetes:{_PORT}",
            folder,
            kubeconfigs["admin"],
            {"Authorization": f"Bearer {tokens['admin']}"},
            web.trusting(str(authority.certificate())),
        )
        server.wait_until(cluster.is_ready, seconds=400, what="kube-apiserver")
        start("kube-controller-manager", *_manager_options(kubeconfigs["manager"], key))
        start("kube-scheduler", *_client_options(kubeconfigs["scheduler"]))
        definitions = [f"--filename={file}" for file in parts.custom_resource_definitions()]
        cluster.kubectl("apply", "--server-side", *definitions)
        cluster.create(_storage_class(), *(_node(name, zone) for name, zone in NODES.items()))
        for node in NODES:
            cluster.set_status(f"/api/v1/nodes/{node}", _NODE_STATUS)
        cluster.kubectl("wait", "--for=condition=Established", "--all", "crd", "--timeout=400s")
        yield cluster


def _kubeconfig(folder: Path, user: str, token: str) -> Path:
    """The file that tells a client where the server is, and who the client is."""
    path = folder / f"{user}.kubeconfig"
    server = {
        "server": f"https://kubernetes:{_PORT}",
        "certificate-authority": str(authority.certificate()),
    }
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "tests", "cluster": server}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": user}}],
        "current-context": "tests",
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _etcd_options(folder: Path) -> Sequence[str]:
    return (
        f"--data-dir={folder / 'etcd'}",
        # The data of a test need not outlive a crash.
        "--unsafe-no-fsync",
        f"--listen-client-urls={_ETCD}",
        f"--advertise-client-urls={_ETCD}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--log-level=warn",
    )


def _server_options(folder: Path, address: str, certificate: Path, key: Path) -> Sequence[str]:
    return (
        f"--etcd-servers={_ETCD}",
        f"--bind-address={address}",
        f"--advertise-address={address}",
        f"--secure-port={_PORT}",
        # The server would publish its address, which has to be one that pods reach, as endpoints of a Service.
        "--endpoint-reconciler-type=none",
        f"--tls-cert-file={certificate}",
        f"--tls-private-key-file={key}",
        f"--cert-dir={folder}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--anonymous-auth=false",
        # As clusters have it: PodSecurity is to judge privileged pods.
        "--allow-privileged=true",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-signing-key-file={key}",
        f"--service-account-key-file={certificate}",
        "--service-cluster-ip-range=10.96.0.0/16",
    )


def _client_options(kubeconfig: Path) -> Sequence[str]:
    return (
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        "--leader-elect=false",
        "--secure-port=0",
        # The defaults spare a server that many clients share.
        "--kube-api-qps=1000",
        "--kube-api-burst=1000",
    )


def _manager_options(kubeconfig: Path, key: Path) -> Sequence[str]:
    return (
        *_client_options(kubeconfig),
        f"--service-account-private-key-file={key}",
        f"--root-ca-file={authority.certificate()}",
        # No kubelet says every few seconds that its node is alive.
        "--node-monitor-grace-period=24h",
    )


def _storage_class() -> dict[str, Any]:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": STORAGE_CLASS,
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "tests.example.org/volumes",
        "allowVolumeExpansion": True,
    }


def _node(name: str, zone: str) -> dict[str, Any]:
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": zone,
    }
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}


_RESOURCES = {"cpu": "16", "memory": "64Gi", "ephemeral-storage": "100Gi", "pods": "110"}
_NODE_STATUS = {
    "capacity": _RESOURCES,
    "allocatable": _RESOURCES,
    "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
}
