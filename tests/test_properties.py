"""What holds for every profile: a valid one renders and agrees, a damaged one gives findings, a secret stays one."""

from __future__ import annotations

import io
import json
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orthgen.catalogue import load as load_release
from orthgen.catalogue import releases
from orthgen.consistency.check import inconsistencies
from orthgen.deployment.model import Deployment
from orthgen.deployment.resolve import resolve
from orthgen.errors import OrthgenError, ProfileError
from orthgen.formats.yaml_io import blank_comments
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.profile.load import load
from orthgen.report.error import error_text
from orthgen.targets import TARGETS
from tests.support.strategies import damaged, profiles

CANARY = "xK9vQ2canaryT7pL4wZ8"
SLOW = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def failure(content: bytes) -> OrthgenError | None:
    """What is wrong with a profile, or None where it renders and agrees with itself."""
    try:
        result = load("p.yaml", read=lambda _: content)
        release = load_release(result.profile.release or releases()[0])
        findings = inconsistencies(TARGETS["compose"].render(resolve(result.profile, release, "p.yaml")))
    except OrthgenError as error:
        return error
    assert findings == []
    return None


def loaded(tree: dict[str, Any]) -> Deployment:
    """The deployment of a profile that is given as a tree."""
    result = load("p.yaml", read=lambda _: dump_yaml(tree).encode("utf-8", errors="surrogatepass"))
    return resolve(result.profile, load_release(result.profile.release or releases()[0]), "p.yaml")


@SLOW
@given(profiles())
def test_any_valid_profile_renders_parses_back_and_agrees(tree: dict[str, Any]) -> None:
    """No title, path, label or combination of features makes a file that does not parse or contradicts another."""
    artifacts = TARGETS["compose"].render(loaded(tree))

    assert inconsistencies(artifacts) == []
    for artifact in artifacts:
        if artifact.path.endswith(".json"):
            json.loads(blank_comments(artifact.text))
        if artifact.path.endswith(".yml"):
            yaml.safe_load(artifact.text)


@settings(SLOW, max_examples=8)
@given(profiles())
def test_any_valid_profile_is_right_in_a_cluster_too(tree: dict[str, Any]) -> None:
    """The objects of a cluster agree with each other as the files of a host do."""
    tree["institution"]["url"] = "https://pacs.example.org"
    tree["deployment"] = {"tls": {"certificate": "/c.pem", "key": "/k.pem"}, "kubernetes": {}}
    deployment = loaded(tree)
    target = TARGETS["kubernetes"]
    artifacts = target.render(deployment)

    assert inconsistencies((*artifacts, *target.describe(deployment))) == []
    for artifact in artifacts:
        if artifact.path.endswith((".yaml", ".yml")):
            assert all(isinstance(each, dict) for each in yaml.safe_load_all(artifact.text))


@settings(SLOW, max_examples=8)
@given(profiles())
def test_the_same_profile_gives_the_same_bytes(tree: dict[str, Any]) -> None:
    """Rendering has no memory and no chance in it."""
    render = TARGETS["compose"].render

    assert render(loaded(tree)) == render(loaded(tree))


@SLOW
@given(damaged(profiles()))
def test_a_damaged_profile_gives_findings_never_a_traceback(tree: dict[str, Any]) -> None:
    """Whatever stands in a profile, the answer is a deployment or findings with places."""
    error = failure(dump_yaml(tree).encode("utf-8", errors="surrogatepass"))

    if isinstance(error, ProfileError):
        assert error.findings
        assert all(finding.location.line > 0 for finding in error.findings)
    assert error is None or error_text(error, io.StringIO())


@SLOW
@given(st.binary(max_size=300))
def test_any_bytes_give_findings(content: bytes) -> None:
    """A file that is no profile at all is refused with a place."""
    error = failure(content)

    assert isinstance(error, ProfileError)
    assert error.findings


PLACES = (
    ("identity", "sign-in", 0, "entra-id", "client-secret"),
    ("identity", "sign-in", 0, "entra-id", "client-secret", "secret"),
    ("identity", "sign-in", 0, "entra-id", "client-secrett"),
    ("identity", "smtp", "password"),
    ("identity", "smtp", "passwrd"),
    ("archive", "storage", "files", "s3", "secret-key"),
    ("archive", "storage", "files", "s3", "access-key", "secret"),
    ("archive", "settings", "PostgreSQL", "Password"),
    ("archive", "settings", "Authorization", "WebServicePassword"),
    ("archive", "settings", "RegisteredUsers", "admin"),
    ("archive", "settings", "AwsS3Storage", "SecretKey"),
)


def with_canary(place: tuple[str | int, ...]) -> dict[str, Any]:
    """A profile that is valid but for a secret written out at `place`."""
    tenant = "6f2c1c1e-0d2b-4a55-9a53-2d1f0c7a9b10"
    entra = {"tenant": tenant, "client-id": "x", "client-secret": {"secret": "entra"}}
    files = {
        "s3": {
            "bucket": "images",
            "region": "r",
            "access-key": {"secret": "a"},
            "secret-key": {"secret": "s"},
        }
    }
    tree: dict[str, Any] = {
        "orthgen": 1,
        "institution": {"name": "Test", "url": "http://localhost"},
        "identity": {
            "sign-in": [{"entra-id": entra}],
            "smtp": {"host": "m", "sender": "a@b.org", "user": "u", "password": {"secret": "m"}},
        },
        "roles": {"staff": {"can": ["view"], "collections": "all", "granted-by": [{"entra-id": "x"}]}},
        "archive": {
            "storage": {"files": files},
            "settings": {"PostgreSQL": {}, "Authorization": {}, "RegisteredUsers": {}, "AwsS3Storage": {}},
        },
    }
    value: Any = tree
    for element in place[:-1]:
        value = value[element]
    value[place[-1]] = CANARY
    return tree


@SLOW
@given(st.sampled_from(PLACES), st.sampled_from(["block", "flow"]))
def test_a_secret_that_is_written_out_is_refused_and_never_shown(
    place: tuple[str | int, ...], style: str
) -> None:
    """Not in a message, not in an excerpt, not in an artifact: wherever somebody puts it by mistake."""
    text = dump_yaml(with_canary(place)) if style == "block" else json.dumps(with_canary(place))

    error = failure(text.encode())

    assert isinstance(error, ProfileError)
    assert CANARY not in error_text(error, io.StringIO()) + repr(error) + str(error.findings)
