"""Round trip: a rendered deployment, adopted, renders to the same bytes."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from orthgen.adoption.adopt import adopt
from orthgen.diagnosis.diagnose import diagnose
from orthgen.observed.read import observe_texts
from orthgen.rendering.pipeline import resolve_profile
from orthgen.targets import TARGETS
from tests.adoption.support import files_of
from tests.support.builders import EXAMPLES, PROFILES, texts_of
from tests.support.proposals import merged, read, written
from tests.test_golden import GOLDEN

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.profile.load import LoadedProfile

# What no example has.
STORAGE = {
    "encrypted-bucket": """
        archive:
          storage:
            files:
              s3:
                bucket: studies
                region: eu-west-1
                endpoint: https://s3.example.org
                authority: /etc/ssl/s3.pem
                access-key: {secret: id}
                secret-key: {secret: word}
                encryption: {number: 3, key: {secret: third}, previous: [{number: 1, key: {secret: first}}]}
    """,
    "bucket-and-index-of-one-authority": """
        archive:
          storage:
            files:
              s3:
                bucket: studies
                region: eu-west-1
                endpoint: https://s3.example.org
                authority: /etc/ssl/s3.pem
                access-key: {secret: id}
                secret-key: {secret: word}
            postgresql: {host: db.example.org, authority: /etc/ssl/db.pem, max-connections: 200, password: {secret: index}}
    """,
    "folder": "archive: {storage: {files: {path: /srv/dicom}}}",
    "folder-with-sqlite": "archive: {storage: {database: sqlite, files: {path: /srv/dicom}}}",
    "file-server": "archive: {storage: {files: {nfs: {server: nas.example.org, path: /export, options: 'nfsvers=3,nolock'}}}}",
    "databases-outside": """
        archive:
          storage:
            postgresql: {host: db.example.org, authority: /etc/ssl/db.pem, max-connections: 200, password: {secret: index}}
        identity:
          keycloak:
            postgresql:
              host: 10.1.2.3
              port: 5433
              database: accounts
              user: sign-in
              encryption: none
              password: {secret: accounts}
    """,
}


@pytest.mark.parametrize("name", STORAGE)
def test_a_rendered_storage_is_adopted_as_it_is(name: str) -> None:
    """The same for storage that no example has."""
    minimal = read((PROFILES / "minimal.yaml").read_text(encoding="utf-8"))
    rendered = files_of(written(merged(minimal, read(dedent(STORAGE[name])))), f"{name}.yaml")

    adoption = adopt(observe_texts(rendered), f"{name}.yaml")

    assert files_of(adoption.text, f"{name}.yaml") == rendered
    assert adoption.is_valid
    assert {note.kind.value for note in adoption.notes} == {"secret", "data"}
    assert diagnose(observe_texts(rendered)).findings == ()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rendered_example_is_adopted_as_it_is(name: str) -> None:
    """Every file of the deployment, ACCESS.md and the headers included; the profile's file keeps its name."""
    rendered = texts_of(GOLDEN / name.removesuffix(".yaml") / "compose")

    adoption = adopt(observe_texts(rendered), name)

    assert files_of(adoption.text, name) == rendered
    assert adoption.is_valid
    assert {note.kind.value for note in adoption.notes} == {"secret", "data"}


@pytest.mark.parametrize("name", ["minimal.yaml", "clinic.yaml", "paradim.yaml", "teaching-hospital.yaml"])
def test_a_rendered_cluster_is_adopted(name: str) -> None:
    """The folder of a cluster has no fault; its profile is the one of the Job, or of the files where there is no Job."""
    rendered = cluster_files(*resolve_profile(str(PROFILES / name), target="kubernetes"))
    observed = observe_texts(rendered)

    adoption = adopt(observed, name)

    assert diagnose(observed).findings == ()
    assert "kubernetes" in read(adoption.text)["deployment"]
    if "provision-keycloak/profile.yaml" in rendered:
        again = cluster_files(*resolve_profile(name, read=lambda _: adoption.text.encode()))
        assert {path for path in rendered if rendered[path] != again[path]} <= OF_THE_JOB
        assert adoption.is_valid


# The profile is written in another order of keys.
OF_THE_JOB = {"provision-keycloak/profile.yaml", "manifests/provision-keycloak/job.yaml"}


def cluster_files(deployment: Deployment, _: LoadedProfile) -> dict[str, str]:
    """What a profile renders for a cluster."""
    return {artifact.path: artifact.text for artifact in TARGETS["kubernetes"].render(deployment)}


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        ("https://pacs.example.org", "{terminated-by: proxy}"),
        ("https://pacs.example.org:8443", "{terminated-by: proxy}"),
        ("https://pacs.example.org:8443", "{certificate: a.pem, key: b.pem}"),
        ("http://localhost:8080", ""),
    ],
)
def test_the_address_of_a_deployment_is_found_without_a_keycloak(url: str, tls: str) -> None:
    """A proxy in front ends TLS, or Keycloak is elsewhere: what nginx tells the services has the public address."""
    text = dedent(f"""
        orthgen: 1
        institution: {{name: Clinic, url: "{url}"}}
        identity: {{keycloak: {{server: "https://sso.example.org", manage: clients-and-roles}}}}
        roles: {{staff: {{can: [view], collections: all}}}}
        deployment: {{name: clinic{f", tls: {tls}" if tls else ""}}}
    """)

    draft = adopt(observe_texts(files_of(text, "p.yaml")), "p.yaml").text

    assert f"url: {url} " in draft


def test_the_name_of_a_server_for_another_proxy_is_found() -> None:
    """A proxy on the host ends TLS and asks nginx at 127.0.0.1; the health check's server comes after it."""
    nginx = """
        server { listen 127.0.0.1:8081; server_name localhost; location = /healthz { return 204; } }
        server { listen 127.0.0.1:8080; server_name archive.example.org; location / { proxy_pass http://orthanc:8042; } }
        server { listen 80; server_name images.example.org; location / { proxy_pass http://orthanc:8042; } }
    """
    orthanc = '{"Name": "Clinic", "AuthenticationEnabled": true}'

    def draft(text: str) -> str:
        return adopt(observe_texts({"orthanc.json": orthanc, "nginx.conf": text}), "p.yaml").text

    assert "url: https://images.example.org " in draft(nginx)
    alone = "\n".join(line for line in nginx.splitlines() if "8080" in line)
    assert "url: https://archive.example.org " in draft(alone)


@pytest.mark.parametrize(
    "keycloak",
    [
        "{server: 'https://sso.example.org'}",
        "{server: 'https://sso.example.org', manage: clients-and-roles}",
        "{server: 'https://sso.example.org', manage: clients-and-roles, other-clients: [ris, portal]}",
    ],
)
def test_the_clients_of_a_realm_elsewhere_are_adopted(keycloak: str) -> None:
    """The guard has the clients whose tokens it accepts, and no other file names them."""
    sign_in = (
        "[oidc: {issuer: 'https://id.example.org', client-id: x, client-secret: {secret: o}}, accounts: {}]"
    )
    minimal = read((PROFILES / "minimal.yaml").read_text(encoding="utf-8"))
    own = {key: value for key, value in minimal.items() if key != "identity"}
    elsewhere = read(f"identity: {{keycloak: {keycloak}, sign-in: {sign_in}}}")
    rendered = files_of(written({**own, **elsewhere}), "p.yaml")

    again = files_of(adopt(observe_texts(rendered), "p.yaml").text, "p.yaml")

    changed = {path for path in rendered if rendered[path] != again.get(path)}
    assert changed <= {"ACCESS.md", "secrets/README.md"}
