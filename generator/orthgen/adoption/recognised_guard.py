"""
The guard of a deployment that orthgen rendered, found in its files.

The model of the guard holds for the files that this version of orthgen writes, and for no others. So the deployment is
adopted, and the nginx of the adopted profile is compared with the files, line by line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from orthgen.adoption.adopt import adopted_deployment
from orthgen.adoption.original_deployment import OriginalDeployment
from orthgen.adoption.profile_values import web_address
from orthgen.authz.auth_service import AuthService
from orthgen.authz.policy import Principal, PrincipalKind
from orthgen.deployment import naming
from orthgen.observed.service_model import Product
from orthgen.observed.shown_texts import ShownTexts
from orthgen.products.access_page.model import guard_of, places_of
from orthgen.products.nginx import nginx_files
from orthgen.products.nginx.guard import FOLDER as SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.authz.policy import Policy
    from orthgen.deployment.model import Deployment
    from orthgen.formats.yaml_io import Document
    from orthgen.observed.model import ObservedDeployment
    from orthgen.observed.service_model import Service
    from orthgen.products.artifact import Artifact

# The first lines of a rendered file name the profile and the command.
_HEADER_LINES = 2
_COMMENTS = ("#", "//")


class ObservedGuard(Struct, frozen=True):
    """
    The guard in the files of a deployment, as far as answers may count on it.

    `deployment` is the adopted deployment, None where there is no guard or it does not count; `problem` says why not.
    `rendered_roles` is the rendered permissions.json, where people can edit the roles and the edited file is not seen.
    """

    deployment: Deployment | None = None
    problem: str = ""
    rendered_roles: Document | None = None


def observed_guard(observed: ObservedDeployment) -> ObservedGuard:
    """
    The guard in the container of nginx.

    It counts if nginx reads exactly the files that this version writes, and if no request reaches Orthanc beside it.
    """
    nginx = next((each for each in observed.services if any(map(_is_script, each.configured))), None)
    if nginx is None:
        return ObservedGuard()
    deployment = adopted_deployment(observed)
    if deployment is None:
        return ObservedGuard(problem="the other files are not those of a deployment that orthgen wrote")
    problem = next(_problems(observed, deployment, nginx), "")
    if problem:
        return ObservedGuard(problem=problem)
    is_seen = any(service.permissions is not None for service in observed.auth_services)
    rendered = () if is_seen else OriginalDeployment.of(observed).permissions
    return ObservedGuard(deployment, rendered_roles=next(iter(rendered), None))


def guarded(policy: Policy, guard: ObservedGuard) -> Policy:
    """A policy behind a guard that counts, with the names and titles of its deployment's roles and collections."""
    deployment = guard.deployment
    if deployment is None:
        return policy
    titles = {role.name: role.title for role in deployment.roles}
    named = places_of(deployment)
    labels = {label for place in named for label in place.labels}
    service = _with_roles(policy.service, guard.rendered_roles)
    return replace(
        policy,
        service=service,
        guard=guard_of(deployment),
        roles=tuple(Principal(PrincipalKind.ROLE, name, titles.get(name, name)) for name in service.roles),
        collections=(*named, *(place for place in policy.collections if not place.labels <= labels)),
    )


def _with_roles(service: AuthService, permissions: Document | None) -> AuthService:
    """The service with the roles of another permissions.json, where there is one."""
    if permissions is None:
        return service
    roles = AuthService.compile(permissions.value, {}, locate=permissions.locate).roles
    return AuthService(roles, service.anonymous, service.reachable, service.findings)


def _problems(observed: ObservedDeployment, deployment: Deployment, nginx: Service) -> Iterator[str]:
    """The reasons why answers may not count on the guard."""
    artifacts = {f"/etc/{artifact.path}": artifact for artifact in nginx_files(deployment)}
    for path, artifact in artifacts.items():
        yield from _differences(artifact, nginx.configured.get(path, ""), observed.texts)
    for path, file in nginx.configured.items():
        if path.startswith("/etc/nginx/") and path not in artifacts:
            yield f"nginx also reads {file}, which orthgen does not write"
    yield from _around(observed, nginx)


def _is_script(path: str) -> bool:
    """Whether a file of a container is one of the guard's scripts, by its place."""
    return path.startswith(f"/etc/{SCRIPTS}/")


def _differences(artifact: Artifact, file: str, texts: Mapping[str, str]) -> Iterator[str]:
    """How the file that nginx reads differs from the rendered one."""
    if file not in texts:
        yield f"nginx reads no file at `/etc/{artifact.path}`"
        return
    if not all(line.startswith(_COMMENTS) for line in texts[file].splitlines()[:_HEADER_LINES]):
        yield f"{file}:1 is not the line that orthgen writes"
    shown = texts if isinstance(texts, ShownTexts) else ShownTexts(texts, lambda: iter(()))
    if number := shown.first_difference(file, artifact.text, skipped=_HEADER_LINES):
        yield f"{file}:{number} is not what this version of orthgen writes"


def _around(observed: ObservedDeployment, nginx: Service) -> Iterator[str]:
    """Requests that reach Orthanc without this nginx: by its own port, or by another proxy or route of a cluster."""
    orthancs = [service for service in observed.services if service.product is Product.ORTHANC]
    for service in orthancs:
        for port in (*service.ports, *service.exposed):
            if port.target == str(naming.PORTS[naming.ORTHANC]):
                yield f"Orthanc's own port is published beside it ({port.location})"
    names = {service.name for service in orthancs}
    for proxy in observed.proxies:
        if proxy.service is nginx:
            continue
        for location in (each for server in proxy.servers for each in server.locations):
            if web_address(location.upstream).hostname in names:
                yield f"another proxy leads to Orthanc ({location.location})"
