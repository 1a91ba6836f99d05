"""The compose file of every example: who is reachable, who talks to whom, and how little each service may do."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from pydantic import ValidationError

from orthgen.deployment import naming
from orthgen.deployment.model import Deployment
from orthgen.products.artifact import Artifact
from orthgen.products.nginx.guard import MAX_REPORT_SIZE
from orthgen.profile.memory import megabytes_of
from orthgen.targets import TARGETS
from orthgen.targets.compose import COMPOSE_PATH, render
from orthgen.targets.services.composition import compose
from orthgen.targets.services.context import ServiceContext
from orthgen.targets.services.files import mounts_of
from orthgen.targets.services.postgres import Database, database_service
from tests.support.builders import EXAMPLES, example, make_deployment, make_profile

ALL = pytest.mark.parametrize("name", EXAMPLES)

# What the containers read; everything else in the tree is for people or for the target itself.
_DOCUMENT_FOLDERS = {"auth-service", "certbot", "keycloak", "nginx", "ohif", "orthanc"}


def rendered(deployment: Deployment) -> dict[str, str]:
    """The deployment's files, path to text."""
    return {artifact.path: artifact.text for artifact in render(deployment)}


def compose_file(deployment: Deployment) -> dict[str, Any]:
    """The compose file as others read it."""
    # libyaml reads as the other loader does, ten times faster.
    tree: dict[str, Any] = yaml.load(rendered(deployment)[COMPOSE_PATH], Loader=yaml.CSafeLoader)
    return tree


def environment(service: dict[str, Any]) -> dict[str, str]:
    """A service's variables."""
    return dict(service.get("environment", {}))


def reachable(tree: dict[str, Any], name: str) -> set[str]:
    """The other services that share a network with one."""
    own = set(tree["services"][name]["networks"])
    return {
        other
        for other, service in tree["services"].items()
        if other != name and own & set(service["networks"])
    }


def test_compose_is_the_default_target() -> None:
    """`--target` offers what is listed, the first by default."""
    assert next(iter(TARGETS)) == "compose"
    assert all(TARGETS[name].name == name for name in TARGETS)


@ALL
def test_the_same_deployment_gives_the_same_bytes(name: str) -> None:
    """Nothing in a file depends on when, where or how often it was rendered."""
    assert render(example(name)) == render(example(name))


@ALL
def test_only_nginx_and_dicom_are_published(name: str) -> None:
    """The host's ports lead to nginx, to Orthanc's DICOM ports where peers speak DICOM, and to Keycloak where asked."""
    deployment = example(name)
    published = {
        service: {port["target"] for port in settings["ports"]}
        for service, settings in compose_file(deployment)["services"].items()
        if "ports" in settings
    }

    dicom = {naming.DICOM_PORT, *(server.port for server in deployment.collection_aets)}
    assert published.pop(naming.NGINX) <= {80, 443}
    expected = {naming.ORTHANC: dicom} if deployment.publishes_dicom else {}
    if deployment.profile.identity.keycloak.local_port is not None:
        expected[naming.KEYCLOAK] = {8080}
    assert published == expected


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
        name: [megabytes_of(size) for size in re.findall(r":size=(\w+)", " ".join(settings["tmpfs"]))]
        for name, settings in services.items()
    }
    for name, settings in services.items():
        assert all(sizes[name]), name
        assert sum(sizes[name]) <= megabytes_of(settings["mem_limit"]) // 2, name
    # The largest report fits.
    assert sum(sizes[naming.NGINX]) > megabytes_of(MAX_REPORT_SIZE)


@ALL
def test_every_secret_that_is_used_exists_and_every_one_that_exists_is_used(name: str) -> None:
    """A secret is a file below `secrets/` (or a certificate of the host), known to the README, read by some service."""
    deployment = example(name)
    tree = compose_file(deployment)
    used = {
        secret["source"] for service in tree["services"].values() for secret in service.get("secrets", [])
    }

    assert used == set(tree["secrets"])
    secret_names = {secret.name for secret in deployment.secrets}
    assert used - {"tls-certificate", "tls-key", "trust-1"} == secret_names
    assert all(tree["secrets"][secret] == {"file": f"./secrets/{secret}"} for secret in secret_names)
    readme = rendered(deployment)["secrets/README.md"]
    assert all(f"`{secret}`" in readme for secret in used)


