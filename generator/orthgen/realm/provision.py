"""Phases of provisioning: make a plan, compare it with a reviewed plan, apply it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from msgspec import to_builtins
from msgspec.structs import replace

from orthgen.changes.model import plan_content
from orthgen.changes.safety import raise_if_unadopted, raise_if_unsafe
from orthgen.deployment import naming
from orthgen.errors import KeycloakConflict, KeycloakError, OrthgenError, system_reason
from orthgen.realm.admin import representations
from orthgen.realm.admin.api import realm_path
from orthgen.realm.executor import Executor
from orthgen.realm.planner import ADOPTED_ON_REQUEST, DEFAULT_OPTIONS, PRECIOUS, PlanOptions, prepare
from orthgen.realm.realm_file import desired
from orthgen.realm.resource import SecretUse
from orthgen.realm.role_holders import with_holders, with_returned_roles
from orthgen.realm.snapshot_reader import read_snapshot
from orthgen.realm.supported_versions import SUPPORTED, check_supported_before_creation
from orthgen.realm.undeclared_holders import undeclared_holders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthgen.changes.model import Change, Plan
    from orthgen.deployment.model import Deployment
    from orthgen.realm.admin.api import AdminApi
    from orthgen.realm.admin.realm_import import Polling
    from orthgen.realm.planner import PreparedPlan
    from orthgen.realm.resource import Resource


def make_plan(
    deployment: Deployment,
    api: AdminApi,
    server: str,
    options: PlanOptions = DEFAULT_OPTIONS,
    made_there: frozenset[str] = frozenset(),
) -> PreparedPlan:
    """
    Read the realm and make its plan. Writes nothing.

    The profile decides whether the realm is exclusive. `made_there` are secrets that Keycloak generates: no value is sent for them.
    """
    resources = tuple(_without_secrets(resource, made_there) for resource in desired(deployment))
    realm = deployment.profile.identity.realm
    snapshot = read_snapshot(api, realm, resources)
    if snapshot.realm is None and deployment.profile.identity.keycloak.manage != "everything":
        raise OrthgenError(
            f"there is no realm `{realm}` at `{server}`",
            hint="with `manage: clients-and-roles` another administrator manages the realm, and it has to exist; check its name",
        )
    if snapshot.realm is None:
        check_supported_before_creation(api)
    options = replace(options, exclusive=deployment.profile.identity.keycloak.manage == "everything")
    prepared = prepare(server, realm, resources, snapshot, options)
    plan = with_holders(prepared.plan, snapshot, api, realm)
    return replace(prepared, plan=with_returned_roles(plan, snapshot, api, realm))


def with_undeclared_holders(deployment: Deployment, api: AdminApi, prepared: PreparedPlan) -> PreparedPlan:
    """The plan with the holders of roles whom no rule of the profile names."""
    holders = undeclared_holders(deployment, api, prepared)
    return replace(prepared, plan=replace(prepared.plan, holders=holders))


def _without_secrets(resource: Resource, names: frozenset[str]) -> Resource:
    fields = {
        name: value
        for name, value in resource.fields.items()
        if not (isinstance(value, SecretUse) and value.name in names)
    }
    return replace(resource, fields=fields) if len(fields) != len(resource.fields) else resource


def secret_made_there(deployment: Deployment, api: AdminApi) -> str:
    """The auth-service's client secret from Keycloak."""
    realm = deployment.profile.identity.realm
    path = realm_path(realm, "clients")
    for client in api.get(path, list[representations.Client], clientId=naming.AUTH_SERVICE_CLIENT):
        path = realm_path(realm, "clients", client["id"], "client-secret")
        return api.get(path, representations.ClientSecret)["value"]
    raise KeycloakConflict(f"the client `{naming.AUTH_SERVICE_CLIENT}` of the realm `{realm}` is gone")


def check_safety(plan: Plan, *, adopt: bool, allow_destroy: bool, allow_many: bool) -> None:
    """Raise UnsafePlan where the plan needs an option that is not given."""
    raise_if_unadopted(plan, kinds=ADOPTED_ON_REQUEST, adopt=adopt)
    raise_if_unsafe(plan, precious=PRECIOUS, allow_destroy=allow_destroy, allow_many=allow_many)


def carry_out(  # noqa: PLR0913, PLR0917 - the parts of a run
    deployment: Deployment,
    api: AdminApi,
    prepared: PreparedPlan,
    secret: Callable[[str], str],
    report: Callable[[Change], None],
    polling: Polling,
) -> None:
    """Apply the plan, and read the realm again. Raises KeycloakError where it still differs."""
    realm = deployment.profile.identity.realm
    executor = Executor(api, realm, prepared, secret, report, polling)
    executor.apply()
    _raise_if_changes_remain(api, realm, prepared, executor.mark)


def _raise_if_changes_remain(api: AdminApi, realm: str, prepared: PreparedPlan, mark: str) -> None:
    """Raise KeycloakError where a new plan has changes: the server ignored an update, or another run was active."""
    resources = tuple(prepared.resources.values())
    # Secrets are never compared, so this option would always add changes.
    options = replace(prepared.options, write_secrets=False)
    snapshot = read_snapshot(api, realm, resources)
    remaining = prepare("", realm, resources, snapshot, options).plan
    if remaining.changes and snapshot.revision != mark:
        raise KeycloakConflict(
            f"another run changed the realm `{realm}` at the same time, and it is not yet as the profile says",
            hint="run again when the other run has ended",
        )
    if remaining.changes:
        unchanged = [
            f"{change.label} ({', '.join(item.path for item in change.fields)})"
            for change in remaining.changes
        ]
        raise KeycloakError(
            f"Keycloak answered that it changed these, and they are as before: {'; '.join(unchanged)}",
            hint=f"somebody may have changed them back, or this Keycloak does not know them; orthgen works with "
            f"Keycloak {SUPPORTED}",
        )


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan for review."""
    data = {"fingerprint": plan.fingerprint, **to_builtins(plan_content(plan))}
    try:
        path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise OrthgenError(f"cannot write `{path}`: {system_reason(error)}") from error


def check_unchanged(shown: Plan, present: Plan) -> None:
    """Raise KeycloakConflict where the present plan is not the one that was shown."""
    if present.fingerprint != shown.fingerprint:
        raise KeycloakConflict(
            "the realm has changed since this plan was shown",
            hint="nothing was changed; run again for a new plan",
        )


def check_reviewed(plan: Plan, path: Path) -> None:
    """Raise KeycloakConflict where the plan is not the one that was written to `path` and reviewed."""
    try:
        reviewed = json.loads(sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8"))[
            "fingerprint"
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OrthgenError(
            f"`{path}` is not a plan", hint=f"`--check --plan-file {path}` writes one to be reviewed"
        ) from error
    if reviewed != plan.fingerprint:
        raise KeycloakConflict(
            f"the plan is no longer the one in `{path}`",
            hint="the realm or the profile has changed since; make a new plan and review it",
        )
