"""
Plan of a secret's rotation: the steps of orthgen and of people, the interruption, and the people who notice it.

Everything that can fail comes before the commit: the change in the running product, or the file where there is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from orthgen.deployment import naming
from orthgen.errors import OrthgenError
from orthgen.products.orthanc import key_secrets
from orthgen.spelling import did_you_mean
from orthgen.targets.services.composition import compose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orthgen.deployment.model import Deployment, SecretFile

Commit = Literal["file", "postgresql", "administrator", "client", "account"]
"""Where the old value ends: in the file alone, or in a running product before it."""


class RotationKind(Struct, frozen=True):
    """What the rotation of one kind of secret is. `{name}` and `{services}` are replaced in texts."""

    matches: re.Pattern[str]
    """The secret's name, or the key of the profile that names it."""
    interrupted: str
    noticed: str
    commit: Commit = "file"
    product: str = ""
    """What orthgen changes in the running product."""
    before: tuple[str, ...] = ()
    """What a person does first."""
    after: tuple[str, ...] = ()
    """What a person does last."""
    keeps: tuple[str, ...] = ()
    """Services that mount the file and have no use for a new value: they read it at their first start."""


def _named(*names: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, names)))


_ARCHIVE_STOPS = "Orthanc, until it has started again: uploads and open viewers fail, and can be repeated"
_SIGN_IN_STOPS = "Keycloak, until it has started again: nobody can sign in; signed-in people go on working for five minutes"

NOTHING = "nothing"

_MASTER_KEY = re.compile(r"archive\.storage\.files\.s3\.encryption\..*")

# The first row that fits; the last fits every secret.
ROTATIONS = (
    RotationKind(
        _named(naming.ORTHANC_DB_PASSWORD), _ARCHIVE_STOPS, "people who upload or view at that time", "postgresql",
        "PostgreSQL in `orthanc-db`: ALTER ROLE; open connections stay", keeps=(naming.ORTHANC_DB,),
    ),
    RotationKind(
        _named(naming.KEYCLOAK_DB_PASSWORD), _SIGN_IN_STOPS, "people who sign in at that time", "postgresql",
        "PostgreSQL in `keycloak-db`: ALTER ROLE; open connections stay", keeps=(naming.KEYCLOAK_DB,),
    ),
    RotationKind(
        _named(naming.KEYCLOAK_ADMIN_PASSWORD), NOTHING, "other administrators who use this password", "administrator",
        "Keycloak: the administrator's password, by the admin API", keeps=(naming.KEYCLOAK,),
    ),
    RotationKind(
        _named(naming.KEYCLOAK_CLIENT_SECRET), "API keys and the permission editor, until the auth-service has started again",
        "programs with API keys; viewers answer 403 for seconds", "client",
        "Keycloak: the secret of the client `admin-cli`, by the admin API", keeps=(naming.KEYCLOAK,),
    ),
    RotationKind(
        re.compile("first-password-.*"), "the sign-in of this account: its own password ends too",
        "the account's person, who gets this password for one sign-in", "account",
        "Keycloak: a temporary password of the account, by the admin API", keeps=(naming.KEYCLOAK,),
        after=("`orthgen first-sign-in` shows the password",),
    ),
    RotationKind(
        _named(naming.AUTH_SERVICE_SECRET_KEY), "every share link and every open viewer's link: no existing one works again",
        "people who were sent links; people who share make new ones",
    ),
    RotationKind(
        _named(naming.AUTH_SERVICE_PASSWORD), "Orthanc and the auth-service, until both have started again: every request fails",
        "everybody who works at that time",
    ),
    RotationKind(
        re.compile(r"identity\.sign-in\..*client-secret"), _SIGN_IN_STOPS, "people who sign in at that time",
        before=("make a second secret at the identity provider; the old one stays valid beside it",),
        after=("sign in once through the provider", "delete the old secret at the provider"),
    ),
    RotationKind(
        re.compile(r"identity\.sign-in\..*bind-password"),
        "sign-in by the directory, from the change in the directory until Keycloak has started again", "people who sign in at that time",
        before=("change the password in the directory, or make a second account for the search and name it in the profile",),
        after=("sign in once with an account of the directory",),
    ),
    RotationKind(
        re.compile(r"identity\.smtp\..*"), "mail, from the change at the mail server until Keycloak has started again; meanwhile nobody can sign in",
        "people who reset their password at that time",
        before=("change the password at the mail server",), after=("send a test mail from Keycloak's console",),
    ),
    RotationKind(
        _MASTER_KEY, "nothing: it is never replaced. A new key has a new `number`, and this one goes to `previous`", "nobody",
    ),
    RotationKind(
        re.compile(r"archive\.storage\.files\.s3\..*"), _ARCHIVE_STOPS, "people who upload or view at that time",
        before=("make a second access key for the same bucket; the old one stays valid beside it",),
        after=("open a study", "delete the old access key"),
    ),
    RotationKind(
        re.compile(".*"), "{services}, until they have started again", "people who work at that time",
        before=("change it at the server that it is for, if it has one",),
    ),
)  # fmt: skip