@ALL
def test_no_variable_carries_a_secret(name: str) -> None:
    """Variables can be read by `docker inspect`; one with a secret's name holds a path at most."""
    for settings in compose_file(example(name))["services"].values():
        for variable, value in environment(settings).items():
            if re.search(r"PASSW|SECRET|TOKEN|_KEY$", variable):
                assert variable.endswith("_FILE")
                assert value.startswith("/run/secrets/")


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


MODALITY = "{modalities: {ct: {aet: CT, host: 10.1.2.3, port: 104}}}"


@ALL
def test_services_share_networks_with_those_they_talk_to(name: str) -> None:
    """Keycloak's database is reachable by Keycloak alone, nobody but nginx reaches OHIF, and so on."""
    tree = compose_file(example(name))
    allowed = {
        naming.NGINX: {naming.ORTHANC, naming.KEYCLOAK, naming.OHIF, naming.AUTH_SERVICE},
        naming.OHIF: {naming.NGINX},
        naming.ORTHANC: {naming.NGINX, naming.AUTH_SERVICE, naming.ORTHANC_DB},
        naming.AUTH_SERVICE: {naming.ORTHANC, naming.ORTHANC_DB, naming.KEYCLOAK, naming.NGINX},
        naming.KEYCLOAK: {naming.NGINX, naming.AUTH_SERVICE, naming.KEYCLOAK_DB},
        naming.ORTHANC_DB: {naming.ORTHANC, naming.AUTH_SERVICE},
        naming.KEYCLOAK_DB: {naming.KEYCLOAK},
        naming.CERTBOT: set(),
    }

    for service in tree["services"]:
        others = allowed[service] & set(tree["services"])
        # With a Keycloak of the institution's own nobody here shares a network for it.
        if naming.KEYCLOAK not in tree["services"]:
            others -= {naming.NGINX} if service == naming.AUTH_SERVICE else set()
            others -= {naming.AUTH_SERVICE} if service == naming.NGINX else set()
        assert reachable(tree, service) == others


SUBNETS = "{tls: {letsencrypt: {email: a@b.org}}, compose: {subnets: 10.213.7.0/24}}"


def test_networks_are_cut_from_the_subnets_of_the_profile() -> None:
    """Each has sixteen addresses of its own, and keeps them when others come or go."""
    small = compose_file(make_deployment(deployment=SUBNETS))["networks"]
    large = compose_file(make_deployment(deployment=SUBNETS, viewers="{ohif: {}}", archive=MODALITY))[
        "networks"
    ]

    def addresses(networks: Mapping[str, Any]) -> dict[str, str]:
        return {name: settings["ipam"]["config"][0]["subnet"] for name, settings in networks.items()}

    assert addresses(small)["edge"] == "10.213.7.0/28"
    assert addresses(large)["orthanc-to-outside"] == "10.213.7.80/28"
    assert addresses(small).items() < addresses(large).items()
    assert len(set(addresses(large).values())) == len(large)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param("{local-port: 8081}", id="own Keycloak"),
        pytest.param("{server: 'https://sso.example.org'}", id="the institution's Keycloak"),
    ],
)
def test_every_network_has_a_place_in_the_subnets(settings: str) -> None:
    """No profile makes a network that has no addresses of its own."""
    deployment = make_deployment(
        identity=f"{{sign-in: [accounts: {{}}], keycloak: {settings}}}",
        deployment=SUBNETS,
        viewers="{ohif: {}}",
        archive=MODALITY,
    )

    assert all("ipam" in network for network in compose_file(deployment)["networks"].values())


