"""A real container registry (Debian's docker-registry) with small images: indexes for two platforms, and single manifests."""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

from tests.support.real.parts import command
from tests.support.real.process import Program

_INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"


@dataclass(frozen=True)
class Registry:
    """A running registry; `push` puts an image there."""

    port: int
    ca_file: Path | None = None
    authorization: str = ""

    @property
    def host(self) -> str:
        """Its name in the name of an image."""
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        """Its address."""
        return f"{'https' if self.ca_file else 'http'}://{self.host}"

    def push(
        self, repository: str, tag: str, platforms: Sequence[str] = ("linux/amd64",), text: str = ""
    ) -> str:
        """Put an image there, and return its digest: that of an index if there are several platforms."""
        manifests = [self._push_manifest(repository, platform, text) for platform in platforms]
        if len(manifests) == 1:
            return self._put(repository, tag, _MANIFEST, manifests[0][1])
        # Beside the platforms, an attestation as BuildKit adds it.
        entries = [entry for entry, _ in manifests]
        entries.append({**entries[0], "platform": {"os": "unknown", "architecture": "unknown"}})
        index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": entries}
        return self._put(repository, tag, _INDEX, json.dumps(index).encode())

    def _push_manifest(self, repository: str, platform: str, text: str) -> tuple[dict[str, Any], bytes]:
        facts = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
        config = {**facts, "config": {"Labels": {"text": text}}, "rootfs": {"type": "layers", "diff_ids": []}}
        blob = json.dumps(config).encode()
        self._upload(repository, blob)
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": {"mediaType": _CONFIG, "digest": _digest(blob), "size": len(blob)},
            "layers": [],
        }
        content = json.dumps(manifest).encode()
        digest = self._put(repository, _digest(content), _MANIFEST, content)
        return {"mediaType": _MANIFEST, "digest": digest, "size": len(content), "platform": facts}, content

    def _upload(self, repository: str, blob: bytes) -> None:
        _, headers = self._ask("POST", f"/v2/{repository}/blobs/uploads/", b"", "")
        location = headers["location"].partition(self.host)[2]
        self._ask("PUT", f"{location}&digest={_digest(blob)}", blob, "application/octet-stream")

    def _put(self, repository: str, reference: str, kind: str, content: bytes) -> str:
        self._ask("PUT", f"/v2/{repository}/manifests/{reference}", content, kind)
        return _digest(content)

    def _ask(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, dict[str, str]]:
        connection = (
            HTTPSConnection("localhost", self.port, context=ssl.create_default_context(cafile=self.ca_file))
            if self.ca_file
            else HTTPConnection("localhost", self.port)
        )
        headers = {
            "Content-Type": kind,
            **({"Authorization": self.authorization} if self.authorization else {}),
        }
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status in {201, 202}, text
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@contextmanager
def running(
    folder: Path,
    port: int,
    *,
    http: dict[str, Any] | None = None,
    auth: dict[str, Any] | None = None,
    ca_file: Path | None = None,
    authorization: str = "",
) -> Iterator[Registry]:
    """A registry that keeps its images in memory, its log in `folder`; `http` and `auth` are parts of its configuration."""
    folder.mkdir()
    configuration = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"inmemory": {}},
        "http": {"addr": f"localhost:{port}", **(http or {})},
        **({"auth": auth} if auth else {}),
    }
    file = folder / "config.yml"
    file.write_text(json.dumps(configuration), encoding="utf-8")
    program = Program([command("docker-registry"), "serve", str(file)], log=folder / "log")
    try:
        program.wait_until(lambda: _answers(port), seconds=60, what="docker-registry")
        yield Registry(port, ca_file, authorization)
    finally:
        program.stop()


def _answers(port: int) -> bool:
    connection = HTTPConnection("localhost", port, timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True
