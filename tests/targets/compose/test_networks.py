"""Who shares a network with whom, who reaches servers outside, and the addresses of the networks."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from orthgen.deployment import naming
from tests.support.builders import example, make_deployment, make_profile
from tests.support.compose_files import ALL, compose_file, reachable

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
            "[ldap: {url: 'ldaps://dc', bind-dn: x, bind-password: {secret: p}, users-dn: dc=y}]",
            True,
            id="LDAP",
        ),
    ],
)
def test_keycloak_reaches_out_only_to_somebody(sign_in: str, *, reaches_out: bool) -> None:
    """With accounts of its own and no mail server there is nobody outside to talk to."""
    tree = compose_file(make_deployment(identity=f"{{sign-in: {sign_in}}}"))

    assert ("keycloak-to-outside" in tree["networks"]) == reaches_out
