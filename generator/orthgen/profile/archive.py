"""Orthanc itself: the `archive`, `sharing` and `interface` parts of the profile."""

from typing import Literal

from pydantic import Field

from orthgen.field_types import (
    AETitle,
    BindAddress,
    Duration,
    IpAddress,
    Model,
    Name,
    Port,
    Settings,
    Text,
)
from orthgen.profile.database import PostgreSQLServer
from orthgen.profile.files import Files


class Storage(Model):
    """The storage of Orthanc's index and files."""

    database: Literal["postgresql", "sqlite"] = Field(
        "postgresql", description="The index. `sqlite` suits a trial with a few thousand studies."
    )
    files: Files = Field(Files.model_construct(), description="The DICOM files.")
    connections: int = Field(
        20,
        ge=4,
        le=500,
        description="The number of connections of Orthanc to PostgreSQL; the database accepts as many.",
    )
    postgresql: PostgreSQLServer | None = Field(
        None,
        description="A PostgreSQL that the institution or a provider runs, for the index; by default the deployment has "
        "one of its own.",
    )


May = Literal["echo", "find", "find-worklist", "get", "move", "store"]


class Modality(Model):
    """A DICOM peer."""

    aet: AETitle = Field(description="Its application entity title.")
    host: IpAddress = Field(description="Its IP address.")
    port: Port = Field(104, description="Its port.")
    may: list[May] = Field(["echo", "store"], description="The DICOM operations that the peer may request.")
    manufacturer: Text | None = Field(
        None, description="Orthanc's value for the maker, which selects a workaround."
    )


INSTANT_LINK_SECONDS = 3600
"""The life of an instant link where the profile shares nothing and so says none."""


class Dicom(Model):
    """Orthanc's DICOM ports."""

    bind: BindAddress = Field(
        "",
        description="The host's address on which Docker publishes the DICOM ports; by default that of the web ports "
        "(`deployment.compose.bind`).",
    )
    publish: bool = Field(
        True, description="Whether the DICOM ports can be reached from outside the deployment."
    )
    port: Port = Field(4242, description="The host's port of Orthanc's own AET.")
    collections_port: Port = Field(
        4243,
        description="The port of the first AET that gathers studies into a collection; the others follow it.",
    )


class Archive(Model):
    """Orthanc: its AET, its storage, its DICOM peers, its settings."""

    aet: AETitle = Field("ORTHANC", description="Orthanc's application entity title.")
    storage: Storage = Field(
        Storage.model_construct(), description="The storage of Orthanc's index and files."
    )
    dicom: Dicom | None = Field(
        None,
        description="Orthanc's DICOM ports. They exist without this key if there are modalities or rules by called AET.",
    )
    modalities: dict[Name, Modality] = Field(
        {}, description="The DICOM peers, by the name that Orthanc's pages show."
    )
    overwrite: bool = Field(
        False,
        description="Whether an instance that arrives again replaces the stored one. If it is the only instance of "
        "its study, Orthanc creates the study again, without the labels that people gave it.",
    )
    transcode: Literal["jpeg-ls"] | None = Field(
        None,
        description="A lossless compression for images that arrive uncompressed: a third of the bytes on the disk "
        "and on the network, about twice the time to store. Pixels and UIDs stay the same. The bytes of the file "
        "change, so a digital signature in it is no longer valid. Stored images do not change.",
    )
    stable_after: Duration = Field(
        60, description="A study counts as complete after this time without a new instance."
    )
    audit_log: bool = Field(False, description="Whether the plugin keeps an audit log (needs PostgreSQL).")
    worklists: bool = Field(False, description="Whether Orthanc serves modality worklists.")
    settings: Settings = Field(
        {},
        description="Raw keys of orthanc.json, merged over orthgen's. orthgen refuses a key that the release does "
        "not read, that would undo a protection, or that cannot work. Write a secret as `{secret: name}` "
        "(docs/settings.md).",
    )


class Sharing(Model):
    """Links for people who do not sign in. Without this part nobody can share."""

    viewer: Name = Field(description="The viewer that a share link opens.")
    expires_after: Duration = Field(
        15 * 86400,
        description="The lifetime of a share link (before release 26.4: the lifetime that the page proposes). `0`: "
        "the link never expires.",
    )
    at_most: Duration | None = Field(
        None,
        description="The longest lifetime that programs may request; by default the longest that the page offers.",
    )
    choices: list[Duration] | None = Field(
        None,
        description="The lifetimes that the page offers. Only before release 26.4, because later releases offer no "
        "choice.",
    )
    instant_links: Duration = Field(
        INSTANT_LINK_SECONDS, description="The lifetime of the links that viewers and downloads use."
    )
    landing_page: bool = Field(True, description="Whether an expired link shows a page with an explanation.")


class Interface(Model):
    """The appearance of Orthanc Explorer 2."""

    title: Text | None = Field(
        None, description="The title of the browser's window; by default the institution's name."
    )
    theme: Literal["light", "dark"] = Field("light", description="The colours.")
    search: Literal["as-you-type", "button"] = Field(
        "as-you-type", description="Whether the search starts while people type, or by a button."
    )
    before_search: Literal["recent", "nothing"] = Field(
        "recent", description="What the study list shows before a search."
    )
    most_studies: int = Field(
        100, ge=1, le=10_000, description="The largest number of studies that a remote query shows."
    )
    settings: Settings = Field(
        {}, description="Raw keys of `OrthancExplorer2.UiOptions`, merged over orthgen's."
    )
