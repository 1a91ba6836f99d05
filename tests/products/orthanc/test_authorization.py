"""The Authorization section: the whole table, and no more open folders than the viewers' programs."""

from __future__ import annotations

from typing import Any

import pytest

from orthgen.authz.plugin_releases import default_rows
from orthgen.catalogue import load as load_release
from orthgen.catalogue import releases
from orthgen.deployment.guard_settings import guard_row_groups
from orthgen.products.orthanc import orthanc_settings
from tests.support.builders import make_deployment


def section(**changes: Any) -> dict[str, Any]:
    """The section of the small profile with `changes`."""
    found: dict[str, Any] = orthanc_settings(make_deployment(**changes))["Authorization"]
    return found


@pytest.mark.parametrize("release", releases())
def test_the_table_is_the_releases_own_written_out(release: str) -> None:
    """Every row, in the plugin's order: what is left out would be refused to everybody. The guard's rows stand before."""
    expected = default_rows(load_release(release).components["authorization"])
    groups = guard_row_groups(make_deployment(release=f'"{release}"'))
    guard = [row for _, rows in groups for row in rows]

    assert section(release=f'"{release}"')["Permissions"] == [list(row) for row in (*guard, *expected)]


def test_labels_are_checked_on_studies() -> None:
    """The other option would keep the plugin from starting."""
    assert section()["CheckedLevel"] == "studies"
    assert "UncheckedLevels" not in section()


def test_the_auth_service_is_asked_by_one_root_and_knows_who_asks() -> None:
    """The root names all of its paths; the password is a secret."""
    asked = section()

    assert asked["WebServiceRootUrl"] == "http://orthanc-auth-service:8000/"
    assert (asked["WebServiceUsername"], asked["WebServiceIdentifier"]) == ("orthanc", "orthanc")
    assert "WebServicePassword" not in asked


@pytest.mark.parametrize(("wanted", "headers"), [("true", ["api-key"]), ("false", [])])
def test_api_keys_have_their_header(wanted: str, headers: list[str]) -> None:
    """Only where the profile has API keys is the header looked at."""
    assert (
        section(identity=f"{{sign-in: [accounts: {{}}], api-keys: {wanted}}}")["TokenHttpHeaders"] == headers
    )


def test_the_viewers_bring_their_standard_configurations() -> None:
    """Each once, Orthanc Explorer 2's first."""
    configured = section(viewers="{ohif: {}, stone: {}, volview: {}}")["StandardConfigurations"]

    assert configured == ["orthanc-explorer-2", "ohif", "stone-webviewer", "volview"]


def test_nothing_is_open_that_no_viewer_needs() -> None:
    """Without such a viewer there is no unchecked folder, and never an unchecked resource."""
    plain = section(viewers="{ohif: {}, stone: {}}")

    assert (plain["UncheckedFolders"], plain["UncheckedResources"]) == ([], [])


def test_the_slide_viewers_program_opens_and_its_slides_do_not() -> None:
    """Pyramids and tiles stay behind the table's row for single resources."""
    assert section(viewers="{wsi: {}}")["UncheckedFolders"] == ["/wsi/app/", "/wsi/libs/"]


def test_the_model_viewer_does_not_open_structure_names() -> None:
    """The plugin's standard configuration `stl` would open /stl/rt-struct/ID to people who are not signed in."""
    opened = section(viewers="{stl: {}}")

    assert opened["UncheckedFolders"] == ["/stl/app/"]
    assert "stl" not in opened["StandardConfigurations"]


def test_who_only_hands_studies_in_can_open_the_page() -> None:
    """The page begins with /system; `upload` suffices for it where there is an inbox, and only there."""
    system = "^/system$"

    with_inbox = [row for row in section(inbox="{title: In}")["Permissions"] if row[1] == system]
    without = [row for row in section()["Permissions"] if row[1] == system]

    assert (with_inbox, without) == ([["get", system, "all|view|upload"]], [["get", system, "all|view"]])


def test_the_audit_log_is_kept_where_it_is_asked_for() -> None:
    """In the plugin and in Orthanc Explorer 2 alike."""
    settings = orthanc_settings(make_deployment(archive="{audit-log: true}"))

    assert settings["Authorization"]["EnableAuditLogs"] is True
    assert settings["OrthancExplorer2"]["UiOptions"]["EnableAuditLogs"] is True
