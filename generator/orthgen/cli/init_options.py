"""Options of `init`: the answers to its questions."""

from __future__ import annotations

from collections.abc import Iterable

import click
from msgspec import Struct

from orthgen.cli.options import completed, option_group


def _answers_to(key: str) -> Iterable[str]:
    from orthgen.repository.questions import choices  # noqa: PLC0415 - when somebody presses the tab key

    return choices(key)


class GivenAnswers(Struct, frozen=True):
    """Answers that are given as options, by the keys of their questions."""

    name: str | None
    url: str | None
    languages: str | None
    sign_in: str | None
    administrators: str | None
    readers: str | None
    tls: str | None
    viewers: str | None
    pipeline: str | None
    settings: tuple[str, ...]


given_answers = option_group(
    "given",
    GivenAnswers,
    click.option("--name", metavar="TEXT", help="The institution's name."),
    click.option("--url", metavar="URL", help="The address that browsers use."),
    click.option("--languages", metavar="CODES", help="The languages of the pages, separated by commas."),
    click.option(
        "--sign-in",
        metavar="METHOD",
        shell_complete=completed(lambda: _answers_to("sign-in")),
        help="The sign-in method: a key of `identity.sign-in`.",
    ),
    click.option(
        "--administrators", metavar="VALUE", help="The claim's value or group that makes administrators."
    ),
    click.option("--readers", metavar="VALUE", help="The claim's value or group that makes readers."),
    click.option(
        "--tls",
        metavar="KEY",
        shell_complete=completed(lambda: _answers_to("tls")),
        help="The end of TLS: a key of `deployment.tls`.",
    ),
    click.option(
        "--viewers",
        metavar="NAMES",
        shell_complete=completed(lambda: _answers_to("viewers")),
        help="The viewers, separated by commas; or `none`.",
    ),
    click.option(
        "--pipeline",
        metavar="NAME",
        shell_complete=completed(lambda: _answers_to("pipeline")),
        help="The pipeline that checks each change: `github`, `gitlab` or `none`.",
    ),
    click.option(
        "--set",
        "settings",
        metavar="KEY=VALUE",
        multiple=True,
        help="A setting of the sign-in method or of TLS, such as `tenant=…`. May be repeated.",
    ),
)
