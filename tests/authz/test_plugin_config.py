"""How the plugin reads its section, and what keeps Orthanc from starting."""

from typing import Any

import pytest

from orthgen.authz.plugin_config import Carrier, PluginConfiguration
from orthgen.authz.plugin_releases import UnknownRelease
from orthgen.authz.resources import Level
from orthgen.errors import InputError
from orthgen.findings import Location
from orthgen.formats.yaml_io import Path

from .builders import ask, orthanc, plugin, user


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"CheckedLevel": "study", "UncheckedLevels": []}, "exclude each other", id="both-level-options"
        ),
        pytest.param({"CheckedLevel": "nonsense"}, "is not a level", id="level"),
        pytest.param({"CheckedLevel": 1}, "`CheckedLevel` is not text", id="level-type"),
        pytest.param({"Permissions": None}, "`Permissions` is not a list", id="permissions"),
        pytest.param({"Permissions": [["get", "^/$"]]}, "not a list of three", id="short-row"),
        pytest.param({"ExtraPermissions": [["patch", "^/$", ""]]}, "`patch` is not a method", id="method"),
        pytest.param({"StandardConfigurations": "ohif"}, "not a list of texts", id="standard"),
        pytest.param({"TokenHttpHeaders": [1]}, "not a list of texts", id="headers"),
        pytest.param({"EnableAuditLogs": "yes"}, "neither `true` nor `false`", id="flag"),
        pytest.param({"WebServiceRootUrl": 1}, "`WebServiceRootUrl` is not text", id="url"),
    ],
)
def test_what_keeps_orthanc_from_starting_is_an_error(changes: dict[str, Any], message: str) -> None:
    """A section that the plugin refuses at its start is an error that says so."""
    with pytest.raises(InputError, match="does not start") as raised:
        plugin(**changes)

    assert message in raised.value.findings[0].message


def test_every_mistake_is_told_at_once_and_at_its_place() -> None:
    """All refusals of one file come together, each with its location."""

    def locate(path: Path) -> Location | None:
        return Location("orthanc.json", len(path), 7)

    with pytest.raises(InputError) as raised:
        PluginConfiguration.compile(orthanc(CheckedLevel="x", Permissions=[[]]), locate=locate)

    assert len(raised.value.findings) == 2
    assert {finding.location.column for finding in raised.value.findings} == {7}


def test_authentication_and_the_plugin_excluded_each_other_before_0_9() -> None:
    """Before 0.9.0 the plugin did not start beside AuthenticationEnabled, which is the default."""
    with pytest.raises(InputError):
        plugin("0.8.2", core={"AuthenticationEnabled": True})
    with pytest.raises(InputError):
        PluginConfiguration.compile({"Authorization": {"WebServiceRootUrl": "http://a/"}}, "0.8.2")

    assert plugin("0.8.2").release == (0, 8, 2)
    assert plugin("0.9.0", core={"AuthenticationEnabled": True}).authentication


def test_an_unknown_release_is_refused() -> None:
    """A release that is not known cannot be modelled."""
    with pytest.raises(UnknownRelease):
        plugin("1.0.0")


def test_tokens_are_looked_for_in_the_plugins_order() -> None:
    """Headers come before GET arguments, each by name, with those of the standard configurations."""
    assert plugin(TokenHttpHeaders="x", TokenGetArguments=["a"]).carriers == (
        Carrier(argument=False, name="Authorization"),
        Carrier(argument=False, name="token"),
        Carrier(argument=False, name="x"),
        Carrier(argument=True, name="a"),
        Carrier(argument=True, name="token"),
    )


@pytest.mark.parametrize(
    ("release", "names", "folders", "carriers"),
    [
        ("0.6.0", ["ohif", "orthanc-explorer-2", "unknown"], {"/ohif/", "/ui/app/", "/ui/landing/"}, 3),
        ("0.6.0", ["osimis-web-viewer"], {"/osimis-viewer/app/", "/osimis-viewer/languages/"}, 2),
        ("0.6.0", ["stone-webviewer"], {"/stone-webviewer/"}, 1),
        ("0.8.1", ["volview", "ohif"], {"/ohif/"}, 0),
        ("0.8.2", ["volview"], {"/volview/"}, 1),
        ("0.8.2", ["ohif"], {"/ohif/"}, 1),
        ("0.10.1", ["stl"], set(), 0),
        ("0.10.2", ["stl"], {"/stl/"}, 1),
        ("0.11.4", ["volview", "stl", "ohif", "unknown"], {"/ohif/", "/volview/", "/stl/"}, 1),
    ],
)
def test_standard_configurations_arrived_with_releases(
    release: str, names: list[str], folders: set[str], carriers: int
) -> None:
    """`volview` is known since 0.8.2, `stl` since 0.10.2; OHIF's header since 0.8.2; others mean nothing."""
    configuration = plugin(release, StandardConfigurations=names, TokenHttpHeaders=[])

    assert set(configuration.unchecked_folders) == folders
    assert len(configuration.carriers) == carriers


def test_own_unchecked_paths_stand_beside_the_standard_ones() -> None:
    """UncheckedResources and UncheckedFolders add to what the standard configurations open."""
    configuration = plugin(UncheckedResources=["/tools/now"], UncheckedFolders=["/app"])

    assert ask("GET /tools/now", of=configuration).granted
    assert ask("GET /application", of=configuration).granted
    assert ask("GET /ui/app/x", of=configuration).granted


def test_the_root_of_dicom_web_is_read_from_the_wrong_place() -> None:
    """The plugin follows a top-level `Root` instead of `DicomWeb.Root`, and only beside a DicomWeb section."""
    ignored = plugin(core={"DicomWeb": {"Root": "/pacs/"}})
    followed = plugin(core={"DicomWeb": {}, "Root": "/pacs/"})
    no_section = plugin(core={"DicomWeb": None, "Root": "/pacs/"})

    assert not ask("GET /pacs/studies/{A.uid}", user("all"), of=ignored).granted
    assert ask("GET /pacs/studies/{A.uid}", user("all"), of=followed).granted
    assert ask("GET /dicom-web/studies/{A.uid}", user("all"), of=no_section).granted


def test_values_of_rows_become_text_as_the_plugin_makes_them() -> None:
    """Null is an empty text, numbers and booleans are spelt out, a fourth element is a comment."""
    configuration = plugin(
        Permissions=[
            ["GET", "^/a$", None, "comment"],
            ["get", "^/b$", True],
            ["get", "^/c$", 1],
            ["get", "^/d$", False],
        ]
    )

    assert ask("GET /a", of=configuration).granted
    rows = [row.row.permissions for row in configuration.table.methods["get"]]
    assert rows == [(), ("true",), ("1",), ("false",)]


def test_extra_permissions_are_new_in_0_10() -> None:
    """Before 0.10.0 nobody reads ExtraPermissions."""
    extra = [["get", "^/mine$", ""]]

    assert ask("GET /mine", of=plugin("0.10.0", ExtraPermissions=extra)).granted
    assert not ask("GET /mine", of=plugin("0.9.4", ExtraPermissions=extra)).granted


def test_a_configuration_without_the_section_filters_nothing() -> None:
    """Without an Authorization section the plugin is not there."""
    configuration = PluginConfiguration.compile({"AuthenticationEnabled": False})

    assert not configuration.filters
    assert configuration.checks(Level.STUDY)
