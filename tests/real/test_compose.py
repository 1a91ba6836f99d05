"""The rendered compose file in front of its real judges: Docker Compose, the public schema and four scanners."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from orthgen.catalogue import releases
from orthgen.deployment import naming
from orthgen.deployment.model import Deployment
from tests.support.builders import example, make_deployment
from tests.support.compose_files import ALL
from tests.support.real import compose, scan
from tests.support.real.confined_services import write
from tests.support.real.container import Confinement


def locked(deployment: Deployment) -> Deployment:
    """The deployment with a digest for each image, as a lock gives it."""
    references = deployment.release.images.values()
    return replace(
        deployment,
        lock={reference: f"sha256:{index:02x}{'e7' * 31}" for index, reference in enumerate(references)},
    )


@ALL
def test_docker_compose_and_the_public_schema_accept_every_example(name: str, tmp_path: Path) -> None:
    """Not one complaint, not one warning, with and without a lock."""
    for deployment in (example(name), locked(example(name))):
        path = write(deployment, tmp_path)

        assert compose.schema_errors(path) == []
        assert compose.config(path)["name"] == deployment.project


@pytest.mark.parametrize("release", releases())
def test_docker_compose_accepts_every_release(release: str, tmp_path: Path) -> None:
    """Images differ from release to release; the file is as good with each of them."""
    deployment = make_deployment(
        release=release,
        viewers="{ohif: {}, stone: {}}",
        archive="{modalities: {ct: {aet: CT, host: 10.0.0.1}}}",
    )
    path = write(deployment, tmp_path)

    assert compose.schema_errors(path) == []
    assert set(compose.config(path)["services"]) >= {naming.ORTHANC, naming.NGINX, naming.OHIF}


@ALL
def test_docker_compose_reads_what_we_mean(name: str, tmp_path: Path) -> None:
    """Sizes, times and escapes come out of Docker Compose's own reading as they went in."""
    services = compose.config(write(example(name), tmp_path))["services"]

    database = services.get(naming.ORTHANC_DB)
    assert database is None or '"$$POSTGRES_USER"' in database["healthcheck"]["test"][1]
    for service in services.values():
        assert int(service["mem_limit"]) >= 128 << 20
        assert float(service["cpus"]) > 0
        assert service["healthcheck"]["start_interval"] == "1s"


@ALL
def test_the_scanners_find_nothing_in_any_example(name: str, tmp_path: Path) -> None:
    """Every example, its images pinned by a lock, is clean, warnings included: no exception is needed."""
    path = write(locked(example(name)), tmp_path)

    assert list(map(str, scan.compose_lint(path))) == []
    assert list(map(str, scan.dclint(path))) == []
    assert list(map(str, scan.yamllint(path.parent))) == []
    assert list(map(str, scan.detect_secrets(path.parent))) == []


# ------------------------------------------------------------------------------------- programs, confined


@ALL
def test_every_service_but_the_companion_can_do_without_root(name: str, tmp_path: Path) -> None:
    """Read by Docker Compose: a user that is not root, no capability, a root that is read-only."""
    resolved = compose.config(write(example(name), tmp_path))

    for service in set(resolved["services"]) - {naming.CERTBOT}:
        confinement = compose.service(resolved, service, tmp_path / "volumes").confinement

        assert confinement.capabilities == ()
        assert confinement.read_only
        assert confinement.user is not None
        assert not confinement.user.startswith("0")
        assert isinstance(confinement, Confinement)
