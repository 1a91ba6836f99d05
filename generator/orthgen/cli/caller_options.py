"""Options about the callers of `verify`: tokens, and studies that requests name."""

from __future__ import annotations

import click
from msgspec import Struct

from orthgen.cli.options import SECRET_REFERENCE, option_group


class CallerOptions(Struct, frozen=True):
    """Tokens (as references) and studies that the requests are about."""

    user_token: str | None
    link_token: str | None
    study: str | None
    other_study: str | None
    other_study_uid: str | None


caller_options = option_group(
    "callers",
    CallerOptions,
    click.option(
        "--user-token",
        metavar="REF",
        help=f"The place of the token of a user limited to some labels ({SECRET_REFERENCE}).",
    ),
    click.option(
        "--link-token",
        metavar="REF",
        help=f"The place of the token of a link to one study ({SECRET_REFERENCE}).",
    ),
    click.option("--study", metavar="ID", help="The Orthanc id of a study that the limited user sees."),
    click.option(
        "--other-study", metavar="ID", help="The Orthanc id of a study that the limited user must not see."
    ),
    click.option(
        "--other-study-uid",
        metavar="UID",
        help="The DICOM UID of a study that the limited user must not see.",
    ),
)