@pytest.mark.parametrize(
    ("subnets", "message"),
    [
        pytest.param("10.213.7.0/26", "is too small", id="too small"),
        pytest.param("10.213.7.1/24", "is not an IPv4 network", id="an address inside"),
        pytest.param("fd00::/64", "is not an IPv4 network", id="IPv6"),
        pytest.param("203.0.112.0/20", "is not a private network", id="public"),
        pytest.param("127.0.1.0/24", "is not a private network", id="the machine's own"),
        pytest.param("169.254.7.0/24", "is not a private network", id="link-local"),
    ],
)
def test_subnets_are_a_private_network_with_room(subnets: str, message: str) -> None:
    """Anything else is said at validation, not by the container engine."""
    with pytest.raises(ValidationError, match=message):
        make_profile(deployment=f"{{tls: {{own-authority: {{}}}}, compose: {{subnets: '{subnets}'}}}}")


@pytest.mark.parametrize(
    ("settings", "number"),
    [
        pytest.param({"identity": "{sign-in: [accounts: {}]}"}, 5, id="the smallest"),
        pytest.param(
            {
                "identity": "{sign-in: [accounts: {}], smtp: {host: mail, sender: a@b.org}}",
                "viewers": "{ohif: {}}",
                "archive": MODALITY,
                "deployment": "{tls: {letsencrypt: {email: a@b.org}}}",
            },
            8,
            id="the largest",
        ),
    ],
)
def test_networks_are_few(settings: dict[str, str], number: int) -> None:
    """The engine's own pools hold 30: at least three deployments fit on a machine."""
    assert len(compose_file(make_deployment(**settings))["networks"]) == number


@ALL
def test_a_network_with_a_way_out_has_one_service(name: str) -> None:
    """Who reaches out does so alone; the published ports' network, on which nothing leaves, may have more."""
    tree = compose_file(example(name))
    for network, settings in tree["networks"].items():
        members = [service for service, found in tree["services"].items() if network in found["networks"]]

        assert settings.get("internal", False) or len(members) == 1 or network == "edge"
    masquerade = tree["networks"]["edge"]["driver_opts"]["com.docker.network.bridge.enable_ip_masquerade"]
    assert masquerade == "false"


def test_orthanc_reaches_the_servers_of_raw_settings() -> None:
    """A peer in another hospital is outside, as a modality of the profile is."""
    closed = "dicom: {publish: false}"
    peers = "settings: {OrthancPeers: {other: {Url: 'https://pacs.other.example/'}}}"

    found = {
        archive: "orthanc-to-outside" in compose_file(make_deployment(archive=archive))["networks"]
        for archive in (f"{{{closed}}}", f"{{{closed}, {peers}}}")
    }
    assert list(found.values()) == [False, True]


def test_nginx_databases_ohif_and_the_auth_service_have_no_way_out() -> None:
    """Anybody who needs nobody outside cannot be made to call somebody outside."""
    tree = compose_file(example("paradim.yaml"))
    outward = {
        network
        for network, settings in tree["networks"].items()
        if not settings.get("internal") and "driver_opts" not in settings
    }

    outward_networks = {
        service: outward & set(settings["networks"]) for service, settings in tree["services"].items()
    }
    assert {service for service, found in outward_networks.items() if found} == {
        naming.ORTHANC,
        naming.KEYCLOAK,
    }


@pytest.mark.parametrize(
    ("sign_in", "reaches_out"),
    [
        pytest.param("[accounts: {}]", False, id="accounts of its own"),
        pytest.param(
            "[ldap: {url: 'ldaps://dc', bind-dn: x, bind-password: {secret: p}, users-dn: y}]",
            True,
            id="LDAP",
        ),
    ],
)
def test_keycloak_reaches_out_only_to_somebody(sign_in: str, *, reaches_out: bool) -> None:
    """With accounts of its own and no mail server there is nobody outside to talk to."""
    tree = compose_file(make_deployment(identity=f"{{sign-in: {sign_in}}}"))

    assert ("keycloak-to-outside" in tree["networks"]) == reaches_out


@ALL
def test_what_all_services_share_stands_once(name: str) -> None:
    """A reader finds the hardening in one place, and every service takes it in; defaults of Docker's are not spelled out."""
    text = rendered(example(name))[COMPOSE_PATH]
    services = compose_file(example(name))["services"]

    for key in ("cap_drop:", "security_opt:", "restart:", "logging:"):
        assert text.count(f"\n  {key}") + text.count(f"    {key}") == 1
    assert text.count("    <<: [*defaults, *hardening]\n") == len(services)
    assert not re.search(r"driver: (bridge|local)|protocol: tcp", text)


