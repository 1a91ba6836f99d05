"""The profile: the root of the language."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from orthgen.field_types import Model, Name, Text, invalid_value
from orthgen.profile.archive import Archive
from orthgen.profile.deployment import DeploymentSettings
from orthgen.profile.identity import Identity
from orthgen.profile.institution import Institution
from orthgen.profile.interface import Interface
from orthgen.profile.rights import Collection, Expectation, Inbox, Role, SignedOut
from orthgen.profile.sharing import Sharing
from orthgen.viewers import Viewers


def _version(value: Any) -> Any:
    if isinstance(value, str | int) and str(value) == "1":
        return 1
    raise invalid_value(
        f"this orthgen supports version 1 of the language, not `{value}`",
        "write `orthgen: 1`, or use another version of orthgen",
    )


class Silence(Model):
    """A warning that you accept."""

    finding: Text = Field(
        description="The id of a warning, in brackets after the message (docs/findings.md)."
    )
    reason: Text = Field(description="Why you accept the warning, for later readers of the profile.")
    at: Text | None = Field(
        None,
        description="Silences the warning only at this key or below it: `identity.smtp`. Items of lists count from 0.",
    )


class Profile(Model):
    """The profile of an institution. Every default is safe."""

    orthgen: Annotated[Literal[1], BeforeValidator(_version)] = Field(
        description="The version of this language: `1`."
    )
    extends: str | None = Field(
        None,
        description="The path of another profile, relative to this file. This profile then has only the differences; "
        "`null` removes a key.",
    )
    institution: Institution = Field(description="The institution and its web address.")
    release: str | None = Field(
        None,
        description="A tested set of component versions; by default the newest.",
    )
    identity: Identity = Field(description="How people sign in.")
    collections: dict[Name, Collection] = Field(
        {}, description="Sets of studies, each with a label in Orthanc."
    )
    roles: dict[Name, Role] = Field(description="The roles: the permissions and the holders of each.")
    signed_out: SignedOut = Field(
        SignedOut.model_construct(), description="What people who are not signed in can do."
    )
    viewers: Viewers = Field(Viewers.model_construct(), description="The viewers that people can open.")
    sharing: Sharing | None = Field(
        None, description="Links for people who do not sign in; without it nobody can share."
    )
    inbox: Inbox | None = Field(
        None, description="A page on which people without access to the archive upload studies."
    )
    archive: Archive = Field(
        Archive.model_construct(), description="Orthanc: storage, DICOM peers, settings."
    )
    interface: Interface = Field(
        Interface.model_construct(), description="The appearance of Orthanc Explorer 2."
    )
    deployment: DeploymentSettings = Field(
        DeploymentSettings.model_construct(), description="TLS, ports, memory and networks of the deployment."
    )
    expectations: list[Expectation] = Field(
        [], description="Sentences about access. If one of them is not true, `render` stops."
    )
    silence: list[Silence] = Field([], description="Warnings that are not shown, each with its reason.")
