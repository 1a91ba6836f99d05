"""
The compose file as text, with the purpose of each service, network and volume as a comment.

Strings that come from data have their `$` doubled here and nowhere else: Docker Compose would replace what
follows. References to settings of the host are the only dollars that stay single.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orthgen.formats.yaml_writer import Raw, Word, dump_yaml, scalar
from orthgen.products.header import header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orthgen.catalogue import HealthCheck
    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Limits, Network, PublishedPort, Service, Volume
    from orthgen.targets.services.composition import Composition


# The same for every service. The options of the log are those of json-file, so the driver is named too.
_DEFAULTS = {
    "restart": "unless-stopped",
    "init": True,
    "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}},
}
_HARDENING = {
    "cap_drop": ["ALL"],
    "read_only": True,
    "security_opt": ["no-new-privileges:true"],
}

# detect-secrets takes every text behind such a name for a secret.
_NAMED_LIKE_A_SECRET = "ENABLE_KEYCLOAK_API_KEYS"  # noqa: S105 - the name of a switch

# Keycloak reads the realm at its first start and never again: another one is no reason to sign everybody out.
_READ_ONCE = frozenset({"./keycloak/realm.json"})


def compose_text(deployment: Deployment, composition: Composition, texts: Mapping[str, str]) -> str:
    """docker-compose.yml. `texts` are the documents by path: each service carries a digest of those it reads."""
    services = (
        (service.purpose, service.name, _service(service, _labels(service, deployment, texts)))
        for service in composition.by_name()
    )
    blocks = [
        header(deployment.source),
        "---\n",
        _anchor(
            "defaults", _DEFAULTS, "Restart after a crash; small logs; an init process that reaps children."
        ),
        _anchor("hardening", _HARDENING, "No capabilities, no new privileges, a read-only root file system."),
        dump_yaml({"name": deployment.project}),
        *_section("services", services),
        *_section("networks", ((n.purpose, n.name, _network(n)) for n in composition.networks)),
        *_section("volumes", ((v.purpose, v.name, _volume(v)) for v in composition.volumes)),
        *_section("secrets", (("", name, {"file": file}) for name, file in composition.secrets.items())),
    ]
    return "".join(blocks)


def _anchor(name: str, value: Mapping[str, Any], purpose: str) -> str:
    """A mapping that stands once, and that services take in by `<<`."""
    lines = dump_yaml(value).splitlines()
    return "".join([f"# {purpose}\nx-{name}: &{name}\n", *(f"  {line}\n" for line in lines), "\n"])


def _section(name: str, entries: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Iterator[str]:
    items = list(entries)
    if not items:
        return
    yield f"\n{name}:\n"
    for index, (purpose, key, value) in enumerate(items):
        if index and purpose:
            yield "\n"
        if purpose:
            yield f"  # {purpose}\n"
        yield from (f"  {line}\n" if line else "\n" for line in dump_yaml({key: value}).splitlines())


def escaped(text: str) -> str:
    """A text, escaped so that Docker Compose reads the same text."""
    return text.replace("$", "$$")


def _labels(service: Service, deployment: Deployment, texts: Mapping[str, str]) -> dict[str, str]:
    """
    The labels of a container.

    A container goes on with the files that it was made with. Docker Compose makes it anew where its description
    changed; a digest of its files makes `docker compose up` do so where only they did.
    """
    labels = {"orthgen.profile": escaped(deployment.source), "orthgen.release": deployment.release.name}
    read = [file.source for file in service.files if file.source not in _READ_ONCE]
    if not read:
        return labels
    digest = sha256()
    for source in read:
        for text in _texts_of(source.removeprefix("./"), texts):
            digest.update(text.encode("utf-8"))
    return labels | {"orthgen.files": f"sha256:{digest.hexdigest()[:16]}"}


def _texts_of(path: str, texts: Mapping[str, str]) -> list[str]:
    """The texts that a mount brings: one document's, or those of a folder's."""
    return [texts[path]] if path in texts else [texts[name] for name in texts if name.startswith(f"{path}/")]


def _service(service: Service, labels: Mapping[str, str]) -> dict[str, Any]:
    """A service's keys, in the order that dclint asks for; empty ones are left out."""
    keys: dict[str, Any] = {
        "image": Word(service.image),
        "depends_on": {name: _dependency(service, name) for name in sorted(service.after)},
        "volumes": list(_mounts(service)),
        "secrets": [{"source": secret.name, "target": secret.target} for secret in service.secrets],
        "environment": {name: _variable(name, escaped(value)) for name, value in service.environment.items()},
        "ports": [_port(port) for port in sorted(service.ports, key=lambda port: port.published)],
        "networks": [network.name for network in service.networks],
        "command": [escaped(argument) for argument in service.command],
        "entrypoint": [escaped(argument) for argument in service.entrypoint],
        "healthcheck": _health(service.health),
        "labels": dict(labels),
        "user": service.user,
        Raw("<<"): Raw("[*defaults, *hardening]"),
        "cap_add": list(service.capabilities),
        "cpus": _processors(service.limits),
        # A key of the service's own wins over the one that it takes in.
        "init": False if service.is_process_one else None,
        "mem_limit": service.limits.memory,
        "pids_limit": service.limits.processes,
        "shm_size": service.shared_memory,
        "stop_grace_period": f"{service.stop_seconds}s",
        "tmpfs": list(service.tmpfs),
    }
    return {key: value for key, value in keys.items() if value not in (None, [], {})}


