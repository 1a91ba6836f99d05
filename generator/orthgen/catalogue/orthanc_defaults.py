"""The values that Orthanc and Orthanc Explorer 2 take for keys that a configuration does not have."""

from __future__ import annotations

from typing import Any

from orthgen.catalogue import data


def orthanc_default(path: tuple[str, ...]) -> Any:
    """The default of the key at `path`; None where the catalogue does not know one."""
    value: Any = data.read("orthanc_defaults")["defaults"]
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    return value
