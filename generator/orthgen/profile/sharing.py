"""Links for people without an account: the `sharing` part of the profile."""

from pydantic import Field

from orthgen.field_types import Model, Name
from orthgen.profile.time_spans import Duration

INSTANT_LINK_SECONDS = 3600
"""The life of an instant link where the profile shares nothing and so says none."""


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
