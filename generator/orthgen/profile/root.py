"""The profile: the root of the language."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from orthgen.field_types import Model, Name, Text, complain
from orthgen.profile.archive import Archive, Interface, Sharing
from orthgen.profile.deployment import Running
from orthgen.profile.identity import Identity
from orthgen.profile.institution import Institution
from orthgen.profile.rights import Collection, Expectation, Inbox, Role, SignedOut
from orthgen.viewers import Viewers


def _version(value: Any) -> Any:
    if isinstance(value, str | int) and str(value) == "1":
        return 1
    raise complain(
        f"this orthgen supports version 1 of the language, not `{value}`",
        "write `orthgen: 1`, or use another version of orthgen",
    )


class Silence(Model):
    """A warning that is known and meant."""

    finding: Text = Field(
        description="The id of a warning, in brackets after the message (docs/findings.md)."
    )
    reason: Text = Field(
        description="Why the warning does not matter here, for anybody who reads the profile next."
    )
    at: Text | None = Field(
        None,
        description="Silences the warning only at this key or below it: `identity.smtp`. Items of lists count from 0.",
    )


class Profile(Model):
    """What an institution writes. What is left out is safe."""

    orthgen: Annotated[Literal[1], BeforeValidator(_version)] = Field(
        description="The version of this language: `1`."
    )
    extends: str | None = Field(
        None,
        description="Another profile, relative to this one, of which this one says only what differs; `null` removes a key.",
    )
    institution: Institution = Field(description="Who runs the deployment and under which address.")
    release: str | None = Field(
        None,
        description="A catalogued set of component versions known to work together; by default the newest.",
    )
    identity: Identity = Field(description="Who signs people in.")
    collections: dict[Name, Collection] = Field({}, description="Labels of Orthanc, as people speak of them.")
    roles: dict[Name, Role] = Field(description="What people can do, and who they are.")
    signed_out: SignedOut = Field(
        SignedOut.model_construct(), description="What people who are not signed in can do."
    )
    viewers: Viewers = Field(Viewers.model_construct(), description="The viewers that people can open.")
    sharing: Sharing | None = Field(
        None, description="Links for people who do not sign in; without it nobody can share."
    )
    inbox: Inbox | None = Field(None, description="A page on which outsiders hand studies in.")
    archive: Archive = Field(Archive.model_construct(), description="Orthanc itself.")
    interface: Interface = Field(
        Interface.model_construct(), description="What Orthanc Explorer 2 looks like."
    )
    deployment: Running = Field(Running.model_construct(), description="How the deployment is run.")
    expectations: list[Expectation] = Field(
        [], description="Sentences that have to be true; one that is not stops the render."
    )
    silence: list[Silence] = Field([], description="Warnings that are not shown, each with its reason.")
