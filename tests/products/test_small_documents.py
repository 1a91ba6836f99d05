"""Scripts, the secrets' README, the host id and OHIF's server: documents of a few lines each."""

import subprocess

import pytest

from orthgen.products.artifact import Artifact
from orthgen.products.auth_service.server import auth_service_secrets
from orthgen.products.certbot import certbot_environment, certbot_files
from orthgen.products.keycloak_server import keycloak_environment, keycloak_server_files
from orthgen.products.ohif.server import ohif_server_files
from orthgen.products.orthanc.host_id import host_id_files
from orthgen.products.secrets_readme import secrets_files
from orthgen.products.trusted_authorities import trust_mounts, trusted_authorities
from tests.support.builders import EXAMPLES, example, make_deployment


def text_of(artifacts: tuple[Artifact, ...], path: str) -> str:
    """The text of one of the files."""
    return {artifact.path: artifact.text for artifact in artifacts}[path]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_script_is_valid_for_the_shell_that_runs_it(name: str) -> None:
    """Keycloak's image has bash, certbot's only a plain sh."""
    deployment = example(name)
    scripts = {"bash": keycloak_server_files(deployment), "sh": certbot_files(deployment)}

    for shell, artifacts in scripts.items():
        for artifact in artifacts:
            done = subprocess.run(
                [shell, "-n"], input=artifact.text, text=True, capture_output=True, check=False
            )

            assert (done.returncode, done.stderr) == (0, "")


def test_the_companion_is_there_where_certificates_come_from_let_s_encrypt() -> None:
    """Nowhere else is there a script for it."""
    assert certbot_files(make_deployment()) == ()
    assert certbot_files(example("minimal.yaml")) == ()
    assert len(certbot_files(example("paradim.production.yaml"))) == 1


@pytest.mark.parametrize(("staging", "host"), [("true", "acme-staging-v02"), ("false", "acme-v02")])
def test_a_trial_asks_the_authority_s_test_server(staging: str, host: str) -> None:
    """Its certificates are worth nothing, and so are its limits."""
    tls = f"{{tls: {{letsencrypt: {{email: a@example.org, staging: {staging}}}}}}}"
    deployment = make_deployment(deployment=tls)
    letsencrypt = deployment.letsencrypt
    assert letsencrypt is not None

    server = certbot_environment(deployment, letsencrypt)["SERVER"]
    assert server == f"https://{host}.api.letsencrypt.org/directory"


def test_the_host_id_differs_between_deployments_only() -> None:
    """Two renders agree; the pre-production and the production never make the same DICOM identifiers."""
    first, second = example("paradim.yaml"), example("paradim.production.yaml")

    assert host_id_files(first) == host_id_files(first)
    assert (
        text_of(host_id_files(first), "orthanc/hostid")[:4]
        != text_of(host_id_files(second), "orthanc/hostid")[:4]
    )


def test_keycloak_s_address_is_the_public_one() -> None:
    """Every link that Keycloak makes begins with it."""
    assert keycloak_environment(example("teaching-hospital.yaml"), has_vault=True)["KC_HOSTNAME"] == (
        "https://imaging.hospital.example/keycloak"
    )


def test_a_vault_is_configured_only_where_something_is_in_it() -> None:
    """Without a secret for it Keycloak would look for a folder that is not there."""
    assert "KC_VAULT" not in keycloak_environment(example("minimal.yaml"), has_vault=False)


@pytest.mark.parametrize(
    ("release", "base", "is_compressed"),
    [("25.8", "/", False), ("26.4", "/ohif/", True), ("26.8", "/ohif/", True)],
)
def test_ohif_s_files_are_served_from_where_the_image_has_them(
    release: str, base: str, *, is_compressed: bool
) -> None:
    """Since OHIF 3.12 they are below /ohif/, and scripts are there in compressed form only."""
    deployment = make_deployment(release=release, viewers="{ohif: {}}")
    text = text_of(ohif_server_files(deployment), "ohif/nginx.conf")

    assert (f"location = {base}app-config.js {{" in text) == is_compressed
    assert f"try_files $uri {base}index.html;" in text
    assert ("gzip_static always;" in text) == is_compressed


def test_ohif_as_a_plugin_has_no_server() -> None:
    """Orthanc serves it."""
    assert ohif_server_files(example("clinic.yaml")) == ()


def test_the_readme_tells_made_secrets_from_given_ones() -> None:
    """A person knows what to supply, how to write it, and whom it has to be readable for."""
    text = text_of(secrets_files(example("paradim.yaml")), "secrets/README.md")
    made, given = text.split("## Supplied by a person")

    assert "| `auth-service-secret-key` |" in made
    assert "| `entra-client-secret` |" in given
    assert "> entra-client-secret)" in given
    assert "`orthgen secrets` sets owner and mode" in given


def test_the_readme_says_nothing_of_what_is_not_there() -> None:
    """A local trial has neither secrets of others nor a certificate."""
    text = text_of(secrets_files(example("minimal.yaml")), "secrets/README.md")

    assert "Supplied by a person" not in text
    assert "certificate" not in text


def test_git_keeps_no_secret() -> None:
    """Everything in the folder is ignored, but for the two files that explain it."""
    text = text_of(secrets_files(example("minimal.yaml")), "secrets/.gitignore")

    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        "*",
        "!.gitignore",
        "!README.md",
    ]


def test_with_a_keycloak_elsewhere_the_auth_service_trusts_the_authorities() -> None:
    """That Keycloak has its own; what asks it here has to know who certifies it."""
    sign_in = "sign-in: [accounts: {}], trust: [/srv/tls/ca.pem]"
    elsewhere = make_deployment(identity=f"{{{sign_in}, keycloak: {{server: 'https://sso.example.org'}}}}")
    here = make_deployment(identity=f"{{{sign_in}}}")

    assert ("trust-1", "/run/trust/trust-1.pem") in auth_service_secrets(elsewhere)
    assert "trust-1" not in dict(auth_service_secrets(here))


def test_keycloak_trusts_the_institutions_own_authorities() -> None:
    """The directory and ADFS are certified by an authority that only the institution knows."""
    deployment = make_deployment(identity="{sign-in: [accounts: {}], trust: [/srv/tls/ca.pem, ./other.pem]}")

    assert trusted_authorities(deployment) == {"trust-1": "/srv/tls/ca.pem", "trust-2": "./other.pem"}
    assert keycloak_environment(deployment, has_vault=False)["KC_TRUSTSTORE_PATHS"] == "/run/trust"
    assert dict(trust_mounts(deployment)) == {
        "trust-1": "/run/trust/trust-1.pem",
        "trust-2": "/run/trust/trust-2.pem",
    }
