"""
A change of the release with data: the steps that `orthgen upgrade` names, on real databases and real Orthancs.

From PostgreSQL 17 with Orthanc 1.12.7 to PostgreSQL 18 with the newest Orthanc that Debian has. What becomes of Keycloak's
database is in test_keycloak_stories.py.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from orthgen.catalogue import load
from orthgen.upgrade.plan import upgrade
from tests.support.builders import example
from tests.support.real import dicom, parts, web
from tests.support.real.network import Network
from tests.support.real.orthanc import Orthanc, RunningOrthanc
from tests.support.real.postgres import Postgres
from tests.support.real.process import NotReadyError

_PLUGIN = "/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so"


class Bench:
    """Two databases, two Orthancs, one storage; a command of the plan runs where the container would run it."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.network, self.folder = network, folder
        self.storage = folder / "storage"
        self.old = Postgres(network, folder, 17, folder / "data-17")
        self.new = Postgres(network, folder, 18, folder / "data-18")
        self.orthancs: list[Orthanc] = []

    def orthanc(self, suite: str) -> RunningOrthanc:
        """Start that Debian's Orthanc on the database that runs."""
        tool = Orthanc(self.network, self.folder / f"orthanc-{len(self.orthancs)}", suite=suite)
        tool.folder.mkdir()
        self.orthancs.append(tool)
        database = {
            "Host": self.network.service("orthanc-db"),
            "Database": "orthanc",
            "Username": "orthanc",
            "Password": "",
        }
        settings = {
            "Plugins": [_PLUGIN],
            "PostgreSQL": {
                "EnableIndex": True,
                "EnableStorage": False,
                "EnableSsl": False,
                "Lock": False,
                **database,
            },
            "RemoteAccessAllowed": True,
            "AuthenticationEnabled": False,
        }
        return tool.start(settings, settings={"Plugins": [_PLUGIN]}, storage=self.storage)

    def carry_out(self, command: str, database: Postgres) -> bytes:
        """Run what stands behind `exec -T orthanc-db` in a command line of the plan, redirections included."""
        words = shlex.split(command.partition("exec -T orthanc-db ")[2].partition(" | ")[0])
        given = b""
        for sign in ("<", ">"):
            if sign in words:
                at = words.index(sign)
                path = self.folder / words[at + 1]
                words = words[:at]
                if sign == ">":
                    path.write_bytes(database.run(words))
                    return b""
                given = path.read_bytes()
        return database.run(words, given=given)

    def close(self) -> None:
        """Stop all."""
        for tool in self.orthancs:
            tool.close()
        self.old.stop()
        self.new.stop()


@pytest.fixture
def bench(network: Network, tmp_path: Path) -> Iterator[Bench]:
    """Nothing runs yet."""
    found = Bench(network, tmp_path)
    yield found
    found.close()


def commands(word: str) -> list[str]:
    """The commands of the plan that use `word` on Orthanc's database."""
    plan = upgrade("25.8", load("26.8"), example("paradim.yaml"), "paradim.yaml", "paradim")
    lines = [command for step in plan.steps for command in step.commands]
    return [line for line in lines if word in line and "orthanc-db " in line]


def fill(orthanc: RunningOrthanc) -> dict[str, bytes]:
    """Three studies with labels; the bytes of each instance by its id."""
    for number in range(3):
        answers = dicom.upload(
            orthanc.url,
            dicom.study(
                4, PatientID=f"P{number}", PatientName=f"Grüße^{number}", SpecificCharacterSet="ISO_IR 192"
            ),
        )
        study = answers[0].json()["ParentStudy"]
        assert orthanc.request("PUT", f"/studies/{study}/labels/label-{number}").status == 200
    return content(orthanc)


def content(orthanc: RunningOrthanc) -> dict[str, bytes]:
    """The bytes of every instance."""
    return {one: _body(orthanc.request("GET", f"/instances/{one}/file")) for one in orthanc.get("/instances")}


def _body(answer: web.Response) -> bytes:
    assert answer.status == 200
    return answer.body


def test_the_plan_brings_an_archive_to_another_postgresql_and_orthanc(bench: Bench) -> None:
    """Every study, label and byte is there afterwards; the old database is as it was, and is the way back."""
    newest = parts.suites()[0]
    bench.old.make("orthanc")
    old = bench.orthanc("trixie")
    before, labels = fill(old), old.study_labels()
    assert (len(before), len(labels)) == (12, 3)

    old.stop(politely=20)
    (dump,) = commands("pg_dump")
    (check,) = commands("pg_restore --list")
    (restore,) = commands("pg_restore -U")
    bench.carry_out(dump, bench.old)
    assert bench.carry_out(check, bench.old).count(b"TABLE DATA") > 10
    bench.old.stop()
    bench.new.make("orthanc")
    bench.carry_out(restore, bench.new)
    new = bench.orthanc(newest)

    assert (content(new), new.study_labels()) == (before, labels)
    assert new.get("/system")["Version"] != old_version(bench)
    answers = dicom.upload(new.url, dicom.study(2))
    assert {answer.status for answer in answers} == {200}
    assert len(new.get("/studies")) == 4

    new.stop(politely=20)
    bench.new.stop()
    bench.old.start()
    back = bench.orthanc("trixie")
    assert (content(back), back.study_labels()) == (before, labels)


def old_version(bench: Bench) -> str:
    """What the first Orthanc said in its log."""
    log = (bench.folder / "orthanc-0").glob("*.log")
    text = "".join(path.read_text(errors="replace") for path in log)
    return text.partition("Orthanc version: ")[2].split()[0]


def test_another_major_version_does_not_start_on_the_data(bench: Bench) -> None:
    """That is why each has a volume of its own."""
    bench.old.make("orthanc")
    bench.old.stop()
    other = Postgres(bench.network, bench.folder, 18, bench.old.data)

    with pytest.raises(NotReadyError, match="initialized by PostgreSQL version 17"):
        other.start()
    other.stop()
