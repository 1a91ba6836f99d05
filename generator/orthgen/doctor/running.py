"""Checks of a running deployment: containers, images, settings, the served certificate, Keycloak's issuer, weaknesses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography import x509

from orthgen.deployment import naming
from orthgen.doctor.certificate import certificate_files, fingerprint
from orthgen.doctor.container_engine import NoAnswer
from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact
from orthgen.errors import OrthgenError
from orthgen.probe.client import Client, parse_address
from orthgen.probe.discovery import discover
from orthgen.probe.model import GivenStudies, Tokens, Verdict
from orthgen.probe.run import run
from orthgen.probe.verdict import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment

_SERVICE = "com.docker.compose.service"
_HASH = "com.docker.compose.config-hash"
_MAX_OUTPUT_CHARACTERS = 200
_REQUEST = (
    "import sys,pathlib,requests;bundle=pathlib.Path('/tmp/authorities.pem');"
    "trust=str(bundle) if bundle.exists() else True;"
    "requests.get(sys.argv[1],timeout=10,verify=trust).raise_for_status()"
)
"""As the auth-service asks Keycloak: with the authorities that its start script has collected (auth-service/start.py)."""


def containers(system: ExaminedSystem) -> Iterator[Fact]:
    """Each service has a container that runs and is healthy, and none was killed for its memory."""
    deployment = system.deployment
    if deployment is None:
        return
    try:
        by_service = _containers(system, deployment)
        services = set(system.engine.resolved(system.folder).get("services", {}))
    except NoAnswer as error:
        yield Fact(CheckStatus.UNKNOWN, f"the containers cannot be listed: {error}")
        return
    up = f"docker compose --project-directory {system.folder} up --wait"
    if not by_service:
        yield Fact(CheckStatus.UNKNOWN, "the deployment does not run on this engine", f"start it: `{up}`")
        return
    facts = [
        Fact(CheckStatus.ERROR, f"`{name}` has no container", f"run `{up}`")
        for name in sorted(services - set(by_service))
    ]
    for name, container in sorted(by_service.items()):
        facts += _state(name, container, up)
    yield from facts or [Fact(CheckStatus.OK, f"{len(by_service)} containers run and are healthy")]


def _containers(system: ExaminedSystem, deployment: Deployment) -> dict[str, dict[str, Any]]:
    containers = system.engine.containers(deployment.project)
    return {container["Config"]["Labels"].get(_SERVICE, ""): container for container in containers}


def _state(name: str, container: dict[str, Any], up: str) -> Iterator[Fact]:
    state = container.get("State", {})
    health = state.get("Health", {})
    logs = f"docker logs --tail 50 {container.get('Name', name).removeprefix('/')}"
    if state.get("OOMKilled"):
        remedy = "give the service more memory: `deployment.compose.memory` (docs/memory.md)"
        yield Fact(
            CheckStatus.ERROR,
            f"`{name}` was ended by the kernel, because it reached its memory limit",
            remedy,
        )
    if not state.get("Running"):
        message = f"`{name}` does not run (exit code {state.get('ExitCode')})"
        yield Fact(CheckStatus.ERROR, message, f"look at `{logs}`, then run `{up}`")
    elif health.get("Status") not in {"healthy", None}:
        output = " ".join(str((health.get("Log") or [{}])[-1].get("Output", "")).split())[
            :_MAX_OUTPUT_CHARACTERS
        ]
        reason = f": {output}" if output else ""
        yield Fact(CheckStatus.ERROR, f"`{name}` is {health['Status']}{reason}", f"look at `{logs}`")
    if container.get("RestartCount", 0):
        count = container["RestartCount"]
        message = f"`{name}` was restarted {count} {'time' if count == 1 else 'times'}"
        yield Fact(CheckStatus.WARNING, message, f"look at `{logs}`")


def images(system: ExaminedSystem) -> Iterator[Fact]:
    """The containers have the images and the settings of the rendered compose file."""
    deployment = system.deployment
    if deployment is None:
        return
    try:
        by_service = _containers(system, deployment)
        if not by_service:
            return
        services = system.engine.resolved(system.folder).get("services", {})
        hashes = system.engine.hashes(system.folder)
    except NoAnswer as error:
        yield Fact(CheckStatus.UNKNOWN, f"the containers cannot be compared with the compose file: {error}")
        return
    remedy = f"run `docker compose --project-directory {system.folder} up --wait`"
    facts = []
    for name, container in sorted(by_service.items()):
        rendered, runs = services.get(name, {}).get("image"), container["Config"]["Image"]
        if rendered is not None and runs != rendered:
            facts.append(
                Fact(
                    CheckStatus.WARNING,
                    f"`{name}` runs `{runs}`, and the compose file has `{rendered}`",
                    remedy,
                )
            )
        elif name in hashes and container["Config"]["Labels"].get(_HASH) != hashes[name]:
            facts.append(
                Fact(
                    CheckStatus.WARNING,
                    f"`{name}` runs with other settings than those of the compose file",
                    remedy,
                )
            )
        elif name not in services:
            message = f"`{name}` is not in the compose file any more"
            facts.append(Fact(CheckStatus.WARNING, message, f"{remedy[:-1]} --remove-orphans`"))
    yield from facts or [
        Fact(CheckStatus.OK, "the containers have the images and settings of the compose file")
    ]


def _client(system: ExaminedSystem) -> Client | None:
    """A client for the deployment's address; None where nothing is known to run."""
    url = system.url
    if not url and system.deployment is not None:
        try:
            is_running = bool(system.engine.containers(system.deployment.project))
        except NoAnswer:
            is_running = False
        url = system.deployment.origin.url + system.deployment.addresses.orthanc_path if is_running else ""
    if not url:
        return None
    ca_file = system.ca_file
    if ca_file is None and system.deployment is not None and system.deployment.has_own_authority:
        authority = system.folder / "secrets" / naming.TLS_AUTHORITY
        ca_file = authority if authority.is_file() else None
    return Client(parse_address(url), ca_file=ca_file)


