"""Check of an access token by the auth-service's rules."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.keycloak import keycloak_address
from orthgen.cli.terminal import secret_source
from orthgen.deployment.naming import ORTHANC_CLIENT
from orthgen.realm.admin.test_user import SignIn
from orthgen.realm.token_check import check_token, parse_token
from orthgen.rendering.pipeline import resolve_profile
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.token import token_form, token_text

if TYPE_CHECKING:
    from orthgen.cli.server_options import ServerOptions, TokenOptions


def check(profile: str, token: TokenOptions, server: ServerOptions, output: str) -> None:
    """Show the rules that a token keeps and breaks; exit with 5 where it breaks one."""
    deployment, _ = resolve_profile(profile)
    source = secret_source()
    address = keycloak_address(server, deployment)
    sign_in = SignIn(address, deployment.profile.identity.realm, ca_file=server.ca_file)
    if token.user is not None:
        text = sign_in.access_token(
            ORTHANC_CLIENT,
            deployment.origin.url + deployment.addresses.explorer_path,
            token.user,
            source.resolve(token.user_password or "prompt", "user-password"),
            lambda: source.resolve("prompt", "one-time code"),
        )
    else:
        text = source.resolve(token.token or "prompt", "token")
    checks = check_token(parse_token(text), sign_in.public_key(), deployment)
    console = Console()
    console.say(json_text(token_form(checks)) if output == "json" else token_text(checks, console.out))
    if not all(rule.holds for rule in checks):
        sys.exit(ExitCode.DENIED)
