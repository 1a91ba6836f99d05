"""Secrets of a deployment: made where they are missing, and checked."""

from __future__ import annotations

import sys
from pathlib import Path

from orthgen.cli.exit_codes import ExitCode
from orthgen.rendering.pipeline import resolve_profile
from orthgen.report.certificate import certificate_text
from orthgen.report.console import Console
from orthgen.report.secrets import checked_text, secrets_text
from orthgen.targets.compose.composition import mounted_secrets
from orthgen.workspace.own_authority import make_certificate
from orthgen.workspace.secret_checks import check_files
from orthgen.workspace.secret_files import make_secrets


def make_and_check(profile: str, folder: Path) -> None:
    """Make missing secrets and the own authority's certificate, check all files; exit with 3 where one needs care."""
    deployment, _ = resolve_profile(profile)
    console = Console()
    outcome = make_secrets(deployment.secrets, folder)
    console.say(secrets_text(outcome, folder))
    if deployment.has_own_authority:
        institution = deployment.profile.institution.name
        certificate = make_certificate(folder, deployment.origin.host.strip("[]"), institution)
        console.say(certificate_text(certificate, folder))
    checked = check_files(mounted_secrets(deployment, folder))
    if checked.mended or checked.problems:
        console.say(checked_text(checked))
    if outcome.wanted or checked.problems:
        sys.exit(ExitCode.CHANGES)
