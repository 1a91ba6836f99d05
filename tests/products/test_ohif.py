"""ohif/app-config.js: what of the profile reaches OHIF, and how. What the program does with it is tested in node."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from orthgen.formats.templates import template_text
from orthgen.products.ohif.app_config import ohif_files
from orthgen.products.ohif.messages import texts_of
from orthgen.realm.kinds.client import sign_in_clients
from tests.support.builders import EXAMPLES, example, make_deployment

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment


_SETTINGS = "const ORTHGEN_SETTINGS = "


def setting(text: str, name: str) -> Any:
    """The value of one of the settings above the program."""
    return json.JSONDecoder().raw_decode(text, text.index(_SETTINGS) + len(_SETTINGS))[0][name]


def app_config(deployment: Deployment) -> str:
    """The text of the only file."""
    (artifact,) = ohif_files(deployment)
    return artifact.text


def with_ohif(**options: Any) -> Deployment:
    """A deployment whose OHIF has `options`."""
    return make_deployment(viewers={"ohif": options})


def test_a_profile_without_ohif_gets_no_file_for_it() -> None:
    """A profile without OHIF gets no file for it."""
    assert ohif_files(make_deployment()) == ()


@pytest.mark.parametrize(
    ("serve", "path"),
    [("container", "ohif/app-config.js"), ("plugin", "orthanc/ohif-app-config.js")],
)
def test_the_file_is_beside_the_service_that_serves_it(serve: str, path: str) -> None:
    """The file lies beside the service that serves it."""
    assert [artifact.path for artifact in ohif_files(with_ohif(serve=serve))] == [path]


@pytest.mark.parametrize("name", EXAMPLES)
def test_same_profile_same_bytes(name: str) -> None:
    """The same example gives the same file again."""
    assert ohif_files(example(name)) == ohif_files(example(name))


def test_sign_in_only_where_reports_are_signed_in() -> None:
    """OHIF signs in where people save reports with their own token, and nowhere else."""
    assert setting(app_config(with_ohif(reports="off")), "oidc") is None

    (entry,) = setting(app_config(with_ohif(reports="signed-in")), "oidc")

    assert entry["authority"] == "https://pacs.example.org/keycloak/realms/orthanc"
    assert (entry["client_id"], entry["response_type"], entry["scope"]) == ("ohif", "code", "openid")


def test_the_authority_is_the_institutions_own_keycloak() -> None:
    """The authority is the institution's own Keycloak and realm where it has one."""
    deployment = make_deployment(
        identity={"realm": "staff", "keycloak": {"server": "https://login.example.org/auth"}, "sign-in": []},
        viewers={"ohif": {"reports": "signed-in"}},
    )

    assert (
        setting(app_config(deployment), "oidc")[0]["authority"]
        == "https://login.example.org/auth/realms/staff"
    )


@pytest.mark.parametrize("serve", ["container", "plugin"])
@pytest.mark.parametrize("orthanc", ["/", "/orthanc/"])
def test_comes_back_to_where_keycloak_lets_it(serve: str, orthanc: str) -> None:
    """The page that a sign-in comes back to is the only one that the realm's client allows."""
    deployment = make_deployment(
        institution={"name": "Test", "url": "https://pacs.example.org", "paths": {"orthanc": orthanc}},
        viewers={"ohif": {"reports": "signed-in", "serve": serve}},
    )
    text = app_config(deployment)
    base = setting(text, "config")["routerBasename"]
    allowed = dict(sign_in_clients(deployment))["ohif"]["redirectUris"]

    assert not base.endswith("/")
    assert [deployment.origin.url + base + setting(text, "oidc")[0]["redirect_uri"]] == allowed


def test_images_come_from_the_public_dicomweb_root() -> None:
    """Searches, images and reports go to Orthanc's DICOMweb below its public path."""
    deployment = make_deployment(
        institution={"name": "Test", "url": "https://pacs.example.org", "paths": {"orthanc": "/orthanc/"}},
        viewers={"ohif": {}},
    )
    (source,) = setting(app_config(deployment), "config")["dataSources"]
    roots = {source["configuration"][name] for name in ("wadoUriRoot", "qidoRoot", "wadoRoot")}

    assert roots == {"/orthanc/dicom-web"}
    assert setting(app_config(deployment), "studyList") == "/orthanc/ui/app/"


def test_the_plugin_brings_its_own_data_source() -> None:
    """For the plugin there is no data source to overwrite, and the basename cannot be overwritten."""
    text = app_config(with_ohif(serve="plugin"))

    assert "dataSources" not in setting(text, "config")
    assert setting(text, "pinsBasename") is True
    assert setting(app_config(with_ohif()), "pinsBasename") is False


@pytest.mark.parametrize("name", ["</script>", "'\"`\\", "${alert(1)}", "é {{ 7*7 }} {% raw %}", "*/ //"])
def test_the_name_of_an_institution_stays_a_string(name: str) -> None:
    """Whatever the institution is called, it is a string in the file and nothing more."""
    deployment = make_deployment(
        institution={"name": name, "url": "https://pacs.example.org"}, viewers={"ohif": {}}
    )

    (source,) = setting(app_config(deployment), "config")["dataSources"]

    assert source["configuration"]["friendlyName"] == name


@pytest.mark.parametrize("name", [name for name in EXAMPLES if example(name).viewer("ohif")])
def test_the_program_is_the_same_for_every_profile(name: str) -> None:
    """Profiles differ in the settings above it."""
    assert app_config(example(name)).endswith("};\n\n" + template_text("ohif/app-config.js"))


def test_older_browsers_read_it() -> None:
    """The program keeps to ES2019: no optional chaining, no `??`, no logical assignment."""
    program = template_text("ohif/app-config.js")
    code = re.sub(r"//.*|'[^'\n]*'|/(?![/*])(?:\\.|[^/\n])+/[a-z]*(?=[.\s,)])", "", program)

    assert not re.search(r"\?\.|\?\?|\|\|=|&&=|\beval\b|new Function|innerHTML", code)


def test_people_get_the_institutions_languages_in_its_order() -> None:
    """People get the institution's languages, its first one first."""
    assert list(texts_of(["fr", "en"], signs_in=True)) == ["fr", "en"]
    assert list(texts_of(["de-CH", "fr-CH", "fr"], signs_in=True)) == ["de", "fr"]
    assert list(texts_of(["xx"], signs_in=False)) == ["en"]


@pytest.mark.parametrize("signs_in", [True, False])
def test_every_language_says_everything(*, signs_in: bool) -> None:
    """No language lacks a text that another has, and none stands there in another's words."""
    languages = texts_of(["en", "fr", "de", "nl"], signs_in=signs_in)
    keys = {frozenset(texts) for texts in languages.values()}
    said = [text for texts in languages.values() for text in texts.values()]

    assert len(languages) == 4
    assert len(keys) == 1
    assert len(set(said)) == len(said)


def test_nothing_names_a_credential() -> None:
    """The file, which every visitor can read, holds neither secrets nor a client secret's name."""
    deployment = example("paradim.yaml")

    assert not re.search("password|client_secret|secret-key", app_config(deployment), re.IGNORECASE)
