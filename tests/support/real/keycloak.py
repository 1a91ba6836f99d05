"""A real Keycloak: starts with realms to import, answers the administrator, and signs people in without a browser."""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import json
import re
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from orthgen.realm.admin.client import AdminClient, Administrator
from tests.support.real import parts, web
from tests.support.real.network import Network
from tests.support.real.process import Program

_PORT, _MANAGEMENT_PORT = 8080, 9000

# A quick start matters here, not speed after hours of running: the optimizing compiler (C2) has nothing to do, and nothing is
# collected in parallel. The exception is the arithmetic of large numbers. Keycloak makes two RSA keys for each realm, and
# only C2 has processor instructions for that: without it a realm costs four seconds of a processor, with it one.
_JAVA_OPTIONS = (
    "-XX:-UseG1GC -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions"
    f" -XX:CompilerDirectivesFile={Path(__file__).with_name('keycloak_compiler.json')}"
)


class KeycloakError(RuntimeError):
    """Keycloak refused what was asked; the message is its answer."""


def _ok(answer: web.Response, *accepted: int) -> web.Response:
    if answer.status not in (accepted or (200, 201, 204)):
        raise KeycloakError(f"{answer.status}: {answer.text[:2000]}")
    return answer


def claims(token: str) -> dict[str, Any]:
    """What a JSON Web Token says (its signature is Keycloak's business)."""
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


