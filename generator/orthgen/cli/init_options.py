"""Options of `init`: the answers to its questions."""

from __future__ import annotations

import re
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
    target: str | None
    tls: str | None
    viewers: str | None
    pipeline: str | None
    settings: tuple[str, ...]


# A public key of age (Bech32), or one of SSH, which age takes too.
_RECIPIENT = re.compile(r"age1[0-9a-z]{58,}|ssh-(?:ed25519|rsa) [A-Za-z0-9+/]+=*")


def _recipients(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for recipient in value:
        if recipient.upper().startswith("AGE-SECRET-KEY-"):
            # Not repeated: it is a secret.
            raise click.BadParameter(
                "this is the private part of a key: `age-keygen -y FILE` prints the public one", ctx, param
            )
        if not _RECIPIENT.fullmatch(recipient):
            raise click.BadParameter(
                f"`{recipient}` is not a public key of age: it begins with `age1`", ctx, param
            )
    return value


class Additions(Struct, frozen=True):
    """Parts of a new repository that no question is about."""

    age: tuple[str, ...]
    lock: bool


additions = option_group(
    "additions",
    Additions,
    click.option(
        "--age",
        metavar="KEY",
        multiple=True,
        callback=_recipients,
        help="Prepare encrypted secrets in git for this public age key (docs/sops.md). May be repeated.",
    ),
    click.option(
        "--lock",
        is_flag=True,
        help="Also ask the registries for the images' digests, and write them into `orthgen.lock`.",
    ),
)

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
        "--target",
        metavar="NAME",
        shell_complete=completed(lambda: _answers_to("target")),
        help="Where it runs: `compose` or `kubernetes`.",
    ),
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
