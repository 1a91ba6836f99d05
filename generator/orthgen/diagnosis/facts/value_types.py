"""The types of values that Orthanc and its plugins read, and what an observed configuration states for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.catalogue.configuration_keys import Tree
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts.orthanc_keys import key_tree
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import Orthanc

# Their plugins stop Orthanc at a value of another type (orthanc 1.13.0, OrthancPluginCppWrapper.cpp). Explorer 2 and Stone
# give their sections to the pages in the browser as they are.
_STRICT_SECTIONS = (
    "AdvancedStorage",
    "Authorization",
    "AwsS3Storage",
    "AzureBlobStorage",
    "DicomWeb",
    "Gdcm",
    "PostgreSQL",
    "Transfers",
    "Worklists",
)


def stated(orthanc: Orthanc) -> Iterator[tuple[Path, object, str]]:
    """The settings for which Orthanc reads one type of value: path, value, the catalogue's word for the type."""
    tree = key_tree(orthanc)
    yield from _leaves(orthanc.settings.value, tree, ())
    for name, password in orthancs.section(orthanc, "RegisteredUsers").items():
        yield ("RegisteredUsers", name), password, "text"
    for section in _STRICT_SECTIONS:
        values, keys = orthancs.section(orthanc, section), tree.get(section)
        if isinstance(keys, dict) and _is_read(orthanc, section):
            yield from _leaves(values, keys, (section,))


def _leaves(
    values: Mapping[str, object], tree: Mapping[str, Tree], above: Path
) -> Iterator[tuple[Path, object, str]]:
    for key, kind in tree.items():
        if isinstance(kind, str) and key in values:
            yield (*above, key), values[key], kind


def _is_read(orthanc: Orthanc, section: str) -> bool:
    """Whether a plugin reads its section beyond the switch in it."""
    switches = ("EnableIndex", "EnableStorage") if section == "PostgreSQL" else ("Enable",)
    is_off = all(orthanc.settings.get(section, switch) is False for switch in switches)
    return orthancs.loads(orthanc, section) and not is_off
