"""DICOM files in a bucket: the authority of its service, its keys, and the script that examines both."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from orthgen.deployment.model import Deployment
from orthgen.products.orthanc import orthanc_settings
from orthgen.products.services import Service
from orthgen.targets.services.composition import compose
from orthgen.targets.services.documents import documents
from tests.support.builders import make_deployment, make_profile

AUTHORITY = {"endpoint": "https://s3.example.org", "authority": "/etc/ssl/s3.pem"}
ENCRYPTED = {"encryption": {"number": 2, "key": {"secret": "new"}, "previous": [{"key": {"secret": "old"}}]}}


def archive(bucket: Mapping[str, object], **storage: object) -> dict[str, object]:
    """The key `archive` of a profile with a bucket that has these keys more."""
    keys = {"access-key": {"secret": "id"}, "secret-key": {"secret": "key"}}
    return {"storage": {**storage, "files": {"s3": {"bucket": "images", "region": "r", **keys, **bucket}}}}


def orthanc_of(deployment: Deployment, name: str = "orthanc") -> Service:
    """The service as it is rendered."""
    paths = [document.path for document in documents(deployment)]
    return next(service for service in compose(deployment, paths).services if service.name == name)


def test_orthanc_trusts_the_authority_of_the_bucket() -> None:
    """The authority's certificate is a file of the container, and Orthanc reads it with the system's authorities."""
    deployment = make_deployment(archive=archive(AUTHORITY))
    service = orthanc_of(deployment)

    assert orthanc_settings(deployment)["HttpsCACertificates"] == "/tmp/authorities.pem"  # noqa: S108 - in the container
    assert ("bucket-authority", "/run/bucket/authority.pem") in {
        (secret.name, secret.target) for secret in service.secrets
    }
    assert compose(deployment, []).secrets["bucket-authority"] == "/etc/ssl/s3.pem"
    assert service.environment["BEFORE_ORTHANC_STARTUP_SCRIPT"] == "bash /opt/orthgen/bucket.sh"


def test_a_bucket_with_a_public_certificate_needs_no_script() -> None:
    """The image's own file of authorities stays in force."""
    deployment = make_deployment(archive=archive({"endpoint": "https://s3.example.org"}))

    assert "HttpsCACertificates" not in orthanc_settings(deployment)
    assert "BEFORE_ORTHANC_STARTUP_SCRIPT" not in orthanc_of(deployment).environment
    assert "orthanc/bucket.sh" not in {document.path for document in documents(deployment)}


@pytest.mark.parametrize("name", ["orthanc", "orthanc-reader-1"])
def test_keys_are_examined_before_each_orthanc_starts(name: str) -> None:
    """The script is mounted, and is the last one where libpq's password file is made as well."""
    database = {"host": "db.example.org", "authority": "/etc/ssl/db.pem", "password": {"secret": "db"}}
    changed = archive(ENCRYPTED, postgresql={**database, "max-connections": 400})
    service = orthanc_of(make_deployment(archive={**changed, "replicas": {"readers": 1}}), name)

    assert service.environment["BEFORE_ORTHANC_STARTUP_SCRIPT"] == (
        "bash /opt/orthgen/passfile.sh bash /opt/orthgen/bucket.sh"
    )
    assert "/opt/orthgen/bucket.sh" in {mount.target for mount in service.files}


@pytest.mark.parametrize("endpoint", [{}, {"endpoint": "http://s3.example.org"}])
def test_an_authority_without_https_is_refused(endpoint: dict[str, str]) -> None:
    """Amazon's certificate is a public one, and a connection in clear text checks none."""
    with pytest.raises(ValidationError, match="an authority is named, and no `endpoint` with `https://`"):
        make_profile(archive=archive({"authority": "/etc/ssl/s3.pem", **endpoint}))
