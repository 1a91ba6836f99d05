"""`orthgen provision-keycloak`: bring the realm to what the profile says, after showing how."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import OneProfile, folder, folder_of
from orthgen.cli.server_options import Reach, SignInOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.changes.model import Plan
    from orthgen.deployment.model import Deployment
    from orthgen.profile.load import LoadedProfile
    from orthgen.realm.admin.client import Administrator
    from orthgen.secret_source import SecretSource

_REF = "env:NAME, file:PATH, command:LINE or prompt"


def provision_keycloak(
    profile: OneProfile,
    server: Annotated[
        str, typer.Option(metavar="URL", help="Keycloak's address; by default the profile's.")
    ] = "",
    plan: Annotated[
        bool, typer.Option("--plan", help="Only look and show; exit with 3 where there are changes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Apply without asking.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete what orthgen made and the profile no longer asks for.")
    ] = False,
    plan_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="With --plan: write the plan there. Without: apply only that very plan."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The plan as JSON.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Show each object of many that are made, and every item of a list.")
    ] = False,
    show_all: Annotated[bool, typer.Option("--all", help="List what stands beside ours, too.")] = False,
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt", help="Use roles, clients and providers of the same name that others made before."
        ),
    ] = False,
    reset_undeclared: Annotated[
        bool,
        typer.Option(
            "--reset-undeclared",
            help="Put right, too, what is only reported and not the profile's to change.",
        ),
    ] = False,
    allow_destroy: Annotated[
        bool,
        typer.Option(
            "--allow-destroy",
            help="Let a client, a provider, a directory, or a role or group that people hold be deleted.",
        ),
    ] = False,
    allow_many: Annotated[
        bool, typer.Option("--allow-many", help="Let more than 30 % of what exists be changed.")
    ] = False,
    write_secrets: Annotated[
        bool, typer.Option("--write-secrets", help="Write every secret again, after one was changed.")
    ] = False,
    save_secrets: Annotated[
        bool,
        typer.Option("--save-secrets", help="Let Keycloak make the auth-service's secret, and keep it here."),
    ] = False,
    deployment: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=folder,
            help="The rendered deployment, for its secrets; by default deployment/NAME.",
        ),
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=REF", help=f"Where a secret is ({_REF}); by default DIR/secrets/NAME."),
    ] = None,
    admin: Annotated[str, typer.Option(metavar="NAME", help="The administrator's name.")] = "admin",
    admin_client: Annotated[
        str, typer.Option(metavar="ID", help="Sign in as this client instead of a person.")
    ] = "",
    admin_secret: Annotated[
        str,
        typer.Option(
            metavar="REF",
            help="Where the password, or the client's secret, is; by default DIR/secrets/keycloak-admin-password.",
        ),
    ] = "",
    admin_key: Annotated[
        str, typer.Option(metavar="REF", help="Where the client's private key (PEM) is, instead of a secret.")
    ] = "",
    admin_otp: Annotated[
        str, typer.Option(metavar="REF", help="Where the administrator's one-time code is.")
    ] = "",
    admin_realm: Annotated[str, typer.Option(metavar="REALM", help="The administrator's realm.")] = "master",
    ca_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The authority that signed Keycloak's certificate (PEM)."),
    ] = None,
    allow_plain_http: Annotated[
        bool,
        typer.Option(
            "--allow-plain-http", help="Let secrets cross a network unencrypted to another machine."
        ),
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=1, max=86400, help="How long one change may take Keycloak."),
    ] = 600,
    check_token: Annotated[
        bool,
        typer.Option(
            "--check-token", help="Say whether the auth-service understands a token; change nothing."
        ),
    ] = False,
    token: Annotated[str, typer.Option(metavar="REF", help="With --check-token: where the token is.")] = "",
    user: Annotated[
        str, typer.Option(metavar="NAME", help="With --check-token: sign this test user in instead.")
    ] = "",
    user_password: Annotated[
        str, typer.Option(metavar="REF", help="With --user: where the password is.")
    ] = "",
) -> None:
    """
    Bring the Keycloak realm to what the profile says: look, show, ask, and do exactly that.

    Exits with 0 where the realm is in sync or was brought there, 3 where --plan found changes (5 where --check-token
    found a token that is not understood), 4 where Keycloak refuses, 6 where it is not reached, 7 where a plan is unsafe,
    8 where something is reported that gives more than the profile says and is not the profile's to change.
    """
    from orthgen.rendering.pipeline import resolve_profile
    from orthgen.secret_source import SecretSource

    resolved, loaded = resolve_profile(profile)
    source = SecretSource((deployment or folder_of(profile)) / "secrets", _references(secret or []))
    if not sys.stdin.isatty():
        source.ask = None
    reach = Reach(server or resolved.addresses.keycloak_admin, ca_file, timeout)
    reach.check(allow_plain_http=allow_plain_http)
    if check_token:
        _check_token(resolved, reach, source, token, user, user_password)
        return
    if not plan and not yes and source.ask is None:
        raise typer.BadParameter("nobody is there to ask: say --plan to look, or --yes to apply")
    signing_in = SignInOptions(admin, admin_client, admin_secret, admin_key, admin_otp, admin_realm)
    job = _Job(resolved, loaded, source, as_json=as_json, show_all=show_all, full=full)
    job.connect(reach, signing_in.administrator(source), save_secrets=save_secrets)
    job.look(prune=prune, write_secrets=write_secrets, reset_undeclared=reset_undeclared)
    if plan:
        job.plan_only(plan_file)
    job.apply(plan_file, yes=yes, adopt=adopt, allow_destroy=allow_destroy, allow_many=allow_many)


class _Job:
    """One call of the command: its parts, and its three steps."""

    def __init__(
        self,
        deployment: Deployment,
        loaded: LoadedProfile,
        source: SecretSource,
        *,
        as_json: bool,
        show_all: bool,
        full: bool,
    ) -> None:
        from orthgen.report.console import Console

        self._deployment, self._loaded, self._source = deployment, loaded, source
        self._as_json, self._show_all, self._full = as_json, show_all, full
        self._console = Console()

    def connect(self, reach: Reach, administrator: Administrator, *, save_secrets: bool) -> None:
        from orthgen.realm.admin.client import AdminClient

        self._admin_client = AdminClient(
            reach.server,
            administrator,
            realm=self._deployment.profile.identity.realm,
            ca_file=reach.ca_file,
            timeout=reach.timeout,
            hide=self._source.hide,
        )
        self._save_secrets = save_secrets
        self._reach = reach

    def look(self, *, prune: bool, write_secrets: bool, reset_undeclared: bool) -> None:
        from orthgen.realm.admin.discovery import with_discovered_endpoints
        from orthgen.realm.provision import make_plan

        self._deployment, notes = with_discovered_endpoints(self._deployment, ca_file=self._reach.ca_file)
        for note in notes:
            self._console.tell(note)
        made_there = self._save_secrets and not self._source.has(self._secret_of_auth_service())
        self._prepared = make_plan(
            self._deployment,
            self._admin_client,
            self._admin_client.server,
            prune=prune,
            write_secrets=write_secrets,
            reset_undeclared=reset_undeclared,
            made_there=frozenset({self._secret_of_auth_service()} if made_there else ()),
        )

    def plan_only(self, plan_file: Path | None) -> None:
        plan = self._prepared.plan
        self._show(plan, applied=False)
        if plan_file is not None:
            from orthgen.realm.provision import write_plan

            write_plan(plan, plan_file)
        if plan.reported:
            raise typer.Exit(ExitCode.REPORTED)
        raise typer.Exit(ExitCode.DONE if plan.is_empty else ExitCode.CHANGES)

    def apply(
        self, plan_file: Path | None, *, yes: bool, adopt: bool, allow_destroy: bool, allow_many: bool
    ) -> None:
        from orthgen.realm.admin.realm_import import Polling
        from orthgen.realm.provision import carry_out, check_reviewed, check_safety
        from orthgen.report.plan import done_text
        from orthgen.report.steps import StepsView

        plan, console = self._prepared.plan, self._console
        if plan_file is not None:
            check_reviewed(plan, plan_file)
        if not self._as_json:
            self._show(plan, applied=False)
        check_safety(plan, adopt=adopt, allow_destroy=allow_destroy, allow_many=allow_many)
        if plan.changes:
            if not yes and not typer.confirm("Apply this plan?", err=True):
                raise typer.Exit(ExitCode.CHANGES)
            steps = StepsView(console)
            carry_out(
                self._deployment,
                self._admin_client,
                self._prepared,
                self._source,
                steps.tell,
                Polling(timeout_seconds=self._reach.timeout, progress=steps.tell_waiting),
            )
            steps.end()
            console.tell(
                done_text(plan, requests=self._admin_client.requests, writes=self._admin_client.writes)
            )
        if self._as_json:
            self._show(plan, applied=True)
        if self._save_secrets:
            self._keep_secret()
        if plan.reported:
            raise typer.Exit(ExitCode.REPORTED)

    def _show(self, plan: Plan, *, applied: bool) -> None:
        from orthgen.report.plan import plan_json, plan_text

        console = self._console
        if self._as_json:
            console.say(plan_json(plan, applied=applied, with_foreign=self._show_all))
        else:
            console.say(
                plan_text(
                    plan,
                    console.out,
                    where=_locator(self._loaded),
                    with_foreign=self._show_all,
                    full=self._full,
                )
            )

    def _secret_of_auth_service(self) -> str:
        from orthgen.deployment.naming import KEYCLOAK_CLIENT_SECRET

        return KEYCLOAK_CLIENT_SECRET

    def _keep_secret(self) -> None:
        from orthgen.realm.provision import secret_made_there
        from orthgen.workspace.secret_files import save_secret

        name = self._secret_of_auth_service()
        if self._source.has(name) or not self._deployment.needs_admin_client:
            return
        value = secret_made_there(self._deployment, self._admin_client)
        path = save_secret(self._source.folder.parent, name, value)
        self._console.tell(f"wrote {path} (mode 0600)")


def _locator(loaded: LoadedProfile) -> Callable[[str], str]:
    """Turns a key of the profile into file and line."""

    def where(because: str) -> str:
        path = tuple(int(part) if part.isdigit() else part for part in because.split("."))
        place = loaded.sources.locate(path, key=True)
        return f"{Path(place.file).name}:{place.line} {because}"

    return where


def _references(written: list[str]) -> dict[str, str]:
    pairs = [item.partition("=") for item in written]
    if any(not (name and reference) for name, _, reference in pairs):
        raise typer.BadParameter(f"--secret wants NAME=REF, with REF one of {_REF}")
    return {name: reference for name, _, reference in pairs}


def _check_token(
    deployment: Deployment, reach: Reach, source: SecretSource, token: str, user: str, password: str
) -> None:
    from orthgen.deployment.naming import ORTHANC_CLIENT
    from orthgen.realm.admin.test_user import SignIn
    from orthgen.realm.token_check import check_token, parse_token
    from orthgen.report.console import Console
    from orthgen.report.token import token_text

    sign_in = SignIn(reach.server, deployment.profile.identity.realm, ca_file=reach.ca_file)
    if user:
        text = sign_in.access_token(
            ORTHANC_CLIENT,
            deployment.origin.url + deployment.addresses.explorer_path,
            user,
            source.resolve(password or "prompt", "user-password"),
            lambda: source.resolve("prompt", "one-time code"),
        )
    else:
        text = source.resolve(token or "prompt", "token")
    checks = check_token(parse_token(text), sign_in.public_key(), deployment)
    console = Console()
    console.say(token_text(checks, console.out))
    if not all(check.holds for check in checks):
        raise typer.Exit(ExitCode.DENIED)
