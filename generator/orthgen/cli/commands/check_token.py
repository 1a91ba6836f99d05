"""`orthgen check-token`: whether the auth-service understands a token."""

from __future__ import annotations

import click

from orthgen.cli.options import one_profile, output_format
from orthgen.cli.server_options import ServerOptions, TokenOptions, server_options, token_options


@click.command
@one_profile
@token_options
@server_options
@output_format("text", "json")
def check_token(profile: str, token: TokenOptions, server: ServerOptions, output: str) -> None:
    """
    Check an access token by the auth-service's rules.

    Shows each rule, and the setting of Keycloak to look at where the token breaks it. Takes a token (`--token`), or
    signs a test user in (`--user`) as a browser does. Changes nothing. Exits with 5 where a rule is broken.
    """
    from orthgen.cli.tasks.check_token import check

    if token.user is None and token.user_password is not None:
        raise click.UsageError("--user-password goes with --user")
    if token.user is not None and token.token is not None:
        raise click.UsageError("give --token or --user, not both")
    check(profile, token, server, output)
