"""
What docs/contributing/images.md says of the images, asked of the images that the deployments of the tests run.

With `ORTHGEN_REAL_IMAGES=1` these are the official ones. So the stand-ins are laid out as those are, or both tests fail.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orthgen.catalogue import images as catalogue
from orthgen.catalogue import load, releases
from tests.support.real.engine import Engine, EngineError, Host

RELEASE = load(releases()[0])


@dataclass(frozen=True)
class Layout:
    """Facts about an image: programs, owners of paths, and what a shell finds."""

    has: tuple[str, ...]
    """Programs that a health check, a start script or a step of an upgrade runs."""
    has_not: tuple[str, ...] = ()
    owners: tuple[tuple[str, str], ...] = ()
    """Paths and the `uid:gid` that they belong to."""
    holds: tuple[str, ...] = ()
    """Conditions of a shell that hold."""


LAYOUTS = {
    "orthanc": Layout(
        ("python3", "Orthanc"),
        ("curl", "wget"),
        (("/var/lib/orthanc", "999:999"),),
        (
            "[ ! -e /var/lib/orthanc/db ]",
            '[ -z "$(ls /etc/orthanc)" ]',
            '[ "$(cat /etc/hostid)" = not-generated ]',
            "[ -d /usr/share/orthanc/plugins-available ]",
        ),
    ),
    "auth-service": Layout(
        ("python3",),
        ("curl", "wget"),
        holds=(
            "[ -f /orthanc_auth_service/app.py ]",
            "grep -q upload /orthanc_auth_service/anonymous-profile.json",
            "python3 -c 'import requests, uvicorn'",
        ),
    ),
    "ohif": Layout(
        ("nginx", "wget"),
        ("curl",),
        holds=(
            "[ -f /usr/share/nginx/html/ohif/app-config.js ]",
            "[ -s /usr/share/nginx/html/ohif/app-config.js.gz ]",
            # Each script is empty beside its compressed form.
            '[ -z "$(find /usr/share/nginx/html/ohif -name "*.js" -size +0)" ]',
            '[ "$(find /usr/share/nginx/html/ohif -name "*.js.gz" | wc -l)" -gt 20 ]',
        ),
    ),
    "keycloak": Layout(
        ("bash",),
        ("curl", "wget"),
        (("/opt/keycloak/lib/quarkus", "1000:0"), ("/opt/keycloak", "1000:0")),
        ("[ -x /opt/keycloak/bin/kc.sh ]", "[ -f /opt/keycloak/lib/quarkus/build-system.properties ]"),
    ),
    "nginx": Layout(
        ("nginx", "curl"),
        ("wget",),
        holds=(
            '[ "$(id -u nginx)" = 101 ]',
            "[ -f /usr/lib/nginx/modules/ngx_http_js_module.so ]",
            '[ "$(readlink /var/log/nginx/access.log)" = /dev/stdout ]',
            '[ "$(readlink /var/log/nginx/error.log)" = /dev/stderr ]',
        ),
    ),
    "postgres": Layout(
        ("pg_isready", "pg_dump", "pg_restore"),
        owners=(("/var/lib/postgresql", "999:999"), ("/var/run/postgresql", "999:999")),
        holds=("[ -d /docker-entrypoint-initdb.d ]", '[ "$PGDATA" = /var/lib/postgresql/18/docker ]'),
    ),
    "certbot": Layout(("certbot", "sh", "python3"), ("bash",)),
}


@pytest.fixture
def runs(engine: tuple[Engine, Host]) -> Iterator[Engine]:
    """The engine; containers that a test leaves are removed."""
    yield engine[0]
    left = engine[0].docker("ps", "--all", "--quiet", "--filter=label=tests.images").split()
    if left:
        engine[0].docker("rm", "--force", "--volumes", *left)


def run(engine: Engine, *options: str) -> str:
    """What `docker run` prints."""
    return engine.docker("run", "--network=none", "--label=tests.images", *options)


@pytest.mark.parametrize("component", LAYOUTS)
def test_an_image_is_laid_out_as_its_facts_say(runs: Engine, component: str) -> None:
    """User, ports, declared volume, programs, owners."""
    facts = catalogue.image(component, RELEASE.images[component])
    layout = LAYOUTS[component]
    (described,) = runs.inspect(facts.reference)
    configuration: dict[str, Any] = described["Config"]
    user, _, group = (configuration["User"] or "0:0").partition(":")

    assert f"{user}:{group or '0'}" == facts.shipped_user
    exposed = {int(port.partition("/")[0]) for port in configuration.get("ExposedPorts") or ()}
    assert exposed <= {*facts.ports.values(), 8443}
    for volume in configuration.get("Volumes") or ():
        assert volume in (facts.volume, "/var/lib/letsencrypt")
    conditions = [
        *(f"command -v {program} >/dev/null" for program in layout.has),
        *(f"! command -v {program} >/dev/null" for program in layout.has_not),
        *(f'[ "$(stat -c %u:%g {path})" = {owner} ]' for path, owner in layout.owners),
        *layout.holds,
    ]
    script = "\n".join(f"( {text} ) || echo '{index}'" for index, text in enumerate(conditions))
    failed = run(runs, "--rm", "--entrypoint=sh", facts.reference, "-c", script).split()
    assert [conditions[int(index)] for index in failed] == []


def test_every_image_of_the_release_has_a_layout() -> None:
    """So no image is forgotten."""
    assert set(LAYOUTS) == set(RELEASE.images)


# ---------------------------------------------------------------------------------------- how Orthanc is configured


def merged(engine: Engine, folder: Path, *options: str) -> tuple[dict[str, Any], str]:
    """The configuration that the entrypoint writes from the files in `folder`, and its log."""
    for mounted in ("etc", "secrets"):
        (folder / mounted).mkdir(exist_ok=True)
    files = (f"--volume={folder}/etc:/etc/orthanc", f"--volume={folder}/secrets:/run/secrets")
    # As the deployment runs it: a read-only /etc/hostid of its own, user 999.
    (folder / "hostid").write_text("10000001\n")
    hostid = f"--volume={folder}/hostid:/etc/hostid:ro"
    image = RELEASE.images["orthanc"]
    name = run(engine, "--detach", "--user=999:999", *files, hostid, *options, image).strip()
    deadline = time.monotonic() + 120
    while True:
        try:
            engine.docker("cp", f"{name}:/tmp/orthanc.json", str(folder / "merged.json"))
            configuration = dict(json.loads((folder / "merged.json").read_text()))
            break
        except (EngineError, ValueError):
            assert time.monotonic() < deadline, engine.logs(name)
            time.sleep(0.2)
    return configuration, engine.logs(name)


def test_orthanc_merges_files_then_secret_files_then_variables_then_secrets(
    runs: Engine, tmp_path: Path
) -> None:
    """Each source wins over those before it, and defaults fill what nobody set."""
    for source in ("etc", "secrets"):
        (tmp_path / source).mkdir()
    own = {"AuthenticationEnabled": False, "RemoteAccessAllowed": True}
    (tmp_path / "etc/a.json").write_text(json.dumps({**own, "Name": "a", "LimitFindResults": 1}))
    (tmp_path / "etc/b.json").write_text(
        '{"Name": "b", "DicomAet": "B", "HttpTimeout": 1, // a comment\n "Warnings": {"W001": false}}'
    )
    (tmp_path / "secrets/c.json").write_text(
        json.dumps({"DicomAet": "C", "HttpTimeout": 2, "LimitFindResults": 2, "Warnings": {"W002": False}})
    )
    # A line break at the end is dropped, and what parses as JSON is not text.
    (tmp_path / "secrets/ORTHANC__LIMIT_FIND_RESULTS").write_text("4\n")

    configuration, log = merged(
        runs, tmp_path, "--env=ORTHANC__HTTP_TIMEOUT=3", "--env=ORTHANC__LIMIT_FIND_RESULTS=3"
    )

    names = ("Name", "DicomAet", "HttpTimeout", "LimitFindResults")
    assert [configuration[name] for name in names] == ["b", "C", 3, 4]
    assert configuration["Warnings"] == {"W001": False, "W002": False}
    assert configuration["AuthenticationEnabled"] is False
    assert configuration["StorageDirectory"] == "/var/lib/orthanc/db"
    assert "/run/orthanc/plugins" in configuration["Plugins"]
    assert "WARNING" in log


def test_orthanc_replaces_variables_in_files_and_keeps_an_escaped_dollar(
    runs: Engine, tmp_path: Path
) -> None:
    """`$NAME` and `${NAME}` are replaced, by nothing where there is no such variable."""
    (tmp_path / "etc").mkdir()
    own = '"AuthenticationEnabled": false, "DicomAet": "$WORD", "HttpTimeout": ${SECONDS_OF_HTTP}'
    (tmp_path / "etc/orthanc.json").write_text(f'{{{own}, "Name": "\\u0024KEPT", "Unknown": "a$NONE"}}')

    configuration, _ = merged(runs, tmp_path, "--env=WORD=AET", "--env=SECONDS_OF_HTTP=7")

    assert (configuration["DicomAet"], configuration["HttpTimeout"]) == ("AET", 7)
    assert (configuration["Name"], configuration["Unknown"]) == ("$KEPT", "a")


def test_orthanc_starts_after_the_start_script_and_not_without_it(runs: Engine, tmp_path: Path) -> None:
    """The command of a variable, split at blanks, as the container's user; where it fails, the container ends with its status."""
    script = tmp_path / "start.sh"
    script.write_text('echo "$1 of $(id -u)"; exit "$2"\n')
    (tmp_path / "hostid").write_text("10000001\n")
    files = (f"--volume={script}:/start.sh:ro", f"--volume={tmp_path}/hostid:/etc/hostid:ro")
    variable = "--env=BEFORE_ORTHANC_STARTUP_SCRIPT=bash /start.sh run"
    image = RELEASE.images["orthanc"]

    failed = run(runs, "--detach", "--user=999:999", *files, f"{variable} 7", image).strip()
    status = runs.docker("wait", failed).strip()
    log = runs.logs(failed)
    _, after = merged(runs, tmp_path, *files[:1], f"{variable} 0")

    assert status == "7", log
    assert "run of 999" in log
    assert "Orthanc version" not in log
    assert "run of 999" in after


def test_postgresql_does_not_start_beside_the_data_of_an_older_major_version(
    runs: Engine, tmp_path: Path
) -> None:
    """The entrypoint stops, so that nobody works on an empty database unknowingly."""
    older = tmp_path / "17/docker"
    older.mkdir(parents=True)
    (older / "PG_VERSION").write_text("17\n")
    variables = ("--env=POSTGRES_PASSWORD_FILE=/etc/hostname", "--env=POSTGRES_USER=o", "--env=POSTGRES_DB=o")

    with pytest.raises(EngineError, match="17"):
        run(
            runs,
            "--rm",
            f"--volume={tmp_path}:/var/lib/postgresql",
            *variables,
            RELEASE.images["postgres"],
        )
