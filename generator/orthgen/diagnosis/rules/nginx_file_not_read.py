"""A mounted file that nginx does not read, because of its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Mount, Service

_FILES = """
    ==> docker-compose.yml <==
    services:
      nginx:
        image: nginx:1.30.6
        volumes: ["./pacs.conf:/etc/nginx/FILE:ro"]
    ==> pacs.conf <==
    server {
        listen 127.0.0.1:80;
        server_name ${PUBLIC_HOST};
    }
"""
RULE = Rule(
    "nginx-file-not-read",
    Severity.ERROR,
    summary="nginx does not read a mounted file, because of its name: the image reads `/etc/nginx/conf.d/*.conf` and makes configuration of "
    "`/etc/nginx/templates/*.template`.",
    consequence="nginx answers with its page `Welcome to nginx!`, or with what another file says.",
    remedy="Give the file the ending `.conf`, or `.template` where it has variables of the environment.",
    file="docker-compose.yml",
    example=_FILES.replace("FILE", "templates/pacs.conf"),
    counterexample=_FILES.replace("FILE", "templates/pacs.conf.template"),
)
_IMAGES = frozenset({"nginx", "nginxinc/nginx-unprivileged"})
_TEMPLATES = PurePosixPath("/etc/nginx/templates")
_CONFIGURATION = PurePosixPath("/etc/nginx/conf.d")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The names of mounted files are those that nginx reads."""
    for service in deployment.services:
        is_own = any(service.definition.get(key) for key in ("build", "command", "entrypoint"))
        if containers.repository(service) not in _IMAGES or is_own or _has_main(service):
            continue
        suffixes = {
            _TEMPLATES: service.variable("NGINX_ENVSUBST_TEMPLATE_SUFFIX") or ".template",
            _CONFIGURATION: ".conf",
        }
        for target, mount in _files(service).items():
            suffix = suffixes.get(target.parent)
            if suffix is None or not target.suffix or target.name.endswith(suffix):
                continue
            better = f"{target.parent}/{target.stem if suffix == '.conf' else target.name}{suffix}"
            yield Finding(
                RULE,
                f"nginx does not read `{target}`: its name does not end in `{suffix}`",
                mount.location,
                f"mount it at `{better}`"
                if mount.target == str(target)
                else f"call it `{PurePosixPath(better).name}`",
                replacement=better if mount.target == str(target) else "",
                replaced=mount.target,
            )


def _files(service: Service) -> dict[PurePosixPath, Mount]:
    """The files of a container that are mounted alone or with their folder, each with its mount."""
    files = {PurePosixPath(mount.target): mount for mount in service.mounts}
    for path in map(PurePosixPath, service.configured):
        mount = files.get(path) or files.get(path.parent)
        if mount is not None:
            files[path] = mount
    return files


def _has_main(service: Service) -> bool:
    """Whether nginx's main file is mounted, which may include any other."""
    return any(mount.target == "/etc/nginx/nginx.conf" for mount in service.mounts)
