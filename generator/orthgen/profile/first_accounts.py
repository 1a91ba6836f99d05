"""
Accounts that Keycloak starts with, so that a person can sign in to a new deployment.

They are those of `accounts.people`. A profile whose people sign in by accounts alone, and that names nobody and grants
no role, gets one administrator: without it nobody could ever sign in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.profile.rights import EVERY_STUDY

if TYPE_CHECKING:
    from orthgen.profile.identity import Accounts, Person
    from orthgen.profile.rights import Role
    from orthgen.profile.root import Profile

ADMINISTRATOR = "admin"
"""The user name of the account where the profile names nobody."""


class FirstAccount(Struct, frozen=True):
    """
    An account with its roles and its first, temporary password.

    `full_name` and `email` are empty where the profile does not say them; Keycloak then asks at the first sign-in.
    `password` names the secret that a person supplies, None where `orthgen secrets` makes one. `because` is the
    profile key behind the account.
    """

    user_name: str
    full_name: str
    email: str
    roles: tuple[str, ...]
    password: str | None
    because: str


KINDS_WITHOUT_CLAIMS: frozenset[str] = frozenset({"google", "github", "accounts"})
"""Sign-in methods whose people have no claim by which one of them gets a role and another one does not."""


def first_accounts(profile: Profile) -> tuple[FirstAccount, ...]:
    """The first accounts in the profile's order; none on a Keycloak of which only a part is managed."""
    accounts = next(
        (method.accounts for method in profile.identity.sign_in if method.accounts is not None), None
    )
    if accounts is None or not profile.roles or profile.identity.keycloak.manage != "everything":
        return ()
    if accounts.people:
        return tuple(_of_person(name, person) for name, person in accounts.people.items())
    return (_administrator(profile.roles),) if _nobody_else_gets_in(profile, accounts) else ()


def _of_person(user_name: str, person: Person) -> FirstAccount:
    return FirstAccount(
        user_name=user_name,
        full_name=person.name,
        email=person.email,
        roles=tuple(person.roles),
        password=person.password.secret if person.password is not None else None,
        because=f"identity.sign-in.accounts.people.{user_name}",
    )


def _nobody_else_gets_in(profile: Profile, accounts: Accounts) -> bool:
    """Whether accounts are the only way of signing in, there are none, and no role is granted by a rule."""
    is_only_method = len(profile.identity.sign_in) == 1
    return (
        is_only_method and not accounts.people and not any(role.granted_by for role in profile.roles.values())
    )


def _administrator(roles: dict[str, Role]) -> FirstAccount:
    return FirstAccount(
        user_name=ADMINISTRATOR,
        full_name="",
        email="",
        roles=(max(roles, key=lambda name: _reach(roles[name])),),
        password=None,
        because="identity.sign-in.accounts",
    )


def _reach(role: Role) -> tuple[bool, bool, bool, int]:
    """A sort key for the extent of a role; the first of the widest is the administrator's."""
    return (
        "administer" in role.can,
        "everything" in role.can,
        EVERY_STUDY in role.collections,
        len(role.can),
    )
