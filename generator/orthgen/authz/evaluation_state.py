"""State of one evaluation: the request, its route, its tokens, and the reasons so far."""

from __future__ import annotations

from msgspec import Struct

from orthgen.authz.auth_service import AuthService, Profile
from orthgen.authz.handler_routes import Handler, handler_for
from orthgen.authz.model import DeniedBy, Effect, Reason, Request, Stage, Token
from orthgen.authz.permission_table import PreparedRow, UndecidablePattern
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.request_target import RequestTarget, read_target
from orthgen.authz.resources import Level, Resource
from orthgen.authz.touched_resources import Touched

GIVE_EVERY_LABEL = "give the role every label (`collections: all` in a profile, `*` in permissions.json)"

# Enough for every path of a deployment; a stream of ever new paths must not fill the memory.
MAX_CACHED_ROUTES = 100_000


class Route(Struct, frozen=True):
    """The part of an evaluation that depends on method and path only."""

    target: RequestTarget
    unchecked: Reason | None
    row: PreparedRow | UndecidablePattern | Reason
    touched: Touched
    handler: Handler | None


class Evaluation(Struct):
    """Mutable state of one decision. `tokens` are those that the plugin reads, in its order."""

    configuration: PluginConfiguration
    service: AuthService
    request: Request
    route: Route
    tokens: tuple[Token, ...]
    reasons: list[Reason] = []
    denied_by: DeniedBy = DeniedBy.FILTER

    def touched(self) -> tuple[Resource, ...]:
        """The resources of the path. Raises `UnknownResource`."""
        return self.configuration.routes.resolve(self.route.touched, self.request.resources)

    def opener(self, resource: Resource, tokens: tuple[Token, ...]) -> Token | None:
        """The first token that opens a checked resource as a link."""
        return next((token for token in tokens if self.service.opens(token, resource)), None)


def start_evaluation(
    configuration: PluginConfiguration, service: AuthService, request: Request
) -> Evaluation:
    """The state before the first stage."""
    route = route_of(configuration, request)
    tokens = request.tokens
    if tokens:
        tokens = _presented(configuration, tokens, as_get=request.method == "GET")
    return Evaluation(configuration, service, request, route, tokens)


def route_of(configuration: PluginConfiguration, request: Request) -> Route:
    """The route of a method and a path; computed once for each."""
    cache = configuration.route_cache
    key = (request.method, request.target, request.override)
    route: Route | None = cache.get(key)
    if route is None:
        if len(cache) >= MAX_CACHED_ROUTES:
            cache.clear()
        route = cache[key] = _read_route(configuration, request)
    return route


def _read_route(configuration: PluginConfiguration, request: Request) -> Route:
    target = read_target(request.method, request.target, request.override)
    return Route(
        target,
        _unchecked(configuration, target),
        _row(configuration, target),
        configuration.routes.touched(target),
        handler_for(configuration, target),
    )


def _row(
    configuration: PluginConfiguration, target: RequestTarget
) -> PreparedRow | UndecidablePattern | Reason:
    """The row that fits, the reason that none does, or what keeps it from being known (raised when it matters)."""
    try:
        row = configuration.table.match(target.method.lower(), target.path.encode("utf-8", "surrogateescape"))
    except UndecidablePattern as undecidable:
        return undecidable
    if row is not None:
        return row
    needed = f"a row of the permission table that fits {target.method} `{target.path}`"
    remedy = "add a row to `ExtraPermissions`"
    return Reason(Stage.PERMISSION, Effect.DENIED, needed, "no row fits", None, remedy)


def _unchecked(configuration: PluginConfiguration, target: RequestTarget) -> Reason | None:
    if target.method != "GET":
        return None
    path = target.path
    if path in configuration.unchecked_paths:
        reason, location = f"GET `{path}` is an unchecked path", configuration.unchecked_paths[path]
    else:
        folder = next(
            (
                unchecked_folder
                for unchecked_folder in configuration.unchecked_folders
                if path.startswith(unchecked_folder)
            ),
            None,
        )
        if folder is None:
            return None
        reason, location = (
            f"GET below the unchecked folder `{folder}`",
            configuration.unchecked_folders[folder],
        )
    return Reason(Stage.UNCHECKED, Effect.ALLOWED, "no permission, with or without sign-in", reason, location)


def _presented(
    configuration: PluginConfiguration,
    sent: tuple[Token, ...],
    *,
    as_get: bool,
) -> tuple[Token, ...]:
    """
    The tokens that the plugin finds, in its order: headers, then GET arguments, by name.

    A header's name is compared without case, an argument's to the letter; arguments are read of a GET only.
    """
    headers: dict[str, Token] = {}
    arguments: dict[str, Token] = {}
    for token in sent:
        if token.argument:
            arguments[token.name] = token
        else:
            # Of two headers of one name Orthanc keeps the first.
            headers.setdefault(token.name.lower(), token)
    presented = (
        (arguments.get(carrier.key) if as_get else None) if carrier.argument else headers.get(carrier.key)
        for carrier in configuration.carriers
        if carrier.argument or carrier.name
    )
    return tuple(token for token in presented if token is not None)


def label_check(
    configuration: PluginConfiguration, resources: tuple[Resource, ...], profile: Profile
) -> tuple[bool | None, Resource | None]:
    """
    Whether the labels of a profile open these resources, and the resource that decided.

    The first resource of a checked level decides alone. None where no level is checked: labels then neither
    open nor refuse.
    """
    for resource in resources:
        if resource.level not in configuration.unchecked_levels:
            return not resource.labels.isdisjoint(profile.labels), resource
    return None, None


def name_of(resource: Resource) -> str:
    """A resource in words."""
    if resource.level is Level.SYSTEM:
        return f"the system path `{resource.orthanc_id or '/'}`"
    return f"the {resource.level} `{resource.orthanc_id}`"


def labels_of(labels: frozenset[str]) -> str:
    """A set of labels in words, in a stable order."""
    if not labels:
        return "no label"
    listed = ", ".join(f"`{label}`" for label in sorted(labels))
    return f"the label {listed}" if len(labels) == 1 else f"the labels {listed}"
