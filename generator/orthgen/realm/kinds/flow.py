"""
Authentication flows: the sign-in, and the first sign-in through a provider.

A flow is never updated, because people may be in the middle of it. New content is a new version
(`orthgen sign-in v2`): it is created and bound, and only then the old version is deleted. A person with an open
sign-in page sees the page once more, and can go on.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#AuthenticationFlowRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.changes.model import FieldChange
from orthgen.deployment import naming
from orthgen.realm.admin import representations
from orthgen.realm.admin.api import OutcomeUnknown
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.flows import ROLE_CONDITION, flows
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from orthgen.deployment.model import Deployment
    from orthgen.realm.ownership import Address
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.snapshot import RealmSnapshot
    from orthgen.realm.write_context import WriteContext

BASES = (
    naming.SIGN_IN_FLOW,
    naming.AFTER_PROVIDER_FLOW,
    naming.FIRST_SIGN_IN_FLOW,
    naming.LINKING_FLOW,
    naming.NEW_PASSWORD_FLOW,
)
# Authenticators that a flow may have more than once, with the setting that distinguishes them.
_NAMED_AFTER = {
    ROLE_CONDITION: "condUserRole",
    "conditional-client-scope": "client_scope",
    "deny-access-authenticator": "denyErrorMessage",
}
# AuthenticationExecutionExportRepresentation and AuthenticationExecutionInfoRepresentation, Keycloak 26.2 to 26.7.
# `compared` fields are part of `steps`.
_STEP_FIELDS = {
    "alias": "the name of the settings",
    "authenticationConfig": "compared: the id of the settings",
    "authenticationFlow": "compared: whether the step is a flow",
    "authenticator": "compared",
    "authenticatorConfig": "compared: the name of the settings",
    "authenticatorFlow": "compared: whether the step is a flow",
    "autheticatorFlow": "a name that Keycloak no longer reads",
    "configurable": "computed by Keycloak",
    "description": "a text for administrators",
    "displayName": "compared: the name of the flow below",
    "flowAlias": "compared: the name of the flow below",
    "flowId": "Keycloak's own",
    "id": "Keycloak's own",
    "index": "compared: the order of the list",
    "level": "compared: the depth in the list",
    "priority": "compared: the order of the list",
    "providerId": "compared: the authenticator",
    "requirement": "compared",
    "requirementChoices": "computed by Keycloak",
    "userSetupAllowed": "Keycloak takes it and reads it nowhere",
}
# AuthenticatorConfigRepresentation, Keycloak 26.2 to 26.7.
_SETTINGS_FIELDS = {
    "alias": "the name of the settings",
    "config": "compared",
    "id": "Keycloak's own",
}
VERSION = "flow version"
_PROVIDER_BINDINGS = ("firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias")
_CLIENT_BINDINGS = "authenticationFlowBindingOverrides"
_MAX_ATTEMPTS = 3


class Flow(ResourceKind):
    """Flows by name without version."""

    name = "flow"
    recorded = "never"
    # The ownership record does not name flows that the profile no longer declares.
    read_with_realm = True
    listed_as_foreign = False
    independent = False
    # AuthenticationFlowRepresentation, Keycloak 26.2 to 26.7.
    undeclared = UndeclaredFields(
        ignored={
            "alias": "the key, with the version",
            "authenticationExecutions": "`steps` has them",
            "builtIn": "orthgen's flows are not",
            "description": "a text for administrators",
            "id": "Keycloak's own",
            "providerId": "orthgen's flows have one type",
            "topLevel": "orthgen's flows are",
            **{f"steps.{name}": reason for name, reason in _STEP_FIELDS.items()},
            **{f"settings.{name}": reason for name, reason in _SETTINGS_FIELDS.items()},
        }
    )

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        for flow in flows(deployment):
            yield Resource(self.name, flow.name, {"steps": flow.steps}, because=flow.because)

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        realm_flows = representation.setdefault("authenticationFlows", [])
        configurations = representation.setdefault("authenticatorConfig", [])
        name = f"{resource.key} v1"
        for alias, steps in _with_subflows(name, name, resource.fields["steps"]):
            flow = {
                "alias": alias,
                "description": f"made by orthgen for {resource.because}",
                "providerId": "basic-flow",
                "topLevel": alias == name,
                "builtIn": False,
                "authenticationExecutions": [
                    _execution(name, step, 10 * (index + 1)) for index, step in enumerate(steps)
                ],
            }
            realm_flows.append(flow)
            configurations.extend(
                {"alias": configuration_alias(name, step), "config": step["config"]}
                for step in steps
                if "config" in step
            )

    def next_alias(self, resource: Resource, existing: ExistingObject | None, *, changed: bool) -> str:
        if existing is None:
            return f"{resource.key} v1"
        if not changed:
            return str(existing.representation["alias"])
        return f"{resource.key} v{existing.representation['newest'] + 1}"

    # The admin API lists versions; `read` returns the bound version, or else the newest.

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        custom_flows = [
            flow
            for flow in context.api.get(context.path("authentication", "flows"), list[representations.Flow])
            if not flow.get("builtIn")
        ]
        bound = {context.realm.get("browserFlow"), context.realm.get("resetCredentialsFlow")}
        for base in BASES:
            versions = {version_of(base, flow["alias"]): flow for flow in custom_flows}
            versions.pop(0, None)
            if not versions:
                continue
            current = next(
                (number for number, flow in versions.items() if flow["alias"] in bound), max(versions)
            )
            is_desired = any(resource.key == base for resource in context.desired)
            flow = versions[current]
            steps = _read_steps(context, flow) if is_desired else []
            content = {"steps": steps, "newest": max(versions)}
            yield ExistingObject(self.name, base, {**content, "alias": flow["alias"]}, id=flow["id"])
            for number, other in sorted(versions.items()):
                yield ExistingObject(
                    VERSION, other["alias"], {"base": base, "number": number}, id=other["id"]
                )

    def compare(self, declared: Mapping[str, Any], existing: ExistingObject) -> tuple[FieldChange, ...]:
        before, after = _lines(existing.representation["steps"]), _lines(declared["steps"])
        return () if before == after else (FieldChange("steps", before, after),)

    def plan_fields(self, declared: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**declared, "steps": _lines(declared["steps"])}

    def create(self, context: WriteContext, resource: Resource) -> None:
        alias = context.aliases[resource.key]
        for _ in range(_MAX_ATTEMPTS):
            try:
                return self._build(context, resource, alias)
            except OutcomeUnknown:
                # The incomplete flow is bound nowhere, so it is deleted and created again.
                self._discard(context, alias)
        return self._build(context, resource, alias)

    def _discard(self, context: WriteContext, alias: str) -> None:
        for flow in context.api.get(context.path("authentication", "flows"), list[representations.Flow]):
            if flow["alias"] == alias:
                context.api.delete(context.path("authentication", "flows", flow["id"]))

    def _build(self, context: WriteContext, resource: Resource, alias: str) -> None:
        body = {
            "alias": alias,
            "description": f"made by orthgen for {resource.because}",
            "providerId": "basic-flow",
            "topLevel": True,
            "builtIn": False,
        }
        flow = context.create(context.path("authentication", "flows"), body)
        _add_steps(context, alias, (alias, flow), resource.fields["steps"])

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:  # noqa: ARG002
        self.create(context, resource)


class FlowVersion(ResourceKind):
    """Superseded versions of flows. The profile declares none of them, and they are deleted last."""

    name = VERSION
    recorded = "never"
    listed_as_foreign = False

    def desired(self, deployment: Deployment) -> Iterator[Resource]:  # noqa: ARG002
        yield from ()

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:  # noqa: ARG002 - read with the flows
        yield from ()

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        context.api.delete(context.path("authentication", "flows", existing.id))


def bound_elsewhere(
    snapshot: RealmSnapshot, desired: Collection[Address], deleted: Collection[Address]
) -> set[Address]:
    """Versions of flows in use by a provider or client that stays, and that the profile does not declare."""
    staying = [
        existing.representation
        for address, existing in snapshot.objects.items()
        if address not in desired and address not in deleted
    ]
    # A provider names its flows by alias, a client by id.
    used = {item.get(name) for item in staying for name in _PROVIDER_BINDINGS}
    used |= {flow for item in staying for flow in (item.get(_CLIENT_BINDINGS) or {}).values()}
    return {
        address
        for address, existing in snapshot.objects.items()
        if address[0] == VERSION and (existing.key in used or existing.id in used)
    }


def superseded(snapshot: RealmSnapshot, aliases: Mapping[str, str]) -> Iterator[tuple[Address, str]]:
    """Versions of flows that are bound nowhere after the plan, each with its successor."""
    for address, existing in snapshot.objects.items():
        base = str(existing.representation.get("base", ""))
        if address[0] == VERSION and base in aliases and aliases[base] != existing.key:
            yield address, aliases[base]


def unused_versions(snapshot: RealmSnapshot, desired: Collection[Address]) -> Iterator[Address]:
    """Versions of flows that the profile no longer asks for."""
    for address, existing in snapshot.objects.items():
        if address[0] == VERSION and (KIND.name, "", existing.representation["base"]) not in desired:
            yield address


def version_of(base: str, alias: str) -> int:
    """The number of a version of `base`, or 0 where the alias names none."""
    prefix, _, number = alias.rpartition(" v")
    return int(number) if prefix == base and number.isdigit() else 0


def _read_steps(context: ReadContext, flow: representations.Flow) -> list[dict[str, Any]]:
    """The steps of a flow in the form of `realm.flows`."""
    alias = flow["alias"]
    top_steps = flow.get("authenticationExecutions") or []
    if not any(step.get("flowAlias") or step.get("authenticatorConfig") for step in top_steps):
        # The list of flows is complete where no step has settings or steps below it.
        ordered = sorted(top_steps, key=lambda item: item.get("priority", 0))
        return [
            {"requirement": step["requirement"], "authenticator": step.get("authenticator")}
            for step in ordered
        ]
    executions = context.api.get(
        context.path("authentication", "flows", alias, "executions"), list[representations.Execution]
    )
    settings = _read_settings(context, executions)
    steps: list[dict[str, Any]] = []
    # Keycloak lists executions in running order, each followed by the executions below it.
    open_lists = [steps]
    for execution in executions:
        step = _read_step(alias, execution, settings)
        level = min(int(execution["level"]), len(open_lists) - 1)
        open_lists[level].append(step)
        if "steps" in step:
            open_lists[level + 1 :] = [step["steps"]]
    return steps


def _read_settings(
    context: ReadContext, executions: list[representations.Execution]
) -> dict[str, dict[str, str]]:
    """The settings of the steps that have some, by their id; Keycloak has no list of them."""
    ids = [config for execution in executions if (config := execution.get("authenticationConfig"))]
    paths = [context.path("authentication", "config", config) for config in ids]
    answers = context.get_all(paths, representations.ExecutionConfig)
    return {config: answer.get("config") or {} for config, answer in zip(ids, answers, strict=True)}


def _read_step(
    flow: str, execution: representations.Execution, settings: Mapping[str, dict[str, str]]
) -> dict[str, Any]:
    step: dict[str, Any] = {"requirement": execution["requirement"]}
    if execution.get("authenticationFlow"):
        return step | {"name": execution.get("displayName", "").removeprefix(flow).strip(), "steps": []}
    step["authenticator"] = execution.get("providerId", "")
    config = execution.get("authenticationConfig")
    return step | {"config": settings[config]} if config else step


def _with_subflows(
    flow: str, alias: str, steps: list[dict[str, Any]]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A flow's steps by the flow's alias, then those of every flow below it."""
    yield alias, steps
    for step in steps:
        if "steps" in step:
            yield from _with_subflows(flow, f"{flow} {step['name']}", step["steps"])


