"""Provisioning from tests: one run against any server that has the four verbs, and deployments in realms of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.realm.admin.realm_import import Patience
from orthgen.realm.executor import Run
from orthgen.realm.provision import make_plan

if TYPE_CHECKING:
    from orthgen.changes.model import Plan
    from orthgen.deployment.model import Deployment
    from orthgen.realm.admin.api import Verbs

QUICK = Patience(seconds=20, sleep=lambda _: None)
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


def plan(
    deployment: Deployment,
    verbs: Verbs,
    *,
    prune: bool = False,
    write_secrets: bool = False,
    reset_undeclared: bool = False,
) -> Plan:
    """The plan, which writes nothing."""
    return make_plan(
        deployment,
        verbs,
        SERVER,
        prune=prune,
        write_secrets=write_secrets,
        reset_undeclared=reset_undeclared,
    ).plan


def provision(
    deployment: Deployment,
    verbs: Verbs,
    *,
    prune: bool = False,
    write_secrets: bool = False,
    reset_undeclared: bool = False,
    mark: str = "test",
    patience: Patience = QUICK,
) -> Plan:
    """Plan and apply; returns the plan."""
    prepared = make_plan(
        deployment,
        verbs,
        SERVER,
        prune=prune,
        write_secrets=write_secrets,
        reset_undeclared=reset_undeclared,
    )
    Run(verbs, deployment.profile.identity.realm, prepared, secret, patience=patience, mark=mark).apply()
    return prepared.plan


def labels(plan: Plan) -> list[str]:
    """The plan's steps in short."""
    return [f"{change.symbol} {change.label}" for change in plan.changes]
