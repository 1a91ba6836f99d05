"""Files that the configuration of Orthanc or nginx names, and that the container does not have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Location, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.observed.proxy_model import Proxy
from orthgen.observed.service_model import Service

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
          ORTHANC__PYTHON_SCRIPT: /scripts/main.py
        volumes: VOLUMES
    volumes: {orthanc: }
"""
RULE = Rule(
    "file-not-in-container",
    Severity.ERROR,
    summary="The configuration of Orthanc or nginx names a script, a certificate, a folder of worklists or a file of passwords, and nothing is mounted there.",
    consequence="Orthanc or nginx does not find the file, and stops at its start (`cannot load certificate`); without the file of "
    "passwords nginx answers 403.",
    remedy="Mount the file, or its folder, at the path that the configuration names.",
    file="docker-compose.yml",
    example=_FILES.replace("VOLUMES", '["orthanc:/var/lib/orthanc/db"]'),
    counterexample=_FILES.replace("VOLUMES", '["orthanc:/var/lib/orthanc/db", "./scripts:/scripts:ro"]'),
    is_about_absence=True,
)
_FILE_KEYS: tuple[Path, ...] = (
    ("PythonScript",),
    ("SslCertificate",),
    ("DicomTlsCertificate",),
    ("DicomTlsPrivateKey",),
    ("DicomTlsTrustedCertificates",),
    ("Worklists", "Database"),
    ("Worklists", "Directory"),
)
_PROXY_FILES = frozenset(
    {"ssl_certificate", "ssl_certificate_key", "ssl_client_certificate", "auth_basic_user_file"}
)
_PLAIN_IMAGES = frozenset({"jodogne/orthanc", "jodogne/orthanc-plugins", "jodogne/orthanc-python"})
_SWITCHES = {"SslCertificate": "SslEnabled", "DicomTlsCertificate": "DicomTlsEnabled"}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The container has every file that the configuration names."""
    yield from _proxy_findings(deployment)
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or not _is_known(orthanc) or service.definition.get("build"):
            continue
        if orthancs.is_on(orthanc, "SslEnabled", default=False) and not orthanc.settings.get(
            "SslCertificate"
        ):
            yield Finding(
                RULE,
                "`SslEnabled` is true, and `SslCertificate` names no file",
                orthancs.place(orthanc, "SslEnabled"),
                "name a file with the certificate and its key, and mount it",
                confidence=Confidence.CERTAIN if orthanc.is_complete else Confidence.LIKELY,
            )
        for path in _paths(orthanc):
            value = orthanc.settings.get(*path)
            if not isinstance(value, str) or not value.startswith("/") or "$" in value:
                continue
            if value.startswith(("/usr/", "/run/secrets/")) or any(containers.mounts_at(service, value)):
                continue
            yield Finding(
                RULE,
                f"`{'.'.join(part for part in path if isinstance(part, str))}` is `{value}`, and nothing is mounted there",
                orthanc.settings.locate(path),
                f"mount the {'folder' if path[0] == 'Worklists' else 'file'} at `{value}`",
                confidence=Confidence.LIKELY,
            )


def _is_known(orthanc: Orthanc) -> bool:
    """Whether the image holds no files of a hospital."""
    return orthancs.is_orthancteam_image(orthanc) or containers.repository(orthanc.service) in _PLAIN_IMAGES


def _paths(orthanc: Orthanc) -> Iterator[Path]:
    """The settings that name files, of features that are on."""
    for path in _FILE_KEYS:
        switch = _SWITCHES.get(str(path[0]))
        is_worklist = path[0] == "Worklists"
        if is_worklist and not orthancs.is_on(
            orthanc, "Worklists", "Enable", default=orthancs.loads(orthanc, "Worklists")
        ):
            continue
        if switch is None or orthancs.is_on(orthanc, switch, default=False):
            yield path
    for index, _ in enumerate(as_list(orthanc.settings.get("LuaScripts"))):
        yield ("LuaScripts", index)


def _proxy_findings(deployment: ObservedDeployment) -> Iterator[Finding]:
    for proxy in deployment.proxies:
        service = proxy.service
        if service is None or any(service.definition.get(key) for key in ("build", "command", "entrypoint")):
            continue
        for name, path, location in _files_of(proxy, service):
            if not any(containers.mounts_at(service, path)):
                yield Finding(
                    RULE,
                    f"`{name}` is `{path}`, and nothing is mounted there"
                    if "=" not in name
                    else f"`{name}` needs `{path}`, and nothing is mounted there",
                    location,
                    f"mount the file at `{path}`",
                    confidence=Confidence.LIKELY,
                )


def _files_of(proxy: Proxy, service: Service) -> Iterator[tuple[str, str, Location]]:
    """The files of a proxy, each once: what names it, its path, the place."""
    image = containers.repository(service)
    if image == "orthancteam/orthanc-nginx" and service.variable("ENABLE_HTTPS") == "true":
        # Image 26.4.1 (docker-entrypoint.sh).
        for name in ("crt.pem", "key.pem"):
            yield "ENABLE_HTTPS=true", f"/etc/nginx/tls/{name}", service.locate_variable("ENABLE_HTTPS")
    if image != "nginx":
        return
    files: dict[str, tuple[str, str, Location]] = {}
    for server in proxy.servers:
        for directive in (*server.directives, *(each for one in server.locations for each in one.directives)):
            path = directive.arguments[0] if directive.arguments else ""
            if directive.name in _PROXY_FILES and "$" not in path and not path.startswith("data:"):
                whole = str(PurePosixPath("/etc/nginx") / path)
                files.setdefault(whole, (directive.name, whole, directive.location))
    yield from files.values()
