"""A published port on which the program in the container does not listen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.proxy_model import Proxy
from orthgen.observed.service_model import Product, Service

RULE = Rule(
    "port-without-listener",
    Severity.WARNING,
    summary="A port of the container of Orthanc, nginx or OHIF is published, and the program does not listen on it.",
    consequence="Modalities or browsers cannot connect, and no log of Orthanc mentions them.",
    remedy="Publish the port that Orthanc listens on: `HttpPort` (8042) and `DicomPort` (4242) by default.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC__DICOM_ALWAYS_ALLOW_STORE: "false"
            ports: ["104:104"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC__DICOM_ALWAYS_ALLOW_STORE: "false"
            ports: ["104:4242"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)

# What takes the place of the file of the image.
_REPLACING = frozenset(
    {
        *("/etc/nginx", "/etc/nginx/conf.d", "/etc/nginx/conf.d/default.conf"),
        "/etc/nginx/templates/default.conf.template",
    }
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A program listens on every published port."""
    yield from _orthanc_findings(deployment)
    for service in deployment.services:
        yield from _findings(service, "OHIF", containers.ohif_ports(service))
    for proxy in deployment.proxies:
        if proxy.service is not None:
            yield from _findings(proxy.service, "nginx", _listened(deployment, proxy, proxy.service))


def _listened(deployment: ObservedDeployment, proxy: Proxy, service: Service) -> set[str]:
    """The ports on which nginx listens; empty where its whole configuration is not known."""
    is_known = proxy.product is Product.NGINX and containers.repository(service) == "nginx" and proxy.servers
    if not is_known or service.definition.get("build"):
        return set()
    folders = [mount.target.rstrip("/") for mount in containers.mounts_at(service, "/etc/nginx")]
    if any(not _was_read(service, folder) for folder in folders):
        return set()
    ports = {
        directive.arguments[0].rpartition(":")[2]
        for server in proxy.servers
        for directive in server.listens
        if directive.arguments
    }
    # A server without `listen` has port 80, and so has the image's own one, unless another file takes its place.
    if _reads_own_file(deployment, service) or any(not server.listens for server in proxy.servers):
        ports.add("80")
    return ports if all(port.isdigit() for port in ports) else set()


def _reads_own_file(deployment: ObservedDeployment, service: Service) -> bool:
    """Whether nginx reads the file of the image, which listens on port 80."""
    main = service.configured.get("/etc/nginx/nginx.conf")
    is_included = main is None or "conf.d" in deployment.texts.get(main, "")
    folders = {mount.target.rstrip("/") for mount in service.mounts}
    return is_included and not _REPLACING & {*folders, *service.configured}


def _was_read(service: Service, target: str) -> bool:
    """Whether a file, or a file in a folder, that is mounted there was read."""
    return any(path == target or path.startswith(f"{target}/") for path in service.configured)


def _findings(service: Service, program: str, listened: set[str]) -> Iterator[Finding]:
    for port in service.ports if listened else ():
        if port.target.isdigit() and port.target not in listened and port.protocol in {"", "tcp"}:
            names = " and ".join(sorted(listened))
            yield Finding(
                RULE,
                f"{program} does not listen on port {port.target}; it listens on {names}",
                port.location,
                f"publish a port on which {program} listens",
            )


def _orthanc_findings(deployment: ObservedDeployment) -> Iterator[Finding]:
    for orthanc in deployment.orthancs:
        if orthanc.service is None or not orthanc.is_complete or orthanc.settings.has("PythonScript"):
            continue
        listened = {str(orthancs.http_port(orthanc)), str(orthanc.settings.get("DicomPort") or 4242)}
        servers = as_list(orthanc.settings.get("MultitenantDicom", "Servers"))
        listened |= {str(server.get("Port")) for server in servers if isinstance(server, Mapping)}
        yield from _findings(orthanc.service, "Orthanc", listened)
