"""Fixtures: the real parts of a deployment, each stopped at the end of the test that asked for it.

Nothing here is skipped when it is missing: run `./check` once, which installs what it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.support.real import archive, images, kubernetes, parts
from tests.support.real import browser as browsers
from tests.support.real import engine as engines
from tests.support.real import network as networks
from tests.support.real.cluster import Cluster
from tests.support.real.engine import Engine, Host
from tests.support.real.keycloak import Keycloak, RunningKeycloak
from tests.support.real.network import Network
from tests.support.real.nginx import Nginx
from tests.support.real.orthanc import Orthanc


def pytest_report_header() -> str:
    """Say which real parts the tests run on."""
    debians, keycloaks = ", ".join(parts.suites()), ", ".join(parts.keycloak_versions())
    return f"real parts: Debian {debians}; Keycloak {keycloaks}"


LONGEST_FILES = (
    # First in its process: Keycloak as rendered listens on every address, and the Keycloak that tests share would be in its way.
    "test_confined_services.py",
    # Whole deployments, before a Keycloak that tests share takes memory beside them.
    "test_deployment_examples.py",
    # It needs none of the engine's images, which the other process makes meanwhile.
    "test_ohif.py",
    "test_deployment_people.py",
    "test_deployment_paradim.py",
    "test_first_steps.py",
    "test_deployment_minimal.py",
    # The others by their length.
    "test_keycloak_stories.py",
    "test_keycloak_identity.py",
    "test_keycloak_faults.py",
    "test_ohif_deployment.py",
    "test_keycloak_import.py",
    "test_orthanc_gathering.py",
    "test_orthanc.py",
    "test_keycloak_interruption.py",
    "test_pipelines.py",
    "test_installation.py",
    "test_keycloak_brokering.py",
    "test_keycloak_command.py",
    "test_free_text.py",
    "test_output_folder.py",
    "test_compose.py",
    "test_mutated_profiles.py",
    "test_first_day.py",
)
"""The files that take more than a minute on a busy machine: the short ones come last, so that both processes end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start long files first and fast tests last, so that parallel processes end at the same time."""
    positions = {name: number for number, name in enumerate(LONGEST_FILES)}

    def position(item: pytest.Item) -> tuple[bool, int]:
        return ("real" not in item.path.parts, positions.get(item.path.name, len(positions)))

    items.sort(key=position)


@pytest.fixture(scope="session", autouse=True)
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """A network of the tests' own, without a way out, where every port is free."""
    return networks.enter(tmp_path_factory.mktemp("network"))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that every user may enter, as the engine's mounts are for a container."""
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    return tmp_path


@pytest.fixture
def nginx(network: Network, tmp_path: Path) -> Iterator[Nginx]:
    """Starts a real nginx, and stand-ins for the services behind it."""
    tool = Nginx(network, tmp_path)
    yield tool
    tool.close()


@pytest.fixture
def orthanc(network: Network, tmp_path: Path) -> Iterator[Orthanc]:
    """Starts a real Orthanc; its address is that of the service `orthanc`."""
    tool = Orthanc(network, tmp_path)
    yield tool
    tool.close()


@pytest.fixture(params=parts.suites())
def start_archive(orthanc: Orthanc, tmp_path: Path, request: pytest.FixtureRequest) -> archive.Start:
    """Starts the Orthanc of a deployment, on each Debian that is installed."""
    return archive.starter(orthanc, tmp_path, request.param)


@pytest.fixture(scope="session")
def engine(network: Network) -> Iterator[tuple[Engine, Host]]:
    """A container engine with the images of the tests, on a machine of its own."""
    with engines.running(network, images.prepare) as running:
        yield running


@pytest.fixture(scope="module")
def cluster(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A Kubernetes without kubelets, whose nodes are made up."""
    with kubernetes.running(network, tmp_path_factory.mktemp("kubernetes")) as running:
        yield running


@pytest.fixture(scope="session")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the shared Keycloaks' vault: a test writes `REALM_SECRET` there."""
    return tmp_path_factory.mktemp("vault")


@pytest.fixture(scope="session")
def keycloak(
    network: Network, vault: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningKeycloak]:
    """The newest Keycloak, shared by all tests: each imports a realm under a name of its own."""
    tool = Keycloak(network, tmp_path_factory.mktemp("keycloak"))
    yield tool.start(name="keycloak-shared", options=[f"--vault-dir={vault}"])
    tool.close()


@pytest.fixture(scope="module")
def oldest_keycloak(
    network: Network, vault: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningKeycloak]:
    """The oldest Keycloak of the releases, shared by the tests of a file."""
    tool = Keycloak(network, tmp_path_factory.mktemp("keycloak"))
    version = parts.keycloak_versions()[-1]
    yield tool.start(version=version, name="keycloak-oldest", options=[f"--vault-dir={vault}"])
    tool.close()


@pytest.fixture
def own_keycloak(network: Network, tmp_path: Path) -> Iterator[Keycloak]:
    """Starts a Keycloak for one test, for instance with realms to import at its start."""
    tool = Keycloak(network, tmp_path)
    yield tool
    tool.close()


@pytest.fixture(scope="session")
def playwright(network: Network) -> Iterator[Playwright]:  # noqa: ARG001 - it has to start inside the network
    """Playwright, which starts once in a process: all browsers of the tests are started through this one."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A real Chromium without a window, shared by all tests."""
    with browsers.launched(playwright) as running:
        yield running


@pytest.fixture(scope="session")
def at_home(
    engine: tuple[Engine, Host],  # noqa: ARG001 - its machine has to be there
    playwright: Playwright,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Browser]:
    """A browser on the engine's own machine, which reaches what is published on its loopback."""
    program = browsers.program_on(networks.on_host(engines.HOST), tmp_path_factory.mktemp("browser"))
    with browsers.launched(playwright, program=program) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser that nobody has used before."""
    with browsers.visitor(browser) as context:
        yield context.new_page()