def _dependency(service: Service, name: str) -> dict[str, Any]:
    """With `restart`, Docker Compose stops the service before it exchanges the other one (2.17)."""
    restart = {"restart": True} if name in service.stops_with else {}
    return {"condition": "service_healthy", **restart}


def _processors(limits: Limits) -> str:
    setting = limits.processors_setting
    return f"${{{setting}:-{limits.processors}}}" if setting else limits.processors


def _variable(name: str, text: str) -> str:
    """The text of a variable; without blanks it may stand in a line of its own, however long it is."""
    if " " in text:
        return text
    return Raw(f"{scalar(text)}  # pragma: allowlist secret") if name == _NAMED_LIKE_A_SECRET else Word(text)


def _health(health: HealthCheck) -> dict[str, Any]:
    return {
        "test": [escaped(argument) for argument in health.test],
        "interval": "15s",
        "timeout": "10s",
        "retries": 5,
        "start_period": health.start_period,
        # Until it is healthy for the first time: who waits for it does not wait longer than needed.
        "start_interval": "1s",
    }


def _port(port: PublishedPort) -> dict[str, Any]:
    entry: dict[str, Any] = {"target": port.target, "published": str(port.published)}
    return {"host_ip": port.address, **entry} if port.address else entry


def _mounts(service: Service) -> Iterator[dict[str, Any]]:
    for file in service.files:
        yield _bind(file.source, file.target, read_only=True)
    for folder in service.folders:
        # The engine refuses to start a container without the mark, so nothing is written below an unmounted mount point.
        yield _bind(f"{folder.source}/{folder.mark}", f"/run/{folder.mark}", read_only=True)
        yield _bind(folder.source, folder.target, read_only=folder.read_only)
    for mount in service.volumes:
        entry: dict[str, Any] = {"type": "volume", "source": mount.volume.name, "target": mount.target}
        if mount.volume.export is not None:
            # The engine would copy the image's folder, and its owner, into an empty export.
            entry["volume"] = {"nocopy": True}
        yield entry | {"read_only": True} if mount.read_only else entry


def _bind(source: str, target: str, *, read_only: bool) -> dict[str, Any]:
    """A mount of the host. Without `create_host_path: false`, Docker makes a folder where the source is missing."""
    entry: dict[str, Any] = {"type": "bind", "source": source, "target": target}
    if read_only:
        entry["read_only"] = True
    return {**entry, "bind": {"create_host_path": False}}


def _network(network: Network) -> dict[str, Any]:
    addresses = {"ipam": {"config": [{"subnet": network.subnet}]}} if network.subnet else {}
    if network.reaches_out:
        return addresses
    if network.publishes:
        # Answers go back the way the request came; without masquerading nothing else leaves.
        options = {"com.docker.network.bridge.enable_ip_masquerade": "false"}
        return {"driver_opts": options, **addresses}
    return {"internal": True, **addresses}


def _volume(volume: Volume) -> dict[str, Any]:
    if volume.memory is not None:
        return {"driver_opts": {"type": "tmpfs", "device": "tmpfs", "o": volume.memory}}
    if volume.export is not None:
        options = {"type": "nfs", "device": f":{volume.export.path}", "o": volume.export.options}
        return {"driver_opts": options}
    return {}
