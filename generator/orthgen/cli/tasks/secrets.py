"""Secrets of a deployment: made where they are missing, and checked."""

from __future__ import annotations

import sys
from pathlib import Path

from orthgen.cli.exit_codes import ExitCode
from orthgen.rendering.pipeline import resolve_profile
from orthgen.report.certificate import certificate_form, certificate_text
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.secrets import checked_text, secrets_form, secrets_text
from orthgen.targets.compose.composition import mounted_secrets
from orthgen.workspace.own_authority import make_certificate
from orthgen.workspace.secret_checks import check_files
from orthgen.workspace.secret_files import make_secrets


def make_and_check(profile: str, folder: Path, output: str, *, quiet: bool) -> None:
    """Make missing secrets and the own authority's certificate, check all files; exit with 3 where one needs care."""
    deployment, _ = resolve_profile(profile, folder=folder)
    outcome = make_secrets(deployment.secrets, folder)
    certificate = None
    if deployment.has_own_authority:
        institution = deployment.profile.institution.name
        certificate = make_certificate(folder, deployment.origin.host.strip("[]"), institution)
    checked = check_files(mounted_secrets(deployment, folder))
    console = Console()
    if output == "json":
        form = certificate_form(certificate) if certificate is not None else None
        console.say(json_text(secrets_form(folder, outcome, form, checked)))
    else:
        if outcome.missing or not quiet:
            console.say(secrets_text(outcome, folder, quiet=quiet))
        if certificate is not None and not (quiet and certificate.certificate == "kept"):
            console.say(certificate_text(certificate, folder))
        if checked.problems or (checked.corrected and not quiet):
            console.say(checked_text(checked))
    if outcome.missing or checked.problems:
        sys.exit(ExitCode.CHANGES)
