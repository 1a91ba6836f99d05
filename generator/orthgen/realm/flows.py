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

FlowStep = dict[str, Any]
Requirement = Literal["REQUIRED", "ALTERNATIVE", "CONDITIONAL"]

# A flow has one step for each role. With more roles than this, creating and reading the flow would take longer than
# the rest of a run; people without a role then see Explorer 2's empty list.
MAX_ROLE_CONDITIONS = 50

# Keycloak's condition on one role; its settings are named after the role.
ROLE_CONDITION = "conditional-user-role"


class FlowContent(Struct, frozen=True):
    """One flow by its name without version; `because` is the key of the profile that asks for it."""

    name: str
    steps: list[FlowStep]
    because: str


def flows(deployment: Deployment) -> Iterator[FlowContent]:
    """Every flow that the deployment needs."""
    methods = sign_in_methods(deployment)
    yield FlowContent(naming.SIGN_IN_FLOW, _sign_in(deployment, methods), "identity.sign-in")
    without_role = _refuse_without_role(deployment)
    if methods.brokered and without_role:
        # Keycloak calls a flow failed in which no step was taken.
        steps = [_step("allow-access-authenticator"), *without_role]
        yield FlowContent(naming.AFTER_PROVIDER_FLOW, steps, "identity.sign-in")
    for linking in (True, False):
        providers = [provider for provider in methods.brokered if provider.settings.link_by_email is linking]
        if providers:
            yield FlowContent(
                first_sign_in_flow(linking=linking), _first_sign_in(linking=linking), providers[0].because
            )
    if renews_passwords(deployment):
        yield FlowContent(naming.NEW_PASSWORD_FLOW, _new_password(methods), "identity.smtp")


def renews_passwords(deployment: Deployment) -> bool:
    """Whether people can set a new password by e-mail."""
    return sign_in_methods(deployment).accounts is not None and deployment.profile.identity.smtp is not None


def first_sign_in_flow(*, linking: bool) -> str:
    """The flow of the first sign-in through a provider."""
    return naming.LINKING_FLOW if linking else naming.FIRST_SIGN_IN_FLOW


def after_provider_flow(deployment: Deployment) -> str | None:
    """The flow after each sign-in at a provider, if the deployment has one."""
    return naming.AFTER_PROVIDER_FLOW if _refuse_without_role(deployment) else None


def _step(authenticator: str, requirement: Requirement = "REQUIRED", **config: str) -> FlowStep:
    step: FlowStep = {"authenticator": authenticator, "requirement": requirement}
    return {**step, "config": config} if config else step


def _subflow(name: str, requirement: Requirement, *steps: FlowStep) -> FlowStep:
    return {"name": name, "requirement": requirement, "steps": list(steps)}


def _sign_in(deployment: Deployment, methods: SignInMethods) -> list[FlowStep]:
    sign_in = [_step("auth-cookie", "ALTERNATIVE")]
    if methods.accounts is None and not methods.directories and len(methods.brokered) == 1:
        # One provider and no password in Keycloak: the redirect skips the sign-in page.
        redirect = {"defaultProvider": methods.brokered[0].alias}
        sign_in.append(_step("identity-provider-redirector", "ALTERNATIVE", **redirect))
    else:
        sign_in.append(_step("identity-provider-redirector", "ALTERNATIVE"))
        sign_in.append(_subflow("password", "ALTERNATIVE", *_password(methods)))
    # The role is checked after every method, and for an existing session.
    return [_subflow("who", "REQUIRED", *sign_in), *_refuse_without_role(deployment)]


def _password(methods: SignInMethods) -> list[FlowStep]:
    if methods.accounts is not None and methods.accounts.otp == "required":
        # Keycloak's own flow asks only people who have set up a second factor.
        second_factor = _step("auth-otp-form")
    else:
        second_factor = _optional_second_factor()
    return [_step("auth-username-password-form"), *_refuse_people_of_providers(methods), second_factor]


def _optional_second_factor() -> FlowStep:
    return _subflow(
        "second factor", "CONDITIONAL", _step("conditional-user-configured"), _step("auth-otp-form")
    )


def _refuse_people_of_providers(methods: SignInMethods) -> list[FlowStep]:
    """Refuse a password sign-in to people of a provider, even if their account has a password."""
    if not methods.brokered:
        return []
    has_provider = _step(
        "conditional-user-attribute",
        attribute_name=naming.PROVIDER_ATTRIBUTE,
        attribute_expected_value=".+",
        regex="true",
    )
    return [
        _subflow(
            "provider only",
            "CONDITIONAL",
            has_provider,
            _step("deny-access-authenticator", denyErrorMessage=PROVIDER_ONLY),
        )
    ]


def _refuse_without_role(deployment: Deployment) -> list[FlowStep]:
    """Refuse people without a role of the profile, with a text that names the contact."""
    if len(deployment.roles) > MAX_ROLE_CONDITIONS:
        return []
    return [
        _subflow(
            "without a role",
            "CONDITIONAL",
            # Keycloak's own clients have the scope `roles`, the profile's have not: Keycloak's consoles stay open.
            _step("conditional-client-scope", client_scope="roles", negate="true"),
            *(_step(ROLE_CONDITION, condUserRole=role.name, negate="true") for role in deployment.roles),
            _step("deny-access-authenticator", denyErrorMessage=NO_ROLE),
        )
    ]


def _first_sign_in(*, linking: bool) -> list[FlowStep]:
    create = "idp-create-user-if-unique"
    if linking:
        # A user name holds the provider's alias and identifier, so only an address can belong to another account.
        return [_step(create, "ALTERNATIVE"), _step("idp-auto-link", "ALTERNATIVE")]
    return [_step(create)]


def _new_password(methods: SignInMethods) -> list[FlowStep]:
    """Keycloak's own steps, plus the second factor of a person who has one: access to a mailbox must not replace it."""
    return [
        _step("reset-credentials-choose-user"),
        _step("reset-credential-email"),
        *_refuse_people_of_providers(methods),
        _optional_second_factor(),
        _step("reset-password"),
    ]
