"""What each service of the compose file may do, when it starts, and how much it may use."""

import re

import pytest

from orthgen.deployment import naming
from orthgen.products.nginx.guard import MAX_REPORT_SIZE
from orthgen.profile.memory import megabytes_of
from orthgen.targets import TARGETS
from orthgen.targets.compose import COMPOSE_PATH
from orthgen.targets.services.composition import compose
from tests.support.builders import example, make_deployment
from tests.support.compose_files import ALL, compose_file, rendered


def test_compose_is_the_default_target() -> None:
    """`--target` offers what is listed, the first by default."""
    assert next(iter(TARGETS)) == "compose"
    assert all(TARGETS[name].name == name for name in TARGETS)


@ALL
def test_every_service_may_do_as_little_as_it_can(name: str) -> None:
    """No capabilities, no way to gain some, a root that nobody writes to, limits, and a check of its health."""
    for service, settings in compose_file(example(name))["services"].items():
        assert settings["cap_drop"] == ["ALL"]
        assert settings.get("cap_add", []) == (["CHOWN"] if service == naming.CERTBOT else [])
        assert settings["security_opt"] == ["no-new-privileges:true"]
        assert settings["read_only"] is True
        # Keycloak warns where it is not process 1.
        assert settings["init"] is (service != naming.KEYCLOAK)
        assert all(settings[limit] for limit in ("mem_limit", "cpus", "pids_limit"))
        assert settings["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
        assert settings["restart"] == "unless-stopped"
        assert settings["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
        assert ("user" in settings) == (service != naming.CERTBOT)
        assert not settings.get("user", "1:1").startswith("0:")


@ALL
def test_a_writable_place_in_memory_has_a_size_and_runs_nothing(name: str) -> None:
    """A read-only root is worth little with an endless or executable place beside it."""
    for settings in compose_file(example(name))["services"].values():
        for entry in settings["tmpfs"]:
            options = entry.partition(":")[2].split(",")

            assert any(option.startswith("size=") for option in options)
            assert "exec" not in options


MEMORY = (
    "{orthanc: 1g, database: 256m, keycloak: 640m, nginx: 128m, auth-service: 128m, ohif: 32m}",
    "{total: 3840m}",
    "{}",
)


@pytest.mark.parametrize("memory", MEMORY)
def test_folders_in_memory_have_at_most_half_of_the_limit(memory: str) -> None:
    """The kernel counts their content as memory of the container, and would end a service whose folders requests fill."""
    deployment = make_deployment(deployment=f"{{compose: {{memory: {memory}}}}}", viewers="{ohif: {}}")
    services = compose_file(deployment)["services"]

    sizes = {
        name: [
            megabytes_of(size)
            for size in (
                *re.findall(r":size=(\w+)", " ".join(settings["tmpfs"])),
                *([settings["shm_size"]] if "shm_size" in settings else []),
            )
        ]
        for name, settings in services.items()
    }
    for name, settings in services.items():
        assert all(sizes[name]), name
        assert sum(sizes[name]) <= megabytes_of(settings["mem_limit"]) // 2, name
    # Less than Docker gives by itself helps no query.
    assert megabytes_of(services[naming.ORTHANC_DB]["shm_size"]) >= 63
    # The largest report fits.
    assert sum(sizes[naming.NGINX]) > megabytes_of(MAX_REPORT_SIZE)


@ALL
def test_services_start_after_those_that_they_need(name: str) -> None:
    """Each waits until the others are healthy, and nobody waits in a circle."""
    services = compose_file(example(name))["services"]
    waits = {service: set(settings.get("depends_on", {})) for service, settings in services.items()}

    started: set[str] = set()
    while ready := {
        service for service, needs in waits.items() if needs <= started and service not in started
    }:
        started |= ready
    assert started == set(services)
    conditions = [need for settings in services.values() for need in settings.get("depends_on", {}).values()]
    assert all(condition == {"condition": "service_healthy"} for condition in conditions)


@ALL
def test_what_all_services_share_stands_once(name: str) -> None:
    """A reader finds the hardening in one place, and every service takes it in; defaults of Docker's are not spelled out."""
    text = rendered(example(name))[COMPOSE_PATH]
    services = compose_file(example(name))["services"]

    for key in ("cap_drop:", "security_opt:", "restart:", "logging:"):
        assert text.count(f"\n  {key}") + text.count(f"    {key}") == 1
    assert text.count("    <<: [*defaults, *hardening]\n") == len(services)
    assert not re.search(r"driver: (bridge|local)|protocol: tcp", text)


def test_modalities_can_store_before_anybody_can_sign_in() -> None:
    """Orthanc waits for its database and for nobody else."""
    services = compose_file(example("paradim.yaml"))["services"]

    assert set(services[naming.ORTHANC]["depends_on"]) == {naming.ORTHANC_DB}


@pytest.mark.parametrize(("size", "megabytes"), [("512m", 512), ("1.5g", 1536), ("16g", 16384)])
def test_memory_is_counted_in_megabytes(size: str, megabytes: int) -> None:
    """PostgreSQL is told a share of what its container may use."""
    assert megabytes_of(size) == megabytes


def test_the_parts_can_be_read_without_the_text() -> None:
    """Anybody who checks a deployment asks the parts; services come in the order in which they start."""
    deployment = example("paradim.production.yaml")
    composition = compose(deployment, [])

    assert [service.name for service in composition.services] == [
        naming.KEYCLOAK_DB,
        naming.KEYCLOAK,
        naming.AUTH_SERVICE,
        naming.ORTHANC_DB,
        naming.ORTHANC,
        naming.OHIF,
        naming.NGINX,
        naming.CERTBOT,
    ]
