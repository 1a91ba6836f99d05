"""The key `deployment.compose.memory` of the profile: the most memory that each service may use."""

import re
from functools import cache
from math import ceil
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from orthgen.field_types import Matching, Model, invalid_value

_SIZE = r"[0-9]{1,7}(?:\.[0-9]{1,3})?[mg]"
Size = Annotated[str, Matching(_SIZE, "an amount of memory", "write `4g` or `4096m`, in small letters")]

_MEGABYTES = {"m": 1, "g": 1024}


def megabytes_of(size: str) -> int:
    """An amount of memory (`512m`, `1.5g`), in megabytes."""
    return int(float(size[:-1]) * _MEGABYTES[size[-1]])


def _at_least(least: str, why: str) -> AfterValidator:
    def check(size: str) -> str:
        if megabytes_of(size) < megabytes_of(least):
            raise invalid_value(f"`{size}` is too little: {why}", f"write `{least}` or more")
        return size

    return AfterValidator(check)


_DEFAULTS = {
    "orthanc": "4g",
    "database": "2g",
    "keycloak": "2g",
    "nginx": "512m",
    "auth-service": "512m",
    "ohif": "256m",
}
# Keycloak and Orthanc start with a third of that, and with less they do not.
_MIN_MEMORY_SHARE = 0.33


class Memory(Model):
    """The memory limit of each service."""

    total: Size | None = Field(
        None,
        description="The memory of all services together, without the readers. Services that are not named share the "
        "rest of it in the proportions of the defaults (11.3 GB); the share of a service that the deployment does not have "
        "(OHIF, a database) stays free. With less memory, Orthanc caches less (docs/memory.md). "
        "In a cluster, a service with several pods has this memory for each.",
    )
    orthanc: Annotated[Size, _at_least("1g", "Orthanc would be killed")] = Field("4g", description="Orthanc.")
    reader: Annotated[Size, _at_least("1g", "Orthanc would be killed")] | None = Field(
        None, description="Each reader (`archive.replicas`); by default as much as Orthanc."
    )
    database: Annotated[Size, _at_least("256m", "PostgreSQL would be killed")] = Field(
        "2g", description="Each PostgreSQL."
    )
    keycloak: Annotated[Size, _at_least("640m", "Keycloak would not start")] = Field(
        "2g", description="Keycloak."
    )
    nginx: Annotated[Size, _at_least("128m", "uploads would be cut")] = Field("512m", description="nginx.")
    auth_service: Annotated[Size, _at_least("128m", "the auth-service would not start")] = Field(
        "512m", description="orthanc-auth-service."
    )
    ohif: Annotated[Size, _at_least("32m", "nginx would not start")] = Field("256m", description="OHIF.")

    @model_validator(mode="before")
    @classmethod
    def _shares_the_total(cls, value: Any) -> Any:
        """Unnamed services share the memory that named ones leave; a malformed total is another finding."""
        total = value.get("total") if isinstance(value, dict) else None
        if not isinstance(total, str) or not re.fullmatch(_SIZE, total):
            return value
        shared = {name: size for name, size in _DEFAULTS.items() if name not in value}
        parts = {
            name: megabytes_of(size) * (2 if name == "database" else 1) for name, size in _DEFAULTS.items()
        }
        taken = sum(
            megabytes_of(size) * (2 if name == "database" else 1)
            for name, size in value.items()
            if name in parts and isinstance(size, str) and re.fullmatch(_SIZE, size)
        )
        left = megabytes_of(total) - taken
        defaults = sum(parts[name] for name in shared)
        share = left / (defaults or 1)
        if left < 0 or (shared and share < _MIN_MEMORY_SHARE):
            least = taken + ceil(_MIN_MEMORY_SHARE * defaults)
            raise invalid_value(
                f"`total: {total}` leaves {max(left, 0)} MB for what is not named: too little",
                f"write `total: {least}m` or more, or give less to what is named",
            )
        return {**value, **{name: f"{int(megabytes_of(size) * share)}m" for name, size in shared.items()}}


@cache
def trial_memory() -> Memory:
    """The default limits on `http://localhost`, for a machine with 4 GB."""
    return Memory.model_validate({"total": "3840m"})
