"""What a compose file is told about each image, and the page that tells people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orthgen.catalogue import load, releases
from orthgen.catalogue.images import image
from tests.support.images_page import images_page

ROOT = Path(__file__).resolve().parents[2]
IMAGES = [(release, name) for release in releases() for name in load(release).images]


@pytest.mark.parametrize(("release", "name"), IMAGES)
def test_every_image_of_a_release_is_described(release: str, name: str) -> None:
    """There are facts for each image at its tag, and they say where they are from."""
    facts = load(release).image(name)

    assert facts.reference == load(release).images[name]
    assert facts.sources
    assert re.fullmatch(r"\d+:\d+", facts.user)


@pytest.mark.parametrize(("release", "name"), IMAGES)
def test_no_service_but_certbot_needs_root_or_a_capability(release: str, name: str) -> None:
    """Everything runs as a user of its own with all capabilities dropped."""
    facts = load(release).image(name)

    if name == "certbot":
        assert facts.capabilities == ("CHOWN",)
    else:
        assert not facts.user.startswith("0:")
        assert facts.capabilities == ()


@pytest.mark.parametrize(("release", "name"), IMAGES)
def test_every_service_that_stays_has_a_health_check(release: str, name: str) -> None:
    """All but certbot can be asked whether they are ready, with a program that the image has."""
    health = load(release).image(name).health

    if name == "certbot":
        assert health is None
    else:
        assert health is not None
        assert health.test[0] in {"CMD", "CMD-SHELL"}


def test_the_plugins_of_orthanc_are_loaded_from_memory_that_may_execute() -> None:
    """Docker mounts a tmpfs noexec and for root: the plugins need `exec`, and the user of the container."""
    assert (
        "/run/orthanc/plugins:size=1g,mode=0755,uid=999,gid=999,exec" in load("26.8").image("orthanc").tmpfs
    )


def test_a_directory_for_everybody_needs_no_owner() -> None:
    """A tmpfs of mode 1777 serves any user and stays noexec."""
    assert load("26.8").image("nginx").tmpfs == ("/tmp:size=192m,mode=1777",)  # noqa: S108


def test_the_volume_of_orthanc_lies_where_the_image_gives_it_to_the_user() -> None:
    """A new named volume takes the owner of the directory in the image, which db/ below it does not have."""
    orthanc = load("26.8").image("orthanc")

    assert orthanc.volume == "/var/lib/orthanc"
    assert orthanc.paths["storage"] == "/var/lib/orthanc/db"


@pytest.mark.parametrize(
    ("release", "path"),
    [
        ("25.8", "/usr/share/nginx/html/app-config.js"),
        ("26.4", "/usr/share/nginx/html/ohif/app-config.js"),
        ("26.7", "/usr/share/nginx/html/ohif/app-config.js"),
        ("26.8", "/usr/share/nginx/html/ohif/app-config.js"),
    ],
)
def test_the_configuration_of_ohif_moved_with_26_4(release: str, path: str) -> None:
    """The container of OHIF reads app-config.js below /ohif/ since 26.4.0."""
    assert load(release).image("ohif").paths["configuration"] == path


@pytest.mark.parametrize(
    ("tag", "volume"), [("17.11", "/var/lib/postgresql/data"), ("18.6", "/var/lib/postgresql")]
)
def test_the_data_of_postgres_moved_with_18(tag: str, volume: str) -> None:
    """The image keeps its data one directory higher since 18."""
    assert image("postgres", f"postgres:{tag}").volume == volume


def configuration_path(variable: str) -> str:
    """The key that the image makes of a variable's name: its rule, and its exceptions for three sections."""
    name = variable.removeprefix("ORTHANC__")
    for plain, spelt in (("POSTGRESQL", "POSTGRE_S_Q_L"), ("MYSQL", "MY_S_Q_L"), ("OHIF", "O_H_I_F")):
        name = re.sub(rf"^{plain}__", f"{spelt}__", name)
    words = ([word[0] + word[1:].lower() for word in part.split("_")] for part in name.split("__"))
    return ".".join("".join(part) for part in words)


@pytest.mark.parametrize("release", releases())
def test_a_secret_of_orthanc_becomes_the_key_that_it_is_for(release: str) -> None:
    """The image turns each file's name into exactly the configuration key that the catalogue says, and Orthanc reads it."""
    for key, name in load(release).image("orthanc").secrets.names.items():
        assert configuration_path(name) == key
        # The e-mail server is a key of later releases; its secret is only used with it.
        assert load(release).knows(tuple(key.split("."))) or key.startswith("OrthancExplorer2.Emails")


def test_a_secret_that_an_image_reads_from_its_environment_only_is_left_to_a_start_script() -> None:
    """Keycloak's passwords and the auth-service's USERS have no file of their own: the facts say so."""
    assert load("26.8").image("keycloak").secrets.how == "wrapper"
    assert "USERS" not in load("26.8").image("auth-service").secrets.names


def test_an_image_that_nobody_described_is_refused() -> None:
    """Asking for facts that are not there raises instead of guessing."""
    with pytest.raises(LookupError):
        image("minio", "minio:1.0.0")
    with pytest.raises(LookupError):
        image("orthanc", "orthancteam/orthanc:24.1.0")


@pytest.mark.parametrize(
    ("plugin", "enabled_by"),
    [
        ("OrthancExplorer2", "always"),
        ("Gdcm", "always"),
        ("Authorization", "section"),
        ("DicomWeb", "section"),
        ("PostgreSQL", "section"),
        ("MultitenantDicom", "section"),
        ("VolView", "section"),
        ("StoneWebViewer", "environment"),
        ("Wsi", "environment"),
        ("Ohif", "environment"),
        ("Python", "setting"),
    ],
)
@pytest.mark.parametrize("release", releases())
def test_a_plugin_is_enabled_as_the_image_does_it(release: str, plugin: str, enabled_by: str) -> None:
    """Some plugins are always on, some by their section, some only by their variable."""
    assert load(release).plugin(plugin).enabled_by == enabled_by


def test_viewers_read_a_section_of_another_name_than_the_one_that_the_image_knows() -> None:
    """WSI and OHIF are configured in `WholeSlideImaging` and `OHIF`."""
    release = load("26.8")

    assert release.plugin("Wsi").section == "WholeSlideImaging"
    assert release.plugin("Wsi").variable == "WSI_PLUGIN_ENABLED"
    assert release.plugin("Ohif").section == "OHIF"


def test_plugins_that_came_later_are_not_in_25_8() -> None:
    """Education and the pixels masker came after 25.8, and Java is in the full image only."""
    assert {"Education", "PixelsMasker"} <= set(load("26.4").plugins())
    assert not {"Education", "PixelsMasker"} & set(load("25.8").plugins())
    assert load("26.8").plugin("Java").full_image


def test_the_page_about_the_images_is_the_data() -> None:
    """docs/contributing/images.md says what images.json says: render it again after a change."""
    assert (ROOT / "docs/contributing/images.md").read_text(encoding="utf-8") == images_page()
