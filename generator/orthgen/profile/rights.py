"""Collections, roles and people who are not signed in, with their rights on studies."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from orthgen.field_types import KIND, AETitle, Label, Matching, Model, Name, ShortText, Text, invalid_value

ActionName = Literal[
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
"""The actions that an expectation can be about: the names in `orthgen.authz.actions`."""

Right = Literal[ActionName, "api-view", "everything"]
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
        description="Studies that modalities send (C-STORE) to this AET, which belongs to the collection alone.",
    )
    tags: dict[Text, Text] | None = Field(
        None,
        description="Studies whose DICOM tags all have these values. A tag is a keyword or `gggg,eeee`. `*` is any "
        "text, `?` is one character, `|` separates alternatives. A pattern has to match the whole value; upper and "
        "lower case are equal. A tag with several values matches by any one of them; an empty one never matches.",
    )

    @model_validator(mode="before")
    @classmethod
    def _is_one_rule(cls, value: Any) -> Any:
        # Another key is named as what it is: unknown.
        if value == {}:
            raise invalid_value(
                "a rule that gathers nothing",
                "write a rule such as `{tags: {Modality: US}}` or `{called-aet: CARDIO}`",
            )
        if isinstance(value, dict) and value.keys() >= {"called-aet", "tags"}:
            raise invalid_value(
                "two rules in one", "write one list item each; a study that fits either gets the label"
            )
        return value

    @model_validator(mode="after")
    def _names_some_tag(self) -> Self:
        if self.tags is not None and not self.tags:
            raise invalid_value(
                "`tags` is empty", "a rule without tags would gather every study; name at least one"
            )
        return self


class Collection(Model):
    """A set of studies with one label in Orthanc."""

    model_config = ConfigDict(
        json_schema_extra={"not": {"type": "object", "required": ["label", "renamed-from"]}}
    )

    title: Text | None = Field(None, description="The name that people see.")
    label: Label | None = Field(None, description="The label in Orthanc; by default the collection's name.")
    renamed_from: Label | None = Field(
        None,
        description="The earlier label of the collection: its earlier name, or its earlier `label`. It remains the "
        "label, so the collection keeps its studies. Keep this key, also if the name changes again.",
    )
    gather: list[Gather] = Field([], description="The arriving studies that get the label automatically.")

    @model_validator(mode="before")
    @classmethod
    def _has_one_label(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.keys() >= {"label", "renamed-from"}:
            raise invalid_value(
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
    raise invalid_value(
        "not a list of collections", "write `all`, the names of collections in brackets, or `[]` for none"
    )


CollectionNames = Annotated[
    list[
        Annotated[
            str,
            Matching(
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
    """A role: its permissions, its collections, and the rules that grant it."""

    title: ShortText | None = Field(None, description="The name that people see.")
    renamed_from: Name | None = Field(
        None,
        description="The earlier name of the role. orthgen renames Keycloak's role, and its holders keep it. Keep "
        "this key until every realm has been provisioned.",
    )
    can: list[Right] = Field(description="What the role can do.")
    collections: CollectionNames = Field(
        description="The collections on which the role can do this; `all` is every study, with or without a label."
    )
    beyond_collections: list[Right] = Field(
        [],
        description="Permissions of `can` that Orthanc cannot limit to the collections, and that you accept "
        "(docs/security.md has the consequence of each).",
    )
    granted_by: list[dict[Name, Text]] = Field(
        [],
        description="Who holds the role: `{entra-id: App.Role}` by a claim of that sign-in method, `{ldap: group}`, "
        "`{google: domain}`, `{group: /path}` by a Keycloak group. With `accounts`, `google` or `github`, an "
        "administrator can grant it in Keycloak as well.",
    )


class SignedOut(Model):
    """What people who are not signed in can do (the anonymous profile); by default nothing."""

    can: list[Right] = Field([], description="What people who are not signed in can do.")
    collections: CollectionNames = Field([], description="The collections on which they can do this.")


class Inbox(Model):
    """A page on which people without access to the archive upload studies (Orthanc Explorer 2's inbox)."""

    title: Text = Field(description="The page's heading.")
    introduction: Text | None = Field(
        None, description="A text for the visitors of the page, without markup."
    )
    anonymous: bool = Field(
        False,
        description="Whether the page works without a sign-in. It then needs `signed-out: {can: [upload]}`, and "
        "ACCESS.md shows it.",
    )


class Expectation(Model):
    """A sentence about access that has to be true. orthgen checks it at every render."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"oneOf": [{"required": ["role"]}, {"required": ["anyone"]}]},
                {"oneOf": [{"required": ["can"]}, {"required": ["cannot"]}]},
            ]
        }
    )

    role: Name | None = Field(None, description="The role of the sentence.")
    anyone: Literal["signed-out", "instant-link", "share-link"] | None = Field(
        None, description="Instead of a role: people who are not signed in, or who hold a link."
    )
    can: ActionName | None = Field(None, description="An action that has to be possible.")
    cannot: ActionName | None = Field(None, description="An action that has to be impossible.")
    on: Name | None = Field(
        None, description="The collection of the sentence; by default a study without a label."
    )

    @model_validator(mode="before")
    @classmethod
    def _is_a_sentence(cls, value: Any) -> Any:
        if isinstance(value, dict):
            if len(value.keys() & {"role", "anyone"}) != 1:
                raise invalid_value(
                    "an expectation is about somebody", "name either `role:` or `anyone: signed-out`"
                )
            if len(value.keys() & {"can", "cannot"}) != 1:
                raise invalid_value("an expectation says one thing", "write either `can:` or `cannot:`")
        return value
