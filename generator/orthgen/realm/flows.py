"""
Steps of the authentication flows: sign-in, first and later sign-in at a provider, new password.

A step is an execution in Keycloak's words: an authenticator with a requirement, and with settings where it has some;
or a name with steps below it. `kinds.flow` reads and writes flows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from orthgen.deployment import naming
from orthgen.realm.messages import NO_ROLE, PROVIDER_ONLY
from orthgen.realm.sign_in_methods import sign_in_methods

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.sign_in_methods import SignInMethods

Step = dict[str, Any]
Requirement = Literal["REQUIRED", "ALTERNATIVE", "CONDITIONAL"]

# A flow asks for each role by a step of its own. With more of them than this, making and reading the flow would
# take longer than all the rest, and people without a role come to Explorer 2's empty list instead.
MAX_ROLE_CONDITIONS = 50

# Keycloak's condition on one role; its settings are named after the role.
ROLE_CONDITION = "conditional-user-role"


class FlowContent(Struct, frozen=True):
    """One flow by its name without version; `because` is the key of the profile that asks for it."""

    name: str
    steps: list[Step]
    because: str


def flows(deployment: Deployment) -> Iterator[FlowContent]:
    """Every flow that the deployment needs."""
    ways = sign_in_methods(deployment)
    yield FlowContent(naming.SIGN_IN_FLOW, _sign_in(deployment, ways), "identity.sign-in")
    without_role = _refuse_without_role(deployment)
    if ways.brokered and without_role:
        # Keycloak calls a flow failed in which no step was taken.
        steps = [_step("allow-access-authenticator"), *without_role]
        yield FlowContent(naming.AFTER_PROVIDER_FLOW, steps, "identity.sign-in")
    for linking in (True, False):
        asking = [provider for provider in ways.brokered if provider.settings.link_by_email is linking]
        if asking:
            yield FlowContent(
                first_sign_in_flow(linking=linking), _first_sign_in(linking=linking), asking[0].because
            )
    if renews_passwords(deployment):
        yield FlowContent(naming.NEW_PASSWORD_FLOW, _new_password(ways), "identity.smtp")


def renews_passwords(deployment: Deployment) -> bool:
    """Whether people can have a new password by e-mail."""
    return sign_in_methods(deployment).accounts is not None and deployment.profile.identity.smtp is not None


def first_sign_in_flow(*, linking: bool) -> str:
    """The flow of the first sign-in through a provider."""
    return naming.LINKING_FLOW if linking else naming.FIRST_SIGN_IN_FLOW


def after_provider_flow(deployment: Deployment) -> str | None:
    """The flow that follows each sign-in at a provider, where there is one."""
    return naming.AFTER_PROVIDER_FLOW if _refuse_without_role(deployment) else None


def _step(authenticator: str, requirement: Requirement = "REQUIRED", **config: str) -> Step:
    step: Step = {"authenticator": authenticator, "requirement": requirement}
    return {**step, "config": config} if config else step


def _below(name: str, requirement: Requirement, *steps: Step) -> Step:
    return {"name": name, "requirement": requirement, "steps": list(steps)}


def _sign_in(deployment: Deployment, ways: SignInMethods) -> list[Step]:
    who = [_step("auth-cookie", "ALTERNATIVE")]
    if ways.accounts is None and not ways.directories and len(ways.brokered) == 1:
        # One provider and no password of our own: no page between, and none that could ask for one.
        straight = {"defaultProvider": ways.brokered[0].alias}
        who.append(_step("identity-provider-redirector", "ALTERNATIVE", **straight))
    else:
        who.append(_step("identity-provider-redirector", "ALTERNATIVE"))
        who.append(_below("password", "ALTERNATIVE", *_password(ways)))
    # The role is asked for whichever way somebody came, with a session from before too.
    return [_below("who", "REQUIRED", *who), *_refuse_without_role(deployment)]


def _password(ways: SignInMethods) -> list[Step]:
    if ways.accounts is not None and ways.accounts.otp == "required":
        # Keycloak's own flow asks for the second factor only of those who have set one up.
        second = _step("auth-otp-form")
    else:
        second = _second_factor_of_those_who_have_one()
    return [_step("auth-username-password-form"), *_refuse_people_of_providers(ways), second]


def _second_factor_of_those_who_have_one() -> Step:
    return _below(
        "second factor", "CONDITIONAL", _step("conditional-user-configured"), _step("auth-otp-form")
    )


def _refuse_people_of_providers(ways: SignInMethods) -> list[Step]:
    """People whom a provider vouches for sign in there, whatever password an account of theirs may have."""
    if not ways.brokered:
        return []
    marked = _step(
        "conditional-user-attribute",
        attribute_name=naming.PROVIDER_ATTRIBUTE,
        attribute_expected_value=".+",
        regex="true",
    )
    return [
        _below(
            "provider only",
            "CONDITIONAL",
            marked,
            _step("deny-access-authenticator", denyErrorMessage=PROVIDER_ONLY),
        )
    ]


def _refuse_without_role(deployment: Deployment) -> list[Step]:
    """Whoever holds no role of the profile is told whom to ask, instead of being shown an empty list."""
    if len(deployment.roles) > MAX_ROLE_CONDITIONS:
        return []
    return [
        _below(
            "without a role",
            "CONDITIONAL",
            # Our clients have no scope `roles`, Keycloak's own have: its consoles are not ours to refuse.
            _step("conditional-client-scope", client_scope="roles", negate="true"),
            *(_step(ROLE_CONDITION, condUserRole=role.name, negate="true") for role in deployment.roles),
            _step("deny-access-authenticator", denyErrorMessage=NO_ROLE),
        )
    ]


def _first_sign_in(*, linking: bool) -> list[Step]:
    create = "idp-create-user-if-unique"
    if linking:
        # User names are made of the provider's alias and its identifier: only an address can be there already.
        return [_step(create, "ALTERNATIVE"), _step("idp-auto-link", "ALTERNATIVE")]
    return [_step(create)]


def _new_password(ways: SignInMethods) -> list[Step]:
    """As Keycloak's own, but a mailbox is no second factor: who has one is asked for it, not for a new one."""
    return [
        _step("reset-credentials-choose-user"),
        _step("reset-credential-email"),
        *_refuse_people_of_providers(ways),
        _second_factor_of_those_who_have_one(),
        _step("reset-password"),
    ]
