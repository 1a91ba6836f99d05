"""Real servers: PostgreSQL, Orthanc, and three nginx on one host (rendered, without the guard, the samples')."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.line import explorer, samples
from orthgen.deployment.model import Deployment
from orthgen.targets import TARGETS
from tests.support.builders import make_deployment, write_artifacts
from tests.support.certificate import make_certificate
from tests.support.ohif.build import image_site
from tests.support.real import container, parts
from tests.support.real.container import Confinement, Mount
from tests.support.real.network import Network
from tests.support.real.nginx import Nginx, RunningNginx
from tests.support.real.orthanc import Orthanc, RunningOrthanc
from tests.support.real.postgres import Postgres
from tests.support.real.process import Program

HOST = "pacs.example.org"
BARE_PORT = 9443
_OHIF_VERSION = "3.12.0"
_PLUGINS = "/usr/share/orthanc/plugins"
_PROFILE = {
    "institution": f"{{name: T, url: 'https://{HOST}'}}",
    "viewers": "{ohif: {reports: off}}",
}

# The rendered main file with this server in place of the rendered ones: everything but the guard.
_BARE = f"""
server {{
    listen {BARE_PORT} ssl;
    http2 on;
    server_name {HOST};
    ssl_certificate /run/secrets/tls_certificate;
    ssl_certificate_key /run/secrets/tls_key;
    location / {{
        proxy_set_header Host $host;
        proxy_set_header Connection "";
        proxy_read_timeout 600s;
        proxy_pass http://orthanc;
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Edge:
    """One of the nginx before the same Orthanc: its port, and its paths of Orthanc and of OHIF."""

    title: str
    port: int
    orthanc: str
    nginx: RunningNginx


@dataclass(frozen=True, slots=True)
class Deployed:
    """All that runs."""

    network: Network
    folder: Path
    archive: RunningOrthanc
    database: Postgres
    rendered: Edge
    samples: Edge
    bare: Edge


@contextmanager
def deployed(network: Network, folder: Path) -> Iterator[Deployed]:
    """Start all servers, from the files of a rendered deployment; stop them in the end."""
    deployment = make_deployment(**_PROFILE)
    rendered = folder / "rendered"
    write_artifacts(TARGETS["compose"].render(deployment), rendered)
    make_certificate(folder / "tls_certificate", folder / "tls_key", HOST)
    network.publish(HOST)
    with ExitStack() as stack:
        database = Postgres(network, folder, 18, folder / "data")
        stack.callback(database.stop)
        database.make("orthanc")
        archive = _orthanc(stack, network, folder, deployment)
        for name, text in (
            ("ohif", (rendered / "ohif/nginx.conf").read_text()),
            ("samples-ohif", samples.OHIF),
        ):
            _ohif(stack, network, folder, name, text)
        tool = Nginx(network, folder)
        stack.callback(tool.close)
        network.service("keycloak")
        edges = {
            "rendered": tool.start(_mounts(folder, rendered / "nginx"), ports=(443,)),
            "samples": tool.start(_mounts(folder, _samples_files(folder)), ports=(samples.PORT,)),
            "bare": tool.start(_mounts(folder, _bare_files(folder, rendered / "nginx")), ports=(BARE_PORT,)),
        }
        yield Deployed(
            network,
            folder,
            archive,
            database,
            Edge("rendered", 443, "", edges["rendered"]),
            Edge("samples", samples.PORT, "/orthanc", edges["samples"]),
            Edge("bare", BARE_PORT, "", edges["bare"]),
        )


def _orthanc(stack: ExitStack, network: Network, folder: Path, deployment: Deployment) -> RunningOrthanc:
    """Orthanc with the rendered settings, and with its container's memory for temporary files."""
    tool = Orthanc(network, folder)
    stack.callback(tool.close)
    pages = folder / "explorer"
    explorer.write_files(pages)
    names = ("libOrthancDicomWeb.so", "libOrthancPostgreSQLIndex.so", "libServeFolders.so")
    settings = {
        "Plugins": [f"{_PLUGINS}/{name}" for name in names],
        # Explorer 2 is in no registry; Debian's plugin serves files like its own, and no validators either.
        "ServeFolders": {"AllowCache": True, "GenerateETag": False, "Folders": {"/ui/app": "/explorer"}},
    }
    image = deployment.release.image("orthanc")
    volume = folder / "volume"
    volume.mkdir()
    return tool.start(
        folder / "rendered/orthanc/orthanc.json",
        mounts={"/explorer": pages, str(image.volume): Mount(volume, writable=True)},
        settings=settings,
        environment=image.environment,
        confinement=Confinement(tmpfs=image.tmpfs),
    )


def _ohif(stack: ExitStack, network: Network, folder: Path, name: str, configuration: str) -> None:
    """The container of OHIF: the image's files with the configuration of its nginx."""
    address = network.service(name)
    own = folder / name
    own.mkdir()
    # Both listen on the port 80 of their own address.
    (own / "nginx.conf").write_text(
        re.sub(r"listen (?:ADDRESS:)?80;", f"listen {address}:80;", configuration)
    )
    (own / "app-config.js").write_text(samples.OHIF_SETTINGS)
    settings = folder / "rendered/ohif/app-config.js" if name == "ohif" else own / "app-config.js"
    mounts = {
        "/usr/share/nginx/html": image_site(_OHIF_VERSION, own / "site"),
        "/usr/share/nginx/html/ohif/app-config.js": settings,
        "/etc/nginx/nginx.conf": own / "nginx.conf",
    }
    command = ("nginx", "-c", "/etc/nginx/nginx.conf", "-g", "daemon off;")
    line = container.command_line(parts.debian(), command, work=own / "container", mounts=mounts)
    program = Program(line, log=folder / f"{name}.log")
    stack.callback(program.stop)


def _samples_files(folder: Path) -> Path:
    own = folder / "samples-nginx"
    own.mkdir()
    (own / "nginx.conf").write_text(samples.EDGE)
    return own


def _bare_files(folder: Path, rendered: Path) -> Path:
    """The rendered files with a server that only passes requests on."""
    own = folder / "bare-nginx"
    (own / "conf.d").mkdir(parents=True)
    text = (rendered / "nginx.conf").read_text()
    for name in ("js_import", "js_set", "js_var", "add_header", "include snippets"):
        text = re.sub(rf"\n +{name} ?[^;]*;", "", text)
    text = re.sub(r"\$(?:read|write)_is_refused", "0", text).replace("$guard_reason", "")
    (own / "nginx.conf").write_text(text)
    (own / "conf.d/site.conf").write_text(_BARE)
    return own


def _mounts(folder: Path, files: Path) -> dict[str, Path | Mount]:
    secrets = {f"/run/secrets/{name}": folder / name for name in ("tls_certificate", "tls_key")}
    return {**{f"/etc/nginx/{path.name}": path for path in files.iterdir()}, **secrets}
