"""
Authentication flows of ours: how one signs in, and what happens at the first sign-in through a provider.

A flow is never changed: another content is another version (`orthgen sign-in v2`), which is made, bound, and
only then is the older one removed. Whoever has the sign-in page open meanwhile is shown it once more, and gets on.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#AuthenticationFlowRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.deployment import naming
from generator.keycloak import answers
from generator.keycloak.kinds.base import Existing, ResourceKind
from generator.keycloak.resource import Representation, Resource
from generator.keycloak.verbs import Uncertain
from generator.keycloak.ways import sign_ins
from generator.planning.model import FieldChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.deployment.model import Deployment
    from generator.keycloak.existing import Look
    from generator.keycloak.writer import Writer

LINKING = naming.FIRST_SIGN_IN_FLOW + " by e-mail"
BASES = (naming.SIGN_IN_FLOW, naming.FIRST_SIGN_IN_FLOW, LINKING)
VERSION = "flow version"
_TRIES = 3


class Flow(ResourceKind):
    """Flows by name without version."""

    name = "flow"
    recorded = "never"
    independent = False

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        steps = sign_in_steps(deployment)
        if steps is not None:
            yield Resource(self.name, naming.SIGN_IN_FLOW, {"steps": steps}, because="identity.sign-in")
        for provider in sign_ins(deployment).brokered:
            if first_sign_in_flow(linking=provider.settings.link_by_email) == LINKING:
                yield _first_sign_in(LINKING, provider.because)
                break
        for provider in sign_ins(deployment).brokered:
            if not provider.settings.link_by_email:
                yield _first_sign_in(naming.FIRST_SIGN_IN_FLOW, provider.because)
                break

    def place(self, representation: Representation, resource: Resource) -> None:
        flows = representation.setdefault("authenticationFlows", [])
        configurations = representation.setdefault("authenticatorConfig", [])
        name = f"{resource.key} v1"
        below = {}
        for step in resource.fields["steps"]:
            if "steps" in step:
                below[f"{name} {step['name']}"] = step["steps"]
        for alias, steps in ((name, resource.fields["steps"]), *below.items()):
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
            flows.append(flow)
            configurations.extend(
                {"alias": configuration_alias(name, step), "config": step["config"]}
                for step in steps
                if "config" in step
            )

    # The admin API speaks of versions; what is read is the version in use, or the newest.

    def read(self, look: Look) -> Iterator[Existing]:
        listed = look.verbs.get(look.path("authentication", "flows"), list[answers.Flow])
        flows = [flow for flow in listed if not flow.get("builtIn")]
        for base in BASES:
            versions = {version_of(base, flow["alias"]): flow for flow in flows}
            versions.pop(0, None)
            if not versions:
                continue
            current = next(
                (
                    number
                    for number, flow in versions.items()
                    if flow["alias"] == look.realm.get("browserFlow")
                ),
                max(versions),
            )
            wanted = any(resource.key == base for resource in look.wanted)
            flow = versions[current]
            steps = _read_steps(look, flow) if wanted else []
            content = {"steps": steps, "newest": max(versions)}
            yield Existing(self.name, base, {**content, "alias": flow["alias"]}, id=flow["id"])
            for number, other in sorted(versions.items()):
                yield Existing(VERSION, other["alias"], {"base": base, "number": number}, id=other["id"])

    def compare(self, declared: Mapping[str, Any], existing: Existing) -> tuple[FieldChange, ...]:
        before, after = _lines(existing.representation["steps"]), _lines(declared["steps"])
        return () if before == after else (FieldChange("steps", before, after),)

    def shown(self, declared: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**declared, "steps": _lines(declared["steps"])}

    def create(self, writer: Writer, resource: Resource) -> None:
        alias = writer.aliases[resource.key]
        for _ in range(_TRIES):
            try:
                return self._build(writer, resource, alias)
            except Uncertain:
                # Nothing is bound to it yet: what came to be of it is taken away, and it is begun anew.
                self._discard(writer, alias)
        return self._build(writer, resource, alias)

    def _discard(self, writer: Writer, alias: str) -> None:
        for flow in writer.verbs.get(writer.path("authentication", "flows"), list[answers.Flow]):
            if flow["alias"] == alias:
                writer.verbs.delete(writer.path("authentication", "flows", flow["id"]))

    def _build(self, writer: Writer, resource: Resource, alias: str) -> None:
        body = {
            "alias": alias,
            "description": f"made by orthgen for {resource.because}",
            "providerId": "basic-flow",
            "topLevel": True,
            "builtIn": False,
        }
        flow = writer.create(writer.path("authentication", "flows"), body)
        _add_steps(writer, alias, flow, resource.fields["steps"])

    def update(self, writer: Writer, existing: Existing, resource: Resource) -> None:  # noqa: ARG002
        self.create(writer, resource)


class FlowVersion(ResourceKind):
    """Versions of our flows that another one has taken the place of. Nothing declares them; they go last."""

    name = VERSION
    recorded = "never"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:  # noqa: ARG002
        yield from ()

    def read(self, look: Look) -> Iterator[Existing]:  # noqa: ARG002 - read with the flows
        yield from ()

    def delete(self, writer: Writer, existing: Existing) -> None:
        writer.verbs.delete(writer.path("authentication", "flows", existing.id))


def version_of(base: str, alias: str) -> int:
    """The number of a version of `base`, or 0 where the alias names none."""
    prefix, _, number = alias.rpartition(" v")
    return int(number) if prefix == base and number.isdigit() else 0


def _read_steps(look: Look, flow: answers.Flow) -> list[dict[str, Any]]:
    """The steps of a flow as we write them down."""
    alias = flow["alias"]
    listed = flow.get("authenticationExecutions") or []
    if not any(step.get("flowAlias") or step.get("authenticatorConfig") for step in listed):
        # The list of flows says it all where nothing stands below a step.
        ordered = sorted(listed, key=lambda item: item.get("priority", 0))
        return [
            {"requirement": step["requirement"], "authenticator": step.get("authenticator")}
            for step in ordered
        ]
    executions = look.verbs.get(
        look.path("authentication", "flows", alias, "executions"), list[answers.Execution]
    )
    steps: list[dict[str, Any]] = []
    for execution in sorted(
        executions, key=lambda item: (item["level"], item.get("priority", item.get("index", 0)))
    ):
        step: dict[str, Any] = {"requirement": execution["requirement"]}
        if execution.get("authenticationFlow"):
            step |= {"name": execution.get("displayName", "").removeprefix(alias).strip(), "steps": []}
        else:
            step["authenticator"] = execution.get("providerId", "")
        config = execution.get("authenticationConfig")
        if config:
            path = look.path("authentication", "config", config)
            step["config"] = look.verbs.get(path, answers.ExecutionConfig).get("config") or {}
        # Ours have one flow below at most; a step that stands below none is one of the flow itself.
        below = [item["steps"] for item in steps if "steps" in item] if execution["level"] else []
        (below[-1] if below else steps).append(step)
    return steps


def _add_steps(writer: Writer, flow: str, parent: str, steps: list[dict[str, Any]]) -> None:
    executions = writer.path("authentication", "executions")
    for index, step in enumerate(steps):
        priority = 10 * (index + 1)
        if "steps" in step:
            below = _add_flow_below(writer, flow, step, priority)
            _add_steps(writer, flow, below, step["steps"])
            continue
        body = {
            "parentFlow": parent,
            "requirement": step["requirement"],
            "priority": priority,
            "authenticatorFlow": False,
            "authenticator": step["authenticator"],
        }
        execution = writer.create(executions, body)
        if "config" in step:
            settings = {"alias": configuration_alias(flow, step), "config": step["config"]}
            writer.verbs.post(f"{executions}/{execution}/config", settings)


def _add_flow_below(writer: Writer, flow: str, step: dict[str, Any], priority: int) -> str:
    """Make a flow that is a step of another, in one piece with that step, so that none is left hanging."""
    alias = f"{flow} {step['name']}"
    steps = writer.path("authentication", "flows", flow, "executions")
    writer.verbs.post(f"{steps}/flow", {"alias": alias, "type": "basic-flow", "provider": "basic-flow"})
    for made in writer.verbs.get(steps, list[answers.Execution]):
        flow_id = made.get("flowId")
        if made.get("displayName") == alias and flow_id:
            writer.verbs.put(steps, {**made, "requirement": step["requirement"], "priority": priority})
            return flow_id
    raise Uncertain(f"the flow `{alias}` was made and is not there")


def _lines(steps: list[dict[str, Any]], indent: str = "") -> list[str]:
    """The steps as people read them, one a line."""
    lines = []
    for step in steps:
        settings = " ".join(f"{name}={value}" for name, value in sorted(step.get("config", {}).items()))
        what = step.get("authenticator") or step["name"]
        lines.append(f"{indent}{what}: {step['requirement'].lower()}{' ' + settings if settings else ''}")
        lines.extend(_lines(step.get("steps", []), indent + "  "))
    return lines


def configuration_alias(flow: str, step: dict[str, Any]) -> str:
    """The name of a step's settings; it is one of a kind in a realm."""
    return f"{flow} {step['authenticator']}"


