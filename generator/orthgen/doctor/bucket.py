"""Check of the bucket with the DICOM files: its service answers, accepts the keys, and lists the bucket."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact
from orthgen.doctor.signature import AccessKey
from orthgen.errors import OrthgenError
from orthgen.field_types import is_address
from orthgen.http_client import Fault, HttpClient, NoReply, Reply
from orthgen.server_address import ServerAddress, parse_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.profile.files import S3

_SECONDS = 10
# The question that the plugin asks before it reads a file (2.5.4, ListObjects), for at most one object.
_QUERY = {"max-keys": "1"}

_KEYS = "write the two parts of one access key into the files of `access-key` and `secret-key`"
_REGION = ("its region is another one", "correct `region`: it is a part of every signature")
# The codes of errors: Amazon S3 API Reference, "List of error codes".
_REASONS = {
    "SignatureDoesNotMatch": ("the secret key is another one", _KEYS),
    "InvalidAccessKeyId": ("it does not know the access key", _KEYS),
    "AccessDenied": (
        "the access key may not list the bucket",
        "give it the rights on the bucket that docs/storage.md names",
    ),
    "NoSuchBucket": ("it has no such bucket", "make the bucket, or correct `bucket`"),
    "AuthorizationHeaderMalformed": _REGION,
    "PermanentRedirect": _REGION,
    "RequestTimeTooSkewed": ("its clock shows another time than this machine's", "synchronise the clocks"),
}
_NAME_IN_HOST = (
    "it does not read the name of the bucket in the host name",
    "write `path-style: true`",
)
_REMEDIES = {
    Fault.UNTRUSTED: "the certificate has to name this host, and to be signed by a public authority or by `authority`",
    Fault.NO_TLS: "correct the port or the scheme of `endpoint`",
}
_NAME_OF_HOST = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_CODE = re.compile(rb"<Code>([A-Za-z]{1,64})</Code>")


def bucket(system: ExaminedSystem) -> Iterator[Fact]:
    """The bucket can be listed with the keys of the deployment. Nothing is written there."""
    s3 = system.deployment.profile.archive.storage.files.s3 if system.deployment is not None else None
    if s3 is None:
        return
    try:
        key = _access_key(s3, system.folder / "secrets")
    except PermissionError:
        yield Fact(
            CheckStatus.UNKNOWN, "this user cannot read the keys of the bucket", "run the command with sudo"
        )
        return
    except (OSError, UnicodeDecodeError):
        return  # the check of the secrets reports it
    server = _server(s3)
    what = f"the bucket `{s3.bucket}` at {server.origin}"
    failure = _failure(s3, server, key, system.folder / s3.authority if s3.authority else None)
    if failure is None:
        yield Fact(CheckStatus.OK, f"{what} can be listed with the access key")
    else:
        yield Fact(CheckStatus.ERROR, f"{what}: {failure[0]}", failure[1])


def _access_key(s3: S3, folder: Path) -> AccessKey:
    identifier, secret = (
        (folder / name).read_text(encoding="utf-8").rstrip("\r\n")
        for name in (s3.access_key.secret, s3.secret_key.secret)
    )
    return AccessKey(identifier, secret, s3.region)


def _server(s3: S3) -> ServerAddress:
    """The address of the service, and below it that of the bucket, as the plugin asks for it."""
    server = parse_server(s3.url, example="https://s3.example.org", elsewhere="keys are secrets")
    if s3.path_style or not _can_be_in_host_name(s3.bucket, server):
        return ServerAddress(server.scheme, server.host, server.port, f"{server.path}{s3.bucket}")
    return ServerAddress(server.scheme, f"{s3.bucket}.{server.host}", server.port, server.path)


def _can_be_in_host_name(name: str, server: ServerAddress) -> bool:
    """Whether the plugin's library puts the name before the host at all (aws-sdk-cpp 1.11.79, tried with the plugin 2.5.4)."""
    if "." in name and server.scheme == "https":
        return False  # no certificate of the service has that name
    return _NAME_OF_HOST.fullmatch(name) is not None and not is_address(server.host)


def _failure(s3: S3, server: ServerAddress, key: AccessKey, authority: Path | None) -> tuple[str, str] | None:
    """What is wrong, and the remedy; None where the bucket was listed."""
    host = server.origin.partition("://")[2]
    headers = key.headers(host, server.path, _QUERY, datetime.now(UTC))
    try:
        client = HttpClient(server.origin, ca_file=authority)
        answer = client.send("GET", server.path, query=_QUERY, headers=headers, seconds=_SECONDS)
    except NoReply as error:
        remedy = "start the service, or correct `endpoint`; Orthanc's container has to reach it too"
        return error.reason, _REMEDIES.get(error.fault, remedy)
    except OrthgenError as error:
        return str(error), "name a certificate in PEM form in `authority`"
    return _refusal(s3, answer)


def _refusal(s3: S3, answer: Reply) -> tuple[str, str] | None:
    if answer.status == 200 and b"<ListBucketResult" in answer.body:
        return None
    if b"<ListAllMyBucketsResult" in answer.body:
        return _NAME_IN_HOST
    match = _CODE.search(answer.body)
    code = match[1].decode() if match is not None else ""
    if code in _REASONS:
        return _REASONS[code]
    remedy = "correct `endpoint`, `bucket`, the keys" + (
        "" if s3.path_style else ", or write `path-style: true`"
    )
    return f"it answers {answer.status}{f' {code}' if code else ', and not as an S3 service does'}", remedy