def _add_steps(
    context: WriteContext, flow: str, parent: tuple[str, str], steps: list[dict[str, Any]]
) -> None:
    """Add steps to a flow or subflow; `parent` is its alias and id."""
    executions = context.path("authentication", "executions")
    for index, step in enumerate(steps):
        priority = 10 * (index + 1)
        if "steps" in step:
            alias = f"{flow} {step['name']}"
            subflow = _add_subflow(context, parent[0], alias, step["requirement"], priority)
            _add_steps(context, flow, (alias, subflow), step["steps"])
            continue
        body = {
            "parentFlow": parent[1],
            "requirement": step["requirement"],
            "priority": priority,
            "authenticatorFlow": False,
            "authenticator": step["authenticator"],
        }
        execution = context.create(executions, body)
        if "config" in step:
            settings = {"alias": configuration_alias(flow, step), "config": step["config"]}
            context.api.post(f"{executions}/{execution}/config", settings)


def _add_subflow(context: WriteContext, parent: str, alias: str, requirement: str, priority: int) -> str:
    """Create a subflow together with its step, so that no flow stays without a step."""
    steps = context.path("authentication", "flows", parent, "executions")
    context.api.post(f"{steps}/flow", {"alias": alias, "type": "basic-flow", "provider": "basic-flow"})
    for execution in context.api.get(steps, list[representations.Execution]):
        flow_id = execution.get("flowId")
        if execution.get("displayName") == alias and flow_id:
            context.api.put(steps, {**execution, "requirement": requirement, "priority": priority})
            return flow_id
    raise OutcomeUnknown(f"the flow `{alias}` was made and is not there")


