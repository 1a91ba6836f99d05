"""
The images that rendered compose files name, made here: programs of Debian and of other registries of packages, laid out
as the official images are (docs/contributing/images.md). Each has a label that says what it stands for.

An image is made anew when its recipe changes: its folder in tests/support/images, the trees that it is made from, and for
a stand-in the project's model.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from orthgen.catalogue import load as load_release
from orthgen.catalogue import releases
from tests.support.ohif import build
from tests.support.real import authority, parts
from tests.support.real.engine import FOLDER, IMAGES, Engine, locked, prefer
from tests.support.real.network import run

RECIPES = parts.REPOSITORY / "tests/support/images"
STANDS_FOR = "orthgen.tests.stands-for"
_DIGEST = "orthgen.tests.recipe"

OLDER = "26.4"
"""The release that a deployment is upgraded from."""

REAL = os.environ.get("ORTHGEN_REAL_IMAGES") == "1"
"""Whether the official images are pulled instead; `python -m tests.support.real.images` does so outside the tests' network."""
_PULLED = "pulled"
_GROUP = "images"
"""The control group of the containers that build the images."""

_KEYCLOAK_PARTS = ("bin", "conf", "lib", "providers", "themes", "version.txt")


@dataclass(frozen=True)
class Recipe:
    """How one image is made.

    `tree` is a stamp of the cache whose folder the image begins with; `stamps` are those of what else it is made from, which
    `fill` puts into the folder that the Dockerfile sees.
    """

    folder: str
    tree: str
    stands_for: str
    arguments: dict[str, str] = field(default_factory=dict)
    stamps: tuple[str, ...] = ()
    fill: Callable[[Path], None] | None = None
    stand_in: bool = False
    sources: tuple[str, ...] = ()
    """Files of the repository that `fill` works with."""

    def digest(self) -> str:
        """A digest of all that the image is made from."""
        files = sorted(path for path in (RECIPES / self.folder).rglob("*") if _counts(path))
        files += [parts.REPOSITORY / path for path in self.sources]
        if self.stand_in:
            files += sorted(path for path in (parts.REPOSITORY / "generator").rglob("*") if _counts(path))
        total = hashlib.sha256(json.dumps([self.stands_for, self.arguments]).encode())
        for stamp in (self.tree, *self.stamps):
            total.update((parts.CACHE / "stamps" / stamp).read_bytes())
        for path in files:
            name, may_run = path.relative_to(parts.REPOSITORY).as_posix(), os.access(path, os.X_OK)
            total.update(f"{name} {may_run}\n".encode() + path.read_bytes())
        return total.hexdigest()

    def make_context(self, folder: Path) -> None:
        """Put all that the Dockerfile copies into a folder."""
        shutil.copytree(RECIPES / self.folder, folder, dirs_exist_ok=True, ignore=_ignored)
        if self.fill is not None:
            self.fill(folder)
        if self.stand_in:
            stand_in = folder / "stand-in"
            shutil.copytree(parts.REPOSITORY / "generator/orthgen", stand_in / "orthgen", ignore=_ignored)
            program = f"tests/support/images/{self.folder}"
            shutil.copytree(parts.REPOSITORY / program, stand_in / program, ignore=_ignored)


_ignored = shutil.ignore_patterns("__pycache__")


