"""
Expected errors. An error carries facts; `report.error` prints them.

    OrthgenError                 message, hint
    ├── ProfileError             every finding of one or more profiles
    ├── UnsafePlan               what was measured, the limit, the flag that allows it
    ├── Refused                  files that somebody changed by hand stand in the way
    ├── DeploymentUnreachable    the address to verify does not answer, or nothing there behaves like Orthanc
    ├── KeycloakError            Keycloak did not carry out a request
    │   ├── KeycloakUnavailable  it was not reached, or is no Keycloak: nothing is known about the realm
    │   ├── KeycloakRefused      wrong credentials, or a right is missing; says which
    │   └── KeycloakConflict     the realm changed since it was looked at
    ├── RegistryError            a container registry did not show an image
    │   ├── RegistryUnavailable  it was not reached, or is no registry
    │   └── RegistryRefused      wrong or missing sign-in data
    ├── InputError               a file or line that somebody handed us cannot be read
    └── InternalInconsistency    what we rendered contradicts itself: our fault, says so

Anything else that is raised is a bug and keeps its traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthgen.findings import Finding


def system_reason(error: OSError) -> str:
    """The operating system's reason, as the end of a sentence."""
    return (error.strerror or str(error)).lower()


class OrthgenError(Exception):
    """An expected failure: `message` in one sentence, `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes with every fact: an exception by itself would keep its message only."""
        return _rebuilt, (type(self), self.__dict__)


def _rebuilt(kind: type[OrthgenError], facts: dict[str, object]) -> OrthgenError:
    error = kind.__new__(kind)
    Exception.__init__(error, facts["message"])
    error.__dict__.update(facts)
    return error


class FindingsError(OrthgenError):
    """A failure that is explained by findings, each at its place; `texts` are the files, for excerpts."""

    def __init__(
        self,
        message: str,
        findings: Sequence[Finding],
        *,
        texts: Mapping[str, str] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)
        self.texts = dict(texts or {})


class ProfileError(FindingsError):
    """A profile says something that cannot be rendered; carries every finding, not the first."""


class InternalInconsistency(FindingsError):
    """A rendered deployment contradicts itself. Nothing was written. This is a bug of orthgen."""


class InputError(FindingsError):
    """A file that was handed to a command cannot be read as what it should be."""


class UnsafePlan(OrthgenError):
    """A plan does more than is safe without being asked for twice."""


class Refused(OrthgenError):
    """Going on would destroy what somebody else made. `paths` are the files in question."""

    def __init__(self, message: str, paths: Sequence[str], *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.paths = tuple(paths)


class DeploymentUnreachable(OrthgenError):
    """A deployment that was to be verified does not answer, or what answers is no Orthanc."""


class KeycloakError(OrthgenError):
    """Keycloak did not carry out a request."""


class KeycloakUnavailable(KeycloakError):
    """Keycloak was not reached, or what answered is no Keycloak. Says nothing about the realm."""


class KeycloakRefused(KeycloakError):
    """Authentication failed (401), or the administrator lacks a role (403)."""


class KeycloakConflict(KeycloakError):
    """The realm is no longer as it was when the plan was made."""


class RegistryError(OrthgenError):
    """A container registry did not show an image."""


class RegistryUnavailable(RegistryError):
    """A registry was not reached, or its answer is not that of a registry."""


class RegistryRefused(RegistryError):
    """A registry wants sign-in data, or refuses the given ones."""