def _lines(steps: list[dict[str, Any]], indent: str = "") -> list[str]:
    """The steps as text, one a line."""
    lines = []
    for step in steps:
        settings = " ".join(f"{name}={value}" for name, value in sorted(step.get("config", {}).items()))
        label = step.get("authenticator") or step["name"]
        lines.append(f"{indent}{label}: {step['requirement'].lower()}{' ' + settings if settings else ''}")
        lines.extend(_lines(step.get("steps", []), indent + "  "))
    return lines


def configuration_alias(flow: str, step: dict[str, Any]) -> str:
    """The name of a step's settings, unique in the realm."""
    alias = f"{flow} {step['authenticator']}"
    setting = _NAMED_AFTER.get(step["authenticator"])
    return f"{alias} {step['config'][setting]}" if setting is not None and "config" in step else alias


def _execution(flow: str, step: dict[str, Any], priority: int) -> dict[str, Any]:
    execution = {"requirement": step["requirement"], "priority": priority, "userSetupAllowed": False}
    if "steps" in step:
        return {**execution, "authenticatorFlow": True, "flowAlias": f"{flow} {step['name']}"}
    execution |= {"authenticatorFlow": False, "authenticator": step["authenticator"]}
    if "config" in step:
        execution["authenticatorConfig"] = configuration_alias(flow, step)
    return execution


KIND = Flow()
VERSIONS = FlowVersion()
