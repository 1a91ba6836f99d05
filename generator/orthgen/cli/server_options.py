"""Options about a Keycloak server: how it is reached, where secrets are, and who signs in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from orthgen.cli.options import FILE, FOLDER, SECRET_REFERENCE, folder_of, option_group

if TYPE_CHECKING:
    from collections.abc import Mapping


class ServerOptions(Struct, frozen=True):
    """A Keycloak server: its address (by default the profile's), and the authority of its certificate."""

    server: str | None
    ca_file: Path | None
    allow_plain_http: bool


server_options = option_group(
    "server",
    ServerOptions,
    click.option("--server", metavar="URL", help="Keycloak's address; by default the profile's."),
    click.option(
        "--ca-file", metavar="FILE", type=FILE, help="The authority that signed Keycloak's certificate (PEM)."
    ),
    click.option(
        "--allow-plain-http",
        is_flag=True,
        help="Accept that secrets cross the network unencrypted to another machine.",
    ),
)


class SecretOptions(Struct, frozen=True):
    """The places of secrets: a deployment's folder, and references by the secret's name."""

    deployment: Path | None
    secret: tuple[str, ...]

    def folder(self, profile: str) -> Path:
        """The folder that holds one file for each secret."""
        return (self.deployment or folder_of(profile)) / "secrets"

    def references(self) -> Mapping[str, str]:
        """The references by the secret's name; click's usage error for what is none."""
        pairs = [item.partition("=") for item in self.secret]
        if any(not (name and reference) for name, _, reference in pairs):
            raise click.UsageError(f"--secret takes NAME=REF, with REF one of {SECRET_REFERENCE}")
        return {name: reference for name, _, reference in pairs}


secret_options = option_group(
    "secrets",
    SecretOptions,
    click.option(
        "--deployment",
        metavar="DIR",
        type=FOLDER,
        help="The rendered deployment, for its secrets; by default deployment/NAME.",
    ),
    click.option(
        "--secret",
        metavar="NAME=REF",
        multiple=True,
        help=f"The place of a secret ({SECRET_REFERENCE}); by default DIR/secrets/NAME. May be repeated.",
    ),
)


class SignInOptions(Struct, frozen=True):
    """The administrator who signs in: a person, or a client with a secret or a key. References, never secrets."""

    admin: str
    admin_client: str | None
    admin_secret: str | None
    admin_key: str | None
    admin_otp: str | None
    admin_realm: str


sign_in_options = option_group(
    "sign_in",
    SignInOptions,
    click.option("--admin", metavar="NAME", default="admin", help="The administrator's name."),
    click.option("--admin-client", metavar="ID", help="Sign in as this client instead of a person."),
    click.option(
        "--admin-secret",
        metavar="REF",
        help="The place of the password or the client's secret; by default DIR/secrets/keycloak-admin-password.",
    ),
    click.option(
        "--admin-key", metavar="REF", help="The place of the client's private key (PEM), instead of a secret."
    ),
    click.option("--admin-otp", metavar="REF", help="The place of the administrator's one-time code."),
    click.option("--admin-realm", metavar="REALM", default="master", help="The administrator's realm."),
)


class TokenOptions(Struct, frozen=True):
    """An access token, or a test user who gets one. References, never secrets."""

    token: str | None
    user: str | None
    user_password: str | None


token_options = option_group(
    "token",
    TokenOptions,
    click.option(
        "--token",
        metavar="REF",
        help=f"The place of the access token ({SECRET_REFERENCE}); by default prompt.",
    ),
    click.option("--user", metavar="NAME", help="Sign in this test user, and check the token."),
    click.option(
        "--user-password", metavar="REF", help="With --user: the place of the password; by default prompt."
    ),
)
