"""Orthanc itself: the `archive`, `sharing` and `interface` parts of the profile."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from orthgen.field_types import (
    AETitle,
    BindAddress,
    Duration,
    IpAddress,
    Model,
    Name,
    Port,
    Secret,
    Settings,
    Text,
    WebUrl,
    complain,
)


class S3(Model):
    """An S3 bucket for the DICOM files (Orthanc's object storage plugin)."""

    bucket: Text = Field(description="The bucket.")
    region: Text = Field(description="Its region.")
    endpoint: WebUrl | None = Field(None, description="The address, for an S3 service that is not Amazon's.")
    access_key: Secret = Field(description="Where the access key id is found.")
    secret_key: Secret = Field(description="Where the secret access key is found.")
    path_style: bool = Field(False, description="Whether the bucket is in the path instead of the host name.")


class Files(Model):
    """Where the DICOM files are kept: `volume`, or `{s3: …}`."""

    s3: S3 | None = Field(None, description="An S3 bucket; without it, a volume of the deployment.")


def _files(value: Any) -> Any:
    if value == "volume":
        return {}
    if isinstance(value, str):
        raise complain(
            f"`{value}` is not a place for files", "write `volume`, or `s3: {bucket: …, region: …}`"
        )
    return value


class Storage(Model):
    """Where Orthanc keeps its index and its files."""

    database: Literal["postgresql", "sqlite"] = Field(
        "postgresql", description="The index. `sqlite` suits a trial with a few thousand studies."
    )
    files: Annotated[Files, BeforeValidator(_files)] = Field(
        Files.model_construct(), description="The DICOM files."
    )
    connections: int = Field(
        20,
        ge=4,
        le=500,
        description="PostgreSQL connections that Orthanc may hold; the database is set up for them.",
    )


May = Literal["echo", "find", "find-worklist", "get", "move", "store"]


class Modality(Model):
    """A DICOM peer."""

    aet: AETitle = Field(description="Its application entity title.")
    host: IpAddress = Field(description="Its IP address.")
    port: Port = Field(104, description="Its port.")
    may: list[May] = Field(["echo", "store"], description="What it may ask of Orthanc.")
    manufacturer: Text | None = Field(None, description="A workaround for its maker, in Orthanc's words.")


INSTANT_LINK_SECONDS = 3600
"""The life of an instant link where the profile shares nothing and so says none."""


class Dicom(Model):
    """How DICOM peers reach Orthanc."""

    bind: BindAddress = Field(
        "",
        description="The host's address that the DICOM ports are published on; by default the web's "
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
    """Orthanc: its DICOM name, where it keeps things, who talks to it."""

    aet: AETitle = Field("ORTHANC", description="Orthanc's application entity title.")
    storage: Storage = Field(
        Storage.model_construct(), description="Where Orthanc keeps its index and its files."
    )
    dicom: Dicom | None = Field(
        None, description="How DICOM peers reach Orthanc; present when there are modalities or AET rules."
    )
    modalities: dict[Name, Modality] = Field(
        {}, description="The DICOM peers, by the name that Orthanc's pages show."
    )
    overwrite: bool = Field(
        False,
        description="Whether an instance that arrives again replaces the one that is there. Where it is the only one of "
        "its study, the study is created again, and labels that people gave it are gone.",
    )
    transcode: Literal["jpeg-ls"] | None = Field(
        None,
        description="A lossless compression for images that arrive uncompressed: a third of the bytes on the disk and on the "
        "line, about twice the time to store. Pixels and UIDs stay, the bytes of the original file do not: a digital "
        "signature in it is no longer valid. What is stored already stays as it is.",
    )
    stable_after: Duration = Field(
        60, description="After how long without a new instance a study counts as complete."
    )
    audit_log: bool = Field(False, description="Whether the plugin keeps an audit log (needs PostgreSQL).")
    worklists: bool = Field(False, description="Whether Orthanc serves modality worklists.")
    settings: Settings = Field(
        {},
        description="Raw keys of orthanc.json, merged over orthgen's. Refused where the release does not read them, where they "
        "would undo a protection, or where they cannot work; `{secret: name}` stands for a secret (docs/settings.md).",
    )


class Sharing(Model):
    """Links for people who do not sign in. Without this part nobody can share."""

    viewer: Name = Field(description="The viewer that a share link opens.")
    expires_after: Duration = Field(
        15 * 86400,
        description="The life of a share link (before release 26.4: the one that the page proposes); `0`: it never expires.",
    )
    at_most: Duration | None = Field(
        None,
        description="The longest life that programs may ask for; by default the longest that the page gives.",
    )
    choices: list[Duration] | None = Field(
        None,
        description="The lives that the page offers; only before release 26.4, later ones have no choice.",
    )
    instant_links: Duration = Field(
        INSTANT_LINK_SECONDS, description="The life of the links that viewers and downloads use."
    )
    landing_page: bool = Field(True, description="Whether a link that expired leads to a page that says so.")


class Interface(Model):
    """What Orthanc Explorer 2 looks like."""

    title: Text | None = Field(
        None, description="The title of the browser's window; by default the institution's name."
    )
    theme: Literal["light", "dark"] = Field("light", description="The colours.")
    search: Literal["as-you-type", "button"] = Field(
        "as-you-type", description="Whether typing searches, or a button does."
    )
    before_search: Literal["recent", "nothing"] = Field(
        "recent", description="What the study list shows before a search."
    )
    most_studies: int = Field(
        100, ge=1, le=10_000, description="How many studies a remote query shows at most."
    )
    settings: Settings = Field(
        {}, description="Raw keys of `OrthancExplorer2.UiOptions`, merged over orthgen's."
    )