def _counts(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def _recipe(component: str, version: str, release: str) -> Recipe:
    """The recipe of a component's image; `version` is its tag's."""
    newest = release == releases()[0]
    debian = parts.suites()[0] if newest else parts.suites()[-1]
    if component == "keycloak":
        return _keycloak(version)
    if component == "postgres":
        return _postgres(version)
    if component == "ohif":
        return Recipe(
            "ohif",
            f"debian-{debian}",
            f"OHIF {_OHIF}, from npm, behind Debian's nginx",
            stamps=(f"ohif-{_OHIF}",),
            fill=lambda folder: _fill_ohif(folder / "site"),
            sources=("tests/support/ohif/build.py",),
        )
    if component == "orthanc":
        stands_for = (
            f"Orthanc and plugins of Debian {debian}; stand-ins for the authorization plugin and Explorer 2, "
            "which are in no registry of packages"
        )
        return Recipe("orthanc", f"debian-{debian}", stands_for, stand_in=True)
    if component == "certbot":
        return _certbot()
    if component == "auth-service":
        stands_for = "a stand-in for the auth-service, which is in no registry of packages"
        return Recipe("auth_service", f"debian-{debian}", stands_for, stand_in=True)
    # nginx stores nothing, and an older one than the release's does not read the rendered files.
    newest_debian = parts.suites()[0]
    return Recipe("nginx", f"debian-{newest_debian}", f"nginx and njs of Debian {newest_debian}")


_OHIF = "3.12.0"


def _fill_ohif(site: Path) -> None:
    site.mkdir()
    build.image_site(_OHIF, site)


def _keycloak(version: str) -> Recipe:
    # A release whose Keycloak is not installed for the tests gets the next one: no version reads what a newer one stored.
    installed = {name: f"keycloak-{name}" for name in parts.keycloak_versions()}
    installed[parts.KEYCLOAK_BETWEEN] = f"upgrade-by-keycloak-{parts.KEYCLOAK_BETWEEN}"
    later = [name for name in installed if _numbers(name) >= _numbers(version)]
    chosen = min(later, key=_numbers, default=parts.keycloak_versions()[0])
    return Recipe(
        "keycloak",
        "java-21",
        f"the distribution of Keycloak {chosen} on Debian's Java 21",
        stamps=(installed[chosen],),
        # The installed one has been started once: without what that has left.
        fill=lambda folder: _link(
            [parts.keycloak(chosen) / name for name in _KEYCLOAK_PARTS], folder / "keycloak"
        ),
    )


def _certbot() -> Recipe:
    trusted = authority.certificate()
    return Recipe(
        "certbot",
        "certbot",
        "certbot of Debian, which trusts the tests' own authority in place of the public ones",
        {"AUTHORITY": hashlib.sha256(trusted.read_bytes()).hexdigest()},
        fill=lambda folder: _link([trusted], folder),
    )


def _postgres(version: str) -> Recipe:
    major = version.partition(".")[0]
    data = f"/var/lib/postgresql/{major}/docker" if int(major) >= 18 else "/var/lib/postgresql/data"
    arguments = {"MAJOR": major, "PGDATA": data}
    return Recipe("postgres", f"postgresql-{major}", f"PostgreSQL {major} of Debian", arguments)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _link(paths: Iterable[Path], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    run("cp", "-al", *paths, folder)


def recipes(chosen: Iterable[str]) -> dict[str, Recipe]:
    """The recipes of all images of these releases, by the name that a compose file has for each."""
    made: dict[str, Recipe] = {}
    for name in chosen:
        for component, reference in load_release(name).images.items():
            made.setdefault(reference, _recipe(component, reference.rpartition(":")[2], name))
    return made


def prepare() -> None:
    """Make what is missing or out of date of the images; call it locked."""
    wanted = recipes((releases()[0], OLDER))
    digests = {name: _PULLED if REAL else recipe.digest() for name, recipe in wanted.items()}
    record = IMAGES / "recipes.json"
    made = json.loads(record.read_text()) if record.exists() else {}
    missing = [name for name, digest in digests.items() if made.get(name) != digest]
    if not missing:
        return
    IMAGES.mkdir(parents=True, exist_ok=True)
    # It runs no deployment, so it needs no network but the machine's own for pulling.
    separate = () if REAL else (parts.command("unshare"), "--net")
    without_network = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false")
    engine = Engine(IMAGES, separate, (f"--cgroup-parent=/{_GROUP}", *without_network))
    prefer(_GROUP)
    engine.start()
    try:
        for name in missing:
            if REAL:
                engine.docker("pull", "--quiet", name)
            else:
                _build(engine, name, wanted[name])
            made[name] = digests[name]
            record.write_text(json.dumps(made, indent=2))
        # What was built before is kept for a day: a change of branches then builds from its layers. Running engines of
        # other processes use the layers as well.
        if not any(FOLDER.glob("run-*")):
            engine.docker("system", "prune", "--force", "--filter=until=24h")
    finally:
        engine.stop()


def _build(engine: Engine, name: str, recipe: Recipe) -> None:
    base = _imported(engine, recipe.tree)
    with tempfile.TemporaryDirectory(dir=IMAGES) as folder:
        recipe.make_context(Path(folder))
        arguments = {"BASE": base, **recipe.arguments}
        labels = {STANDS_FOR: recipe.stands_for, _DIGEST: recipe.digest()}
        engine.docker(
            *("build", "--quiet", "--force-rm", "--network=none", f"--tag={name}"),
            *(f"--build-arg={key}={value}" for key, value in arguments.items()),
            *(f"--label={key}={value}" for key, value in labels.items()),
            folder,
        )


def _imported(engine: Engine, tree: str) -> str:
    """The name of the image that is a tree of the cache, imported where its stamp is new."""
    stamp = hashlib.sha256((parts.CACHE / "stamps" / tree).read_bytes()).hexdigest()[:16]
    name = f"orthgen-tests/{tree}:{stamp}"
    if not engine.docker("images", "--quiet", name).strip():
        packed = ["tar", "--create", "--directory", str(parts.CACHE / tree), "--one-file-system"]
        without = [
            f"--exclude=./{folder}/*"
            for folder in ("dev", "proc", "sys", "var/lib/apt/lists", "var/cache/apt")
        ]
        engine.import_tree([*packed, *without, "."], name)
    return name


if __name__ == "__main__":
    with locked(FOLDER / "lock"):
        prepare()
