"""Secrets that the deployment of today has and the new one makes or needs: which of them to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.adoption.draft import NoteKind
from orthgen.deployment import naming
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.observed.service_model import Service


class _Move(Struct, frozen=True):
    """A variable whose value may go into a file of `secrets/`, and what depends on it."""

    variable: str
    file: str
    reason: str


_AUTH_SERVICE = (
    _Move(
        "SECRET_KEY",
        naming.AUTH_SERVICE_SECRET_KEY,
        "put the value there before you run `orthgen secrets`, so that links that people have stay valid; a value from a "
        "public example has to be a new one",
    ),
    _Move(
        "KEYCLOAK_CLIENT_SECRET",
        naming.KEYCLOAK_CLIENT_SECRET,
        "put the value there where the realm stays, or run `orthgen provision-keycloak --write-secrets`",
    ),
)
_MADE = "`orthgen secrets` makes a new one"


def note_secrets(original: OriginalDeployment, draft: Draft) -> None:
    """Note the secrets of today's files: by their places, never by their values."""
    if original.is_rendered:
        if original.deployment.services:
            draft.note(
                NoteKind.SECRET,
                "`secrets/`",
                "copy the folder into the new deployment before you run `orthgen secrets`, which makes only what is missing",
            )
        return
    for service, move in _moves(original):
        for name in (move.variable, f"{move.variable}_FILE"):
            if service.environment.has(name):
                draft.note(
                    NoteKind.SECRET, f"`secrets/{move.file}`", move.reason, service.locate_variable(name)
                )
    for service in original.deployment.services:
        if service.product is Product.POSTGRES and service.environment.has("POSTGRES_PASSWORD"):
            what = f"the password of `{service.name}`"
            draft.note(
                NoteKind.SECRET,
                what,
                f"{_MADE}: a restored dump carries none",
                service.locate_variable("POSTGRES_PASSWORD"),
            )
    for path in (("Authorization", "WebServicePassword"), ("PostgreSQL", "Password"), ("RegisteredUsers",)):
        if original.settings.has(*path):
            what = f"`{'.'.join(path)}` is in the configuration"
            draft.note(
                NoteKind.SECRET,
                what,
                f"no file of the new deployment has it; {_MADE} where one is needed",
                original.at(*path),
            )


def _moves(original: OriginalDeployment) -> Iterator[tuple[Service, _Move]]:
    if original.auth_service is not None:
        yield from ((original.auth_service, move) for move in _AUTH_SERVICE)
    if original.keycloak_service is not None:
        for name in ("KC_BOOTSTRAP_ADMIN_PASSWORD", "KEYCLOAK_ADMIN_PASSWORD"):
            reason = "a database of Keycloak that is taken along keeps its administrators: put their password there"
            yield original.keycloak_service, _Move(name, naming.KEYCLOAK_ADMIN_PASSWORD, reason)
