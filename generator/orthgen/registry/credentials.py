"""
Sign-in data for registries, where `docker login` and `podman login` put them.

Nothing is asked for, shown or written. A registry without sign-in data is read without a name.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.errors import OrthgenError, system_reason
from orthgen.registry.reference import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# `docker login` without a registry writes this address (docker/cli 28, cli/config/configfile).
_DOCKER_HUB_KEYS = ("https://index.docker.io/v1/", "index.docker.io", "registry-1.docker.io")
_HELPER_SECONDS = 60
_HELPER_NAME = re.compile(r"[A-Za-z0-9._-]+")
# The user name by which a credential helper marks a refresh token (docker-credential-helpers 0.9).
_IDENTITY_TOKEN_USER = "<token>"  # noqa: S105


class Credentials(Struct, frozen=True):
    """A name with its password, or a refresh token; neither for a registry that is read without a name."""

    user: str = ""
    password: str = ""
    refresh_token: str = ""

    def __repr__(self) -> str:
        """Only whether there is something: never a secret."""
        return f"Credentials({'set' if self else 'none'})"

    def __bool__(self) -> bool:
        """Whether there is anything to sign in with."""
        return bool(self.user or self.refresh_token)

    @property
    def basic(self) -> str:
        """The value of the header for Basic authentication."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


def credentials_for(registry: str, environment: Mapping[str, str] = os.environ) -> Credentials:
    """The sign-in data of the first file that has some for the registry."""
    for path in _files(environment):
        credentials = _from_file(path, registry)
        if credentials:
            return credentials
    return Credentials()


def _files(environment: Mapping[str, str]) -> Iterator[Path]:
    # A container's user may have no home.
    home = Path(environment.get("HOME") or "/")
    if environment.get("REGISTRY_AUTH_FILE"):
        yield Path(environment["REGISTRY_AUTH_FILE"])
    yield Path(environment.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    if environment.get("XDG_RUNTIME_DIR"):
        yield Path(environment["XDG_RUNTIME_DIR"]) / "containers/auth.json"
    yield home / ".config/containers/auth.json"


def _from_file(path: Path, registry: str) -> Credentials:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Credentials()
    except (OSError, ValueError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "it is not JSON"
        raise OrthgenError(f"cannot read the sign-in data of registries in `{path}`: {reason}") from None
    keys = tuple(_keys(registry))
    for key in keys:
        helper = _member(config, "credHelpers").get(key) or (
            isinstance(config, dict) and config.get("credsStore")
        )
        if isinstance(helper, str) and helper:
            credentials = _from_helper(helper, key)
            if credentials:
                return credentials
    entries = _member(config, "auths")
    entry = next((entries[key] for key in keys if isinstance(entries.get(key), dict)), None)
    return _from_entry(entry, path, registry) if entry is not None else Credentials()


def _keys(registry: str) -> Iterator[str]:
    """The spellings of a registry in such a file."""
    for host in (*(_DOCKER_HUB_KEYS if registry == DOCKER_HUB else ()), registry):
        yield host
        yield from (f"https://{host}{path}" for path in ("", "/", "/v1/", "/v2/") if "//" not in host)


def _member(config: Any, name: str) -> dict[str, Any]:
    value = config.get(name) if isinstance(config, dict) else None
    return value if isinstance(value, dict) else {}


def _from_entry(entry: Mapping[str, Any], path: Path, registry: str) -> Credentials:
    user, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    if entry.get("auth"):
        try:
            user, _, password = base64.b64decode(str(entry["auth"]), validate=True).decode().partition(":")
        except ValueError:
            raise OrthgenError(
                f"the sign-in data for `{registry}` in `{path}` cannot be read",
                hint=f"run `docker login {registry}` again",
            ) from None
    return Credentials(user, password.rstrip("\0"), str(entry.get("identitytoken") or ""))


def _from_helper(helper: str, key: str) -> Credentials:
    """The answer of `docker-credential-HELPER get`; nothing where the helper has none for the registry."""
    if not _HELPER_NAME.fullmatch(helper):
        raise OrthgenError(
            f"`{helper}` is not the name of a credential helper", hint="correct Docker's config.json"
        )
    program = f"docker-credential-{helper}"
    try:
        outcome = subprocess.run(
            [program, "get"], input=key, capture_output=True, text=True, timeout=_HELPER_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise OrthgenError(
            f"the credential helper `{program}` failed ({type(error).__name__})",
            hint="Docker's config.json names it; run it by hand to see the reason",
        ) from None
    if outcome.returncode:
        return Credentials()
    try:
        answer = json.loads(outcome.stdout)
        user, secret = str(answer["Username"]), str(answer["Secret"])
    except (ValueError, KeyError, TypeError):
        raise OrthgenError(f"the answer of the credential helper `{program}` cannot be read") from None
    return Credentials(refresh_token=secret) if user == _IDENTITY_TOKEN_USER else Credentials(user, secret)