@dataclass
class RunningKeycloak:
    """A running Keycloak and its administrator."""

    program: Program
    url: str
    """Without a slash at the end."""
    admin_password: str

    @property
    def log(self) -> str:
        """What it has printed."""
        return self.program.text()

    def complaints(self) -> list[str]:
        """Its warnings and errors."""
        return [line for line in self.log.splitlines() if re.match(r"\S+ \S+ (?:WARN|ERROR|FATAL) ", line)]

    def admin_client(self, url: str = "") -> AdminClient:
        """A fresh connection of the administrator's, as each run has; `url` is that of a proxy in front."""
        return AdminClient(url or self.url, Administrator(user="admin", password=self.admin_password))

    def admin(
        self, method: str, path: str, json_body: object = None, *, accepted: Sequence[int] = ()
    ) -> web.Response:
        """Ask the administration interface; `path` follows `/admin/realms`, such as `/orthanc/clients`.

        Raises:
            KeycloakError: it answers with an error that is not among `accepted`.
        """
        # Taken anew each time: the token of a realm's administrator lives for a minute.
        token = self.password_token("master", "admin-cli", "admin", self.admin_password)["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.url}/admin/realms{path}"
        # A new realm takes a second on an idle machine, and more than a minute beside a dozen busy programs.
        answer = web.request(method, url, headers=headers, json_body=json_body, seconds=300)
        return _ok(answer, *accepted)

    def import_realm(self, realm: Path | Mapping[str, Any], *, name: str | None = None) -> str:
        """Create a realm as the administrator, under another name if one is given; return its name.

        Placeholders such as `${SECRET}` stay as they are; Keycloak fills them in only for `start(realms=…)`.
        """
        described = json.loads(realm.read_text(encoding="utf-8")) if isinstance(realm, Path) else dict(realm)
        if name is not None:
            described.pop("id", None)
            described["realm"] = name
        self.admin("POST", "", described)
        return str(described["realm"])

    def delete_realm(self, name: str) -> None:
        """Remove a realm."""
        self.admin("DELETE", f"/{name}")

    def export(self, realm: str) -> dict[str, Any]:
        """The realm as Keycloak exports it (secrets masked), which is what auditors read."""
        query = "exportClients=true&exportGroupsAndRoles=true"
        return dict(self.admin("POST", f"/{realm}/partial-export?{query}").json())

    def add_user(self, realm: str, name: str, *, roles: Sequence[str] = (), **more: Any) -> str:
        """Create a person who can sign in at once, with realm roles; return the password."""
        password = secrets.token_urlsafe(18)
        user = {
            "username": name,
            "enabled": True,
            "emailVerified": True,
            "email": f"{name}@example.org",
            "firstName": name.title(),
            "lastName": "Test",
            "credentials": [{"type": "password", "value": password}],
            **more,
        }
        self.admin("POST", f"/{realm}/users", user)
        identity = self.admin("GET", f"/{realm}/users?exact=true&username={name}").json()[0]["id"]
        granted = [self.admin("GET", f"/{realm}/roles/{role}").json() for role in roles]
        self.admin("POST", f"/{realm}/users/{identity}/role-mappings/realm", granted)
        return password

    def password_token(
        self, realm: str, client: str, user: str, password: str, **more: str
    ) -> dict[str, Any]:
        """Tokens for a name and a password, where the client allows it (the deployment's clients should not)."""
        form = {"grant_type": "password", "client_id": client, "username": user, "password": password, **more}
        return self.token(realm, form)

    def token(self, realm: str, form: Mapping[str, str]) -> dict[str, Any]:
        """What the token endpoint answers to a form."""
        address = f"{self.url}/realms/{realm}/protocol/openid-connect/token"
        return dict(_ok(_post_form(address, form)).json())

    def sign_in(
        self,
        realm: str,
        client: str,
        user: str,
        password: str,
        *,
        redirect_uri: str,
        scope: str = "openid",
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Tokens for a person who signs in on Keycloak's page, as a browser would (code flow with PKCE).

        Args:
            headers: what the proxy in front would add, where Keycloak has a public host name.
        """
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        question = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": redirect_uri,
            "scope": scope,
            "state": "state",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        base = f"{self.url}/realms/{realm}/protocol/openid-connect"
        page = _ok(web.get(f"{base}/auth?{urlencode(question)}", headers=headers), 200)
        form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        if form is None:
            raise KeycloakError(f"no sign-in page: {page.text[:2000]}")
        target = urlsplit(html.unescape(form[1]))
        cookies = "; ".join(cookie.partition(";")[0] for cookie in page.cookies)
        answer = _post_form(
            # The page names the address in front, which nothing answers at here.
            f"{self.url}/realms/{target.path.partition('/realms/')[2]}?{target.query}",
            {"username": user, "password": password, "credentialId": ""},
            {"Cookie": cookies, **(headers or {})},
        )
        location = answer.headers.get("location", "")
        code = parse_qs(urlsplit(location).query).get("code")
        if not code:
            raise KeycloakError(f"no sign-in: {answer.status} {location} {answer.text[:2000]}")
        form_fields = {"grant_type": "authorization_code", "client_id": client, "code": code[0]}
        return self.token(realm, {**form_fields, "redirect_uri": redirect_uri, "code_verifier": verifier})

    def stop(self, *, politely: float = 0) -> None:
        """Stop it; politely for so many seconds where its database is used again, which writes some of it at its end."""
        self.program.stop(politely=politely)


def _post_form(url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> web.Response:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return web.request("POST", url, body=urlencode(form), headers={**kind, **(headers or {})})


@dataclass
class Keycloak:
    """Starts Keycloak; the fixtures `keycloak` and `own_keycloak` stop whatever is left."""

    network: Network
    folder: Path
    _running: list[RunningKeycloak] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def start(
        self,
        *,
        realms: Mapping[str, Path] | None = None,
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        version: str | None = None,
        name: str = "keycloak",
        is_built: bool = True,
    ) -> RunningKeycloak:
        """Start Keycloak and wait until it is ready, which takes several seconds.

        Args:
            realms: files to import at the start, by their names in the import folder (Keycloak wants a realm `x` in
                `x-realm.json`); `${NAME}` is filled in from `environment`.
            environment: variables such as `KC_HOSTNAME`; those of the database are ours.
            options: more options of `kc.sh start`, such as `--proxy-headers=xforwarded`.
            is_built: whether the distribution is built for the options; another kind of database is an option of the build.
            name: the service's name in the tests' network; two that run at the same time need two names.
        """
        number, home = next(self._count), parts.keycloak(version)
        imports = self.folder / f"{number}-import"
        imports.mkdir()
        for file_name, realm in (realms or {}).items():
            (imports / file_name).write_bytes(realm.read_bytes())
        address = self.network.service(name)
        line = [
            str(home / "bin" / "kc.sh"),
            *(
                "start",
                *(("--optimized",) if is_built else ()),
                "--import-realm",
                "--cache=local",
                "--http-enabled=true",
            ),
            *(f"--http-host={address}", f"--http-port={_PORT}", f"--http-management-port={_MANAGEMENT_PORT}"),
            *(() if "KC_HOSTNAME" in (environment or {}) else ("--hostname-strict=false",)),
            *options,
        ]
        work = self.folder / f"{number}-keycloak"
        work.mkdir()
        program = Program(
            _on_a_copy(home, work, imports, line),
            log=self.folder / f"{number}-keycloak.log",
            environment={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "HOME": str(work),
                "JAVA_OPTS_APPEND": _JAVA_OPTIONS,
                "JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx640m",
                **_quick_hashing(home),
                **(environment or {}),
            },
        )
        password = (home / "admin-password").read_text().strip()
        running = RunningKeycloak(program, f"http://{address}:{_PORT}", password)
        self._running.append(running)
        health = f"http://{address}:{_MANAGEMENT_PORT}/health/ready"
        # Under ten seconds on an idle machine with two processors; a busy one may take many times that.
        program.wait_until(lambda: _is_ready(health), seconds=400, what="Keycloak")
        return running

    def close(self) -> None:
        """Stop all that was started."""
        for running in self._running:
            running.stop()


def _quick_hashing(home: Path) -> dict[str, str]:
    """Settings by which a password costs a millisecond: the tests sign in hundreds of times."""
    version = tuple(int(part) for part in home.name.removeprefix("keycloak-").split("."))
    # Keycloak 26.3 separates the parts of a provider's option by two characters.
    between = "_" if version < (26, 3) else "__"
    prefix = between.join(("KC_SPI_PASSWORD_HASHING", "ARGON2", ""))
    return {f"{prefix}MEMORY": "64", f"{prefix}ITERATIONS": "1"}


def _on_a_copy(home: Path, work: Path, imports: Path, argv: Sequence[str]) -> list[str]:
    """Run in the distribution's folder with an overlay in memory, so that what is written there is thrown away."""
    place, top = shlex.quote(str(work)), shlex.quote(str(home))
    script = "\n".join(
        [
            f"mount -t tmpfs tmpfs {place}",
            f"mkdir {place}/upper {place}/scratch",
            f"mount -t overlay -o lowerdir={top},upperdir={place}/upper,workdir={place}/scratch overlay {top}",
            f"mkdir -p {top}/data/import",
            f"cp {shlex.quote(str(imports))}/* {top}/data/import/ 2>/dev/null || true",
            f"exec {shlex.join(argv)}",
        ]
    )
    return [parts.command("unshare"), *("--mount", "--pid", "--fork", "--kill-child"), "sh", "-euc", script]


def _is_ready(health: str) -> bool:
    try:
        return web.get(health, seconds=5).status == 200
    except OSError:
        return False