class RotatedSecret(Struct, frozen=True):
    """The rotation of one secret. `restarts` are the services that start again to read the new value."""

    secret: SecretFile
    kind: RotationKind
    restarts: tuple[str, ...]

    @property
    def interrupted(self) -> str:
        """What does not work for a while, or never again."""
        return self.kind.interrupted.replace("{services}", " and ".join(self.restarts) or NOTHING)


def restarted_services(rotations: Iterable[RotatedSecret]) -> tuple[str, ...]:
    """The services that start again to read the new values, each once."""
    return tuple(dict.fromkeys(name for rotation in rotations for name in rotation.restarts))


def rotation_of(deployment: Deployment, names: Sequence[str] = ()) -> tuple[RotatedSecret, ...]:
    """The rotations of the named secrets, or of all. Raises OrthgenError where a name is none, is one of a pair, or is a master key."""
    secrets = {secret.name: secret for secret in deployment.secrets}
    for name in names:
        if name not in secrets:
            hint = did_you_mean(name, list(secrets), otherwise="`orthgen rotate PROFILE` lists the secrets")
            raise OrthgenError(f"the deployment has no secret `{name}`", hint=hint)
    readers: dict[str, list[str]] = {}
    for service in compose(deployment, ()).services:
        for mount in service.secrets:
            readers.setdefault(mount.name, []).append(service.name)
    rotations = []
    # Keycloak's other secrets are changed by this administrator, whose password an interrupted run may have changed.
    ordered = sorted(names, key=lambda name: name != naming.KEYCLOAK_ADMIN_PASSWORD)
    for name in dict.fromkeys(ordered or secrets):
        kind = _kind_of(secrets[name])
        restarts = tuple(service for service in readers.get(name, ()) if service not in kind.keeps)
        if name not in readers and kind.commit == "file":
            kind = _in_a_foreign_realm(kind, deployment)
        rotations.append(RotatedSecret(secrets[name], kind, restarts))
    _refuse_half_a_pair(deployment, names)
    _refuse_master_keys(deployment, names)
    return tuple(rotations)


def _in_a_foreign_realm(kind: RotationKind, deployment: Deployment) -> RotationKind:
    """The rotation of a secret that no container reads: provisioning writes it into the institution's Keycloak."""
    step = f"`orthgen provision-keycloak {deployment.source} --write-secrets` writes it into the realm"
    return replace(
        kind,
        interrupted="what uses it, from your first step until the realm has it",
        after=(step, *kind.after),
    )


def _kind_of(secret: SecretFile) -> RotationKind:
    text = (
        secret.name
        if secret.origin == "made" or secret.name == naming.KEYCLOAK_CLIENT_SECRET
        else secret.purpose
    )
    return next((kind for kind in ROTATIONS if kind.matches.fullmatch(text)), ROTATIONS[-1])


def _refuse_half_a_pair(deployment: Deployment, names: Sequence[str]) -> None:
    s3 = deployment.profile.archive.storage.files.s3
    pair = {s3.access_key.secret, s3.secret_key.secret} if s3 is not None else set()
    if names and pair & set(names) and not pair <= set(names):
        raise OrthgenError(
            f"`{'` and `'.join(sorted(pair))}` are one access key", hint="name both: they change together"
        )


def _refuse_master_keys(deployment: Deployment, names: Sequence[str]) -> None:
    """The old key is in each file of the bucket by its number; with another value nobody could read them."""
    keys = key_secrets(deployment)
    name = next((each for each in names if each in keys), None)
    if name is not None:
        raise OrthgenError(
            f"`{name}` is needed to read the files in the bucket that are encrypted with it",
            hint="write a new key with a new `number` into the profile, and this one below `previous` (docs/storage.md)",
        )
