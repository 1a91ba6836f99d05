"""A Keycloak of an observed deployment: its variables and options, its address, the path that it serves."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts.addresses import port_of, split
from orthgen.diagnosis.facts.containers import contained, repository, version
from orthgen.findings import Location
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import Keycloak, ObservedDeployment
from orthgen.observed.service_model import Service


def servers(deployment: ObservedDeployment) -> Iterator[tuple[Keycloak, Service]]:
    """The Keycloaks whose container is known."""
    return ((each, each.service) for each in deployment.keycloaks if each.service is not None)


def is_orthancteam_image(service: Service) -> bool:
    """Whether the image is the one that has a realm, a theme and an address of its own built in."""
    return repository(service) == "orthancteam/orthanc-keycloak"


def version_of(keycloak: Keycloak) -> str:
    """The version of a Keycloak; empty where its image does not tell."""
    if keycloak.service is not None and is_orthancteam_image(keycloak.service):
        return contained(keycloak.service).get("keycloak", "")
    return keycloak.version


def at_least_version(keycloak: Keycloak, needed: str) -> bool:
    """Whether the version is known, and this or newer."""
    has = version_of(keycloak)
    return bool(has) and at_least(has, needed)


def arguments(service: Service) -> list[str]:
    """The words of a service's command and entry point, an option and its value apart."""
    words: list[str] = []
    for key in ("entrypoint", "command"):
        value = service.definition.get(key)
        texts = str(value).split() if isinstance(value, str) else [str(word) for word in as_list(value)]
        for text in texts:
            name, separator, rest = text.partition("=")
            words += [name, rest] if separator and name.startswith("--") else [text]
    return words


def option(service: Service, name: str) -> str | None:
    """The value of an option (`http-enabled`): of the command line, else of the variable; None where neither has it."""
    words = arguments(service)
    if f"--{name}" in words:
        following = words[words.index(f"--{name}") + 1 :]
        return following[0] if following and not following[0].startswith("--") else "true"
    return service.variable(f"KC_{name.replace('-', '_').upper()}")


def place_of(service: Service, name: str) -> Location:
    """The place of an option: of its variable, else of the command."""
    variable = f"KC_{name.replace('-', '_').upper()}"
    if service.environment.has(variable):
        return service.locate_variable(variable)
    return service.definition.locate(("command",))


def is_development(service: Service) -> bool:
    """Whether Keycloak is started in development mode."""
    return "start-dev" in arguments(service)


def serves_from(service: Service) -> str:
    """The path below which Keycloak serves, with a slash at both ends."""
    path = (option(service, "http-relative-path") or "/").strip("/")
    return f"/{path}/" if path else "/"


def hostname(service: Service) -> str | None:
    """The public address, as it is configured or built into the image; None where there is none."""
    value = option(service, "hostname") or service.variable("KC_HOSTNAME_URL")
    if value is None and is_orthancteam_image(service):
        return "http://localhost/keycloak"
    return value


def publishes_its_address(service: Service) -> bool:
    """Whether Keycloak's container itself has the port of the public address, so that no proxy is between."""
    address = hostname(service)
    port = port_of(address) if address is not None and "://" in address else None
    return any(published.published == str(port) for published in service.ports)


def public_path(service: Service) -> str | None:
    """The path of the public address, with a slash at both ends; None where it is not known."""
    value = hostname(service)
    if value is None or "${" in value:
        return None
    if "://" not in value:
        # From Keycloak 25 on a host without a scheme is at the path that Keycloak serves.
        tag = contained(service).get("keycloak", "") if is_orthancteam_image(service) else version(service)
        return serves_from(service) if tag and at_least(tag, "25.0.0") else None
    path = split(value).path.strip("/")
    return f"/{path}/" if path else "/"
