"""The `institution` part of the profile: name, address, languages, paths."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from orthgen.field_types import (
    Language,
    Model,
    ShortText,
    Text,
    UrlPath,
    WebUrl,
    host_of,
    invalid_value,
    port_of,
)
from orthgen.viewers import VIEWERS


class Paths(Model):
    """The path of each service on the one public origin."""

    orthanc: UrlPath = Field("/", description="Orthanc and Orthanc Explorer 2.")
    ohif: UrlPath = Field(
        "/ohif/", description="OHIF, when it runs in its own container, whose image is built for `/ohif/`."
    )
    keycloak: UrlPath = Field("/keycloak/", description="Keycloak, unless `identity.keycloak.server` is set.")

    def of_viewers(self) -> dict[str, str]:
        """The paths of the viewers that can have a container, by the viewer's name."""
        return {viewer.name: getattr(self, viewer.name) for viewer in VIEWERS if viewer.container_path}


class Institution(Model):
    """The institution and its one public origin, from which every URL of the deployment derives."""

    name: ShortText = Field(
        description="The institution's name, as people read it: page titles, sign-in page, reports."
    )
    url: WebUrl = Field(
        description="The one public origin, such as `https://orthanc.example.org`. Plain http is for localhost only.",
        examples=["https://orthanc.example.org"],
    )
    languages: Annotated[list[Language], Field(min_length=1)] = Field(
        ["en"], description="Languages of the pages; the first is the default, and that of `ACCESS.md`."
    )
    contact: Text | None = Field(
        None,
        description="The contact for people without access, for the sign-in page: an address, a telephone number; by "
        "default “the administrators of the archive”.",
    )
    paths: Paths = Field(Paths.model_construct(), description="The path of each service on the origin.")

    @field_validator("languages")
    @classmethod
    def _are_distinct(cls, languages: list[str]) -> list[str]:
        """Each once: Keycloak keeps a set of them, and would differ from the profile for ever."""
        return list(dict.fromkeys(languages))

    @field_validator("url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        parts = urlsplit(url)
        port = port_of(url)
        if parts.path not in {"", "/"}:
            raise invalid_value(
                f"`{url}` is more than an origin",
                "write scheme and host only; sub-paths go to `institution.paths` (`orthanc: /orthanc/`)",
            )
        host = host_of(url)
        standard = {"http": 80, "https": 443}[parts.scheme]
        return f"{parts.scheme}://{host}" + ("" if port in {None, standard} else f":{port}")
