"""
Differences between an existing deployment and the one that a profile renders, by what the files say.

A comparison file by file would show that every file is new, because no other layout is that of orthgen.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.catalogue.orthanc_defaults import orthanc_default
from orthgen.formats.loose_values import texts
from orthgen.observed.service_model import Product
from orthgen.secret_detection import PLACEHOLDER, may_be_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.findings import Location
    from orthgen.observed.model import ObservedDeployment, Orthanc
    from orthgen.observed.service_model import Service

_MAX_LENGTH = 72
_ROWS = ("Authorization", "Permissions")
_USERS = "RegisteredUsers"
_SETTINGS = "Orthanc's settings"


class DeploymentDifference(Struct, frozen=True):
    """A fact that differs: its part of the deployment, its name, and both values; None where a side does not have it."""

    part: str
    name: str
    before: str | None
    after: str | None
    place: Location | None = None


def deployment_differences(
    old: ObservedDeployment, new: ObservedDeployment
) -> tuple[DeploymentDifference, ...]:
    """What differs between two deployments: services, Orthanc's settings, roles. No secret is shown."""
    return (*_services(old, new), *_settings(old, new), *_roles(old, new))


# ------------------------------------------------------------------------------------------------- services


def _services(old: ObservedDeployment, new: ObservedDeployment) -> Iterator[DeploymentDifference]:
    before, after = _by_use(old), _by_use(new)
    for use in dict.fromkeys([*before, *after]):
        was, is_now = before.get(use), after.get(use)
        place = was.definition.locate(()) if was is not None else None
        facts = (_facts(was), _facts(is_now))
        if was is None or is_now is None:
            yield DeploymentDifference("Services", use, facts[0].get("image"), facts[1].get("image"), place)
            continue
        for name in facts[0]:
            if facts[0][name] != facts[1][name]:
                yield DeploymentDifference(
                    "Services", f"{use}, {name}", facts[0][name], facts[1][name], place
                )


def _by_use(deployment: ObservedDeployment) -> dict[str, Service]:
    """The services by what they are for: the same on both sides, whatever they are called."""
    services: dict[str, Service] = {}
    for service in deployment.services:
        use = service.product.value
        if service.product is Product.POSTGRES:
            use = "postgres of Keycloak" if "keycloak" in service.name else "postgres of Orthanc"
        elif service.product is Product.OTHER:
            use = service.name
        services.setdefault(use if use not in services else service.name, service)
    return services


def _facts(service: Service | None) -> dict[str, str]:
    if service is None:
        return {}
    image = service.image
    ports = [
        f"{port.host + ':' if port.host else ''}{port.published}→{port.target}" for port in service.ports
    ]
    data = [mount.source for mount in service.mounts if mount.kind == "volume"]
    return {
        "image": f"{image.repository}:{image.tag or 'latest'}" if image is not None else "built here",
        "published ports": ", ".join(ports) or "none",
        "volumes": ", ".join(data) or "none",
    }


# -------------------------------------------------------------------------------------------------- settings


def _settings(old: ObservedDeployment, new: ObservedDeployment) -> Iterator[DeploymentDifference]:
    before, after = _main(old), _main(new)
    if before is None or after is None:
        return
    was, is_now = dict(_flat(before.settings.value)), dict(_flat(after.settings.value))
    for path in dict.fromkeys([*was, *is_now]):
        if path not in was:
            yield from _added(before, path, is_now[path])
        elif path not in is_now or was[path] != is_now[path]:
            after_text = _shown(path, is_now[path]) if path in is_now else None
            place = before.settings.locate(path)
            yield DeploymentDifference(_SETTINGS, ".".join(path), _shown(path, was[path]), after_text, place)


def _added(before: Orthanc, path: tuple[str, ...], value: Any) -> Iterator[DeploymentDifference]:
    """A setting that only the new side states; nothing where it is what Orthanc or its image takes anyway."""
    default = before.defaults.get(*path)
    default = orthanc_default(path) if default is None else default
    if default != value:
        text = f"{_shown(path, default)} (default)" if default is not None else None
        yield DeploymentDifference(_SETTINGS, ".".join(path), text, _shown(path, value))


def _main(deployment: ObservedDeployment) -> Orthanc | None:
    """The Orthanc with the most settings."""
    return max(deployment.orthancs, key=lambda each: sum(1 for _ in _flat(each.settings.value)), default=None)


def _flat(value: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, item in value.items():
        here = (*path, str(name))
        if isinstance(item, dict) and item and name != _USERS:
            yield from _flat(item, here)
        else:
            yield here, item


def _shown(path: tuple[str, ...], value: Any) -> str:
    """A value in one line, shortened; never a secret."""
    if path[-1] == _USERS and isinstance(value, dict):
        return f"{len(value)} users"
    if may_be_secret(path[-1], value):
        return PLACEHOLDER
    if path == _ROWS and isinstance(value, list):
        return f"{len(value)} rows"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}…"


# ----------------------------------------------------------------------------------------------------- roles


def _roles(old: ObservedDeployment, new: ObservedDeployment) -> Iterator[DeploymentDifference]:
    before, after = _role_texts(old), _role_texts(new)
    for role in dict.fromkeys([*before, *after]):
        was, place = before.get(role, (None, None))
        is_now, _ = after.get(role, (None, None))
        if was != is_now:
            yield DeploymentDifference("Roles", role, was, is_now, place)


def _role_texts(deployment: ObservedDeployment) -> dict[str, tuple[str, Location]]:
    """Each role of permissions.json in one line: what it may do, and on which labels."""
    lines: dict[str, tuple[str, Location]] = {}
    for service in deployment.auth_services:
        document = service.permissions
        roles = (
            document.value.get("roles") if document is not None and isinstance(document.value, dict) else None
        )
        for role, rights in (roles if isinstance(roles, dict) else {}).items():
            if document is not None and isinstance(rights, dict):
                permissions = ", ".join(sorted(texts(rights.get("permissions"))))
                labels = ", ".join(sorted(texts(rights.get("authorized-labels"))))
                lines[str(role)] = (
                    f"{permissions or 'nothing'} on {labels or 'no label'}",
                    document.locate(("roles", role)),
                )
    return lines
