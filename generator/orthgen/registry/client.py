"""
Client of one registry: the digest and the platforms of an image (OCI distribution specification 1.1).

A digest is that of the index where the image has one, so that it stands for the image on every platform.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from orthgen.errors import OrthgenError, RegistryRefused, RegistryUnavailable
from orthgen.http_client import RETRYABLE_STATUS, Fault, HttpClient, NoReply
from orthgen.registry.credentials import Credentials
from orthgen.registry.reference import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from orthgen.http_client import Reply
    from orthgen.registry.reference import ImageReference

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ACCEPT = ", ".join((*_INDEXES, *_MANIFESTS))
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_SECONDS = 30.0
_MAX_ATTEMPTS = 3
_MAX_REDIRECTS = 3
_LOCAL = re.compile(r"(localhost|127\.[0-9.]+)(:[0-9]+)?")


class Platforms(Struct, frozen=True):
    """An image's digest, and its platforms (`linux/arm64/v8`)."""

    digest: str
    names: tuple[str, ...]


class Registry:
    """One registry. Its tokens are kept for each repository."""

    def __init__(  # noqa: PLR0913 - the ways to reach a registry
        self,
        host: str,
        *,
        address: str = "",
        credentials: Credentials | None = None,
        token: str = "",
        ca_file: Path | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.host = host
        self._origin = address.rstrip("/") or _origin_of(host)
        self._credentials = credentials or Credentials()
        self._ca_file = ca_file
        self._wait = wait
        self._clients: dict[str, HttpClient] = {}
        self._token = f"Bearer {token}" if token else ""
        self._authorizations: dict[str, str] = {}

    def digest(self, image: ImageReference) -> str:
        """The digest of the tag, without reading the image: HEAD counts as no pull at Docker Hub."""
        reply = self._ask("HEAD", image, f"manifests/{image.tag}")
        digest = reply.headers.get("docker-content-digest", "")
        return digest if _DIGEST.fullmatch(digest) else self.platforms(image).digest

    def platforms(self, image: ImageReference) -> Platforms:
        """The digest of the tag and the platforms that it stands for."""
        reply = self._ask("GET", image, f"manifests/{image.tag}")
        digest = f"sha256:{hashlib.sha256(reply.body).hexdigest()}"
        if reply.headers.get("docker-content-digest", digest) != digest:
            raise RegistryUnavailable(
                f"{self.host}: the manifest does not have the digest that its header names"
            )
        manifest = self._json(reply)
        if isinstance(manifest.get("manifests"), list):
            names = [
                _platform(entry.get("platform")) for entry in manifest["manifests"] if isinstance(entry, dict)
            ]
        else:
            config = manifest.get("config")
            blob = str(config.get("digest", "")) if isinstance(config, dict) else ""
            names = [_platform(self._json(self._ask("GET", image, f"blobs/{blob}")))]
        return Platforms(digest, tuple(dict.fromkeys(name for name in names if name)))

    def _json(self, reply: Reply) -> dict[str, Any]:
        try:
            value = json.loads(reply.body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise RegistryUnavailable(
                f"{self.host}: the answer is not that of a registry",
                hint="is the address that of a registry?",
            )
        return value

    def _ask(self, method: str, image: ImageReference, path: str) -> Reply:
        url = f"{self._origin}/v2/{image.repository}/{path}"
        headers = {"Accept": _ACCEPT}
        reply = self._send(method, url, headers, self._authorizations.get(image.repository, self._token))
        if reply.status == 401 and not self._token:
            authorization = self._authorization(reply, image)
            self._authorizations[image.repository] = authorization
            reply = self._send(method, url, headers, authorization)
        if reply.status == 200:
            return reply
        if reply.status in {401, 403}:
            # Docker Hub answers 401 for a repository that does not exist.
            raise RegistryRefused(
                f"{self.host} refuses to show `{image.repository}` ({reply.status})",
                hint=f"correct the name, or sign in: `docker login{'' if self.host == DOCKER_HUB else f' {self.host}'}`",
            )
        if reply.status == 404:
            raise OrthgenError(
                f"{self.host} has no `{image.repository}:{image.tag}`",
                hint="pull the image to this registry first, or ask the registry that has it",
            )
        raise RegistryUnavailable(f"{self.host} answers {reply.status} for `{image.repository}`")

    def _authorization(self, reply: Reply, image: ImageReference) -> str:
        """The header that a 401 asks for: the name itself, or a token for reading the repository."""
        challenge = reply.headers.get("www-authenticate", "")
        if challenge.lower().startswith("basic") and self._credentials.user:
            return self._credentials.basic
        parameters = dict(_PARAMETER.findall(challenge))
        realm = urljoin(f"{self._origin}/", parameters.get("realm", ""))
        if not challenge.lower().startswith("bearer") or not parameters.get("realm"):
            return ""
        if urlsplit(realm).scheme != "https" and urlsplit(realm).scheme != urlsplit(self._origin).scheme:
            raise RegistryRefused(f"{self.host} sends its tokens unencrypted; nothing was sent there")
        query = {
            **({"service": parameters["service"]} if "service" in parameters else {}),
            "scope": f"repository:{image.repository}:pull",
        }
        if self._credentials.refresh_token:
            form = {
                **query,
                "grant_type": "refresh_token",
                "client_id": "orthgen",
                "refresh_token": self._credentials.refresh_token,
            }
            answer = self._send("POST", realm, {}, "", form=form)
        else:
            basic = self._credentials.basic if self._credentials else ""
            answer = self._send("GET", realm, {}, basic, query=query)
        if answer.status != 200:
            raise RegistryRefused(
                f"{self.host} refuses the sign-in ({answer.status})",
                hint=f"run `docker login {self.host}` again",
            )
        tokens = self._json(answer)
        return f"Bearer {tokens.get('token') or tokens.get('access_token') or ''}"

    def _send(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        authorization: str,
        *,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """The answer after redirects and retries. Another origin gets no authorization."""
        for _ in range(_MAX_REDIRECTS + 1):
            parts = urlsplit(url)
            origin = f"{parts.scheme}://{parts.netloc}"
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            sent = {**headers, "Authorization": authorization} if authorization else dict(headers)
            reply = self._attempt(method, origin, path, {"headers": sent, "query": query, "form": form})
            target = urljoin(url, reply.headers.get("location", ""))
            if reply.status not in {301, 302, 303, 307, 308} or method == "POST" or target == url:
                return reply
            if urlsplit(target).scheme not in {"https", parts.scheme}:
                raise RegistryRefused(f"{self.host} leads to an unencrypted address; nothing was sent there")
            if f"{urlsplit(target).scheme}://{urlsplit(target).netloc}" != origin:
                authorization = ""
            url, query = target, None
        raise RegistryUnavailable(f"{self.host} redirects without an end")

    def _attempt(self, method: str, origin: str, path: str, request: Mapping[str, Any]) -> Reply:
        attempt, wait = 1, 1.0
        while True:
            try:
                reply = self._client(origin).send(method, path, seconds=_SECONDS, **request)
            except NoReply as failure:
                if attempt == _MAX_ATTEMPTS or failure.fault not in {Fault.LOST, Fault.TIMEOUT}:
                    raise RegistryUnavailable(
                        f"cannot reach {urlsplit(origin).netloc}: {failure.reason}",
                        hint="without a network, take the digests from a file: `--from FILE`",
                    ) from None
            else:
                if attempt == _MAX_ATTEMPTS or reply.status not in RETRYABLE_STATUS:
                    return reply
                wait = wait if reply.retry_after is None else reply.retry_after
            self._wait(wait)
            attempt, wait = attempt + 1, wait * 2

    def _client(self, origin: str) -> HttpClient:
        if origin not in self._clients:
            self._clients[origin] = HttpClient(origin, ca_file=self._ca_file, proxies_of_environment=True)
        return self._clients[origin]


def _origin_of(host: str) -> str:
    if host == DOCKER_HUB:
        return "https://registry-1.docker.io"
    # As Docker does it: no TLS to a registry on this machine.
    return f"http://{host}" if _LOCAL.fullmatch(host) else f"https://{host}"


def _platform(facts: Any) -> str:
    """`linux/arm64/v8`; empty for an attestation, which has no platform."""
    if not isinstance(facts, dict):
        return ""
    names = [str(facts.get(key) or "") for key in ("os", "architecture", "variant")]
    return "" if "unknown" in names[:2] or not all(names[:2]) else "/".join(filter(None, names))
