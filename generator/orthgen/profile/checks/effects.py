"""Check of keys that are correct, and that nothing reads beside the other keys of the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.findings import Rule, Severity
from orthgen.profile.database_connections import has_own_database
from orthgen.profile.host_ports import host_ports
from orthgen.viewers import VIEWERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.formats.yaml_io import Path
    from orthgen.profile.checks.context import CheckContext
    from orthgen.profile.root import Profile

KEY_WITHOUT_EFFECT = Rule(
    "key-without-effect",
    Severity.WARNING,
    summary="The key is valid, and nothing reads it: another key, or its absence, leaves it without a use.",
    remedy="Remove the key, or the cause that the message names.",
    example="""
        deployment: {compose: {memory: {ohif: 512m}}}
    """,
)

_KEYCLOAK = ("identity", "keycloak")
_DICOM = ("archive", "dicom")
_CLUSTER = ("deployment", "kubernetes")
_LEFT_OUT = "`manage: clients-and-roles` leaves the settings of the realm as they are"


def keys_have_an_effect(context: CheckContext) -> Iterator[Finding]:
    """Each key that the author wrote changes something."""
    profile = context.profile
    questions = (_of_keycloak, _of_services, _of_dicom, _of_the_cluster, _of_sign_in)
    for path, reason in (each for question in questions for each in question(profile)):
        if _is_written(context.tree, path):
            message = f"`{path[-1]}` has no effect: {reason}"
            yield context.finding(KEY_WITHOUT_EFFECT, path, message, f"remove `{path[-1]}`", key=True)


def _is_written(tree: Any, path: Path) -> bool:
    for element in path:
        # Another part of the profile may be malformed: a list where a mapping belongs.
        keys: Any = tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
        if element not in keys:
            return False
        tree = tree[element]
    return True


def _of_keycloak(profile: Profile) -> Iterator[tuple[Path, str]]:
    """Keys about a Keycloak of the deployment, and about settings of a realm that orthgen does not manage."""
    keycloak = profile.identity.keycloak
    if keycloak.server is not None:
        elsewhere = "Keycloak is the one at `identity.keycloak.server`"
        yield ("institution", "paths", "keycloak"), elsewhere
        yield (*_KEYCLOAK, "admin-console"), elsewhere
        yield (*_memory(profile), "keycloak"), elsewhere
        yield (*_CLUSTER, "image"), f"{elsewhere}, and no Job provisions it"
    if keycloak.manage == "clients-and-roles":
        yield ("institution", "contact"), _LEFT_OUT
        yield ("identity", "sessions"), _LEFT_OUT
        yield ("identity", "smtp"), _LEFT_OUT
    else:
        yield (
            (*_KEYCLOAK, "other-clients"),
            "tokens of every client are accepted in a realm that orthgen manages alone",
        )


def _of_services(profile: Profile) -> Iterator[tuple[Path, str]]:
    """Keys about services that the deployment does not have."""
    archive, memory = profile.archive, _memory(profile)
    in_containers = {viewer.name for viewer, options in profile.viewers.enabled() if options.in_container}
    for viewer in VIEWERS:
        if viewer.container_path and viewer.name not in in_containers:
            reason = f"no container serves {viewer.title}"
            yield ("institution", "paths", viewer.name), reason
            yield (*memory, viewer.name), reason
    if not archive.replicas.readers:
        yield (*memory, "reader"), "there are no readers (`archive.replicas`)"
    if archive.storage.database == "sqlite":
        yield ("archive", "storage", "connections"), "an index in SQLite has no connections"
    if not has_own_database(profile):
        yield (*memory, "database"), "the deployment has no PostgreSQL of its own"
    tls = profile.deployment.tls
    if profile.deployment.kubernetes is None and (tls is None or tls.terminated_by is not None):
        yield ("deployment", "compose", "https-port"), "nginx does not end TLS"


def _memory(profile: Profile) -> tuple[str, ...]:
    return ("deployment", "compose" if profile.deployment.kubernetes is None else "kubernetes", "memory")


def _of_dicom(profile: Profile) -> Iterator[tuple[Path, str]]:
    """Keys about published DICOM ports."""
    ports, in_cluster = host_ports(profile), profile.deployment.kubernetes is not None
    if ports.dicom is None:
        for key in ("bind", "port", "collections-port"):
            yield (*_DICOM, key), "no DICOM port is published"
        yield (*_CLUSTER, "dicom"), "no DICOM port is published"
        return
    if not ports.collections:
        yield (*_DICOM, "collections-port"), "no collection gathers by a called AET"
    if in_cluster:
        reason = "a Service publishes DICOM, and has no address of a host; `deployment.kubernetes.dicom` has its annotations"
        yield (*_DICOM, "bind"), reason


def _of_the_cluster(profile: Profile) -> Iterator[tuple[Path, str]]:
    """Keys about certbot, which a cluster does not have."""
    if profile.deployment.kubernetes is not None:
        reason = "in a cluster, cert-manager's issuer chooses the authority"
        yield ("deployment", "tls", "letsencrypt", "staging"), reason


def _of_sign_in(profile: Profile) -> Iterator[tuple[Path, str]]:
    """Keys about the length of a sign-in, and about a provider's signatures."""
    sessions = profile.identity.sessions
    if sessions.idle > sessions.longest:
        yield ("identity", "sessions", "idle"), "every sign-in ends after `longest`, which is shorter"
    for index, method in enumerate(profile.identity.sign_in):
        if method.saml is not None and method.saml.metadata_url is not None:
            path = ("identity", "sign-in", index, "saml", "signing-certificate")
            yield path, "Keycloak reads the provider's keys at `metadata-url`"
