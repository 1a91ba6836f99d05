"""
Command lines of an upgrade in a Kubernetes cluster.

No pod of the old release may run when a newer one changes the schema of a database, so that nothing is updated pod by pod: all
writers and readers stop first. kubectl's documentation (1.35): `kubectl exec` takes a workload or a Service and chooses one of
its pods, `kubectl wait --for=delete` succeeds where nothing is left.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.deployment import naming
from orthgen.targets.kubernetes.components import COMPONENTS, PROVISIONING, is_scaled, replicas
from orthgen.targets.kubernetes.manifest import FOLDER, INSTANCE_LABEL, NAME_LABEL, namespace_of
from orthgen.upgrade.model import TargetWords, UpgradeStep, reconcile_by_command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthgen.deployment.model import Deployment
    from orthgen.upgrade.model import UpgradedDatabase

_CLUSTERS = "clusters.postgresql.cnpg.io"
_TIMEOUT = "--timeout=15m"
_STOP_REASON = "Data that arrives after the dump would be lost. Readers stop too: there is no rolling update across a change of the tables."
_OLD_CLAIMS = (
    "The claims of the old PostgreSQL stay as they are. Stop what writes, as in the first step, write "
    '`release: "{before}"` into the profile, and render with `--upgrade`. Start the databases alone, then everything, with the same '
    "commands: the databases are as they were at the first step. Studies that came later are in the storage, and not in that index. Remove the old claims "
    "(`kubectl delete persistentvolumeclaim`) when the new release has proved itself."
)


class KubernetesCommands(Struct, frozen=True):
    """Command lines for the deployment that is rendered in `folder`."""

    deployment: Deployment
    folder: str

    @property
    def words(self) -> TargetWords:
        """The words of the cluster; the places of studies and claims depend on the profile."""
        in_bucket = self.deployment.profile.archive.storage.files.s3 is not None
        studies = (
            "The studies are in the bucket: use its versions, or a copy."
            if in_bucket
            else "Take a snapshot of the claim `orthanc-data` (VolumeSnapshot, Velero)."
        )
        removal = (
            "CloudNativePG removes the claims with the databases. The last command lists those that are left."
            if self.deployment.has_database_operator
            else "The last command lists the claims; `kubectl delete persistentvolumeclaim` removes those of the databases, and no "
            "other."
        )
        return TargetWords(
            volumes="claims",
            stop_reason=_STOP_REASON,
            backup=f"{studies} The first command lists the claims; the secrets are in the folder, or in the store that the profile "
            "names.",
            removal=removal,
            old_volumes=_OLD_CLAIMS,
        )

    @property
    def is_bound_to_postgres(self) -> bool:
        """Whether the release names the image of PostgreSQL; CloudNativePG chooses it by itself."""
        return not self.deployment.has_database_operator

    def _kubectl(self, verb: str, words: str) -> str:
        return f"kubectl {verb} --namespace {namespace_of(self.deployment)} {words}"

    @property
    def _stopped(self) -> tuple[str, ...]:
        """The components that stop: all but the databases and OHIF, which has no data."""
        readers = (naming.READER,) if self.deployment.profile.archive.replicas.readers else ()
        keycloak = (naming.KEYCLOAK,) if self.deployment.has_own_keycloak else ()
        return (naming.NGINX, naming.ORTHANC, *readers, naming.AUTH_SERVICE, *keycloak)

    def stop_writers(self) -> tuple[str, ...]:
        """Scale everything that uses a database down, and wait until its pods are gone."""
        workloads = " ".join(map(_workload, self._stopped))
        selector = shlex.quote(
            f"{INSTANCE_LABEL}={self.deployment.project},{NAME_LABEL} in ({','.join(self._stopped)})"
        )
        return (
            self._kubectl("scale", f"--replicas=0 {workloads}"),
            self._kubectl("wait", f"pod --selector {selector} --for=delete {_TIMEOUT}"),
        )

    def _program(self, database: UpgradedDatabase, program: str, options: str, *, reads: bool = False) -> str:
        """A program of PostgreSQL beside the database; for a database outside, on the machine of the operator."""
        if database.external is not None:
            authority = {"sslrootcert": database.external.authority} if database.external.authority else {}
            return f"{program} --dbname {shlex.quote(database.external.uri(**authority))} {options}"
        # CloudNativePG lets nobody but its superuser in by the socket.
        user = "postgres" if self.deployment.has_database_operator else database.name
        return self._exec(database, f"{program} -U {user} -d {database.name} {options}", reads=reads)

    def _exec(self, database: UpgradedDatabase, words: str, *, reads: bool) -> str:
        kind = "service" if self.deployment.has_database_operator else "statefulset"
        return self._kubectl("exec", f"{'--stdin ' if reads else ''}{kind}/{database.service} -- {words}")

    def dump(self, database: UpgradedDatabase, release: str) -> str:
        """Dump a database."""
        return f"{self._program(database, 'pg_dump', '-Fc')} > {database.dump_of(release)}"

    def count(self, database: UpgradedDatabase, release: str) -> str:
        """Print how many tables are in a dump."""
        words = "pg_restore --list"
        program = words if database.external is not None else self._exec(database, words, reads=True)
        return f"{program} < {database.dump_of(release)} | grep -c 'TABLE DATA'"

    def restore(self, database: UpgradedDatabase, release: str) -> str:
        """Restore a dump."""
        program = self._program(database, "pg_restore", database.restore_options, reads=True)
        return f"{program} < {database.dump_of(release)}"

    def back_up(self, release: str) -> tuple[str, ...]:
        """List the claims, and copy the secrets."""
        return (self.list_volumes(), f"cp -a {self.folder}/secrets secrets-{release}")

    def list_volumes(self) -> str:
        """List the claims."""
        return self._kubectl("get", "persistentvolumeclaims")

    def stop_rest(self) -> tuple[UpgradeStep, ...]:
        """Nothing: a database that keeps its volume is exchanged by the apply."""
        return ()

    def remove_databases(self, databases: Iterable[UpgradedDatabase]) -> tuple[str, ...]:
        """Remove the databases' pods, without which a claim cannot go; the operator removes its claims with them."""
        names = [database.service for database in databases if database.external is None]
        kind = _CLUSTERS if self.deployment.has_database_operator else "statefulsets"
        return (self._kubectl("delete", f"{kind} {' '.join(names)}"), self.list_volumes())

    def start_databases(self, databases: Iterable[UpgradedDatabase]) -> tuple[str, ...]:
        """Start the databases of the deployment alone; one outside runs."""
        names = [database.service for database in databases if database.external is None]
        if not names:
            return ()
        files = " ".join(f"--filename {self.folder}/{FOLDER}/{name}" for name in names)
        if self.deployment.has_database_operator:
            ready = self._kubectl("wait", f"{_CLUSTERS} {' '.join(names)} --for=condition=Ready {_TIMEOUT}")
            return (f"kubectl apply --server-side {files}", ready)
        workloads = " ".join(map(_workload, names))
        return (
            f"kubectl apply --server-side {files}",
            self._kubectl("rollout status", f"{workloads} {_TIMEOUT}"),
        )

    def start(self) -> tuple[str, ...]:
        """
        Apply everything, and wait for it.

        A reader waits for the ingest node, which changes the tables. An autoscaler adds to a Deployment that has a pod, and to no
        other, so that the first readers are started here.
        """
        readers = naming.READER
        scaled = (
            (
                self._kubectl("rollout status", f"{_workload(naming.ORTHANC)} {_TIMEOUT}"),
                self._kubectl(
                    "scale", f"--replicas={replicas(self.deployment, readers)} {_workload(readers)}"
                ),
            )
            if readers in self._stopped and is_scaled(self.deployment, readers)
            else ()
        )
        return (
            f"kubectl apply --server-side --kustomize {self.folder}",
            *scaled,
            self._kubectl("rollout status", f"{' '.join(map(_workload, self._stopped))} {_TIMEOUT}"),
        )

    def reconcile(self, profile: str) -> UpgradeStep:
        """Wait for the Job, and probe; the Keycloak of the institution has no Job."""
        url = self.deployment.profile.institution.url
        if not self.deployment.has_own_keycloak:
            return reconcile_by_command(profile, url)
        job = f"kubectl wait --filename {self.folder}/{FOLDER}/{PROVISIONING}/job.yaml --for=condition=Complete {_TIMEOUT}"
        return UpgradeStep(
            "Wait for the Job that reconciles the realm, and probe the deployment",
            f"If the Job fails: `kubectl logs --namespace {namespace_of(self.deployment)} --selector {NAME_LABEL}={PROVISIONING}`.",
            (job, f"orthgen verify {url}"),
        )


def _workload(name: str) -> str:
    return f"{COMPONENTS[name].kind.lower()}/{name}"
