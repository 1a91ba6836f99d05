"""Who runs the deployment and under which address: the `institution` part of the profile."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from generator.profile.base import Language, Model, Text, UrlPath, WebUrl, complain


class Paths(Model):
    """Where each service lives on the one public origin."""

    orthanc: UrlPath = Field("/", description="Orthanc and Orthanc Explorer 2.")
    ohif: UrlPath = Field(
        "/ohif/", description="OHIF, when it runs in its own container, whose image is built for `/ohif/`."
    )
    keycloak: UrlPath = Field("/keycloak/", description="Keycloak, unless it runs under a host of its own.")


class Institution(Model):
    """The institution and its one public origin, from which every URL of the deployment derives."""

    name: Text = Field(
        description="The institution's name, as people read it: page titles, sign-in page, reports."
    )
    url: WebUrl = Field(
        description="The one public origin, such as `https://orthanc.example.org`. Plain http is for localhost only.",
        examples=["https://orthanc.example.org"],
    )
    languages: Annotated[list[Language], Field(min_length=1)] = Field(
        ["en"], description="Languages of the pages; the first is the default."
    )
    paths: Paths = Field(Paths.model_construct(), description="Where each service lives on the origin.")

    @field_validator("url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        parts = urlsplit(url)
        port = _port_of(url)
        if parts.path not in {"", "/"}:
            raise complain(
                f"`{url}` is more than an origin",
                "write scheme and host only; sub-paths go to `institution.paths` (`orthanc: /orthanc/`)",
            )
        host = _host_of(url)
        standard = {"http": 80, "https": 443}[parts.scheme]
        return f"{parts.scheme}://{host}" + ("" if port in {None, standard} else f":{port}")


def _port_of(url: str) -> int | None:
    try:
        port = urlsplit(url).port
    except ValueError:
        port = 0
    if port == 0:
        raise complain(f"`{url}` has no valid port", "a port is a number from 1 to 65535")
    return port


def _host_of(url: str) -> str:
    """The host as browsers send it: in small letters, in ASCII, an IPv6 address in brackets."""
    host = urlsplit(url).hostname or ""
    if ":" in host:
        return f"[{host}]"
    if not host.isascii():
        raise complain(f"`{host}` is not how browsers ask for it", _ascii_form(host))
    if not re.fullmatch(r"[a-z0-9]+(?:[.-]+[a-z0-9]+)*", host):
        raise complain(
            f"`{host}` is not a host name", "write letters, digits, dots and dashes: `pacs.example.org`"
        )
    return host


def _ascii_form(host: str) -> str:
    try:
        return f"write its ASCII form: `{host.encode('idna').decode('ascii')}`"
    except UnicodeError:
        return "write its ASCII form (`xn--…`)"
