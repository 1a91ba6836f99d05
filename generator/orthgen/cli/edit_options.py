"""Options and arguments of the commands that edit a profile."""

from __future__ import annotations

from collections.abc import Iterable

import click
from msgspec import Struct

from orthgen.cli.options import PROFILE_FILE, completed, option_group, output_format


class EditOptions(Struct, frozen=True):
    """Whether an edit is written, and how it is shown."""

    check: bool
    diff: bool

    @property
    def writes(self) -> bool:
        """Whether the files are written."""
        return not (self.check or self.diff)


edit_options = option_group(
    "options",
    EditOptions,
    click.option("--check", is_flag=True, help="Write nothing; exit code 3 if the profile would change."),
    click.option(
        "--diff", is_flag=True, help="Write nothing; show the changed lines; exit code 3 as with --check."
    ),
)
edited_profile = click.argument(
    "profile",
    metavar="PROFILE",
    type=PROFILE_FILE,
    help="The profile (YAML); overlays of its files change too.",
)
edit_format = output_format("text", "json")


def words(values: tuple[str, ...]) -> list[str]:
    """The words of a repeated option, each of which may have several with commas between."""
    return [word.strip() for value in values for word in value.split(",") if word.strip()]


def _releases() -> Iterable[str]:
    from orthgen.catalogue import releases  # noqa: PLC0415 - when somebody presses the tab key

    return releases()


class Releases(Struct, frozen=True):
    """The release to write into the profile, and the one that runs."""

    to: str | None
    before: str | None


release_options = option_group(
    "releases",
    Releases,
    click.option(
        "--to",
        metavar="RELEASE",
        shell_complete=completed(_releases),
        help="Write this release into the profile; by default the steps lead to the profile's release.",
    ),
    click.option(
        "--from",
        "before",
        metavar="RELEASE",
        shell_complete=completed(_releases),
        help="The running release; by default that of the folder's manifest.",
    ),
)