@ALL
def test_every_document_is_mounted_and_read_only(name: str) -> None:
    """What was rendered is what the containers read, and none of them can change it; two folders of nginx's are one mount each."""
    deployment = example(name)
    binds = [
        mount
        for settings in compose_file(deployment)["services"].values()
        for mount in settings.get("volumes", [])
        if mount["type"] == "bind"
    ]

    documents = {path for path in rendered(deployment) if path.split("/")[0] in _DOCUMENT_FOLDERS}
    mounted = {re.sub(r"^nginx/(njs|snippets)/.*", r"nginx/\1", path) for path in documents}
    assert sorted(mount["source"] for mount in binds) == sorted(f"./{path}" for path in mounted)
    assert all(mount["read_only"] and mount["bind"] == {"create_host_path": False} for mount in binds)


def test_a_document_that_no_container_reads_is_an_error() -> None:
    """A forgotten mount is noticed at the first render, not in a hospital."""
    with pytest.raises(LookupError, match=r"no container reads `orthanc/new\.json`"):
        mounts_of(["orthanc/new.json"], make_deployment())


@ALL
def test_every_named_volume_is_used_and_declared(name: str) -> None:
    """What has to last has a name, and every name is used."""
    tree = compose_file(example(name))
    used = {
        mount["source"]
        for settings in tree["services"].values()
        for mount in settings.get("volumes", [])
        if mount["type"] == "volume"
    }

    assert used == set(tree["volumes"])


def test_a_lock_pins_every_image_by_its_digest() -> None:
    """What was tested is what is pulled, anybody who moves a tag."""
    deployment = example("paradim.production.yaml")
    digest = f"sha256:{'0' * 64}"
    locked = replace(deployment, lock=dict.fromkeys(deployment.release.images.values(), digest))

    images = [service["image"] for service in compose_file(locked)["services"].values()]
    assert all(re.fullmatch(r"[a-z0-9/-]+:v?[0-9][0-9.]*@" + digest, image) for image in images)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_images_that_a_lock_has_to_name_are_those_that_run(name: str) -> None:
    """No more, or the lock could not be made; no fewer, or one would run unpinned."""
    deployment = example(name)

    images = {service["image"] for service in compose_file(deployment)["services"].values()}
    assert images == set(deployment.images)


def test_without_a_lock_every_image_has_the_version_of_the_release() -> None:
    """No image is `latest`."""
    deployment = example("paradim.yaml")

    images = {service["image"] for service in compose_file(deployment)["services"].values()}
    assert images <= set(deployment.release.images.values())


def test_a_local_trial_is_for_this_machine() -> None:
    """`http://localhost` has no TLS, so nobody else's machine gets to see it."""
    ports = compose_file(example("minimal.yaml"))["services"][naming.NGINX]["ports"]

    assert ports == [{"host_ip": "127.0.0.1", "target": 80, "published": "80"}]


def test_the_ports_are_published_where_the_profile_says() -> None:
    """`bind` holds for the web and for DICOM."""
    deployment = make_deployment(
        archive="{modalities: {ct: {aet: CT, host: 10.1.2.3}}}",
        deployment="{tls: {certificate: ./c.pem, key: ./k.pem}, compose: {bind: 192.0.2.7, https-port: 8443}}",
    )
    services = compose_file(deployment)["services"]

    ports = [*services[naming.NGINX]["ports"], *services[naming.ORTHANC]["ports"]]
    assert [(port["host_ip"], port["published"], port["target"]) for port in ports] == [
        ("192.0.2.7", "80", 80),
        ("192.0.2.7", "8443", 443),
        ("192.0.2.7", "4242", 4242),
    ]


def test_a_proxy_in_front_gets_plain_http() -> None:
    """Anybody who ends TLS elsewhere needs one port, and no certificate here."""
    tree = compose_file(example("teaching-hospital.yaml"))

    assert [port["target"] for port in tree["services"][naming.NGINX]["ports"]] == [80]
    assert "tls-key" not in tree["secrets"]


