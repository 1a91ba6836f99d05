"""Check of the servers that a container asks: none is the container itself."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orthgen.catalogue.prerequisites import values_at
from orthgen.findings import Rule, Severity
from orthgen.profile.host_ports import is_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.formats.yaml_io import Path
    from orthgen.profile.checks.context import CheckContext
    from orthgen.profile.root import Profile

SERVER_ON_LOOPBACK = Rule(
    "server-on-loopback",
    Severity.ERROR,
    summary="The address of a mail server, a directory, an S3 service or another archive is a loopback address. In a container this is "
    "the container itself, where no such server is.",
    remedy="Write the name or the address of the machine.",
    example="""
        identity:
          keycloak: {local-port: 8081}
          smtp: {host: localhost, sender: pacs@example.org}
    """,
)


def servers_are_reachable(context: CheckContext) -> Iterator[Finding]:
    """The servers that Keycloak and Orthanc ask are other ones than their containers."""
    for name, path, host in (*_of_keycloak(context.profile), *_of_orthanc(context.profile)):
        if is_local(host) or host.startswith("127."):
            message = f"in {name}'s container, a loopback address is the container itself"
            hint = "write the name or the address of the machine, and let the server listen there"
            # The address of a raw setting may have a secret in it.
            is_raw = path[:2] == ("archive", "settings")
            yield context.finding(SERVER_ON_LOOPBACK, path, message, hint, key=is_raw, is_sensitive=is_raw)


def _of_keycloak(profile: Profile) -> Iterator[tuple[str, Path, str]]:
    """The mail server and the directories; an existing Keycloak may run beside them."""
    identity = profile.identity
    if identity.keycloak.server is not None:
        return
    if identity.smtp is not None:
        yield "Keycloak", ("identity", "smtp", "host"), identity.smtp.host
    for index, method in enumerate(identity.sign_in):
        if method.ldap is not None:
            yield "Keycloak", ("identity", "sign-in", index, "ldap", "url"), _host(method.ldap.url)


def _of_orthanc(profile: Profile) -> Iterator[tuple[str, Path, str]]:
    """The S3 service, and other archives."""
    archive = profile.archive
    s3 = archive.storage.files.s3
    if s3 is not None and s3.endpoint is not None:
        yield "Orthanc", ("archive", "storage", "files", "s3", "endpoint"), _host(s3.endpoint)
    for key in (("OrthancPeers", "*", "Url"), ("DicomWeb", "Servers", "*", "Url")):
        for path, url in values_at(archive.settings, key):
            if isinstance(url, str):
                yield "Orthanc", ("archive", "settings", *path), _host(url)


def _host(url: str) -> str:
    """The host of an address; empty where it is none, which other checks report."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
