"""The secrets of the compose file, and the certificates that certbot and nginx share."""

import re

from orthgen.deployment import naming
from tests.support.builders import example, make_deployment
from tests.support.compose_files import ALL, compose_file, environment, rendered


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
