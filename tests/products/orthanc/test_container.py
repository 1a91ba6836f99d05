"""What Orthanc's container needs beside its settings: switches of plugins, secrets, mounted files."""

from __future__ import annotations

from orthgen.products.orthanc import (
    orthanc_environment,
    orthanc_files,
    orthanc_mounts,
    orthanc_secrets,
    orthanc_settings,
)
from tests.support.builders import make_deployment

TAGS = "{cardio: {gather: [{tags: {Modality: US}}]}, neuro: {}}"


def test_plugins_that_their_section_does_not_load_are_switched_on() -> None:
    """Stone asks for the variable; OHIF's and the slide viewer's sections have another name in the image."""
    deployment = make_deployment(viewers="{stone: {}, ohif: {serve: plugin}, wsi: {}, volview: {}, stl: {}}")

    assert orthanc_environment(deployment) == {
        "STONE_WEB_VIEWER_PLUGIN_ENABLED": "true",
        "OHIF_PLUGIN_ENABLED": "true",
        "WSI_PLUGIN_ENABLED": "true",
    }
    assert {"VolView", "STL"} <= orthanc_settings(deployment).keys()


def test_every_section_of_a_plugin_loads_that_plugin() -> None:
    """By its section or by a variable, with nothing loaded that is not configured."""
    deployment = make_deployment(viewers="{stone: {}, ohif: {serve: plugin}, wsi: {}, volview: {}, stl: {}}")
    settings, variables = orthanc_settings(deployment), orthanc_environment(deployment)

    loaded = {
        plugin.section
        for plugin in deployment.release.plugins().values()
        if plugin.variable in variables or (plugin.enabled_by == "section" and plugin.section in settings)
    }

    assert loaded >= {
        "Authorization",
        "DicomWeb",
        "PostgreSQL",
        "StoneWebViewer",
        "OHIF",
        "WholeSlideImaging",
    }
    assert loaded <= settings.keys()


def test_the_secrets_have_the_names_that_the_image_reads() -> None:
    """Each of ours, and the name of its file below /run/secrets."""
    archive = "{storage: {files: {s3: {bucket: images, region: r, access-key: {secret: id}, secret-key: {secret: key}}}}}"

    assert dict(orthanc_secrets(make_deployment(archive=archive))) == {
        "auth-service-password": "ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD",
        "orthanc-db-password": "ORTHANC__POSTGRESQL__PASSWORD",
        "id": "ORTHANC__AWS_S3_STORAGE__ACCESS_KEY",
        "key": "ORTHANC__AWS_S3_STORAGE__SECRET_KEY",
    }


def test_what_is_not_used_has_no_secret() -> None:
    """SQLite has no password."""
    secrets = orthanc_secrets(make_deployment(archive="{storage: {database: sqlite}}"))

    assert [name for name, _ in secrets] == ["auth-service-password"]


def test_the_script_is_there_where_tags_gather_and_orthanc_finds_it() -> None:
    """The file, its mount and the key that names it come together or not at all."""
    with_tags, without = make_deployment(collections=TAGS), make_deployment()

    scripts = ["orthanc/labels-settings.lua", "orthanc/labels.lua"]
    assert [file.path for file in orthanc_files(with_tags)] == ["orthanc/orthanc.json", *scripts]
    mounts = dict(orthanc_mounts(with_tags))
    assert [mounts[script] for script in scripts] == orthanc_settings(with_tags)["LuaScripts"]
    assert [file.path for file in orthanc_files(without)] == ["orthanc/orthanc.json"]
    assert "LuaScripts" not in orthanc_settings(without)
