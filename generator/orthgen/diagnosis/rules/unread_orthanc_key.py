"""Keys of Orthanc's configuration that no part of it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from orthgen.catalogue import at_least, configuration_keys, data, image_variables
from orthgen.catalogue.configuration_keys import KeyPath
from orthgen.diagnosis.facts.orthanc_keys import component_versions, key_tree, meant_variable
from orthgen.findings import Confidence, EditKind, Finding, Rule, Severity
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Orthanc

RULE = Rule(
    "unread-orthanc-key",
    Severity.WARNING,
    summary="Orthanc and its plugins do not read this key: it is misspelt, in the wrong section, of another release, or never "
    "existed.",
    consequence="The setting has no effect, and Orthanc does not say so: the default stays in force.",
    remedy="Write the key that the finding names, or remove it.",
    file="orthanc.json",
    example='{"OrthancExplorer2": {"Enable": true, "IsDefaultUI": true}}',
    counterexample='{"OrthancExplorer2": {"Enable": true, "IsDefaultOrthancUI": true}}',
)
# Orthanc has no setting for it (Orthanc Book, "Same-origin policy in JavaScript").
_CORS = "Orthanc itself has no CORS: let the reverse proxy serve the viewer and Orthanc on one host, or set the headers there"
# The keys of a service account of Google, which is a JSON file, too.
_GOOGLE = frozenset(
    {
        *(
            "type",
            "project_id",
            "private_key_id",
            "private_key",
            "client_email",
            "client_id",
            "auth_uri",
            "token_uri",
        ),
        *("auth_provider_x509_cert_url", "client_x509_cert_url", "universe_domain"),
    }
)
_TOP = "write its keys at the top level of the configuration"
# Keys with a rule of their own.
_ELSEWHERE = frozenset({("OrthancExplorer2", "Keycloak", "ClientSecret")})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Some component of the release reads each key."""
    for orthanc in deployment.orthancs:
        tree, versions = key_tree(orthanc), component_versions(orthanc)
        by_key = _variables(orthanc)
        index = configuration_keys.KeyIndex(tree, versions)
        unread = dict.fromkeys(configuration_keys.unread(orthanc.settings.value, tree))
        unread.update(dict.fromkeys(_removed(orthanc, versions)))
        for names in unread:
            unknown = index.explain(names)
            path: Path = tuple(int(name) if name.isdigit() else name for name in names)
            value = orthanc.settings.get(*path)
            is_cors, is_wrapper = _is_about_cors(names, value), _is_wrapper(names, value, tree)
            if names[0] in _GOOGLE and orthanc.settings.get("type") == "service_account":
                continue  # the image merges each JSON file below /run/secrets, and Orthanc looks at no such key
            is_known = is_cors or is_wrapper
            if names in _ELSEWHERE or (not is_known and _is_foreign(names, value, unknown, tree)):
                continue
            variables = by_key.get(names, ()) if _is_in_environment(orthanc, names) else ()
            if variables and all(meant_variable(orthanc, variable) for variable in variables):
                continue  # `ignored-orthanc-variable` says more
            by = f", which `{variables[0]}` sets" if variables else ""
            use = None if is_known else unknown.use
            better = _better_variable(names, use, variables)
            yield Finding(
                RULE,
                f"no part of Orthanc reads `{'.'.join(names)}`{by}",
                orthanc.settings.locate(path),
                _fixed_hint(is_cors=is_cors, is_wrapper=is_wrapper) or _hint(unknown, better),
                replacement=better if variables else _better_name(orthanc, names, use),
                change=EditKind.NAME,
                related=tuple((place, "also here") for place in orthanc.settings.places(path)[:-1]),
                confidence=Confidence.CERTAIN if versions else Confidence.LIKELY,
            )


def _is_about_cors(names: KeyPath, value: object) -> bool:
    """Whether a key was meant to let pages of other sites read answers."""
    inner = value if isinstance(value, Mapping) else ()
    letters = "".join([*names, *inner]).replace("-", "").lower()
    return "cors" in letters or "accesscontrol" in letters


def _better_name(orthanc: Orthanc, names: KeyPath, use: KeyPath | None) -> str:
    """The exact name to write in place of a key in a file; empty where it is not certain."""
    is_near = use is not None and use[:-1] == names[:-1] and not orthanc.settings.has(*use)
    return use[-1] if use is not None and is_near and not _is_in_environment(orthanc, names) else ""


def _better_variable(names: KeyPath, use: KeyPath | None, variables: Sequence[str]) -> str:
    """The variable to write in place of the first of these, which sets a key that nothing reads; empty without any."""
    if use is None or not variables:
        return ""
    rest = (image_variables.key_path(variables[0]) or ())[len(names) :]
    return image_variables.variable((*use, *rest)) or ""


def _variables(orthanc: Orthanc) -> dict[KeyPath, list[str]]:
    """The variables that state each key, or a part of it, by their names."""
    by_key: dict[KeyPath, list[str]] = {}
    for name in orthanc.service.environment.value if orthanc.service is not None else ():
        path = image_variables.key_path(name) or ()
        for length in range(1, len(path) + 1):
            by_key.setdefault(path[:length], []).append(name)
    return by_key


def _is_in_environment(orthanc: Orthanc, names: KeyPath) -> bool:
    return all(layer.name == "environment" for layer in orthanc.settings.layers if layer.has(names))


def _removed(orthanc: Orthanc, versions: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """The keys that the versions of the image stopped reading."""
    for entry in data.read("superseded")["keys"]:
        path = tuple(entry["key"].split("."))
        has = versions.get(entry.get("component", ""), "")
        is_removed = bool(has) and at_least(has, entry.get("removed") or "999")
        if is_removed and not entry.get("still-read") and orthanc.settings.has(*path):
            yield path


def _fixed_hint(*, is_cors: bool, is_wrapper: bool) -> str:
    return _CORS if is_cors else _TOP if is_wrapper else ""


def _hint(unknown: configuration_keys.UnknownKey, better: str) -> str:
    if better:
        return f"write `{better}`"
    if unknown.reason is configuration_keys.UnreadReason.NEVER and unknown.use is not None:
        return f"write `{'.'.join(unknown.use)}`"
    return unknown.hint or "remove it"


def _is_wrapper(names: KeyPath, value: object, tree: Mapping[str, configuration_keys.Tree]) -> bool:
    """Whether the keys inside a section are those of the top level."""
    return (
        len(names) == 1
        and isinstance(value, Mapping)
        and len(value) > 1
        and all(key in tree for key in value)
    )


def _is_foreign(
    names: KeyPath,
    value: object,
    unknown: configuration_keys.UnknownKey,
    tree: Mapping[str, configuration_keys.Tree],
) -> bool:
    """Whether it is the section of a plugin that is in no image: a hospital's, or an experiment's."""
    if len(names) != 1 or not isinstance(value, Mapping) or unknown.why:
        return False
    if unknown.use is not None and names[0].lower() == unknown.use[0].lower():
        return False  # Orthanc tells upper and lower case apart
    meant = tree.get(unknown.use[0]) if unknown.use is not None else None
    # A misspelt name leaves the names inside the section as they are.
    known = [key for key in value if isinstance(meant, dict) and (key in meant or "*" in meant)]
    return 2 * len(known) < len(value) or not value
