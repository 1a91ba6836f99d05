"""A bucket: the script that Orthanc starts with, as the container runs it; and the doctor at a real S3 service with TLS."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orthgen.doctor.bucket import bucket
from orthgen.doctor.container_engine import ContainerEngine
from orthgen.doctor.model import CheckStatus, ExaminedSystem
from orthgen.products.orthanc import bucket_files
from orthgen.products.orthanc.bucket import AUTHORITIES, AUTHORITY_FILE, BUCKET_PATH, KEYS
from tests.support.builders import make_deployment
from tests.support.certificate import make_authority, make_certificate
from tests.support.real import container, parts
from tests.support.real.container import Confinement, Mount
from tests.support.real.network import Network
from tests.support.real.orthanc import wait_for_port
from tests.support.real.process import Program

KEY = base64.b64encode(bytes(range(32))).decode()
SCRIPT = "/opt/orthgen/bucket.sh"
BUCKET = """
storage:
  files:
    s3:
      bucket: hospital-images
      region: eu-west-3
      endpoint: https://s3.example.org
      authority: /etc/ssl/s3.pem
      access-key: {secret: s3-access-key}
      secret-key: {secret: s3-secret-key}
      encryption: {number: 2, key: {secret: new}, previous: [{key: {secret: old}}]}
