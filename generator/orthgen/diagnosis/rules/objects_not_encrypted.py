"""Encryption of a bucket that the plugin gives up without an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

_FILE = """
    {
      "AwsS3Storage": {
        "BucketName": "studies",
        "Region": "eu-west-1",
        "StorageEncryption": {"Enable": true, "MasterKey": VALUE}
      }
    }
"""
RULE = Rule(
    "objects-not-encrypted",
    Severity.ERROR,
    summary="`StorageEncryption` of an object storage has a key in a form that the plugin does not read. It then encrypts nothing.",
    consequence="Orthanc starts and stores studies in clear text. The log has a warning: `client-side encryption is disabled`.",
    remedy='Write `"MasterKey": [1, "/path/of/the/key"]`, a number without quotation marks and the file with the key in base64, and '
    "`PreviousMasterKeys` as a list of such pairs. What was stored before is not encrypted: move it.",
    file="orthanc.json",
    example=_FILE.replace("VALUE", '["1", "/run/keys/1"]'),
    counterexample=_FILE.replace("VALUE", '[1, "/run/keys/1"]'),
)
_SECTIONS = ("AwsS3Storage", "AzureBlobStorage", "GoogleCloudStorage")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """
    Every key is a number and a file.

    Source: object storage 2.5.4, EncryptionConfigurator.cpp; tried with AwsS3Storage: one bad key, also an earlier one, turns
    the encryption off.
    """
    for orthanc in deployment.orthancs:
        for section in _SECTIONS:
            path = (section, "StorageEncryption")
            if isinstance(orthanc.settings.get(*path), dict) and orthancs.is_on(
                orthanc, *path, "Enable", default=True
            ):
                yield from _findings(orthanc, path)


def _findings(orthanc: Orthanc, path: tuple[str, str]) -> Iterator[Finding]:
    key = orthanc.settings.get(*path, "MasterKey")
    if _is_open(key) or not (orthanc.is_complete or key is not None):
        return
    if not _is_key(key):
        yield _finding(orthanc, (*path, "MasterKey"), "`MasterKey` is no pair of a number and a file")
        return
    previous = orthanc.settings.get(*path, "PreviousMasterKeys")
    for index, pair in enumerate(previous if isinstance(previous, list) else []):
        if not _is_key(pair) and not _is_open(pair):
            what = "an element of `PreviousMasterKeys` is no pair of a number and a file"
            yield _finding(orthanc, (*path, "PreviousMasterKeys", index), what)
            return


def _finding(orthanc: Orthanc, path: tuple[str | int, ...], what: str) -> Finding:
    return Finding(
        RULE,
        f"{what}, so that the plugin encrypts nothing",
        orthancs.place(orthanc, *path),
        'write `[1, "/path/of/the/key"]`, with a number without quotation marks',
    )


def _is_key(value: Any) -> bool:
    """Whether the plugin reads a key: JSON's `isUInt` for its number, and a text."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    number, file = value
    return type(number) is int and 0 <= number < 2**32 and isinstance(file, str)


def _is_open(value: Any) -> bool:
    """Whether a variable that is not known stands in the value."""
    return "$" in str(value)