def test_an_institution_with_a_keycloak_gets_no_other() -> None:
    """The auth-service asks the institution's Keycloak, and waits for no container."""
    tree = compose_file(example("clinic.yaml"))
    auth_service = tree["services"][naming.AUTH_SERVICE]

    assert not {naming.KEYCLOAK, naming.KEYCLOAK_DB} & set(tree["services"])
    assert "depends_on" not in auth_service
    assert environment(auth_service)["KEYCLOAK_URI"] == "https://sso.lakeside.example/realms/lakeside/"


def test_a_database_outside_has_a_check_and_no_container() -> None:
    """Its client waits for the check, both reach the server by the client's own network, and no password is in a variable."""
    server = "{host: db.example.org, authority: db.pem, password: {secret: db}}"
    deployment = make_deployment(
        archive=f"storage: {{postgresql: {server}}}",
        identity=f"{{sign-in: [accounts: {{}}], keycloak: {{postgresql: {server}}}}}",
    )
    tree = compose_file(deployment)
    services = tree["services"]

    assert not {naming.ORTHANC_DB, naming.KEYCLOAK_DB} & set(services)
    assert not {naming.ORTHANC_DB_PASSWORD, naming.KEYCLOAK_DB_PASSWORD} & {
        each.name for each in deployment.secrets
    }
    for client, check in ((naming.ORTHANC, "orthanc-db-check"), (naming.KEYCLOAK, "keycloak-db-check")):
        assert set(services[client]["depends_on"]) == {check}
        assert services[check]["networks"] == [f"{client}-to-outside"]
        assert reachable(tree, check) == {client}
        targets = {(secret["source"], secret["target"]) for secret in services[check]["secrets"]}
        assert targets == {
            ("db", "/run/database/password"),
            (f"{check[:-6]}-authority", "/run/database/authority.pem"),
        }
    assert "keycloak-to-database" not in tree["networks"]
    assert tree["secrets"]["orthanc-db-authority"] == {"file": "./db.pem"}
    assert "KC_DB_URL_HOST" not in environment(services[naming.KEYCLOAK])


def test_the_auth_service_starts_when_the_realm_is_there() -> None:
    """It fetches the realm's key once, when it starts."""
    services = compose_file(example("paradim.yaml"))["services"]

    assert set(services[naming.AUTH_SERVICE]["depends_on"]) == {naming.KEYCLOAK}
    assert "/health/ready" in services[naming.KEYCLOAK]["healthcheck"]["test"][-1]


def test_modalities_can_store_before_anybody_can_sign_in() -> None:
    """Orthanc waits for its database and for nobody else."""
    services = compose_file(example("paradim.yaml"))["services"]

    assert set(services[naming.ORTHANC]["depends_on"]) == {naming.ORTHANC_DB}


def test_the_companion_shares_its_certificates_with_nginx_alone() -> None:
    """Nginx reads what certbot writes; the authority reaches the answers through nginx."""
    services = compose_file(example("paradim.production.yaml"))["services"]
    shared = {
        service: {
            (mount["source"], mount.get("read_only", False))
            for mount in settings["volumes"]
            if mount["source"] in {"letsencrypt", "acme-challenges"}
        }
        for service, settings in services.items()
    }

    assert shared.pop(naming.CERTBOT) == {("letsencrypt", False), ("acme-challenges", False)}
    assert shared.pop(naming.NGINX) == {("letsencrypt", True), ("acme-challenges", True)}
    assert not any(shared.values())


def test_a_database_has_room_for_the_connections_of_its_service() -> None:
    """Orthanc's connections, those of the profile, and some to spare for anybody who looks after it."""
    services = compose_file(example("teaching-hospital.yaml"))["services"]

    assert "max_connections=50" in services[naming.ORTHANC_DB]["command"]
    assert "shared_buffers=2048MB" in services[naming.ORTHANC_DB]["command"]
    assert int(environment(services[naming.KEYCLOAK])["KC_DB_POOL_MAX_SIZE"]) == 20
    assert "max_connections=30" in services[naming.KEYCLOAK_DB]["command"]


