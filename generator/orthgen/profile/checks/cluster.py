"""Checks of a profile for a Kubernetes cluster: settings that a cluster cannot have, or that nothing would use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orthgen.field_types import is_address
from orthgen.findings import Rule, Severity
from orthgen.profile.database_connections import has_own_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext
    from orthgen.profile.kubernetes import Kubernetes

_PATH = ("deployment", "kubernetes")
_RESERVED = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})

CLUSTER_WITHOUT_ISSUER = Rule(
    "cluster-without-issuer",
    Severity.ERROR,
    summary="`letsencrypt` is certbot's on a host. In a cluster, cert-manager gets certificates, and the profile does not name "
    "its issuer.",
    remedy="Name the issuer: `deployment: {kubernetes: {certificate: {issuer: …}}}`.",
    example="""
        institution: {url: https://pacs.example.org}
        deployment: {tls: {letsencrypt: {email: pacs@example.org}}, kubernetes: {}}
    """,
)
CERTIFICATE_WITHOUT_USE = Rule(
    "certificate-without-use",
    Severity.ERROR,
    summary="The profile names an issuer for a certificate that nothing in the namespace reads: TLS ends in front of it, or "
    "there is none.",
    remedy="Remove `certificate`, or `terminated-by: proxy`.",
    example="""
        institution: {url: https://pacs.example.org}
        deployment: {tls: {terminated-by: proxy}, kubernetes: {certificate: {issuer: letsencrypt}}}
    """,
)
ENTRY_WITHOUT_NAME = Rule(
    "entry-without-name",
    Severity.ERROR,
    summary="A Gateway and an Ingress choose the service by the host name of a request, and the public address has none.",
    remedy="Give `institution.url` a host name, or write `entry: {load-balancer: {}}`.",
    example="""
        institution: {url: https://192.0.2.7}
        deployment: {tls: {own-authority: {}}, kubernetes: {entry: {gateway: {name: public}}}}
    """,
)
RESERVED_NAMESPACE = Rule(
    "reserved-namespace",
    Severity.ERROR,
    summary="The namespace belongs to the cluster. The deployment refuses every other connection in its namespace.",
    remedy="Choose a namespace that only this deployment has.",
    example="""
        deployment: {kubernetes: {namespace: kube-system}}
    """,
)
CLUSTER_DATABASE_WITHOUT_USE = Rule(
    "cluster-database-without-use",
    Severity.ERROR,
    summary="The profile describes PostgreSQL in the cluster, and the deployment has none of its own.",
    remedy="Remove `database` and `volumes.databases`, or write `archive: {storage: {database: postgresql}}`.",
    example="""
        extends: minimal.yaml
        identity: {keycloak: {server: https://sso.example.org, manage: clients-and-roles}, sign-in: null}
        archive: {storage: {database: sqlite}}
        deployment: {kubernetes: {database: {cloudnative-pg: {}}}}
    """,
)


FOLDER_IN_CLUSTER = Rule(
    "folder-in-cluster",
    Severity.ERROR,
    summary="The DICOM files are in a folder of a host or of a file server. Pods under PodSecurity `restricted` mount neither.",
    remedy="Use a StorageClass of the cluster, which can be on the same server: `deployment: {kubernetes: {volumes: {files: {size: "
    "…, class: …}}}}`; or `s3`.",
    example="""
        archive: {storage: {files: {path: /srv/dicom}}}
        deployment: {kubernetes: {}}
    """,
)


def _settings(context: CheckContext) -> Kubernetes | None:
    return context.profile.deployment.kubernetes


def certificates_have_an_issuer(context: CheckContext) -> Iterator[Finding]:
    """Let's Encrypt needs an issuer of the cluster, and an issuer needs somebody who reads its certificate."""
    settings, tls = _settings(context), context.profile.deployment.tls
    if settings is None:
        return
    if tls is not None and tls.letsencrypt is not None and settings.certificate is None:
        yield context.finding(
            CLUSTER_WITHOUT_ISSUER,
            ("deployment", "tls", "letsencrypt"),
            "in a cluster, cert-manager gets certificates from Let's Encrypt",
            "name its issuer: `deployment: {kubernetes: {certificate: {issuer: letsencrypt}}}`",
            key=True,
        )
    if settings.certificate is not None and (tls is None or tls.terminated_by is not None):
        yield context.finding(
            CERTIFICATE_WITHOUT_USE,
            (*_PATH, "certificate"),
            "nothing in the namespace reads this certificate: "
            + ("a proxy in front ends TLS" if tls is not None else "the public address has no TLS"),
            "remove `certificate`" + (", or `terminated-by: proxy`" if tls is not None else ""),
            key=True,
        )


def entries_have_names(context: CheckContext) -> Iterator[Finding]:
    """A Gateway and an Ingress need a host name."""
    settings = _settings(context)
    entry = settings.entry if settings is not None else None
    kind = None if entry is None else "gateway" if entry.gateway else "ingress" if entry.ingress else None
    host = urlsplit(context.profile.institution.url).hostname or ""
    if kind is not None and is_address(host):
        yield context.finding(
            ENTRY_WITHOUT_NAME,
            (*_PATH, "entry", kind),
            f"requests for `{host}` name no host, by which this entry chooses the service",
            "give `institution.url` a host name, or write `entry: {load-balancer: {}}`",
            key=True,
        )


def namespaces_are_free(context: CheckContext) -> Iterator[Finding]:
    """The namespace is the deployment's own."""
    settings = _settings(context)
    if settings is not None and settings.namespace in _RESERVED:
        yield context.finding(
            RESERVED_NAMESPACE,
            (*_PATH, "namespace"),
            f"the namespace `{settings.namespace}` belongs to the cluster",
            "choose a namespace that only this deployment has",
        )


def databases_are_used(context: CheckContext) -> Iterator[Finding]:
    """Settings of PostgreSQL need a PostgreSQL."""
    settings = _settings(context)
    if settings is None or has_own_database(context.profile):
        return
    written: list[tuple[Any, tuple[str, ...]]] = [
        (settings.model_fields_set, ("database",)),
        (settings.volumes.model_fields_set, ("volumes", "databases")),
    ]
    for fields, path in written:
        if path[-1] in fields:
            yield context.finding(
                CLUSTER_DATABASE_WITHOUT_USE,
                (*_PATH, *path),
                "the deployment has no PostgreSQL of its own",
                f"remove `{path[-1]}`, or write `archive: {{storage: {{database: postgresql}}}}`",
                key=True,
            )


def files_are_in_the_cluster(context: CheckContext) -> Iterator[Finding]:
    """Pods mount volumes of the cluster only."""
    files = context.profile.archive.storage.files
    key = "path" if files.path is not None else "nfs" if files.nfs is not None else None
    if _settings(context) is not None and key is not None:
        yield context.finding(
            FOLDER_IN_CLUSTER,
            ("archive", "storage", "files", key),
            "pods mount no folder of a host or of a file server",
            "write `files: volume`, and name a StorageClass: `deployment: {kubernetes: {volumes: {files: {size: 1Ti, class: …}}}}`",
            key=True,
        )
