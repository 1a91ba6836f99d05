"""
Authentication flows of ours: how one signs in, and what happens at the first sign-in through a provider.

A flow is never changed: another content is another version (`orthgen sign-in v2`), which is made, bound, and
only then is the older one removed. Sign-ins that are under way go on with the flow that they began with.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#AuthenticationFlowRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.deployment import naming
from generator.keycloak.kinds.base import ResourceKind
from generator.keycloak.resource import Representation, Resource
from generator.keycloak.signin import sign_ins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment

LINKING = naming.FIRST_SIGN_IN_FLOW + " by e-mail"


class Flow(ResourceKind):
    """Flows by name without version."""

    name = "flow"

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
