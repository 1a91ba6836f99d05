"""`orthgen secrets`: make the random secrets that a deployment misses, list those that a person supplies."""

from __future__ import annotations

import typer

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import PARENT, OneProfile, Out, Parent, folder_of


def secrets(profile: OneProfile, out: Out = None, parent: Parent = PARENT) -> None:
    """
    Make the missing random secrets (mode 0600); touch no existing one; list those that a person supplies.

    With `tls: {own-authority: {}}` it also makes and renews nginx's certificate.
    Then it looks at every file that containers read, certificates included: owner, mode, what is in it. As root it mends
    owner and mode of the secrets. Exits with 3 while a secret is missing, or a file needs somebody's attention.
    """
    from orthgen.rendering.pipeline import resolve_profile
    from orthgen.report.console import Console
    from orthgen.report.secrets import checked_text, secrets_text
    from orthgen.targets.compose.composition import mounted_secrets
    from orthgen.workspace.secret_checks import check_files
    from orthgen.workspace.secret_files import make_secrets

    deployment, _ = resolve_profile(profile)
    folder = out or folder_of(profile, parent)
    outcome = make_secrets(deployment.secrets, folder)
    Console().say(secrets_text(outcome, folder))
    if deployment.has_own_authority:
        from orthgen.report.certificate import certificate_text
        from orthgen.workspace.own_authority import make_certificate

        institution = deployment.profile.institution.name
        certificate = make_certificate(folder, deployment.origin.host.strip("[]"), institution)
        Console().say(certificate_text(certificate, folder))
    checked = check_files(mounted_secrets(deployment, folder))
    if checked.mended or checked.problems:
        Console().say(checked_text(checked))
    if outcome.wanted or checked.problems:
        raise typer.Exit(ExitCode.CHANGES)
