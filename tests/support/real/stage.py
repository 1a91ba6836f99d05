"""A whole rendered deployment on a real container engine: `render`, `secrets`, `docker compose up`, as README has it."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import urlsplit

from orthgen.deployment import naming
from orthgen.deployment.model import Deployment
from orthgen.rendering.pipeline import resolve_profile
from tests.support.certificate import make_certificate
from tests.support.command import orthgen
from tests.support.real import compose, terminal, web
from tests.support.real.engine import ADDRESS, Engine, Host
from tests.support.real.keycloak import RunningKeycloak
from tests.support.real.one_time_code import Authenticator
from tests.support.real.sign_in_pages import SignInPages

if TYPE_CHECKING:
    from tests.support.real.outside import Outside

UP_SECONDS = 600
HEALTH_INTERVAL, HEALTH_RETRIES = "2s", 38
"""
How often a service is checked on an engine that ignores `start_interval`: the rendered 15 s would be most of a start.

A service has as long as rendered until it counts as unhealthy: 5 checks 15 s apart.
"""
_SECOND = "health-checks.json"
_SERVICE_LABEL = "com.docker.compose.service"
_ANYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - compared only


@dataclass
class Stage:
    """One deployment; `folder` holds a copy of its profile and what is rendered from it."""

    engine: Engine
    host: Host
    profile: Path
    folder: Path
    front: str = ""
    """The address that people reach, where another machine ends TLS in front of nginx."""
    trusted: Path | None = None
    """The authority that their browsers trust, where it is not the deployment's."""
    elsewhere: RunningKeycloak | None = None
    """Keycloak, where the institution runs it outside the deployment."""
    outside: Outside | None = None
    """The PostgreSQL and the disk, where these are outside of the deployment."""
    overrides: list[Path] = field(default_factory=list)
    """Compose files of the test that change services of the rendered one."""
    out: Path = field(init=False)
    variables: dict[str, str] = field(default_factory=dict)
    """Variables of the terminal that a person types commands into."""
    typed_as_root: bool = True
    """Whether root types them, or a person who may only use Docker."""
    said: dict[str, str] = field(default_factory=dict)
    """The last messages of `orthgen doctor`, by check."""
    _authenticators: dict[str, Authenticator] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Name the folder of the deployment, which is also the name of its containers."""
        self.out = self.folder / "deployment" / self.profile.stem

    # ------------------------------------------------------------------------------------------- its files

    @property
    def deployment(self) -> Deployment:
        """The resolved profile."""
        return resolve_profile(str(self.profile))[0]

    def orthgen(self, command: str, *arguments: str) -> str:
        """Run a command on the profile; what it prints. It has to succeed."""
        done = orthgen(command, str(self.profile), *arguments, cwd=self.folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def type_in(self, commands: str) -> str:
        """Type commands, one a line, into a terminal in the folder of the profile; what they show."""
        return "".join(self._type_in(command) for command in commands.splitlines())

    def _type_in(self, command: str) -> str:
        environment = {**self.engine.client_environment(), **self.variables}
        if (self.out / "docker-compose.yml").exists():
            self._write_second_file()
            environment["COMPOSE_FILE"] = self.compose_files
        return terminal.run(command, self.folder, environment, as_root=self.typed_as_root)

    def render(self, *arguments: str) -> None:
        """Write the deployment, make its secrets, supply what a person supplies."""
        self.orthgen("render", *arguments)
        for name, secret in self.resolved.get("secrets", {}).items():
            self._supply(name, Path(secret["file"]))
        self.orthgen("secrets")
        self._write_second_file()

    def _supply(self, name: str, file: Path) -> None:
        """Supply a secret that orthgen does not make; it makes the others later, and leaves this one alone."""
        if file.exists() or name in self._made_by_orthgen:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        if name == "tls-certificate":
            make_certificate(file, Path(self.resolved["secrets"]["tls-key"]["file"]), self.public_host)
        elif name.startswith("trust-"):
            make_certificate(file, file.with_suffix(".key"), "authority.example")
        elif name != "tls-key":
            file.write_text(f"supplied-{name}", encoding="ascii")
        for written in file.parent.glob("*"):
            written.chmod(0o600)
            os.chown(written, naming.CONTAINER_USER, naming.CONTAINER_USER)

    @property
    def _made_by_orthgen(self) -> str:
        text = (self.out / "secrets/README.md").read_text(encoding="utf-8")
        return text.partition("## Supplied by a person")[0]

    @property
    def resolved(self) -> dict[str, Any]:
        """The compose file as Docker Compose reads it."""
        return compose.known_config(self.out / "docker-compose.yml")

    def secret(self, name: str) -> str:
        """A secret's value."""
        return Path(self.resolved["secrets"][name]["file"]).read_text(encoding="utf-8").strip()

    # --------------------------------------------------------------------------------------- its containers

    def up(self, *arguments: str) -> None:
        """Start what is not running as the files say, and wait until all of it is healthy."""
        for service in self.resolved["services"].values():
            for port in service.get("ports", ()):
                self.host.add(port.get("host_ip") or "127.0.0.1")
        if self.front:
            self.host.network.point(self.public_host, self.front)
        elif not self._is_local:
            self.host.network.point(self.public_host, self._address)
        self.compose("up", "--wait", f"--wait-timeout={UP_SECONDS}", *arguments)

    def remove(self) -> None:
        """Remove all of it at once, the data as well."""
        self.compose("kill")
        self.compose("down", "--volumes")

    def compose(self, *arguments: str) -> str:
        """What a command of Docker Compose prints."""
        variables = {"COMPOSE_FILE": self.compose_files}
        return self.engine.compose(self.out, *arguments, variables=variables)

    @property
    def compose_files(self) -> str:
        """The rendered file, a second one where the engine ignores `start_interval`, and the test's own, with colons between."""
        second = [] if self.engine.knows_start_interval else [self.folder / _SECOND]
        return ":".join(map(str, [self.out / "docker-compose.yml", *second, *self.overrides]))

    def _write_second_file(self) -> None:
        frequent = {"healthcheck": {"interval": HEALTH_INTERVAL, "retries": HEALTH_RETRIES}}
        checks = {"services": dict.fromkeys(self.resolved["services"], frequent)}
        (self.folder / _SECOND).write_text(json.dumps(checks), encoding="utf-8")

    def containers(self) -> dict[str, dict[str, Any]]:
        """The engine's description of each container, by service."""
        names = self._ids(_SERVICE_LABEL)
        described = self.engine.inspect(*names) if names else []
        return {one["Config"]["Labels"][_SERVICE_LABEL]: one for one in described}

    def made_anew_since(self, before: dict[str, dict[str, Any]]) -> set[str]:
        """The services whose container is another one than in `before`."""
        return {name for name, made in self.containers().items() if made["Id"] != before[name]["Id"]}

    def inside(self, service: str, *argv: str) -> str:
        """What a program prints that runs in the container of a service."""
        return self.engine.docker("exec", *self._ids(f"{_SERVICE_LABEL}={service}"), *argv)

    def log(self, service: str) -> str:
        """All that the container of a service has printed."""
        return self.engine.logs(*self._ids(f"{_SERVICE_LABEL}={service}"))

    def _ids(self, label: str) -> list[str]:
        # Asked without Compose, which reads the files again each time.
        ours = f"com.docker.compose.project.working_dir={self.out}"
        filters = [f"--filter=label={one}" for one in (ours, label)]
        return self.engine.docker("ps", "--all", "--quiet", *filters).split()

    def kill(self, service: str) -> None:
        """Kill the first process of a service's container, and wait until the engine has started it again."""
        state = self.containers()[service]["State"]
        self.engine.kill(state["Pid"])
        started = state["StartedAt"]
        _wait(
            lambda: self.containers()[service]["State"]["StartedAt"] != started,
            60,
            f"{service} to start again",
        )

    def wait_until_healthy(self, seconds: float) -> None:
        """Wait until every service says that it is."""
        _wait(self._is_healthy, seconds, "all services to be healthy")

    def _is_healthy(self) -> bool:
        states = [container["State"] for container in self.containers().values()]
        return all(state["Running"] and state["Health"]["Status"] == "healthy" for state in states)

    def reached_from(self, service: str, ports: Iterable[int]) -> dict[str, set[int]]:
        """The ports of the other services that take a connection from the container of a service."""
        containers = self.containers()
        addresses = {
            (network["IPAddress"], port): name
            for name, container in containers.items()
            for network in container["NetworkSettings"]["Networks"].values()
            for port in ports
            if name != service
        }
        reached: dict[str, set[int]] = {}
        for address in self.engine.reachable_from(containers[service]["State"]["Pid"], addresses):
            reached.setdefault(addresses[address], set()).add(address[1])
        return reached

    # ------------------------------------------------------------------------------------------- its people

    @property
    def origin(self) -> str:
        """The public address, without a slash at the end."""
        return self.deployment.origin.url

    @property
    def public_host(self) -> str:
        """The public host name."""
        return urlsplit(self.origin).hostname or ""

    @property
    def realm(self) -> str:
        """The realm of the deployment."""
        return self.deployment.profile.identity.realm

    @property
    def home(self) -> str:
        """The page of Explorer 2."""
        return self.origin + self.deployment.addresses.explorer_path

    @property
    def authority(self) -> Path | None:
        """The certificate that browsers have to trust; None on plain http."""
        if self.trusted is not None:
            return self.trusted
        secrets = self.resolved.get("secrets", {})
        made = self.out / "secrets/tls-authority.crt"
        if made.exists():
            return made
        return Path(secrets["tls-certificate"]["file"]) if "tls-certificate" in secrets else None

    @property
    def _is_local(self) -> bool:
        return self.public_host == "localhost"

    @property
    def _address(self) -> str:
        port = self.resolved["services"][naming.NGINX]["ports"][0]
        return ADDRESS if port.get("host_ip") in _ANYWHERE else port["host_ip"]

    @contextlib.contextmanager
    def reached(self) -> Iterator[None]:
        """Open connections from where people are: another machine, or this one where it is published here alone."""
        with self.host.entered() if self._is_local else contextlib.nullcontext():
            yield

    def request(self, method: str, path: str, *, token: str = "", **options: Any) -> web.Response:
        """Send a request through nginx; `path` begins at Orthanc's public root."""
        trust = web.trusting(str(self.authority)) if self.authority else None
        headers = {"token": f"Bearer {token}"} if token else {}
        with self.reached():
            return web.request(
                method,
                self.deployment.addresses.orthanc_root.rstrip("/") + path,
                headers={**headers, **options.pop("headers", {})},
                trust=trust,
                **options,
            )

    @contextlib.contextmanager
    def keycloak(self) -> Iterator[RunningKeycloak]:
        """Keycloak's administration, which the deployment does not publish: asked from the engine's machine."""
        if self.elsewhere is not None:
            yield self.elsewhere
            return
        networks = self.containers()[naming.KEYCLOAK]["NetworkSettings"]["Networks"]
        address = next(iter(networks.values()))["IPAddress"]
        assert self.engine.program is not None
        url = f"http://{address}:{naming.PORTS[naming.KEYCLOAK]}"
        with self.host.entered():
            yield RunningKeycloak(self.engine.program, url, self.secret("keycloak-admin-password"))

    def sign_in(self, user: str, password: str, *, new_password: str = "") -> dict[str, Any]:
        """The tokens that Explorer 2 gets when somebody signs in on Keycloak's pages, through nginx."""
        realm_url = f"{self.deployment.addresses.keycloak_public}realms/{self.realm}"
        pages = SignInPages(self.home, realm_url, self.authority, self._authenticators)
        with self.reached():
            return pages.sign_in(user, password, new_password)

    def provision(self, *arguments: str) -> str:
        """Run `orthgen provision-keycloak` on the engine's machine; what it prints. It has to succeed."""
        if self.elsewhere is not None:
            password = self.folder / "keycloak-admin-password"
            password.write_text(self.elsewhere.admin_password, encoding="ascii")
            credentials = (f"--admin-secret=file:{password}", f"--ca-file={self.authority}")
            return self.orthgen("provision-keycloak", *credentials, *arguments)
        with self.host.entered():
            return self.orthgen("provision-keycloak", *arguments)

    def verify(self, *, path: str = "", **given: str) -> dict[str, Any]:
        """
        What `orthgen verify` reports of the deployment; `given` are its options, of which tokens stand in files.

        `path` is Orthanc's where it is another one than the profile's.
        """
        options = ["--yes", "--format=json", "--timeout=60"]
        if self.authority:
            options.append(f"--ca-file={self.authority}")
        for name, value in given.items():
            (self.folder / name).write_text(value, encoding="ascii")
            reference = f"file:{self.folder / name}" if name.endswith("_token") else value
            options.append(f"--{name.replace('_', '-')}={reference}")
        with self.reached():
            address = self.origin + path if path else self.deployment.addresses.orthanc_root
            done = orthgen("verify", address, *options, cwd=self.folder)
        assert done.stdout, done.stderr
        return dict(json.loads(done.stdout))

    def doctor(self) -> dict[str, tuple[str, ...]]:
        """The statuses that `orthgen doctor` reports on the engine's machine, by check."""
        with self._as_its_administrator():
            done = orthgen("doctor", str(self.profile), "--format=json", cwd=self.folder)
        results = json.loads(done.stdout)["results"]
        self.said = {each["id"]: each["message"] for each in results}
        statuses: dict[str, tuple[str, ...]] = {}
        for each in results:
            statuses[each["id"]] = (*statuses.get(each["id"], ()), each["status"])
        return statuses

    def rotate(self, *secrets: str) -> str:
        """Rotate secrets with `orthgen rotate` on the engine's machine; what it prints. It has to succeed."""
        with self._as_its_administrator():
            return self.orthgen("rotate", *secrets, "--yes")

    @contextlib.contextmanager
    def _as_its_administrator(self) -> Iterator[None]:
        """Run commands on the engine's machine, where Docker's client reaches the engine."""
        described = {**self.engine.client_environment(), "COMPOSE_FILE": self.compose_files}
        with self.host.entered(), patch.dict(os.environ, described):
            yield

    def studies(self, token: str) -> list[dict[str, Any]]:
        """The study list that somebody sees."""
        query = {"Level": "Study", "Query": {}, "Expand": True}
        answer = self.request("POST", "/tools/find", token=token, json_body=query)
        assert answer.status == 200, answer.text
        return list(answer.json())

    def contents(self, token: str) -> dict[str, tuple[list[str], list[bytes]]]:
        """The labels and the files of each study that somebody sees, by its id."""
        found = {}
        for study in self.studies(token):
            instances = self.request("GET", f"/studies/{study['ID']}/instances", token=token).json()
            answers = [
                self.request("GET", f"/instances/{instance['ID']}/file", token=token)
                for instance in instances
            ]
            assert {answer.status for answer in answers} == {200}
            found[study["ID"]] = study["Labels"], sorted(answer.body for answer in answers)
        return found


def _wait(is_so: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(1)
