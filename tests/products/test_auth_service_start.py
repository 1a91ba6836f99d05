"""What the auth-service's container says while Keycloak cannot be reached, and that it gets on when it can."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

from orthgen.products.auth_service.server import auth_service_files
from tests.support.builders import make_deployment
from tests.support.certificate import make_certificate


@pytest.fixture
def script(tmp_path: Path) -> ModuleType:
    """The rendered script as a module that waits for nothing long and keeps its reason in a folder of the test."""
    (artifact,) = auth_service_files(make_deployment())
    module = ModuleType("start")
    exec(compile(artifact.text, "start.py", "exec"), vars(module))  # noqa: S102 - it is ours
    trust = {"TRUST": tmp_path / "trust", "BUNDLE": tmp_path / "authorities.pem"}
    vars(module).update(REASON=tmp_path / "reason", SECONDS=0.01, **trust)
    return module


@pytest.fixture
def server() -> Iterator[tuple[ThreadingHTTPServer, list[tuple[int, bytes]]]]:
    """A server and what it answers, one after the other; the last one again and again."""
    replies: list[tuple[int, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            status, body = replies.pop(0) if len(replies) > 1 else replies[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server, replies
        server.shutdown()


@pytest.fixture
def answers(
    server: tuple[ThreadingHTTPServer, list[tuple[int, bytes]]],
) -> tuple[str, list[tuple[int, bytes]]]:
    """The realm's address on the server, and what the server answers."""
    return f"http://127.0.0.1:{server[0].server_address[1]}/realms/x/", server[1]


REALM = json.dumps({"realm": "x", "public_key": "k"}).encode()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, REALM, ""),
        (404, b"{}", "there is no realm at"),
        (503, b"", "answers 503"),
        (200, b"<html>", "is not a Keycloak"),
        (200, b"[]", "is not a Keycloak"),
        (200, b"{}", "is not a Keycloak"),
    ],
)
def test_an_answer_is_told_by_what_it_means(
    script: ModuleType, answers: tuple[str, list[tuple[int, bytes]]], status: int, body: bytes, words: str
) -> None:
    """A realm's page is what is waited for; everything else has a reason."""
    url, replies = answers
    replies.append((status, body))

    reason = script.unavailable_reason(url)

    assert (words in reason) if words else reason == ""


def test_nobody_there_has_a_reason(script: ModuleType) -> None:
    """A refused connection is told with the address."""
    assert (
        script.unavailable_reason("http://127.0.0.1:9/")
        == "http://127.0.0.1:9/ cannot be reached: name, network or firewall"
    )


