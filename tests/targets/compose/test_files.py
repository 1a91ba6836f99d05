"""The rendered files: same bytes each time, mounted where they are read, and a change of one makes its readers anew."""

import re

import pytest

from orthgen.deployment import naming
from orthgen.products.artifact import Artifact
from orthgen.targets.compose import COMPOSE_PATH, render
from orthgen.targets.services.files import mounts_of
from tests.support.builders import example, make_deployment
from tests.support.compose_files import ALL, compose_file, rendered

# What the containers read; everything else in the tree is for people or for the target itself.
_DOCUMENT_FOLDERS = {"auth-service", "certbot", "keycloak", "nginx", "ohif", "orthanc"}


@ALL
def test_the_same_deployment_gives_the_same_bytes(name: str) -> None:
    """Nothing in a file depends on when, where or how often it was rendered."""
    assert render(example(name)) == render(example(name))


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


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_the_example_of_the_host_s_settings_has_every_one_of_them(database: str) -> None:
    """A setting that the compose file refers to is explained, with the default that holds without it; no other is."""
    files = rendered(make_deployment(archive=f"{{storage: {{database: {database}}}}}"))

    used = {f"{name}={default}" for name, default in re.findall(r"\$\{(\w+):-(\w*)\}", files[COMPOSE_PATH])}
    assert used == set(re.findall(r"(?m)^\w+=\w*$", files[".env.example"]))


@ALL
def test_every_file_is_readable_for_the_containers(name: str) -> None:
    """None of the rendered files is a secret, and containers run as another user than anybody who rendered them."""
    assert {artifact.mode for artifact in render(example(name))} == {0o644}
    assert all(isinstance(artifact, Artifact) for artifact in render(example(name)))
