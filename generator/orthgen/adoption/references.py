"""References to secrets: the name of the file in `secrets/` that takes the place of an observed value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.catalogue.named_secrets import secret_file
from orthgen.formats.loose_values import mappings

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Path
    from orthgen.observed.service_model import Service

_VAULT = re.compile(r"\$\{vault\.(?P<name>[a-z][a-z0-9-]*)\}")
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?::[^}]*)?\}")


def mounted_secret(service: Service | None, target: str) -> str | None:
    """The name of the Compose secret that a container has as the file `target`; None where it has none."""
    for _, secret in mappings(service.definition.get("secrets") if service is not None else None):
        if str(secret.get("target", secret.get("source"))).rpartition("/")[2] == target:
            return str(secret.get("source"))
    return None


def secret_reference(
    original: OriginalDeployment, draft: Draft, path: Path, key: tuple[str, ...], name: str
) -> None:
    """State a reference in place of a secret among Orthanc's settings, and note which value it stands for."""
    mounted = mounted_secret(original.orthanc_service, secret_file(key) or "")
    if mounted is not None:
        service = original.orthanc_service
        places = [service.definition.locate(("secrets",))] if service is not None else []
        draft.state(path, {"secret": mounted}, *places)
        if not original.is_rendered:
            note_secret(draft, mounted, f"the Compose secret `{mounted}`", *places)
        return
    place = original.at(*key)
    draft.state(path, {"secret": name}, *([place] if original.settings.has(*key) else []))
    note_secret(
        draft, name, f"the value of `{'.'.join(key)}`", *([place] if original.settings.has(*key) else [])
    )


def realm_reference(draft: Draft, path: Path, value: Any, name: str, place: Location) -> None:
    """State a reference in place of a secret of the realm: the one that the vault or the import names, or a new one."""
    vault = _VAULT.fullmatch(value) if isinstance(value, str) else None
    if vault is not None:
        draft.state(path, {"secret": vault["name"]}, place)
        return
    variable = variable_name(value)
    if variable is not None:
        name = variable.lower().replace("_", "-")
    draft.state(path, {"secret": name}, place)
    if variable is None:
        masked = isinstance(value, str) and set(value) == {"*"}
        key = ".".join(str(element) for element in path)
        what = f"`{key}`, whose value the export masks," if masked else f"today's value of `{key}`"
        note_secret(draft, name, what, place)


def variable_name(value: Any) -> str | None:
    """The variable that Keycloak's import puts in the place of a text; None for any other text."""
    match = _VARIABLE.fullmatch(value) if isinstance(value, str) else None
    return match["name"] if match is not None else None


def note_secret(draft: Draft, name: str, what: str, *places: Location) -> None:
    """Note which value goes into which file."""
    draft.note(
        NoteKind.SECRET, f"`secrets/{name}`", f"put {what} into this file of the new deployment", *places
    )
