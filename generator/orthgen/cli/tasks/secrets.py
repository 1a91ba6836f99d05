"""Secrets of a deployment: taken from a store or made where they are missing, stored, and checked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.tasks.secret_exchange import SecretExchange
from orthgen.rendering.pipeline import resolve_rendered
from orthgen.report.certificate import certificate_form, certificate_text
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.secrets import checked_text, secrets_form, secrets_text
from orthgen.secret_stores import parse_store
from orthgen.targets.services.composition import mounted_secrets
from orthgen.workspace.own_authority import make_certificate
from orthgen.workspace.secret_checks import check_files
from orthgen.workspace.secret_files import make_secrets

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.cli.secret_store_options import StoreOptions
    from orthgen.deployment.model import Deployment
    from orthgen.workspace.own_authority import CertificateOutcome


def make_and_check(profile: str, folder: Path, options: StoreOptions, output: str, *, quiet: bool) -> None:
    """Take, make, store and check the secrets as the options say; exit with 3 where one needs care."""
    deployment, _ = resolve_rendered(profile, folder)
    console = Console()
    exchange = None
    if options.target is not None:
        parse_store(options.target).require_writable()  # before a secret is made
    if options.source is not None:
        exchange = SecretExchange.of(deployment, profile, folder, options.source, "from")
        _carry_out(exchange, options, console, output, quiet=quiet)
    outcome = make_secrets(deployment.secrets, folder, check=options.check)
    certificate = None if options.check else _certificate(deployment, folder)
    if options.target is not None:
        exchange = SecretExchange.of(deployment, profile, folder, options.target, "to")
        _carry_out(exchange, options, console, output, quiet=quiet)
    # In a cluster nobody mounts these files.
    mounted = mounted_secrets(deployment, folder) if deployment.kubernetes is None else ()
    checked = check_files(mounted, correct=not options.check)
    if output == "json":
        form = certificate_form(certificate) if certificate is not None else None
        exchanged = exchange.form(done=True) if exchange is not None else None
        console.say(json_text(secrets_form(folder, outcome, exchanged, form, checked)))
    else:
        if outcome.missing or not quiet:
            console.say(secrets_text(outcome, folder, quiet=quiet, check=options.check))
        if certificate is not None and not (quiet and certificate.certificate == "kept"):
            console.say(certificate_text(certificate, folder, in_cluster=deployment.kubernetes is not None))
        if checked.problems or (checked.corrected and not quiet):
            console.say(checked_text(checked))
    if outcome.missing or checked.problems or (options.check and outcome.made):
        sys.exit(ExitCode.CHANGES)


def _carry_out(
    exchange: SecretExchange, options: StoreOptions, console: Console, output: str, *, quiet: bool
) -> None:
    """Show the comparison and write; end the command where nothing is to be written, or a secret cannot be."""
    is_done = exchange.is_possible and not options.check
    if is_done:
        exchange.carry_out(replace=options.replace)
    if output == "text" and not (quiet and is_done):
        console.say(exchange.text(done=is_done))
    if is_done:
        return
    if output == "json":
        console.say(json_text(exchange.form(done=False)))
    sys.exit(ExitCode.CHANGES if exchange.is_needed else ExitCode.DONE)


def _certificate(deployment: Deployment, folder: Path) -> CertificateOutcome | None:
    """The certificate from the deployment's own authority, made or renewed; None where it has no own authority."""
    if not deployment.has_own_authority:
        return None
    institution = deployment.profile.institution.name
    return make_certificate(folder, deployment.origin.host.strip("[]"), institution)
