"""What a running deployment comes back from by itself, or by one command: all data and sessions are there afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orthgen.deployment import naming
from tests.support.real import deployment_checks as checks
from tests.support.real import dicom, outside, parts

if TYPE_CHECKING:
    from tests.support.real.people import People
    from tests.support.real.stage import Stage

_TROUBLESHOOTING = (parts.REPOSITORY / "docs/troubleshooting.md").read_text(encoding="utf-8")
_SECONDS = 400
"""How long all services have until they are healthy again, on a busy machine."""
_FIRST = (naming.KEYCLOAK, naming.ORTHANC_DB, naming.NGINX)
"""Killed before the others: Keycloak, because it starts longest; a database and nginx while their clients and servers work."""


@dataclass
class Recovery:
    """A deployment in which somebody with `role`, who may upload and sees every study, is signed in."""

    stage: Stage
    people: People
    role: str

    def __post_init__(self) -> None:
        """Store a study, and remember what the archive has."""
        self._session = self.people.sign_in(self.role)
        self._upload(dicom.encode(dicom.instance()))
        self._before = self.stage.contents(self._token)

    @property
    def _token(self) -> str:
        return str(self._session["access_token"])

    def _upload(self, body: bytes) -> int:
        return self.stage.request("POST", "/instances", token=self._token, body=body).status

    def _assert_nothing_is_lost(self) -> None:
        """Files, labels, accounts and sessions."""
        self._session = outside.wait_until_it_answers(lambda: self.people.renew(self._session))
        assert self.stage.contents(self._token) == self._before
        assert self.stage.contents(self.people(self.role)) == self._before

    def from_kills(self) -> None:
        """
        Each container's first process is killed, while others are still starting again; nobody has to do anything.

        Keycloak's database is killed when Keycloak works again: it opens its connections anew.
        """
        others = [name for name in self.stage.containers() if name not in (*_FIRST, naming.KEYCLOAK_DB)]
        running = self.stage.containers()
        for name in (*_FIRST, *others):
            if name in running:
                self.stage.kill(name)
        self.stage.wait_until_healthy(_SECONDS)
        if naming.KEYCLOAK_DB in running:
            self.stage.kill(naming.KEYCLOAK_DB)
            self.stage.wait_until_healthy(_SECONDS)

        assert self.stage.made_anew_since(running) == set()
        self._assert_nothing_is_lost()

    def from_a_full_disk(self) -> None:
        """
        Uploads are refused and reading goes on while the disk is full; the command of docs/troubleshooting.md starts everything.

        Docker 20.10 does not start a service that ends meanwhile. A disk outside of the deployment is another one.
        """
        stage = self.stage
        (command,) = re.findall(r"(?m)^\| the disk was full \|.*?`docker compose ([^`]+)`", _TROUBLESHOOTING)
        images = [dicom.instance(PixelData=bytes(1 << 20), Rows=1024, Columns=1024) for _ in range(12)]
        # `orthgen doctor` would wait for others.
        killed = naming.OHIF if naming.OHIF in stage.containers() else naming.NGINX
        with stage.engine.full_disk(left=4 << 20):
            answers = [self._upload(dicom.encode(image)) for image in images]
            meanwhile = stage.contents(self._token)
            stage.engine.kill(stage.containers()[killed]["State"]["Pid"])
            examined = stage.doctor()["disk"]
        stage.compose(*command.split())
        stage.wait_until_healthy(_SECONDS)

        stored = sum(answer == 200 for answer in answers)
        assert (answers[-1] == 200) is (stage.outside is not None), answers
        assert "error" in examined
        assert len(meanwhile) == len(self._before) + stored
        assert {study: meanwhile[study] for study in self._before} == self._before
        self._before = meanwhile
        self._assert_nothing_is_lost()
        assert self._upload(dicom.encode(images[-1])) == 200
        self._before = stage.contents(self._token)

    def from_a_full_folder_in_memory(self) -> None:
        """Requests that fill nginx's /tmp are refused; the kernel ends no process for its memory, and reading goes on."""
        filled = self.stage.inside(naming.NGINX, "sh", "-c", "cat /dev/zero 2>/dev/null >/tmp/full; echo $?")
        meanwhile = self.stage.contents(self._token)
        self.stage.inside(naming.NGINX, "sh", "-c", "rm /tmp/full")

        assert filled.strip() == "1", "an error of a full disk"
        assert meanwhile == self._before
        assert "exited on signal" not in self.stage.log(naming.NGINX)

    def from_a_reboot(self) -> None:
        """The machine is stopped and started again: by itself, with the same containers."""
        running = self.stage.containers()

        self.stage.engine.stop()
        self.stage.engine.start()
        self.stage.wait_until_healthy(_SECONDS)

        assert self.stage.made_anew_since(running) == set()
        self._assert_nothing_is_lost()

    def from_down_and_up(self) -> None:
        """`down` keeps the volumes; the new containers are healthy at the first try, and log nothing to explain."""
        self.stage.compose("down")
        stopped = self.stage.containers()
        self.stage.up()

        assert stopped == {}
        checks.assert_healthy_within_limits(self.stage)
        checks.assert_nothing_to_explain(self.stage)
        self._assert_nothing_is_lost()


FAILURES = {
    "each container is killed": Recovery.from_kills,
    "a folder in memory is full": Recovery.from_a_full_folder_in_memory,
    "the disk is full": Recovery.from_a_full_disk,
    "the machine starts again": Recovery.from_a_reboot,
    "down and up": Recovery.from_down_and_up,
}
"""What happens to a deployment, in the order of how much it troubles it."""