@pytest.mark.parametrize(
    ("memory", "shared", "cache"),
    [("64m", "32MB", "64MB"), ("128m", "32MB", "64MB"), ("256m", "64MB", "128MB"), ("2g", "512MB", "1024MB")],
)
def test_a_small_database_has_what_postgresql_needs_to_start(memory: str, shared: str, cache: str) -> None:
    """A quarter of the memory is shared and half of it counted on as cache, and never less than works."""
    database = Database("orthanc-db", "the index", "orthanc", "orthanc-db-password", 10, memory, "1")
    command = database_service(ServiceContext.of(make_deployment(), ()), database).command

    assert f"shared_buffers={shared}" in command
    assert f"effective_cache_size={cache}" in command


@pytest.mark.parametrize(("size", "megabytes"), [("512m", 512), ("1.5g", 1536), ("16g", 16384)])
def test_memory_is_counted_in_megabytes(size: str, megabytes: int) -> None:
    """PostgreSQL is told a share of what its container may use."""
    assert megabytes_of(size) == megabytes


def test_a_small_archive_has_no_database_server() -> None:
    """SQLite lives in Orthanc's own volume."""
    tree = compose_file(make_deployment(archive="{storage: {database: sqlite}}"))

    assert naming.ORTHANC_DB not in tree["services"]
    assert "depends_on" not in tree["services"][naming.ORTHANC]
    assert "orthanc-db-password" not in tree["secrets"]


def test_ports_that_nobody_may_reach_are_not_published() -> None:
    """`publish: false` keeps DICOM inside."""
    deployment = make_deployment(
        archive="{dicom: {publish: false}, modalities: {ct: {aet: CT, host: 10.1.2.3}}}"
    )

    assert "ports" not in compose_file(deployment)["services"][naming.ORTHANC]


def test_edited_permissions_outlive_the_container() -> None:
    """The permission editor writes to a volume; the rendered file is where it starts from."""
    deployment = make_deployment(identity="{sign-in: [accounts: {}], permission-editor: true}")
    service = compose_file(deployment)["services"][naming.AUTH_SERVICE]
    mounts = {mount["target"]: mount for mount in service["volumes"]}

    edited = environment(service)["PERMISSIONS_FILE_PATH"]
    assert mounts[edited.rpartition("/")[0]]["source"] == "permissions"
    assert mounts["/orthanc_auth_service/permissions.json"]["source"] == "./auth-service/permissions.json"


def test_dollars_of_ours_are_kept_from_docker_compose() -> None:
    """What Docker Compose would replace is doubled, all but the host's settings."""
    text = rendered(example("paradim.yaml"))[COMPOSE_PATH]

    assert '"$$POSTGRES_USER"' in text
    assert set(re.findall(r"(?<!\$)\$(?!\$)[^\n]*", text)) == {
        "${ORTHANC_CPUS:-2}",
        "${DATABASE_CPUS:-2}",
        "${KEYCLOAK_CPUS:-2}",
    }


def test_a_container_is_made_anew_where_one_of_its_files_changed() -> None:
    """Docker Compose compares descriptions, not files: a digest of the files makes a difference of theirs one."""
    before, after = (
        compose_file(make_deployment(roles=f"{{reader: {{can: [{can}], collections: all}}}}"))["services"]
        for can in ("view", "view, download")
    )

    assert {name for name in before if before[name] != after[name]} == {naming.AUTH_SERVICE}


def test_nginx_is_made_anew_where_a_setting_of_the_guard_changed() -> None:
    """A folder of scripts is part of the digest as a file is."""
    before, after = (
        compose_file(
            make_deployment(sharing=f"{{viewer: stone, instant-links: {life}}}", viewers="{stone: {}}")
        )
        for life in ("1h", "2h")
    )

    nginx = [made["services"][naming.NGINX]["labels"]["orthgen.files"] for made in (before, after)]
    assert nginx[0] != nginx[1]


