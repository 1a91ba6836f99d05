"""A bucket that is looked for under a host name of its own."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
          ORTHANC__AWS_S3_STORAGE__BUCKET_NAME: dicom
          ORTHANC__AWS_S3_STORAGE__REGION: eu-west-1
          ORTHANC__AWS_S3_STORAGE__ENDPOINT: http://minio:9000
          ORTHANC__AWS_S3_STORAGE__VIRTUAL_ADDRESSING: "VALUE"
        volumes: ["orthanc:/var/lib/orthanc/db"]
      minio:
        image: minio/minio:RELEASE.2025-09-07T16-13-09Z
        command: server /data
        environment: {MINIO_ROOT_USER: "${MINIO_USER:?}", MINIO_ROOT_PASSWORD: "${MINIO_PASSWORD:?}"}
        volumes: ["objects:/data"]
    volumes: {orthanc: , objects: }
"""
RULE = Rule(
    "bucket-as-host-name",
    Severity.ERROR,
    summary="`AwsS3Storage.Endpoint` is a container, and `VirtualAddressing` is not false: the plugin looks for a host with the name of "
    "the bucket, as `dicom.minio`.",
    consequence="Orthanc stores no image: `Could not resolve host`.",
    remedy="Write `VirtualAddressing` with `false`: then the bucket is a part of the path.",
    file="docker-compose.yml",
    example=_FILES.replace("VALUE", "true"),
    counterexample=_FILES.replace("VALUE", "false"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The plugin finds the bucket (object storage 2.5.2, AwsS3StoragePlugin.cpp: `VirtualAddressing` is true by default)."""
    for orthanc in deployment.orthancs:
        bucket = orthanc.settings.get("AwsS3Storage", "BucketName")
        endpoint = str(orthanc.settings.get("AwsS3Storage", "Endpoint") or "")
        host = addresses.host(endpoint if "://" in endpoint else f"http://{endpoint}")
        service = containers.service_at(deployment, host) if "$" not in endpoint else None
        if service is None or not orthancs.is_on(orthanc, "AwsS3Storage", "VirtualAddressing", default=True):
            continue
        if f"{bucket}.{host}" in deployment.hosts or not orthanc.is_complete:
            continue
        better, change = orthancs.proposal(orthanc, False, "AwsS3Storage", "VirtualAddressing")
        yield Finding(
            RULE,
            f"the plugin looks for the host `{bucket}.{host}`, which no network knows",
            orthancs.place(orthanc, "AwsS3Storage", "VirtualAddressing"),
            'write `"VirtualAddressing": false`',
            replacement=better,
            change=change,
        )