def _execution(flow: str, step: dict[str, Any], priority: int) -> dict[str, Any]:
    execution = {"requirement": step["requirement"], "priority": priority, "userSetupAllowed": False}
    if "steps" in step:
        return {**execution, "authenticatorFlow": True, "flowAlias": f"{flow} {step['name']}"}
    execution |= {"authenticatorFlow": False, "authenticator": step["authenticator"]}
    if "config" in step:
        execution["authenticatorConfig"] = configuration_alias(flow, step)
    return execution


def sign_in_steps(deployment: Deployment) -> list[dict[str, Any]] | None:
    """The steps of signing in, or None where Keycloak's own `browser` flow serves."""
    ways = sign_ins(deployment)
    cookie = {"authenticator": "auth-cookie", "requirement": "ALTERNATIVE"}
    redirector = {"authenticator": "identity-provider-redirector", "requirement": "ALTERNATIVE"}
    if ways.accounts is not None and ways.accounts.otp == "required":
        # Keycloak's own flow asks for the second factor only of those who have set one up.
        forms = {
            "name": "forms",
            "requirement": "ALTERNATIVE",
            "steps": [
                {"authenticator": "auth-username-password-form", "requirement": "REQUIRED"},
                {"authenticator": "auth-otp-form", "requirement": "REQUIRED"},
            ],
        }
        return [cookie, redirector, forms]
    if ways.accounts is None and not ways.directories and len(ways.brokered) == 1:
        # One provider and no password of our own: no page between, and none that could ask for one.
        straight = {"config": {"defaultProvider": ways.brokered[0].alias}, **redirector}
        return [cookie, straight]
    return None


def first_sign_in_flow(*, linking: bool) -> str:
    """The flow of the first sign-in through a provider."""
    return LINKING if linking else naming.FIRST_SIGN_IN_FLOW


def _first_sign_in(name: str, because: str) -> Resource:
    create = "idp-create-user-if-unique"
    if name == LINKING:
        steps = [
            {"authenticator": create, "requirement": "ALTERNATIVE"},
            {"authenticator": "idp-auto-link", "requirement": "ALTERNATIVE"},
        ]
    else:
        # An account with the same name or address is an error, never a link.
        steps = [{"authenticator": create, "requirement": "REQUIRED"}]
    return Resource("flow", name, {"steps": steps}, because=because)


KIND = Flow()
VERSIONS = FlowVersion()