def served_certificate(system: ExaminedSystem) -> Iterator[Fact]:
    """The certificate that the address serves is trusted, and is that of the file."""
    client = _client(system)
    if client is None or client.address.scheme == "http":
        return
    reply = client.send("GET", "/")
    if reply.failure:
        remedy = (
            "`--ca-file` names the authority that signed it"
            if "certificate" in reply.failure
            else "start nginx"
        )
        yield Fact(CheckStatus.ERROR, f"{client.address.origin}: {reply.failure}", remedy)
        return
    served = client.certificate()
    files = certificate_files(system.deployment, system.folder) if system.deployment is not None else None
    try:
        own = fingerprint(x509.load_pem_x509_certificates(files[0].read_bytes())[0]) if files else ""
    except (OSError, ValueError):
        own = ""
    if own and served and fingerprint(x509.load_der_x509_certificate(served)) != own:
        remedy = f"run `docker compose --project-directory {system.folder} restart nginx`"
        yield Fact(CheckStatus.WARNING, "nginx serves another certificate than that of the file", remedy)
    else:
        yield Fact(CheckStatus.OK, f"the certificate of {client.address.origin} is trusted")


def issuer(system: ExaminedSystem) -> Iterator[Fact]:
    """Keycloak answers at its public address with its issuer, and the auth-service reaches it from its container."""
    deployment, client = system.deployment, _client(system)
    if deployment is None or client is None:
        return
    path = f"realms/{deployment.profile.identity.realm}/.well-known/openid-configuration"
    public = deployment.addresses.keycloak_public
    browser = client if deployment.has_own_keycloak else Client(parse_address(public), ca_file=system.ca_file)
    reply = browser.send("GET", urlsplit(public).path + path)
    expected = f"{public}realms/{deployment.profile.identity.realm}"
    document = parsed(reply)
    if reply.failure or reply.status != 200 or not isinstance(document, dict):
        reason = reply.failure or f"status {reply.status}"
        remedy = f"look at `docker logs` of Keycloak; the realm is `{deployment.profile.identity.realm}`"
        yield Fact(CheckStatus.ERROR, f"Keycloak does not show its realm at {public} ({reason})", remedy)
    elif document.get("issuer") != expected:
        remedy = (
            "Keycloak's host name is another one than that of the profile: run `docker compose up --wait`"
        )
        yield Fact(
            CheckStatus.ERROR, f"Keycloak's issuer is not `{expected}`: every token is refused", remedy
        )
    else:
        yield Fact(CheckStatus.OK, f"browsers reach the issuer `{expected}`")
    yield from _from_auth_service(system, deployment, deployment.addresses.keycloak_internal + path)


def _from_auth_service(system: ExaminedSystem, deployment: Deployment, url: str) -> Iterator[Fact]:
    try:
        container = _containers(system, deployment).get(naming.AUTH_SERVICE)
        if container is None:
            return
        system.engine.inside(container["Id"], "python3", "-c", _REQUEST, url)
    except NoAnswer as error:
        message = f"the auth-service does not reach Keycloak at {url} from its container: {error}"
        yield Fact(CheckStatus.ERROR, message, "look at `docker logs` of Keycloak and of the auth-service")
    else:
        yield Fact(CheckStatus.OK, "the auth-service reaches Keycloak from its container")


def weaknesses(system: ExaminedSystem) -> Iterator[Fact]:
    """`orthgen verify`, without tokens and without requests that write, finds no open weakness."""
    client = _client(system)
    if client is None:
        return
    try:
        results = run(client, discover(client, Tokens(), GivenStudies()), Tokens(), with_writes=False)
    except OrthgenError as error:
        yield Fact(CheckStatus.ERROR, error.message, error.hint)
        return
    opened = [result.check.name for result in results if result.outcome.verdict is Verdict.OPEN]
    if opened:
        names = ", ".join(f"`{name}`" for name in opened)
        yield Fact(
            CheckStatus.ERROR, f"open weaknesses: {names}", f"run `orthgen verify {client.address.url}`"
        )
    else:
        yield Fact(CheckStatus.OK, "`orthgen verify` finds no open weakness without a token")
