"""A rotation that stops at any step: the same command ends with products, files and readers that agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orthgen.deployment import naming
from orthgen.doctor.container_engine import ContainerEngine, NoAnswer
from orthgen.errors import KeycloakRefused, OrthgenError
from orthgen.rendering.pipeline import resolve_profile
from orthgen.rotation.plan import rotation_of
from orthgen.rotation.rotate import KeycloakAccess, Rotation, interrupted
from tests.support.builders import PROFILES

ADMIN, CLIENT, PERSON = (
    naming.KEYCLOAK_ADMIN_PASSWORD,
    naming.KEYCLOAK_CLIENT_SECRET,
    "first-password-curator",
)
STEPS = 40
"""More steps than a rotation has, so that the last examples are not interrupted."""


class Interrupted(BaseException):
    """The process ends."""


class Machine(ContainerEngine):
    """A Keycloak, the container that reads the client's secret, and a process that ends at a given step."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.steps_left = 0
        self.is_healthy = True
        self.values = {ADMIN: "old-administrator", CLIENT: "old-client", PERSON: "old-person"}
        self.read_by_container = "old-client"
        (folder / "secrets").mkdir()
        for name, value in self.values.items():
            (folder / "secrets" / name).write_text(value)

    def step(self, *_: object) -> None:
        """Count a step; the last one does not return."""
        self.steps_left -= 1
        if self.steps_left == 0:
            raise Interrupted

    def file(self, name: str) -> str:
        """A secret's file."""
        return (self.folder / "secrets" / name).read_text()

    def containers(self, project: str) -> list[dict[str, Any]]:  # noqa: ARG002 - as the engine's
        labels = {"com.docker.compose.service": naming.AUTH_SERVICE}
        return [{"Id": "c", "Config": {"Labels": labels}, "State": {"Running": True}}]

    def recreate(self, folder: Path, services: Any) -> None:  # noqa: ARG002 - as the engine's
        self.step()
        if not self.is_healthy:
            raise NoAnswer("unhealthy")
        self.read_by_container = self.file(CLIENT)
        self.step()

    def connect(self, password: str) -> Any:
        """The admin API for this password."""
        return Connection(self, password)

    def rotate(self, *names: str, ends_at: int = 0, given: dict[str, str] | None = None) -> None:
        """Run the command; `ends_at` is the step that does not return."""
        self.steps_left = ends_at
        deployment, _ = resolve_profile(str(PROFILES / "research-platform.yaml"))
        access = KeycloakAccess(self.connect, "admin", "master", lambda: self.file(ADMIN))
        run = Rotation(deployment, self.folder, self, access, self.step)
        run.run(rotation_of(deployment, names), given or {}, restart=True)


class Connection:
    """Requests of one administrator, who is let in with the present password only."""

    def __init__(self, machine: Machine, password: str) -> None:
        self.machine = machine
        self.password = password

    def get(self, path: str, _kind: object, **_query: str) -> list[dict[str, str]]:
        """The only object of a list."""
        self._sign_in()
        return [{"id": path.rpartition("/")[2]}]

    def put(self, path: str, body: dict[str, Any]) -> None:
        """Change one of the three secrets; the process may end before and after."""
        self._sign_in()
        self.machine.step()
        name = CLIENT if "/clients/" in path else ADMIN if "/master/" in path else PERSON
        self.machine.values[name] = body["secret"] if name == CLIENT else body["value"]
        self.machine.step()

    def _sign_in(self) -> None:
        if self.password != self.machine.values[ADMIN]:
            raise KeycloakRefused("401")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Everything with its old secrets."""
    return Machine(tmp_path)


@pytest.mark.parametrize("names", [(CLIENT, PERSON, ADMIN), (ADMIN, CLIENT), (CLIENT,)], ids="-".join)
@pytest.mark.parametrize("ends_at", range(1, STEPS))
def test_the_same_command_completes_an_interrupted_rotation(
    machine: Machine, names: tuple[str, ...], ends_at: int
) -> None:
    """Whatever was changed before, Keycloak, the files and the container have the same new values afterwards."""
    try:
        machine.rotate(*names, ends_at=ends_at)
    except Interrupted:
        machine.rotate(*names)

    assert {name: machine.file(name) for name in names} == {name: machine.values[name] for name in names}
    assert machine.read_by_container == machine.file(CLIENT) != "old-client"
    assert interrupted(machine.folder, names) == ()


def test_a_rotation_without_its_restart_is_listed_as_interrupted(machine: Machine) -> None:
    """The files are new, and the container still has the old secret."""
    with pytest.raises(Interrupted):
        machine.rotate(CLIENT, ends_at=5)

    assert machine.file(CLIENT) == machine.values[CLIENT] != machine.read_by_container
    assert interrupted(machine.folder, [CLIENT]) == (CLIENT,)


def test_a_product_that_does_not_become_healthy_has_no_interrupted_rotation(machine: Machine) -> None:
    """Its message has the command for the rest; a later rotation must not use this value again."""
    machine.is_healthy = False

    with pytest.raises(OrthgenError, match="the secrets are changed"):
        machine.rotate(CLIENT)

    assert interrupted(machine.folder, [CLIENT]) == ()


def test_another_value_does_not_replace_the_one_that_a_product_may_have(machine: Machine) -> None:
    """Nobody would know the administrator's password any more."""
    with pytest.raises(Interrupted):
        machine.rotate(ADMIN, ends_at=2)
    new = machine.values[ADMIN]

    with pytest.raises(OrthgenError, match="another new value") as refused:
        machine.rotate(ADMIN, given={ADMIN: "a-value-of-the-store"})
    machine.rotate(ADMIN)

    assert "without `--from`" in refused.value.hint
    assert machine.file(ADMIN) == machine.values[ADMIN] == new
