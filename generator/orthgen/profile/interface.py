"""The appearance of Orthanc Explorer 2: the `interface` part of the profile."""

from typing import Literal

from pydantic import Field

from orthgen.field_types import Model, Settings, Text


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
