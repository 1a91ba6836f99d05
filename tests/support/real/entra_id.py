"""
Entra ID, played by a second real Keycloak: its host name, its addresses, its issuer and the claims of its ID tokens.

Keycloak signs people in and answers the code. Before it, a server translates Entra ID's addresses, and gives the ID token
the issuer and the claims that Entra ID gives it: Keycloak lets nobody choose the issuer.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from jwcrypto import jwk, jwt

from tests.support.certificate import make_certificate
from tests.support.real.keycloak import Keycloak, RunningKeycloak, claims
from tests.support.real.network import Network

HOST = "login.microsoftonline.com"
_CLAIMS = ("aud", "iat", "exp", "nonce", "sub", "name", "preferred_username", "email", "roles")
"""What an ID token of Entra ID has of its person with the scopes `openid profile email`: no given name, no family name."""
_ENDPOINTS = {"authorize": "auth", "token": "token", "logout": "logout"}
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}


@dataclass
class EntraId:
    """One tenant with one registered application; `authority` is the certificate to trust."""

    keycloak: RunningKeycloak
    tenant: str
    authority: Path
    key: jwk.JWK = field(default_factory=lambda: jwk.JWK.generate(kty="RSA", size=2048, kid="entra"))
    _issued: dict[str, str] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """The issuer of the tenant's ID tokens."""
        return f"https://{HOST}/{self.tenant}/v2.0"

    def add_tenant(self, app_roles: Iterable[str]) -> None:
        """Create the tenant; its application has these app roles."""
        realm = {
            "realm": self.tenant,
            "enabled": True,
            "displayName": "Entra ID (a second Keycloak)",
            "roles": {"realm": [{"name": name} for name in app_roles]},
        }
        self.keycloak.import_realm(realm)

    def register(self, client_id: str, secret: str, redirect_uris: Sequence[str]) -> None:
        """Register the application, or change its registration, as an administrator of the tenant does."""
        config = {"claim.name": "roles", "multivalued": "true", "id.token.claim": "true"}
        mapper = {
            "name": "roles",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-usermodel-realm-role-mapper",
            "config": {**config, "jsonType.label": "String"},
        }
        client = {
            "clientId": client_id,
            "secret": secret,
            "redirectUris": list(redirect_uris),
            # Entra ID returns from a sign-out to its redirect URIs, and to no other address.
            "attributes": {"pkce.code.challenge.method": "S256", "post.logout.redirect.uris": "+"},
            "protocolMappers": [mapper],
        }
        path = f"/{self.tenant}/clients"
        for registered in self.keycloak.admin("GET", f"{path}?clientId={client_id}").json():
            self.keycloak.admin("DELETE", f"{path}/{registered['id']}")
        self.keycloak.admin("POST", path, client)

    def add_person(self, name: str, *app_roles: str) -> str:
        """Add a person to the tenant, who holds these app roles; the password."""
        return self.keycloak.add_user(self.tenant, name, roles=app_roles)

    def translated(self, target: str) -> str:
        """Keycloak's address for one of Entra ID's, and Keycloak's own ID token for one that Entra ID has issued."""
        theirs = urlsplit(target)
        name = theirs.path.removeprefix(f"/{self.tenant}/oauth2/v2.0/")
        if name not in _ENDPOINTS:
            return target
        arguments = dict(parse_qsl(theirs.query))
        if "id_token_hint" in arguments:
            arguments["id_token_hint"] = self._issued[arguments["id_token_hint"]]
        return f"/realms/{self.tenant}/protocol/openid-connect/{_ENDPOINTS[name]}?{urlencode(arguments)}"

    def public_keys(self) -> bytes:
        """What Entra ID publishes at `discovery/v2.0/keys`."""
        public = {**self.key.export_public(as_dict=True), "use": "sig", "alg": "RS256"}
        return json.dumps({"keys": [public]}).encode()

    def as_entra_id(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a code with the ID token that Entra ID would make of Keycloak's."""
        told = claims(answer["id_token"])
        of_entra = {"iss": self.issuer, "tid": self.tenant, "oid": told["sub"], "ver": "2.0"}
        token = jwt.JWT(
            header={"alg": "RS256", "typ": "JWT", "kid": "entra"},
            claims={**{name: told[name] for name in _CLAIMS if name in told}, **of_entra},
        )
        token.make_signed_token(self.key)
        self._issued[token.serialize()] = answer["id_token"]
        return {**answer, "id_token": token.serialize()}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    entra: EntraId


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _answer(self) -> None:
        entra, path = self.server.entra, urlsplit(self.path).path
        if path == f"/{entra.tenant}/discovery/v2.0/keys":
            self._send(200, [("Content-Type", "application/json")], entra.public_keys())
            return
        status, headers, content = self._ask_keycloak(entra.translated(self.path))
        if path.endswith("/oauth2/v2.0/token") and status == 200:
            content = json.dumps(entra.as_entra_id(json.loads(content))).encode()
        self._send(status, headers, content)

    do_GET = do_POST = _answer  # noqa: N815

    def _ask_keycloak(self, target: str) -> tuple[int, list[tuple[str, str]], bytes]:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        address = urlsplit(self.server.entra.keycloak.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        sent = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        sent |= {"X-Forwarded-Proto": "https", "X-Forwarded-Host": HOST, "Accept-Encoding": "identity"}
        with contextlib.closing(connection):
            connection.request(self.command, target, body=body, headers=sent)
            answer = connection.getresponse()
            kept = [pair for pair in answer.getheaders() if pair[0].lower() not in _HOP_BY_HOP]
            return answer.status, kept, answer.read()

    def _send(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(content)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def playing(network: Network, keycloak: Keycloak, folder: Path, tenant: str) -> Iterator[EntraId]:
    """Entra ID at its own name, for every browser and container of the tests."""
    variables = {"KC_HOSTNAME": f"https://{HOST}", "KC_PROXY_HEADERS": "xforwarded"}
    running = keycloak.start(name="entra-id", environment=variables)
    certificate, key = folder / "entra-id.pem", folder / "entra-id.key"
    make_certificate(certificate, key, HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    httpd = _Server((network.service(HOST), 443), _Handler)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    httpd.entra = EntraId(running, tenant, certificate)
    threading.Thread(target=httpd.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield httpd.entra
    finally:
        httpd.shutdown()
        httpd.server_close()
