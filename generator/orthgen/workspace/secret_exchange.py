"""
Exchange of secrets between a deployment's files and a store: comparison first, then all of them or none.

A difference is never overwritten by itself: the running product has one of the two values, and only a rotation or a
person knows which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from orthgen.deployment import naming
from orthgen.deployment.model import SecretFile
from orthgen.errors import OrthgenError, system_reason
from orthgen.products.orthanc import key_secrets, typed_secrets
from orthgen.secret_detection import is_sample
from orthgen.workspace.secret_checks import misread
from orthgen.workspace.secret_files import FOLDER, locked_secrets, write_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from orthgen.deployment.model import Deployment

State = Literal["same", "new", "different", "missing", "invalid"]

# Bytes of a key for HMAC-SHA256, as `diagnose` asks for too.
_MIN_SIGNING_KEY_LENGTH = 32
_MIN_RANDOM_LENGTH = 16
_AUTHORITY = (
    (naming.TLS_AUTHORITY, "the certificate of the deployment's own authority"),
    (naming.TLS_AUTHORITY_KEY, "the key of the deployment's own authority"),
)


class StoredSecret(Struct, frozen=True):
    """A secret as a store holds it, and the conditions of its value. `is_pem`: several lines, as files of TLS have."""

    secret: SecretFile
    least_length: int = 1
    is_typed: bool = False
    is_key: bool = False
    is_pem: bool = False

    def cleaned(self, value: str) -> str:
        """The value without the line break that editors and programs add."""
        return value.rstrip("\r\n") + ("\n" if self.is_pem else "")

    def problem(self, value: str) -> str:
        """The reason why a value cannot be this secret; empty where it can. It never repeats the value."""
        if not value.strip():
            return "is empty"
        if self.is_pem:
            return "" if value.startswith("-----BEGIN ") else "is not PEM (`-----BEGIN …`)"
        if is_sample(value):
            return "is a value that everybody knows"
        if len(value) < self.least_length:
            return f"has {len(value)} characters, and needs {self.least_length}"
        message, remedy = misread(value, is_typed=self.is_typed, is_key=self.is_key)
        return f"{message}: {remedy}" if message else ""


class ComparedSecret(Struct, frozen=True):
    """A secret of the deployment, compared between its source and its target."""

    secret: SecretFile
    state: State
    problem: str = ""
    is_key: bool = False


class SecretComparison(Struct, frozen=True):
    """Every secret of a deployment, compared, and names in the store that the deployment does not have."""

    entries: tuple[ComparedSecret, ...]
    superfluous: tuple[str, ...]
    values: Mapping[str, str]
    """The source's values of new and different secrets; never shown."""

    def of(self, *states: State) -> tuple[ComparedSecret, ...]:
        """The secrets in these states."""
        return tuple(entry for entry in self.entries if entry.state in states)


def stored_secrets(deployment: Deployment) -> tuple[StoredSecret, ...]:
    """Every secret that a store holds for the deployment; its certificate follows from the authority and is not stored."""
    typed, keys = typed_secrets(deployment), key_secrets(deployment)
    stored = [
        StoredSecret(secret, _least_length(secret), is_typed=secret.name in typed, is_key=secret.name in keys)
        for secret in deployment.secrets
    ]
    if deployment.has_own_authority:
        stored += [
            StoredSecret(SecretFile(name, "made", purpose), is_pem=True) for name, purpose in _AUTHORITY
        ]
    return tuple(stored)


def _least_length(secret: SecretFile) -> int:
    if secret.name == naming.AUTH_SERVICE_SECRET_KEY:
        return _MIN_SIGNING_KEY_LENGTH
    return secret.typed_length or (_MIN_RANDOM_LENGTH if secret.origin == "made" else 1)


def compare(
    stored: Sequence[StoredSecret],
    source: Mapping[str, str],
    target: Mapping[str, str],
    superfluous: Sequence[str] = (),
) -> SecretComparison:
    """Compare the secrets of a source with those of a target, into which they are about to go."""
    entries, values = [], {}
    for item in stored:
        name = item.secret.name
        value = item.cleaned(source[name]) if name in source else None
        present = item.cleaned(target[name]) if name in target else None
        problem = "" if value is None else item.problem(value)
        state = _state(value, present, problem)
        if value is not None and state in {"new", "different"}:
            values[name] = value
        entries.append(ComparedSecret(item.secret, state, problem, item.is_key))
    return SecretComparison(tuple(entries), tuple(superfluous), values)


def _state(value: str | None, present: str | None, problem: str) -> State:
    if value is None:
        return "missing"
    if problem:
        return "invalid"
    if present is None:
        return "new"
    return "same" if value == present else "different"


def read_files(stored: Sequence[StoredSecret], folder: Path) -> dict[str, str]:
    """The values in the deployment's files, by name. Raises OrthgenError where a file cannot be read."""
    values = {}
    for item in stored:
        path = folder / FOLDER / item.secret.name
        try:
            text = path.read_bytes().decode()
        except FileNotFoundError:
            continue
        except UnicodeDecodeError:
            raise OrthgenError(f"`{path}` is not text in UTF-8", hint="move it away") from None
        except OSError as error:
            raise OrthgenError(
                f"cannot read `{path}`: {system_reason(error)}",
                hint="run this as root: `sudo orthgen …`",
            ) from error
        if text:
            values[item.secret.name] = text
    return values


def write_files(folder: Path, values: Mapping[str, str]) -> None:
    """Write the values into the deployment's files, all or none."""
    with locked_secrets(folder) as place:
        write_secrets(place, values)
