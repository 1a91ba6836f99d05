"""`orthgen secrets`: make the random secrets that a deployment misses, list those that a person supplies."""

from __future__ import annotations

import typer

from generator.cli.exit_codes import ExitCode
from generator.cli.options import PARENT, OneProfile, Out, Parent, folder_of


def secrets(profile: OneProfile, out: Out = None, parent: Parent = PARENT) -> None:
    """
    Make the missing random secrets (mode 0600); touch no existing one; list those that a person supplies.

    With `tls: {own-authority: {}}` it also makes and renews nginx's certificate.
    Exits with 3 while a secret that a person has to supply is missing.
    """
    from generator.output.secret_files import make_secrets
    from generator.rendering import resolve_profile
    from generator.views.console import Console
    from generator.views.secrets_view import secrets_text

    deployment, _ = resolve_profile(profile)
    folder = out or folder_of(profile, parent)
    outcome = make_secrets(deployment.secrets, folder)
    Console().say(secrets_text(outcome, folder))
    if deployment.has_own_authority:
        from generator.output.own_authority import make_certificate
        from generator.views.certificate_view import certificate_text

        institution = deployment.profile.institution.name
        certificate = make_certificate(folder, deployment.origin.host.strip("[]"), institution)
        Console().say(certificate_text(certificate, folder))
    if outcome.wanted:
        raise typer.Exit(ExitCode.CHANGES)
