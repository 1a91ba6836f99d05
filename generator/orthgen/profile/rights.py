"""Collections, roles and people who are not signed in, with their rights on studies."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from orthgen.field_types import KIND, AETitle, Label, Model, Name, Text, Worded, complain

Deed = Literal[
    "view",
    "download",
    "share",
    "report",
    "upload",
    "send",
    "delete",
    "modify",
    "anonymize",
    "edit-labels",
    "q-r-remote-modalities",
    "worklists",
    "settings",
    "audit-logs",
    "administer",
]
"""What an expectation speaks of: each is an action of `orthgen.authz.actions`."""

Right = Literal[Deed, "api-view", "everything"]
"""What a role can do: the auth-service's permissions, and three words of ours (`report`, `everything`, `administer`)."""

PERMISSIONS_OF: dict[str, tuple[str, ...]] = {
    # The plugin's own table would take `upload` for it (0.6 to 0.11.4): the guard tells reports from other objects.
    "report": ("view",),
    "everything": ("all",),
    # `all` does not include it: rows that name only admin-permissions are not satisfied by `all`.
    "administer": ("admin-permissions",),
}


class Gather(Model):
    """A rule for arriving studies that get the collection's label: exactly one of the keys."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    called_aet: AETitle | None = Field(
        None,
        description="Studies sent to this application entity title (C-STORE to an AET of the collection's own).",
    )
    tags: dict[Text, Text] | None = Field(
        None,
        description="Studies whose DICOM tags all have these values, by keyword or `gggg,eeee`; `*` and `?` stand for "
        "anything and for one character, `|` separates alternatives. A pattern stands for the whole value, capital and "
        "small letters alike; a tag of several values fits by any of them.",
    )

    @model_validator(mode="before")
    @classmethod
    def _is_one_rule(cls, value: Any) -> Any:
        # Another key is named as what it is: unknown.
        if value == {}:
            raise complain(
                "a rule that gathers nothing",
                "write a rule such as `{tags: {Modality: US}}` or `{called-aet: CARDIO}`",
            )
        if isinstance(value, dict) and value.keys() >= {"called-aet", "tags"}:
            raise complain(
                "two rules in one", "write one list item each; a study that fits either gets the label"
            )
        return value

    @model_validator(mode="after")
    def _names_some_tag(self) -> Self:
        if self.tags is not None and not self.tags:
            raise complain(
                "`tags` is empty", "a rule without tags would gather every study; name at least one"
            )
        return self


class Collection(Model):
    """A label of Orthanc, as people speak of it."""

    model_config = ConfigDict(
        json_schema_extra={"not": {"type": "object", "required": ["label", "renamed-from"]}}
    )

    title: Text | None = Field(None, description="The name that people see.")
    label: Label | None = Field(None, description="The label in Orthanc; by default the collection's name.")
    renamed_from: Label | None = Field(
        None,
        description="The label that the collection had before, which is its old name unless `label` said otherwise. It stays "
        "the label, so the collection keeps its studies: leave the key, also when the name changes again.",
    )
    gather: list[Gather] = Field([], description="The arriving studies that get the label automatically.")

    @model_validator(mode="before")
    @classmethod
    def _has_one_label(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.keys() >= {"label", "renamed-from"}:
            raise complain(
                "`label` and `renamed-from` both say which label the studies carry",
                "keep the one that names the label that they carry now",
            )
        return value

    def label_by(self, name: str) -> str:
        """The label in Orthanc of the collection that the profile calls `name`."""
        return self.label or self.renamed_from or name


EVERY_STUDY = "*"
"""What `collections: all` becomes: the auth-service's own sign for every study, labelled or not."""


def _collections(value: Any) -> Any:
    if value == "all":
        return [EVERY_STUDY]
    if isinstance(value, list):
        return value
    raise complain(
        "not a list of collections", "write `all`, the names of collections in brackets, or `[]` for none"
    )


CollectionNames = Annotated[
    list[
        Annotated[
            str,
            Worded(
                r"\*|[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
                "the name of a collection",
                "name the keys of `collections:`",
            ),
        ]
    ],
    BeforeValidator(_collections),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "all"},
                {"type": "array", "items": {"type": "string", KIND: "the name of a collection"}},
            ]
        }
    ),
]


class Role(Model):
    """What people who hold the role can do, on which collections, and how one comes to hold it."""

    title: Text | None = Field(None, description="The name that people see.")
    renamed_from: Name | None = Field(
        None,
        description="The name that the role had before: Keycloak's role is renamed, and anybody who holds it keeps it. Leave "
        "the key until every realm has been provisioned.",
    )
    can: list[Right] = Field(description="What the role can do.")
    collections: CollectionNames = Field(
        description="The collections on which it can do so; `all` is every study, labelled or not."
    )
    beyond_collections: list[Right] = Field(
        [],
        description="What of `can` cannot be limited to the collections and is intended anyway (docs/security.md says "
        "what follows from each).",
    )
    granted_by: list[dict[Name, Text]] = Field(
        [],
        description="Who holds the role: `{entra-id: App.Role}` by a claim of that sign-in method, `{ldap: group}`, "
        "`{google: domain}`, `{group: /path}` by a Keycloak group. With `accounts`, `google` or `github`, an administrator can grant it in Keycloak as well.",
    )


class SignedOut(Model):
    """What somebody who is not signed in can do (the anonymous profile). Nothing, unless said here."""

    can: list[Right] = Field([], description="What people who are not signed in can do.")
    collections: CollectionNames = Field([], description="The collections on which they can do so.")


class Inbox(Model):
    """A page on which people without access to the archive hand studies in (Orthanc Explorer 2's inbox)."""

    title: Text = Field(description="The page's heading.")
    introduction: Text | None = Field(None, description="What the page tells its visitors, in plain text.")
    anonymous: bool = Field(
        False,
        description="Whether it works without signing in; needs `signed-out: {can: [upload]}`, and says so in ACCESS.md.",
    )


class Expectation(Model):
    """A sentence that has to be true of the deployment, checked at every render."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"oneOf": [{"required": ["role"]}, {"required": ["anyone"]}]},
                {"oneOf": [{"required": ["can"]}, {"required": ["cannot"]}]},
            ]
        }
    )

    role: Name | None = Field(None, description="The role that the sentence is about.")
    anyone: Literal["signed-out", "instant-link", "share-link"] | None = Field(
        None, description="Instead of a role: people who are not signed in, or who hold a link."
    )
    can: Deed | None = Field(None, description="What has to be possible.")
    cannot: Deed | None = Field(None, description="What has to be impossible.")
    on: Name | None = Field(
        None, description="The collection that it is about; without it, a study without label."
    )

    @model_validator(mode="before")
    @classmethod
    def _is_a_sentence(cls, value: Any) -> Any:
        if isinstance(value, dict):
            if len(value.keys() & {"role", "anyone"}) != 1:
                raise complain(
                    "an expectation is about somebody", "name either `role:` or `anyone: signed-out`"
                )
            if len(value.keys() & {"can", "cannot"}) != 1:
                raise complain("an expectation says one thing", "write either `can:` or `cannot:`")
        return value
