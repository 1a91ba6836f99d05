"""Where `tests/tools/install-real-parts` has put the real parts."""

from __future__ import annotations

import os
import shutil
from fcntl import LOCK_SH, flock
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
CACHE = Path(os.environ.get("ORTHGEN_TEST_CACHE") or Path.home() / ".cache" / "orthgen-tests")

SUITES = ("forky", "trixie")
"""The Debians that carry Orthanc and nginx, the newest first."""


class MissingPartError(RuntimeError):
    """A real part is not installed; nothing is skipped, so this fails the test."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not there; run ./check or tests/tools/install-real-parts")


def _require(path: Path) -> Path:
    if not path.exists():
        raise MissingPartError(str(path))
    return path


@cache
def suites() -> tuple[str, ...]:
    """The Debian folders that are installed, the newest first."""
    installed = tuple(suite for suite in SUITES if (CACHE / "stamps" / f"debian-{suite}").exists())
    if not installed:
        raise MissingPartError("a Debian folder with Orthanc and nginx")
    return installed


def debian(suite: str | None = None) -> Path:
    """The root folder of a small Debian with Orthanc and nginx; the newest unless one is named."""
    return _require(CACHE / f"debian-{suite or suites()[0]}")


KEYCLOAK_BETWEEN = "26.6.4"
"""A version between the installed ones, for upgrades: tests that run on every version leave it out."""


@cache
def keycloak_versions() -> tuple[str, ...]:
    """The versions of Keycloak that are installed, the newest first."""
    names = [stamp.name.removeprefix("keycloak-") for stamp in (CACHE / "stamps").glob("keycloak-*")]
    if not names:
        raise MissingPartError("Keycloak")
    return tuple(sorted(names, key=lambda name: [int(part) for part in name.split(".")], reverse=True))


def keycloak(version: str | None = None) -> Path:
    """The folder of a Keycloak distribution that is built; the newest unless a version is named."""
    return _require(CACHE / f"keycloak-{version or keycloak_versions()[0]}")


def postgres(major: int) -> Path:
    """The root folder of a small Debian with that major version of PostgreSQL."""
    return _require(CACHE / f"postgresql-{major}")


def java() -> Path:
    """The root folder of a small Debian with the Java that Keycloak's image has."""
    return _require(CACHE / "java-21")


def tool(environment: str, command: str) -> Path:
    """A Python tool's command, from the environment of its own."""
    return _require(CACHE / "tools" / environment / "bin" / command)


def dclint() -> Path:
    """The command of the linter dclint."""
    return _require(CACHE / "dclint" / "node_modules" / ".bin" / "dclint")


def kubernetes(program: str) -> Path:
    """A program of Kubernetes: a server of the control plane, `etcd` or `kubectl`; waits for its build to end."""
    with _require(CACHE / "kubernetes.lock").open() as lock:
        flock(lock, LOCK_SH)
    if not (CACHE / "stamps" / "kubernetes").exists():
        log = CACHE / "logs" / "kubernetes.log"
        raise MissingPartError(f"Kubernetes, whose build ended with\n{log.read_text()[-2000:]}\n,")
    return CACHE / "kubernetes" / "bin" / program


def custom_resource_definitions() -> list[Path]:
    """The definitions of custom resources, one file or more of each project."""
    return sorted(_require(CACHE / "kubernetes" / "definitions").glob("*.yaml"))


def kubernetes_schemas(minor: str) -> Path:
    """The definitions of all objects of a minor version of Kubernetes, as the package kubernetes-validate carries them."""
    packages = next(_require(CACHE / "tools" / "kubernetes-validate").glob("lib/python*/site-packages"))
    folder = packages / "kubernetes_validate/kubernetes-json-schema" / f"v{minor}.0-local-strict"
    return _require(folder / "_definitions.json")


def language_server() -> Path:
    """The program of the YAML language server that editors use."""
    return _require(
        CACHE / "editor" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    )


def node_modules() -> Path:
    """Where the language server and the JSON Schema validator of JavaScript are."""
    return _require(CACHE / "editor" / "node_modules")


def compose_schema() -> Path:
    """The public JSON Schema of Compose files, as dclint carries it."""
    return _require(CACHE / "dclint" / "node_modules" / "dclint" / "schemas" / "compose.schema.json")


def sarif_schema() -> Path:
    """The JSON Schema of SARIF 2.1.0, as Microsoft's jest-sarif carries it."""
    package = CACHE / "sarif" / "node_modules" / "@microsoft" / "jest-sarif"
    return _require(package / "lib" / "schemas" / "sarif-2.1.0-rtm.5.json")


def axe() -> Path:
    """The script of axe-core, which checks a page for people who read with a screen reader."""
    return _require(CACHE / "axe" / "node_modules" / "axe-core" / "axe.min.js")


def website_packages() -> Path:
    """The npm packages of the documentation's site."""
    return _require(CACHE / "website" / "node_modules")


def command(name: str) -> str:
    """The path of a command of the system."""
    path = shutil.which(name)
    if path is None:
        raise MissingPartError(name)
    return path
