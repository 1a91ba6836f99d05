"""Keys without effect: what is rendered is the same without them, and the author is told."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest

from orthgen.catalogue import load as load_release
from orthgen.catalogue import releases
from orthgen.deployment.resolve import resolve
from orthgen.errors import ProfileError
from orthgen.formats.yaml_io import parse_yaml, typed
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.profile.load import LoadedProfile, load
from orthgen.realm.realm_file import desired
from orthgen.targets import TARGETS
from orthgen.targets.kubernetes.components import PROVISIONING
from orthgen.targets.kubernetes.provisioning import PROFILE_PATH
from tests.support.builders import make_tree

if TYPE_CHECKING:
    from orthgen.findings import Finding

_TLS = "tls: {certificate: /etc/ssl/cert.pem, key: /etc/ssl/key.pem}"
_CLUSTER = {"deployment": f"{{{_TLS}, kubernetes: {{}}}}"}
_PEER = "modalities: {ct: {aet: CT, host: 10.0.0.1}}"
_DICOM = {"archive": f"{{{_PEER}}}"}
_SERVER = "{host: db.example.org, authority: /etc/ssl/db.pem, password: {secret: db}}"
_OUTSIDE = {
    "archive": f"{{storage: {{postgresql: {_SERVER}}}}}",
    "identity": f"{{sign-in: [accounts: {{}}], keycloak: {{local-port: 8081, postgresql: {_SERVER}}}}}",
}
_INSTITUTION = {"identity": "{sign-in: [accounts: {}], keycloak: {server: 'https://sso.example.org'}}"}
_SHARED = {"identity": "{keycloak: {server: 'https://sso.example.org', manage: clients-and-roles}}"}
_PROXY = {"deployment": "{tls: {terminated-by: proxy}}"}
_ISSUER = {
    "deployment": "{tls: {letsencrypt: {email: a@b.example}}, kubernetes: {certificate: {issuer: acme}}}"
}
_SAML = {
    "identity": "{sign-in: [saml: {entity-id: b, sign-on-url: 'https://b.example.org/sso', metadata-url: 'https://b.example.org/md'}],"
    " keycloak: {local-port: 8081}}",
    "roles": "{admin: {can: [everything], collections: all, granted-by: [{saml: a}]}}",
}

UNUSED: list[tuple[dict[str, str], str, str]] = [
    # what differs from the small profile, the key that has no effect then, its value
    (_INSTITUTION, "institution.paths.keycloak", "/sso/"),
    (_INSTITUTION, "identity.keycloak.admin-console", "true"),
    (_INSTITUTION, "identity.keycloak.other-clients", "[ris]"),
    (_INSTITUTION, "deployment.compose.memory.keycloak", "3g"),
    (_INSTITUTION | _CLUSTER, "deployment.kubernetes.memory.keycloak", "3g"),
    (_INSTITUTION | _CLUSTER, "deployment.kubernetes.image", "registry.example.org/orthgen:1"),
    (_SHARED, "institution.contact", "the archive"),
    (_SHARED, "identity.sessions", "{idle: 1h}"),
    (_SHARED, "identity.smtp", "{host: mail.example.org, sender: pacs@example.org}"),
    ({}, "institution.paths.ohif", "/viewer/"),
    ({}, "deployment.compose.memory.ohif", "512m"),
    ({"viewers": "{ohif: {serve: plugin}}"} | _CLUSTER, "deployment.kubernetes.memory.ohif", "512m"),
    ({}, "deployment.compose.memory.reader", "2g"),
    ({"archive": "{storage: {database: sqlite}}"}, "archive.storage.connections", "30"),
    (_OUTSIDE, "deployment.compose.memory.database", "4g"),
    (_PROXY, "deployment.compose.https-port", "8443"),
    ({"archive": f"{{dicom: {{publish: false}}, {_PEER}}}"}, "archive.dicom.bind", "10.0.0.9"),
    ({"archive": f"{{dicom: {{publish: false}}, {_PEER}}}"}, "archive.dicom.port", "104"),
    (_CLUSTER, "deployment.kubernetes.dicom", "{annotations: {example.org/pool: public}}"),
    (_DICOM, "archive.dicom.collections-port", "5000"),
    (_DICOM | _CLUSTER, "archive.dicom.bind", "10.0.0.9"),
    (_ISSUER, "deployment.tls.letsencrypt.staging", "true"),
    (_SAML, "identity.sign-in.0.saml.signing-certificate", "MIIB"),
]
USED: list[tuple[dict[str, str], str, str]] = [
    ({}, "institution.paths.keycloak", "/sso/"),
    ({}, "institution.contact", "the archive"),
    (_SHARED, "identity.keycloak.other-clients", "[ris]"),
    (_INSTITUTION, "identity.sessions", "{idle: 1h}"),
    ({"viewers": "{ohif: {}}"}, "deployment.compose.memory.ohif", "512m"),
    ({"archive": "{replicas: {readers: 2}}"}, "deployment.compose.memory.reader", "2g"),
    ({}, "archive.storage.connections", "30"),
    (_OUTSIDE | _INSTITUTION, "archive.storage.connections", "30"),
    (_INSTITUTION, "deployment.compose.memory.database", "4g"),
    ({}, "deployment.compose.https-port", "8443"),
    (_DICOM, "archive.dicom.bind", "10.0.0.9"),
    (_DICOM | _CLUSTER, "archive.dicom.port", "104"),
    (_DICOM | _CLUSTER, "deployment.kubernetes.dicom", "{annotations: {example.org/pool: public}}"),
    (_CLUSTER, "deployment.kubernetes.image", "registry.example.org/orthgen:1"),
    ({"deployment": "{tls: {letsencrypt: {email: a@b.example}}}"}, "deployment.tls.letsencrypt.staging", "true"),
]  # fmt: skip


def with_key(tree: dict[str, Any], key: str, value: str) -> dict[str, Any]:
    """A copy of the profile's tree with a key."""
    changed = copy.deepcopy(tree)
    node: Any = changed
    *parents, last = key.split(".")
    for name in parents:
        node = node[int(name)] if isinstance(node, list) else node.setdefault(name, {})
    node[last] = parse_yaml(f"a: {value}", "value.yaml")[0].value["a"]
    return changed


