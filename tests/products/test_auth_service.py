"""What the auth-service is started with."""

import pytest

from orthgen.products.auth_service.server import auth_service_environment, auth_service_secrets
from tests.support.builders import EXAMPLES, example, make_deployment

VIEWERS = "{ohif: {}, stone: {}, volview: {}}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_addresses_that_the_service_joins_end_in_a_slash(name: str) -> None:
    """`urljoin` drops what stands after the last slash."""
    environment = auth_service_environment(example(name))

    joined = {variable for variable in environment if variable.endswith(("_URI", "_ROOT"))}
    for variable in joined - {"PUBLIC_LANDING_ROOT"}:
        assert environment[variable].endswith("/")


@pytest.mark.parametrize(
    ("viewer", "root", "address"),
    [
        ("ohif", "PUBLIC_OHIF_ROOT", "https://pacs.example.org/ohif/"),
        ("stone", "PUBLIC_ORTHANC_ROOT", "https://pacs.example.org/"),
        ("volview", "PUBLIC_ORTHANC_ROOT", "https://pacs.example.org/"),
    ],
)
def test_a_share_link_has_the_root_of_its_viewer_and_no_other(viewer: str, root: str, address: str) -> None:
    """Without the root the service makes no link; with another one it would make links that nobody asked for."""
    environment = auth_service_environment(make_deployment(viewers=VIEWERS, sharing=f"{{viewer: {viewer}}}"))

    roots = {
        name: value
        for name, value in environment.items()
        if name in {"PUBLIC_OHIF_ROOT", "PUBLIC_ORTHANC_ROOT"}
    }
    assert roots == {root: address}
    assert environment["PUBLIC_LANDING_ROOT"] == "https://pacs.example.org/ui/app/token-landing.html"


def test_without_sharing_no_link_can_be_made() -> None:
    """The service refuses each kind of share whose root is missing."""
    assert not any(
        name.startswith("PUBLIC_") for name in auth_service_environment(make_deployment(viewers=VIEWERS))
    )


def test_links_lead_straight_to_the_viewer_where_there_is_no_landing_page() -> None:
    """The page is left out where the profile says so."""
    sharing = "{viewer: ohif, landing-page: false}"

    assert "PUBLIC_LANDING_ROOT" not in auth_service_environment(
        make_deployment(viewers=VIEWERS, sharing=sharing)
    )


@pytest.mark.parametrize(
    ("identity", "asks_keycloak", "has_keys"),
    [
        pytest.param("{sign-in: [accounts: {}]}", False, False, id="neither"),
        pytest.param("{sign-in: [accounts: {}], api-keys: true}", True, True, id="API keys"),
        pytest.param(
            "{sign-in: [accounts: {}], permission-editor: true}", True, False, id="permission editor"
        ),
    ],
)
def test_the_service_may_ask_keycloak_only_where_it_has_to(
    identity: str, *, asks_keycloak: bool, has_keys: bool
) -> None:
    """Its client's secret and address are there for API keys and for the permission editor."""
    deployment = make_deployment(identity=identity)
    environment = auth_service_environment(deployment)

    assert ("KEYCLOAK_ADMIN_URI" in environment) == asks_keycloak
    targets = {target for _, target in auth_service_secrets(deployment)}
    assert ("KEYCLOAK_CLIENT_SECRET" in targets) == asks_keycloak
    assert ("ENABLE_KEYCLOAK_API_KEYS" in environment) == has_keys
