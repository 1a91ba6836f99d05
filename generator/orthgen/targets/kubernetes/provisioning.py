"""The Job that makes the realm and keeps it: Keycloak's own import only creates."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orthgen import __version__
from orthgen.deployment import naming
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.products.services import Limits, SecretMount
from orthgen.realm.import_secrets import import_variables, vault_files
from orthgen.registry.reference import split_registry
from orthgen.targets.kubernetes.components import PROVISIONING
from orthgen.targets.kubernetes.configuration import ConfigMap
from orthgen.targets.kubernetes.container_settings import REASON_FROM_LOG, container, resources
from orthgen.targets.kubernetes.manifest import KubernetesManifest, labels, metadata
from orthgen.targets.kubernetes.pods import pod_settings
from orthgen.targets.kubernetes.secret_objects import secret_volumes

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

PROFILE_PATH = f"{PROVISIONING}/profile.yaml"
_FOLDER = "/run/orthgen"
# The user of orthgen's image.
_USER = "65532:65532"
_LIMITS = Limits("256m", "1", 64)
# What the same plan would meet again: Keycloak refuses, an unsafe plan, rights that orthgen does not manage.
_FINAL_EXIT_CODES = [2, 4, 7, 8]


def profile_file(deployment: Deployment) -> Artifact:
    """The profile as one file, with what it extends; its secrets are names."""
    profile = deployment.profile.model_dump(mode="json", by_alias=True, exclude_unset=True)
    profile["deployment"] = {**profile.get("deployment", {}), "name": deployment.project}
    return Artifact(PROFILE_PATH, header(deployment.source) + dump_yaml(profile))


def provisioning_secrets(deployment: Deployment) -> tuple[SecretMount, ...]:
    """The secrets that the Job writes into the realm, and the administrator's password."""
    names = [
        naming.KEYCLOAK_ADMIN_PASSWORD,
        *(file.secret for file in vault_files(deployment)),
        *(variable.secret for variable in import_variables(deployment)),
    ]
    return tuple(SecretMount(name, f"{_FOLDER}/secrets/{name}") for name in dict.fromkeys(names))


def provisioning_map() -> ConfigMap:
    """The ConfigMap of the profile."""
    return ConfigMap(PROVISIONING, {"profile.yaml": PROFILE_PATH})


def provisioning_manifest(deployment: Deployment, profile: Artifact) -> KubernetesManifest:
    """
    The Job.

    A Job's template never changes, so its name has a digest of it: another profile or another orthgen is another Job.
    """
    template = _template(deployment)
    digest = sha256(repr(template).encode() + profile.data).hexdigest()[:8]
    content = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(deployment, f"{PROVISIONING}-{digest}", PROVISIONING),
        "spec": {
            "backoffLimit": 8,
            "activeDeadlineSeconds": 3600,
            "podFailurePolicy": {
                "rules": [
                    {
                        "action": "FailJob",
                        "onExitCodes": {
                            "containerName": PROVISIONING,
                            "operator": "In",
                            "values": _FINAL_EXIT_CODES,
                        },
                    }
                ]
            },
            "template": template,
        },
    }
    purpose = "Reconciles the realm with the profile (`orthgen provision-keycloak`)."
    return KubernetesManifest(PROVISIONING, "job", purpose, content)


def _template(deployment: Deployment) -> dict[str, Any]:
    pairs = list(secret_volumes(deployment, provisioning_secrets(deployment)))
    port = deployment.platform.ports[naming.KEYCLOAK]
    provisioning = container(
        PROVISIONING,
        _image(deployment),
        resources(_LIMITS),
        args=[
            "provision-keycloak",
            f"{_FOLDER}/profile/profile.yaml",
            "--yes",
            # The network policies let nobody but Keycloak's clients into this connection.
            *("--server", f"http://{naming.KEYCLOAK}:{port}", "--allow-plain-http"),
            *("--deployment", _FOLDER),
        ],
        volumeMounts=[
            {"name": "profile", "mountPath": f"{_FOLDER}/profile", "readOnly": True},
            *(mount for _, mounts in pairs for mount in mounts),
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - in the container
        ],
        **REASON_FROM_LOG,
    )
    return {
        "metadata": {"labels": labels(deployment, PROVISIONING)},
        "spec": {
            **pod_settings(deployment, _USER, reads_secrets=True),
            "restartPolicy": "Never",
            "initContainers": [_waiting_container(deployment)],
            "containers": [provisioning],
            "volumes": [
                {"name": "profile", "configMap": {"name": provisioning_map().name}},
                *(volume for volume, _ in pairs),
                {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
            ],
        },
    }


def _waiting_container(deployment: Deployment) -> dict[str, Any]:
    """A container that ends when a Keycloak is ready. A Job that failed meanwhile would wait for minutes before it tries again."""
    port = deployment.platform.ports[naming.KEYCLOAK]
    return container(
        f"wait-for-{naming.KEYCLOAK}",
        deployment.image("keycloak"),
        resources(_LIMITS),
        # The image has neither curl nor wget.
        command=[
            "bash",
            "-c",
            f"until true 2>/dev/null </dev/tcp/{naming.KEYCLOAK}/{port}; do sleep 3; done",
        ],
    )


def _image(deployment: Deployment) -> str:
    assert deployment.kubernetes is not None  # noqa: S101 - this target's deployments have it
    image = deployment.kubernetes.image
    has_tag = "@" in image or ":" in split_registry(image)[1]
    return image if has_tag else f"{image}:{__version__}"