"""


def run(
    folder: Path, *commands: str, user: str = "999:999", **files: str
) -> subprocess.CompletedProcess[str]:
    """Run the rendered script and what follows it, as the container's user, with these files at the places of secrets."""
    (artifact,) = bucket_files(make_deployment(archive=BUCKET))
    assert artifact.path == BUCKET_PATH
    places = {"new": f"{KEYS}/2", "old": f"{KEYS}/1", "authority": AUTHORITY_FILE}
    mounts: dict[str, Path | Mount] = {SCRIPT: folder / "bucket.sh"}
    (folder / "bucket.sh").write_text(artifact.text)
    for name, text in files.items():
        mounts[places[name]] = folder / name
        (folder / name).write_text(text)
    line = container.command_line(
        parts.debian(),
        ["bash", "-c", " && ".join([f"bash {SCRIPT}", *commands])],
        work=folder / "work",
        mounts=mounts,
        confinement=Confinement(read_only=True, tmpfs=("/tmp",), user=user),  # noqa: S108 - in the container
    )
    return subprocess.run(line, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("line_break", ["", "\n"])
def test_keys_of_32_bytes_are_taken(tmp_path: Path, line_break: str) -> None:
    """The new one and the old one; `openssl rand -base64 32` writes a line break."""
    done = run(tmp_path, new=KEY + line_break, old=KEY)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(
    "value",
    ["", "\n", base64.b64encode(b"k" * 16).decode(), base64.b64encode(b"k" * 48).decode(), KEY[:-4], f"{KEY[:-1]}!", "hunter2"],
    ids=["empty", "line break", "16 bytes", "48 bytes", "cut off", "no base64", "word"],
)  # fmt: skip
@pytest.mark.parametrize("which", ["new", "old"])
def test_a_key_that_would_lose_files_stops_orthanc(tmp_path: Path, which: str, value: str) -> None:
    """One line names the file, and shows nothing of the key."""
    done = run(tmp_path, **{"new": KEY, "old": KEY, which: value})

    number = {"new": 2, "old": 1}[which]
    assert done.returncode == 1
    assert done.stderr.startswith(f"{KEYS}/{number} is no key of 32 bytes in base64")
    assert len(done.stderr.splitlines()) == 1
    assert not value.strip() or value.strip() not in done.stdout + done.stderr


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The plugin would end Orthanc without a word."""
    (tmp_path / "new").touch(mode=0o600)
    done = run(tmp_path, new=KEY)

    assert done.returncode == 1
    assert done.stderr.startswith(f"{KEYS}/2 cannot be read by user 999")


def test_orthanc_trusts_the_system_and_the_authority(tmp_path: Path) -> None:
    """Without a line break at the end of the authority's file, too."""
    make_authority(tmp_path / "root.crt", tmp_path / "root.key")
    make_certificate(tmp_path / "s.crt", tmp_path / "s.key", "s3.example.org", signed_by=(tmp_path / "root.crt", tmp_path / "root.key"))  # fmt: skip
    system = "/etc/ssl/certs/ca-certificates.crt"
    count = "grep -c BEGIN.CERTIFICATE"
    done = run(
        tmp_path,
        f"{count} {system}",
        f"{count} {AUTHORITIES}",
        f"openssl verify -no-CApath -CAfile {AUTHORITIES} {AUTHORITY_FILE}",
        authority=(tmp_path / "root.crt").read_text().rstrip("\n"),
    )

    assert done.returncode == 0, done.stderr
    before, after, verified = done.stdout.splitlines()
    assert int(after) == int(before) + 1
    assert verified == f"{AUTHORITY_FILE}: OK"


def test_an_authority_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    """Orthanc's own words about it come with the first upload only."""
    done = run(tmp_path, authority="-----BEGIN PRIVATE KEY-----\n")

    assert (done.returncode, done.stderr) == (1, f"{AUTHORITY_FILE} has no certificate in PEM form\n")


HOST, PORT = "s3.example.org", 9443


@dataclass
class Storage:
    """An S3 service (Versity's gateway) with one bucket, and a folder with the keys and authorities of its client."""

    program: Program
    folder: Path

    def ask(self, **changes: Any) -> tuple[CheckStatus, str]:
        """What the doctor says with these keys of the profile."""
        keys = {"access-key": {"secret": "id"}, "secret-key": {"secret": "key"}}
        s3 = {
            "bucket": "hospital-images",
            "region": "eu-west-3",
            "endpoint": f"https://{HOST}:{PORT}",
            "authority": "authority.crt",
            **keys,
            **changes,
        }
        deployment = make_deployment(archive={"storage": {"files": {"s3": s3}}})
        (fact,) = bucket(ExaminedSystem(ContainerEngine(), deployment, folder=self.folder))
        return fact.status, fact.message.partition(": ")[2] or fact.message


@pytest.fixture
def storage(network: Network, tmp_path: Path) -> Iterator[Storage]:
    """A service that takes one access key, in one region, with the name of a bucket in the path or before its host."""
    address = network.service(HOST)
    network.point(f"hospital-images.{HOST}", address)
    for name in ("authority", "other"):
        make_authority(tmp_path / f"{name}.crt", tmp_path / f"{name}.key")
    names = [HOST, f"*.{HOST}"]
    signed_by = (tmp_path / "authority.crt", tmp_path / "authority.key")
    make_certificate(tmp_path / "server.crt", tmp_path / "server.key", *names, signed_by=signed_by)
    (tmp_path / "objects" / "hospital-images").mkdir(parents=True)
    (tmp_path / "metadata").mkdir()
    (tmp_path / "secrets").mkdir()
    for name, value in {
        "id": "clinic",
        "stranger": "stranger",
        "key": "a-word/of+the=test",
        "wrong": "another",
    }.items():
        (tmp_path / "secrets" / name).write_text(value)
    program = Program(
        [
            str(parts.tool("versitygw", "versitygw")),
            *("--access", "clinic", "--secret", "a-word/of+the=test", "--region", "eu-west-3"),
            *("--port", f"{address}:{PORT}", "--virtual-domain", f"{HOST}:{PORT}"),
            *("--cert", str(tmp_path / "server.crt"), "--key", str(tmp_path / "server.key")),
            *("posix", "--sidecar", str(tmp_path / "metadata"), str(tmp_path / "objects")),
        ],
        log=tmp_path / "storage.log",
    )
    wait_for_port(address, PORT)
    yield Storage(program, tmp_path)
    program.stop()


def test_the_doctor_lists_a_real_bucket(storage: Storage) -> None:
    """With the name in the path and before the host; each mistake has its reason."""
    listed = "the bucket `hospital-images` at {} can be listed with the access key"

    for style, server in ((True, HOST), (False, f"hospital-images.{HOST}")):
        answer = storage.ask(**{"path-style": style})
        assert answer == (CheckStatus.OK, listed.format(f"https://{server}:{PORT}"))
    for changes, words in (
        ({"secret-key": {"secret": "wrong"}}, "the secret key is another one"),
        ({"access-key": {"secret": "stranger"}}, "it answers 404 XAdminUserNotFound"),
        ({"bucket": "other-images"}, "it has no such bucket"),
        ({"region": "eu-north-1"}, "its region is another one"),
        ({"authority": "other.crt"}, "its certificate is not trusted"),
        ({"endpoint": f"https://{HOST}:{PORT + 1}"}, "connection refused"),
    ):
        status, message = storage.ask(**{"path-style": True, **changes})
        assert (status, message[: len(words)]) == (CheckStatus.ERROR, words)
