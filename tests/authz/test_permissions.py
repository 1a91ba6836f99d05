"""The default tables of the plugin's releases."""

import pytest

from orthgen.authz.permissions import Permission, PermissionRow, RowOrigin, default_table, expand
from orthgen.authz.plugin_releases import UnknownRelease, default_rows, releases, version


def test_every_release_has_a_table() -> None:
    """Each release from 0.6.0 to 0.11.4 has rows, and their permissions are words of the auth-service."""
    assert releases()[0] == "0.6.0"
    assert releases()[-1] == "0.11.4"
    assert list(releases()) == sorted(releases(), key=version)
    words = {permission.value for permission in Permission}
    for release in releases():
        table = default_table(release)
        assert len(table) >= len(default_rows(release)) > 30
        assert {word for row in table for word in row.permissions} <= words
        assert {row.method for row in table} == {"get", "post", "put", "delete"}


def test_placeholders_are_gone() -> None:
    """No row of an expanded table holds a placeholder."""
    for release in releases():
        assert not [
            row for row in default_table(release) if row.pattern.isupper() or "DICOM_WEB" in row.pattern
        ]


def test_the_table_follows_the_root() -> None:
    """DICOM_WEB_ROOT becomes the root without its outer slashes, once per pattern."""
    row = expand(
        "post", "^/DICOM_WEB_ROOT/x/DICOM_WEB_ROOT$", "all|view", release="0.11.4", dicom_web_root="/pacs/dw/"
    )[0]

    assert row == PermissionRow("post", "^/pacs/dw/x/DICOM_WEB_ROOT$", ("all", "view"), RowOrigin.DEFAULT, 0)


@pytest.mark.parametrize(
    ("root", "written"),
    [("dicom-web", "^/dicom-web/x$"), ("/", "^///x$"), ("", "^//x$"), ("/a/b", "^/a/b/x$")],
)
def test_roots_lose_one_slash_at_each_end(root: str, written: str) -> None:
    """The plugin strips one leading and one trailing slash, if there is more than that slash."""
    assert (
        expand("get", "^/DICOM_WEB_ROOT/x$", "", release="0.11.4", dicom_web_root=root)[0].pattern == written
    )


def test_single_resource_patterns_are_nine() -> None:
    """SINGLE_RESOURCE_PATTERNS stands for nine rows since 0.7.0, and for itself before."""
    arguments = ("get", "SINGLE_RESOURCE_PATTERNS", "view")

    assert len(expand(*arguments, release="0.7.0")) == 9
    assert len(expand(*arguments, release="0.6.2")) == 1


@pytest.mark.parametrize(("release", "has_thumbnails"), [("0.9.1", False), ("0.9.2", True)])
def test_thumbnails_of_series_and_instances_arrived_together(release: str, *, has_thumbnails: bool) -> None:
    """With those of studies."""
    series, instance = (row.pattern for row in default_table(release) if "/series/([.0-9]+)" in row.pattern)

    assert ("/thumbnail" in series) is has_thumbnails
    assert ("/thumbnail" in instance) is has_thumbnails


@pytest.mark.parametrize(
    ("release", "path", "fits"),
    [
        ("0.7.0", "instances", False),
        ("0.7.1", "instances", True),
        ("0.9.1", "thumbnail", False),
        ("0.9.2", "thumbnail", True),
    ],
)
def test_routes_arrived_with_releases(release: str, path: str, *, fits: bool) -> None:
    """`/instances` of a study is a single resource since 0.7.1, `/thumbnail` since 0.9.2."""
    study = next(row for row in default_table(release) if "/studies/([.0-9]+)(|/series" in row.pattern)

    assert (f"|/{path}" in study.pattern) is fits


def test_an_empty_list_lets_everybody_through() -> None:
    """A row with an empty text has no permissions, one with a lone bar has two that nobody holds."""
    assert expand("GET", "^/x$", "", release="0.11.4")[0].permissions == ()
    assert expand("GET", "^/x$", "|", release="0.11.4")[0].permissions == ("",)


def test_an_unknown_release_is_refused() -> None:
    """A release that is not known is an error that names the known ones."""
    with pytest.raises(UnknownRelease) as raised:
        default_table("0.5.9")

    assert "0.11.4" in raised.value.hint
    assert raised.value.hint.startswith(f"known are {releases()[0]} to {releases()[-1]}: ")
    with pytest.raises(UnknownRelease):
        version("26.8")
