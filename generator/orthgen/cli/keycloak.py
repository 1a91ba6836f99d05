"""Keycloak server and administrator from a command's options and the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment.naming import KEYCLOAK_ADMIN_PASSWORD
from orthgen.realm.admin.server import parse_keycloak_address, refuse_clear_text
from orthgen.realm.admin.session import Administrator

if TYPE_CHECKING:
    from orthgen.cli.server_options import ServerOptions, SignInOptions
    from orthgen.deployment.model import Deployment
    from orthgen.secret_source import SecretSource


def keycloak_address(options: ServerOptions, deployment: Deployment) -> str:
    """
    The address of the deployment's Keycloak, or of the one that `--server` names.

    Raises `OrthgenError` where it is none, or where secrets would cross a network unencrypted.
    """
    server = options.server or deployment.addresses.keycloak_admin
    address = parse_keycloak_address(server)
    if not options.allow_plain_http:
        refuse_clear_text(address)
    return server


def administrator(options: SignInOptions, source: SecretSource, password: str | None = None) -> Administrator:
    """The administrator, with the secrets that the references lead to; `password` in place of the person's."""
    realm = options.admin_realm
    if options.admin_client and options.admin_key:
        key = source.resolve(options.admin_key, "admin-key")
        return Administrator(realm, client=options.admin_client, private_key=key)
    if options.admin_client:
        secret = source.resolve(options.admin_secret or "prompt", "admin-secret")
        return Administrator(realm, client=options.admin_client, secret=secret)
    if password is None:
        password = (
            source.resolve(options.admin_secret, "admin-secret")
            if options.admin_secret
            else source(KEYCLOAK_ADMIN_PASSWORD)
        )
    otp = source.resolve(options.admin_otp, "admin-otp") if options.admin_otp else ""
    return Administrator(realm, user=options.admin, password=password, otp=otp)
