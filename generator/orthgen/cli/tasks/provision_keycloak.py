"""Provisioning of a Keycloak realm: connect, plan, preview or apply."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.keycloak import administrator, keycloak_address
from orthgen.cli.terminal import secret_source
from orthgen.deployment.naming import KEYCLOAK_CLIENT_SECRET
from orthgen.errors import OrthgenError
from orthgen.realm.admin.client import AdminClient
from orthgen.realm.admin.discovery import with_discovered_endpoints
from orthgen.realm.admin.realm_import import Polling
from orthgen.realm.planner import PlanOptions
from orthgen.realm.provision import (
    carry_out,
    check_reviewed,
    check_safety,
    check_unchanged,
    make_plan,
    secret_made_there,
    with_undeclared_holders,
    write_plan,
)
from orthgen.rendering.pipeline import resolve_profile
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.plan import done_text, plan_form, plan_text, saved_secret_text, stopped_text
from orthgen.report.plan_markdown import plan_markdown
from orthgen.report.steps import StepsView
from orthgen.workspace.secret_files import save_secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.changes.model import Plan
    from orthgen.cli.provision_options import Consent, Extent, PlanDisplay
    from orthgen.cli.server_options import SecretOptions, ServerOptions, SignInOptions
    from orthgen.deployment.model import Deployment
    from orthgen.profile.load import LoadedProfile
    from orthgen.realm.planner import PreparedPlan
    from orthgen.secret_source import SecretSource


@dataclass
class Provisioning:
    """One run of the command: a connection to a deployment's realm."""

    deployment: Deployment
    loaded: LoadedProfile
    source: SecretSource
    admin_client: AdminClient
    ca_file: Path | None
    timeout: float
    console: Console = field(default_factory=Console)

    @classmethod
    def connect(
        cls,
        profile: str,
        server: ServerOptions,
        secrets: SecretOptions,
        sign_in: SignInOptions,
        *,
        timeout: float,
    ) -> Provisioning:
        """Sign in to the server that the options or the profile name."""
        deployment, loaded = resolve_profile(profile)
        source = secret_source(secrets.folder(profile), secrets.references())
        address = keycloak_address(server, deployment)
        admin_client = AdminClient(
            address,
            administrator(sign_in, source),
            realm=deployment.profile.identity.realm,
            ca_file=server.ca_file,
            timeout=timeout,
            hide=source.hide,
        )
        return cls(deployment, loaded, source, admin_client, server.ca_file, timeout)

    def prepare(self, extent: Extent) -> PreparedPlan:
        """Read the realm and make the plan. Writes nothing."""
        self.deployment, notes = with_discovered_endpoints(self.deployment, ca_file=self.ca_file)
        for note in notes:
            self.console.tell(note)
        prepared = self._plan(extent)
        return (
            with_undeclared_holders(self.deployment, self.admin_client, prepared)
            if extent.holders
            else prepared
        )

    def _plan(self, extent: Extent) -> PreparedPlan:
        made_there = extent.save_secrets and not self.source.has(KEYCLOAK_CLIENT_SECRET)
        return make_plan(
            self.deployment,
            self.admin_client,
            self.admin_client.server,
            PlanOptions(
                prune=extent.prune,
                write_secrets=extent.write_secrets,
                reset_undeclared=extent.reset_undeclared,
            ),
            made_there=frozenset({KEYCLOAK_CLIENT_SECRET} if made_there else ()),
        )

    def preview(self, plan: Plan, plan_file: Path | None, display: PlanDisplay) -> None:
        """Show the plan, and write it to a file for review; exit with the code for its changes."""
        if plan_file is not None:
            write_plan(plan, plan_file)
        if display.output != "text" or not display.quiet:
            self.show(plan, display, applied=False)
        if plan.gives_more:
            sys.exit(ExitCode.REPORTED)
        sys.exit(ExitCode.DONE if plan.is_empty else ExitCode.CHANGES)

    def apply(
        self,
        prepared: PreparedPlan,
        extent: Extent,
        plan_file: Path | None,
        consent: Consent,
        display: PlanDisplay,
    ) -> None:
        """Show the plan, ask for consent, apply exactly the plan."""
        plan = prepared.plan
        if plan_file is not None:
            check_reviewed(plan, plan_file)
        is_asked = bool(plan.changes) and not consent.yes
        if display.output != "json" and (is_asked or not display.quiet):
            self.show(plan, display, applied=False)
        check_safety(
            plan, adopt=consent.adopt, allow_destroy=consent.allow_destroy, allow_many=consent.allow_many
        )
        if plan.changes:
            if is_asked:
                if not click.confirm("Apply this plan?", err=True):
                    sys.exit(ExitCode.CHANGES)
                # A person takes time to read, and an update writes back what was read of the object before.
                prepared = self._plan(extent)
                check_unchanged(plan, prepared.plan)
            self._carry_out(prepared, Console(err=StringIO()) if display.quiet else self.console)

    def _carry_out(self, prepared: PreparedPlan, progress: Console) -> None:
        steps = StepsView(progress)
        polling = Polling(timeout_seconds=self.timeout, progress=steps.tell_waiting)
        try:
            carry_out(self.deployment, self.admin_client, prepared, self.source, steps.tell, polling)
        except (OrthgenError, KeyboardInterrupt):
            steps.end()
            if not prepared.plan.creates_realm:
                self.console.tell(stopped_text(steps.done, len(prepared.plan.changes)))
            raise
        steps.end()
        progress.tell(
            done_text(prepared.plan, requests=self.admin_client.requests, writes=self.admin_client.writes)
        )

    def save_secret(self) -> None:
        """Save the auth-service's secret from Keycloak, unless a file has one."""
        if self.source.has(KEYCLOAK_CLIENT_SECRET) or not self.deployment.needs_admin_client:
            return
        value = secret_made_there(self.deployment, self.admin_client)
        path = save_secret(self.source.folder.parent, KEYCLOAK_CLIENT_SECRET, value)
        self.console.tell(saved_secret_text(path))

    def show(self, plan: Plan, display: PlanDisplay, *, applied: bool) -> None:
        """Show the plan in the form of the options."""
        console, where = self.console, _locator(self.loaded)
        if display.output == "json":
            text = json_text(plan_form(plan, applied=applied, with_foreign=display.show_all))
        elif display.output == "markdown":
            text = plan_markdown(plan, where=where, with_foreign=display.show_all, full=display.full)
        else:
            text = plan_text(plan, console.out, where=where, with_foreign=display.show_all, full=display.full)
        console.say(text)


def provision(
    provisioning: Provisioning,
    extent: Extent,
    plan_file: Path | None,
    consent: Consent,
    display: PlanDisplay,
) -> None:
    """Make the plan, apply it with consent, save the secret; exit with 8 where something is reported only."""
    prepared = provisioning.prepare(extent)
    provisioning.apply(prepared, extent, plan_file, consent, display)
    if extent.save_secrets:
        provisioning.save_secret()
    if display.output == "json":
        provisioning.show(prepared.plan, display, applied=True)
    if prepared.plan.gives_more:
        sys.exit(ExitCode.REPORTED)


def _locator(loaded: LoadedProfile) -> Callable[[str], str]:
    """A function from a key of the profile to its file and line."""

    def where(because: str) -> str:
        path = tuple(int(part) if part.isdigit() else part for part in because.split("."))
        place = loaded.sources.locate(path, key=True)
        return f"{Path(place.file).name}:{place.line} {because}"

    return where