def test_the_institutions_authorities_are_trusted_beside_the_public_ones(
    script: ModuleType,
    server: tuple[ThreadingHTTPServer, list[tuple[int, bytes]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A certificate of a private authority is refused with OpenSSL's reason and what to do, and taken where that is named."""
    listener, replies = server
    replies.append((200, REALM))
    script.TRUST.mkdir()
    certificate, key = script.TRUST / "trust-1.pem", tmp_path / "key.pem"
    make_certificate(certificate, key, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    realm = f"https://localhost:{listener.server_address[1]}/realms/x/"
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)

    refused = script.unavailable_reason(realm)
    # First set by the test, so that the test's own environment comes back afterwards.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    script.trust_authorities()

    assert "is not trusted here: self-signed certificate (the profile's `identity.trust`" in refused
    assert script.unavailable_reason(realm) == ""
    assert script.BUNDLE.read_bytes().startswith(Path(script.requests.certs.where()).read_bytes())


def test_without_authorities_of_its_own_requests_are_left_alone(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bundle of the image serves."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)

    script.trust_authorities()

    assert not script.BUNDLE.exists()
    assert "REQUESTS_CA_BUNDLE" not in script.os.environ


def test_it_waits_tells_once_and_gets_on(
    script: ModuleType, answers: tuple[str, list[tuple[int, bytes]]], capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason is told once, however long it takes; when the realm is there, nothing is left of it."""
    url, replies = answers
    replies += [(503, b""), (503, b""), (503, b""), (200, REALM)]

    script.wait_for(url)

    assert capsys.readouterr().err == f"waiting for Keycloak: {url} answers 503\n"
    assert not script.REASON.exists()


def test_the_health_check_shows_the_reason(tmp_path: Path) -> None:
    """Where the service does not answer, the check's output is the reason that the script left."""
    health = make_deployment().release.image("auth-service").health
    assert health is not None
    program, *line = health.test[1:]
    (tmp_path / "reason").write_text("the certificate of it is not trusted here")
    text = line[-1].replace("/tmp", str(tmp_path)).replace(":8000/", ":9/")  # noqa: S108 - not this machine's

    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)

    assert program == "python3"
    assert (done.returncode, done.stderr.strip()) == (1, "the certificate of it is not trusted here")


def rights(roles: dict[str, tuple[list[str], list[str]]], labels: list[str]) -> dict[str, object]:
    """The content of permissions.json: labels and permissions by role."""
    return {
        "roles": {
            name: {"authorized-labels": of, "permissions": permissions}
            for name, (of, permissions) in roles.items()
        },
        "available-labels": labels,
    }


BEFORE = rights(
    {"reader": (["*"], ["view", "share"]), "guest": (["cardio"], ["view"]), "fellow": (["cardio"], ["view"])},
    ["cardio"],
)
EDITED = rights(
    {
        "reader": (["*"], ["view", "share", "download"]),
        "guest": (["cardio"], []),
        "night": (["cardio"], ["view"]),
        "day": (["*"], ["all"]),
    },
    ["cardio", "teaching"],
)
AFTER = rights(
    {
        "reader": (["cardio"], ["view", "delete"]),
        "fellow": (["cardio"], ["view", "delete"]),
        "day": (["cardio"], ["view"]),
        "new": (["neuro"], ["view"]),
    },
    ["neuro"],
)


class PermissionsFolder:
    """The rendered file and the volume with the file that people edit."""

    def __init__(self, script: ModuleType, folder: Path) -> None:
        self.script = script
        self.rendered, self.edited = folder / "rendered.json", folder / "volume" / "permissions.json"
        self.edited.parent.mkdir()

    def start(self, profile: object) -> object:
        """Start with this profile; the rights that the service then reads."""
        self.rendered.write_text(f"// of a profile\n{json.dumps(profile)}")
        self.script.take_changes(self.rendered, self.edited)
        return self.script.parsed(self.edited.read_text())


def test_a_right_that_the_profile_withdraws_goes_from_an_edited_file_too(
    script: ModuleType, tmp_path: Path
) -> None:
    """The profile's changes arrive, edits of people stay; a role that people deleted or emptied gets nothing back."""
    folder = PermissionsFolder(script, tmp_path)
    assert folder.start(BEFORE) == BEFORE
    folder.edited.write_text(json.dumps(EDITED))
    assert folder.start(BEFORE) == EDITED

    assert folder.start(AFTER) == rights(
        {
            "reader": (["cardio"], ["view", "download", "delete"]),
            "night": (["cardio"], ["view"]),
            "day": (["cardio"], ["view"]),
            "new": (["neuro"], ["view"]),
        },
        ["teaching", "neuro"],
    )


def test_changes_that_a_start_applied_in_part_are_applied_again(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record of the profile is written last, and the same changes twice are the changes once."""
    folder = PermissionsFolder(script, tmp_path)
    folder.start(BEFORE)
    folder.edited.write_text(json.dumps(EDITED))
    write = script.replace

    def end(path: Path, text: str) -> None:
        if path != folder.edited:
            raise InterruptedError
        write(path, text)

    monkeypatch.setattr(script, "replace", end)
    with pytest.raises(InterruptedError):
        folder.start(AFTER)
    once = folder.edited.read_text()
    monkeypatch.setattr(script, "replace", write)

    assert folder.start(AFTER) == json.loads(once)


def test_an_edited_file_without_a_record_becomes_the_profiles(script: ModuleType, tmp_path: Path) -> None:
    """Nobody knows what people edited there."""
    folder = PermissionsFolder(script, tmp_path)
    folder.edited.write_text(json.dumps(EDITED))

    assert folder.start(AFTER) == AFTER