def test_a_test_certificate_is_kept_apart_from_the_real_one() -> None:
    """Certificates are kept until they expire: after a trial nginx would go on with one that nobody trusts."""
    sources = {
        staging: {
            mount["source"]
            for name in (naming.CERTBOT, naming.NGINX)
            for mount in compose_file(
                make_deployment(
                    deployment=f"{{tls: {{letsencrypt: {{email: a@b.example, staging: {staging}}}}}}}"
                )
            )["services"][name]["volumes"]
            if mount["target"] == "/etc/letsencrypt"
        }
        for staging in ("true", "false")
    }

    assert sources == {"true": {"letsencrypt-staging"}, "false": {"letsencrypt"}}


def test_a_changed_realm_leaves_keycloak_running() -> None:
    """It is imported at the first start only; created again, Keycloak would sign everybody out for nothing."""
    name = "{name: Test Institution, url: 'https://pacs.example.org'}"
    before, after = (
        compose_file(make_deployment(institution=name, identity=identity))["services"][naming.KEYCLOAK]
        for identity in ("{sign-in: [accounts: {}]}", "{sign-in: [accounts: {password-length: 20}]}")
    )

    assert before == after


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_the_example_of_the_host_s_settings_has_every_one_of_them(database: str) -> None:
    """A setting that the compose file refers to is explained, with the default that holds without it; no other is."""
    files = rendered(make_deployment(archive=f"{{storage: {{database: {database}}}}}"))

    used = {f"{name}={default}" for name, default in re.findall(r"\$\{(\w+):-(\w*)\}", files[COMPOSE_PATH])}
    assert used == set(re.findall(r"(?m)^\w+=\w*$", files[".env.example"]))


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


@ALL
def test_every_file_is_readable_for_the_containers(name: str) -> None:
    """None of the rendered files is a secret, and containers run as another user than anybody who rendered them."""
    assert {artifact.mode for artifact in render(example(name))} == {0o644}
    assert all(isinstance(artifact, Artifact) for artifact in render(example(name)))


def test_keycloak_is_published_on_the_hosts_loopback_only_where_asked() -> None:
    """Administrators on the host itself reach the admin API; nobody else does."""
    deployment = make_deployment(identity="{sign-in: [accounts: {}], keycloak: {local-port: 8081}}")

    (port,) = compose_file(deployment)["services"]["keycloak"]["ports"]
    assert (port["host_ip"], port["published"], port["target"]) == ("127.0.0.1", "8081", 8080)
    assert deployment.addresses.keycloak_admin == "http://127.0.0.1:8081/"


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param("{sign-in: [accounts: {}], keycloak: {local-port: 8081}}", id="keeps to itself"),
        pytest.param(
            "{sign-in: [accounts: {}], keycloak: {local-port: 8081}, smtp: {host: m.example.org, sender: a@example.org}}",
            id="reaches a mail server",
        ),
    ],
)
def test_a_published_port_leads_somewhere(identity: str) -> None:
    """A service that has internal networks only gets nothing from the host, whatever it publishes."""
    compose = compose_file(make_deployment(identity=identity))

    for name, settings in compose["services"].items():
        open_networks = [key for key in settings["networks"] if not compose["networks"][key].get("internal")]
        assert open_networks or "ports" not in settings, name


@ALL
def test_no_example_publishes_a_port_that_leads_nowhere(name: str) -> None:
    """The same for every example."""
    compose = compose_file(example(name))

    for service, settings in compose["services"].items():
        open_networks = [key for key in settings["networks"] if not compose["networks"][key].get("internal")]
        assert open_networks or "ports" not in settings, service


def test_the_console_on_the_host_stays_there() -> None:
    """With a port on the loopback address the server's own realm is there; the deployment's keeps the public address."""
    with_port = make_deployment(identity="{sign-in: [accounts: {}], keycloak: {local-port: 8081}}")
    through_nginx = make_deployment(
        identity="{sign-in: [accounts: {}], keycloak: {local-port: 8081, admin-console: true}}"
    )

    names = [
        compose_file(deployment)["services"]["keycloak"]["environment"]
        for deployment in (with_port, through_nginx)
    ]

    assert "http://127.0.0.1:8081" in str(names[0])
    assert "http://127.0.0.1:8081" not in str(names[1])
