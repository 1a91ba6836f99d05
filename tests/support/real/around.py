"""The servers around a deployment that its institution or the internet has: a proxy that ends TLS, Let's Encrypt."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

from tests.support.real import authority, container, parts, web
from tests.support.real.nginx import listens
from tests.support.real.process import Program

_PROXY = """
worker_processes 1;
pid /tmp/proxy.pid;
error_log stderr warn;
events {{}}
http {{
    access_log off;
    client_max_body_size 0;
    server {{
        listen {address}:443 ssl;
        ssl_certificate /certificate;
        ssl_certificate_key /key;
        location / {{
            proxy_pass {upstream};
            proxy_bind {address};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto https;
            proxy_set_header X-Forwarded-Host $host;
            proxy_set_header X-Forwarded-Port 443;
        }}
        {locations}
    }}
}}
"""


class TlsProxy(Program):
    """nginx that ends TLS for `host` at `address` with a certificate of the tests' authority, as a load balancer does."""

    def __init__(self, host: str, address: str, upstream: str, folder: Path, locations: str = "") -> None:
        signed, key = authority.certify(host, folder)
        configuration = folder / f"{host}.conf"
        configuration.write_text(
            _PROXY.format(address=address, upstream=upstream, locations=locations), encoding="ascii"
        )
        mounts = {"/etc/nginx/nginx.conf": configuration, "/certificate": signed, "/key": key}
        line = container.command_line(
            parts.debian(),
            ("nginx", "-p", "/etc/nginx", "-c", "/etc/nginx/nginx.conf", "-g", "daemon off;"),
            work=folder / f"{host}-work",
            mounts=mounts,
        )
        super().__init__(line, log=folder / f"{host}.log")
        self.wait_until(lambda: listens(443, address), seconds=30, what=f"the proxy of {host}")


LETS_ENCRYPT = "acme-v02.api.letsencrypt.org"
_PEBBLE, _MANAGEMENT = "127.0.0.1:14000", "127.0.0.1:15000"


class LetsEncrypt:
    """Pebble, Let's Encrypt's own server for tests, at the address of Let's Encrypt; it asks nginx for proof if it `validates`."""

    def __init__(self, address: str, folder: Path, *, validates: bool = True) -> None:
        self._folder = folder
        signed, key = authority.certify("localhost", folder)
        settings = folder / "pebble.json"
        listening = {"listenAddress": _PEBBLE, "managementListenAddress": _MANAGEMENT}
        named = {"certificate": "/certificate", "privateKey": "/key", "httpPort": 80, "tlsPort": 443}
        settings.write_text(json.dumps({"pebble": {**listening, **named}}), encoding="ascii")
        line = container.command_line(
            parts.CACHE / "certbot",
            ("pebble", "-config", "/pebble.json"),
            work=folder / "pebble-work",
            mounts={"/pebble.json": settings, "/certificate": signed, "/key": key},
            # Without these it waits, and refuses some requests on purpose.
            environment={
                "PEBBLE_VA_NOSLEEP": "1",
                "PEBBLE_WFE_NONCEREJECT": "0",
                **({} if validates else {"PEBBLE_VA_ALWAYS_VALID": "1"}),
            },
        )
        self.server = Program(line, log=folder / "pebble.log")
        self.server.wait_until(lambda: listens(14000, "127.0.0.1"), seconds=30, what="pebble")
        # Pebble has its directory at an address of its own.
        directory = (
            f"location = /directory {{ proxy_pass https://{_PEBBLE}/dir; proxy_set_header Host $http_host; }}"
        )
        self.proxy = TlsProxy(LETS_ENCRYPT, address, f"https://{_PEBBLE}", folder, directory)

    @property
    def root(self) -> Path:
        """The certificate that browsers trust, in a file: pebble makes it at its start."""
        unverified = ssl.create_default_context()
        unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
        file = self._folder / "root-of-pebble.crt"
        file.write_bytes(web.get(f"https://{_MANAGEMENT}/roots/0", trust=unverified).body)
        return file

    def stop(self) -> None:
        """Stop both."""
        self.proxy.stop()
        self.server.stop()
