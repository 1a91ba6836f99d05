"""Provisioning from tests: one run against any server that has the four verbs, and deployments in realms of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.realm.admin.realm_import import Polling
from orthgen.realm.executor import Executor
from orthgen.realm.planner import PlanOptions
from orthgen.realm.provision import make_plan

if TYPE_CHECKING:
    from orthgen.changes.model import Plan
    from orthgen.deployment.model import Deployment
    from orthgen.realm.admin.api import AdminApi

QUICK = Polling(timeout_seconds=20, sleep=lambda _: None)
SERVER = "http://keycloak.example.org/"


def secret(name: str) -> str:
    """The value of a secret in tests."""
    return f"value-of-{name}"


def in_realm(deployment: Deployment, realm: str) -> Deployment:
    """The same deployment with another realm."""
    identity = deployment.profile.identity.model_copy(update={"realm": realm})
    return replace(deployment, profile=deployment.profile.model_copy(update={"identity": identity}))


def reached_at(deployment: Deployment, url: str) -> Deployment:
    """The same deployment with its Keycloak at `url`, where the test's own one answers without a proxy in front."""
    return replace(deployment, addresses=replace(deployment.addresses, keycloak_public=f"{url}/"))


def plan(deployment: Deployment, api: AdminApi, **options: bool) -> Plan:
    """The plan with these `PlanOptions`, which writes nothing."""
    return make_plan(deployment, api, SERVER, PlanOptions(**options)).plan


def provision(
    deployment: Deployment,
    api: AdminApi,
    *,
    mark: str = "test",
    polling: Polling = QUICK,
    **options: bool,
) -> Plan:
    """Plan with these `PlanOptions` and apply; returns the plan."""
    prepared = make_plan(deployment, api, SERVER, PlanOptions(**options))
    Executor(api, deployment.profile.identity.realm, prepared, secret, polling=polling, mark=mark).apply()
    return prepared.plan


def labels(plan: Plan) -> list[str]:
    """The plan's steps in short."""
    return [f"{change.action.symbol} {change.label}" for change in plan.changes]
