"""Orthanc itself: the `archive` part of the profile."""

from typing import Literal

from pydantic import Field

from orthgen.field_types import (
    AETitle,
    BindAddress,
    IpAddress,
    Model,
    Name,
    Port,
    Settings,
    Text,
)
from orthgen.profile.database import PostgreSQLServer
from orthgen.profile.files import Files
from orthgen.profile.time_spans import PositiveDuration


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
        description="The number of connections of each Orthanc to PostgreSQL; the database accepts as many.",
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


class Replicas(Model):
    """Further Orthancs on the same database and the same DICOM files."""

    readers: int = Field(
        0,
        ge=0,
        le=16,
        description="The number of Orthancs that only read: nginx sends them requests for images and files. One Orthanc, "
        "the ingest node, does everything else (docs/replicas.md).",
    )


class Archive(Model):
    """Orthanc: its AET, its storage, its DICOM peers, its settings."""

    aet: AETitle = Field("ORTHANC", description="Orthanc's application entity title.")
    storage: Storage = Field(
        Storage.model_construct(), description="The storage of Orthanc's index and files."
    )
    replicas: Replicas = Field(
        Replicas.model_construct(),
        description="Further Orthancs on the same database and the same DICOM files.",
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
    stable_after: PositiveDuration = Field(
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
