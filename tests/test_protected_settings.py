"""Raw settings that would undo a guarantee are refused, with the reason; the others are let through."""

from __future__ import annotations

from typing import Any

import pytest

from orthgen.products.orthanc import orthanc_settings
from orthgen.protected_settings import GUARANTEES, refused_settings
from tests.support.builders import EXAMPLES, example

UI_OPTIONS = ("OrthancExplorer2", "UiOptions")


def refused(settings: dict[str, Any], below: tuple[str, ...] = ()) -> list[str]:
    """The paths that are refused."""
    return [".".join(one.path) for one in refused_settings(settings, below)]


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        pytest.param({"AuthenticationEnabled": True}, "AuthenticationEnabled", id="another way in"),
        pytest.param({"ExecuteLuaEnabled": True}, "ExecuteLuaEnabled", id="scripts by request"),
        pytest.param({"Plugins": []}, "Plugins", id="no authorization plugin"),
        pytest.param({"LimitFindResults": 0}, "LimitFindResults", id="no bound"),
        pytest.param({"DicomAlwaysAllowStore": True}, "DicomAlwaysAllowStore", id="strangers store"),
        pytest.param({"MaximumStorageMode": "Recycle"}, "MaximumStorageMode", id="patients are deleted"),
        pytest.param({"PostgreSQL": {"Password": "x"}}, "PostgreSQL.Password", id="a secret"),
        pytest.param(
            {"PostgreSQL": {"Host": "db.example.org"}}, "PostgreSQL.Host", id="another database server"
        ),
        pytest.param({"Authorization": {"Permissions": []}}, "Authorization.Permissions", id="another table"),
        pytest.param(
            {"Authorization": {"UncheckedFolders": ["/"]}}, "Authorization.UncheckedFolders", id="all open"
        ),
        pytest.param(
            {"Authorization": {"ExtraPermissions": [["get", "^/x$", ""]]}},
            "Authorization.ExtraPermissions",
            id="a row for everybody",
        ),
        pytest.param(
            {"DicomModalities": {"ct1": {"AllowMove": True}}},
            "DicomModalities.ct1.AllowMove",
            id="a peer may more",
        ),
        pytest.param(
            {"DicomModalities": {"ct2": ["CT2", "h", 104]}},
            "DicomModalities.ct2",
            id="a peer that may everything",
        ),
        pytest.param(
            {"OrthancPeers": {"x": ["http://x", "u", "p"]}}, "OrthancPeers.x", id="a peer with its password"
        ),
        pytest.param({"Authorization": None}, "Authorization", id="a section less"),
        pytest.param(
            {"StoneWebViewer": {"ExpectedMessageOrigin": "*"}},
            "StoneWebViewer.ExpectedMessageOrigin",
            id="any page",
        ),
    ],
)
def test_what_would_undo_a_guarantee_is_refused(settings: dict[str, Any], path: str) -> None:
    """The finding names the key, or the section that is replaced."""
    assert refused(settings) == [path]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"StorageCompression": True, "HttpThreadsCount": 100}, id="no guarantee"),
        pytest.param({"ExecuteLuaEnabled": False, "DicomCheckCalledAet": True}, id="the value that is there"),
        pytest.param({"LimitFindResults": 50}, id="another bound"),
        pytest.param({"MaximumStorageSize": 1000}, id="a full archive refuses"),
        pytest.param(
            {"DicomModalities": {"ct1": {"Timeout": 30, "UseDicomTls": True}}}, id="more about a peer"
        ),
        pytest.param(
            {"Authorization": {"ExtraPermissions": [["get", "^/x$", "api-view"]]}},
            id="a row with a permission",
        ),
        pytest.param({"PostgreSQL": {"EnableStorage": True}}, id="files in the database"),
    ],
)
def test_what_undoes_nothing_is_let_through(settings: dict[str, Any]) -> None:
    """The escape hatch stays open for what the profile has no word for."""
    assert refused(settings) == []


def test_settings_of_the_interface_are_seen_where_they_are_merged() -> None:
    """Their paths come back as the author wrote them."""
    assert refused({"EnableShares": True, "PageLoadSize": 10, "AvailableLabels": []}, UI_OPTIONS) == [
        "EnableShares",
        "AvailableLabels",
    ]
    assert refused({}, UI_OPTIONS) == []


def test_true_is_not_one() -> None:
    """A number does not pass for a flag."""
    assert refused({"ExecuteLuaEnabled": 0}) == ["ExecuteLuaEnabled"]


def test_every_reason_reads_on_and_every_remedy_is_an_order() -> None:
    """Lower case where no name begins, no final stop, never empty."""
    for guarantee in GUARANTEES:
        assert guarantee.keys
        assert guarantee.why
        assert not guarantee.why.endswith(".")
        assert guarantee.instead[0].islower()


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_rendered_keeps_the_fixed_values(name: str) -> None:
    """Where a guarantee allows one value only, an example has it."""
    settings = orthanc_settings(example(name))
    fixed = {key for guarantee in GUARANTEES for key in guarantee.keys if guarantee.allows is not _NEVER}

    broken = [path for path in refused(settings) if path in fixed]

    assert broken == []


_NEVER = next(guarantee.allows for guarantee in GUARANTEES if "Plugins" in guarantee.keys)