def loaded(tree: dict[str, Any]) -> LoadedProfile:
    """The profile, with its warnings."""
    return load("p.yaml", read=lambda _: dump_yaml(typed(tree)).encode())


def rendered(profile: LoadedProfile) -> dict[str, object]:
    """Everything that follows from a profile, without the copy of it that the Job reads, and the Job's digest of that copy."""
    release = load_release(profile.profile.release or releases()[0])
    deployment = resolve(profile.profile, release, profile.name)
    target = TARGETS["compose" if deployment.kubernetes is None else "kubernetes"]
    files = {
        file.path: re.sub(rf"{PROVISIONING}-[0-9a-f]{{8}}", PROVISIONING, file.text)
        for file in target.render(deployment)
        if file.path != PROFILE_PATH
    }
    return files | {"realm": [repr(resource) for resource in desired(deployment)]}


def warned(profile: LoadedProfile) -> list[Finding]:
    """The warnings about keys without effect."""
    return [finding for finding in profile.warnings if finding.rule.id == "key-without-effect"]


@pytest.mark.parametrize(("changes", "key", "value"), UNUSED, ids=[each[1] for each in UNUSED])
def test_a_key_that_changes_nothing_is_a_warning(changes: dict[str, str], key: str, value: str) -> None:
    """The finding stands at the key, and the files are the same without it."""
    tree = make_tree(**changes)
    before, after = loaded(tree), loaded(with_key(tree, key, value))

    (finding,) = warned(after)
    assert warned(before) == []
    assert ".".join(map(str, finding.path)) == key
    assert rendered(before) == rendered(after)


def test_malformed_parts_are_passed_over() -> None:
    """A list where a mapping belongs is another finding, and no failure of this one."""
    tree = with_key(make_tree(), "deployment.compose", "{memory: [512m]}")

    with pytest.raises(ProfileError) as error:
        loaded(with_key(tree, "institution.paths", "[/ohif/]"))

    assert {finding.rule.id for finding in error.value.findings} == {"invalid-value"}


@pytest.mark.parametrize(("changes", "key", "value"), USED, ids=[each[1] for each in USED])
def test_a_key_that_changes_something_is_left_alone(changes: dict[str, str], key: str, value: str) -> None:
    """Beside other keys, the same key has an effect."""
    tree = make_tree(**changes)
    before, after = loaded(tree), loaded(with_key(tree, key, value))

    assert warned(after) == []
    assert rendered(before) != rendered(after)
