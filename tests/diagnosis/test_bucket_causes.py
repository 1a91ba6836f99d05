"""Lines that Orthanc's object storage plugin wrote, each with the one cause that it tells."""

from __future__ import annotations

import pytest

from orthgen.diagnosis.check import findings_of
from orthgen.observed.read import observe_texts

_PLUGIN = "E1128 04:26:42.515147   AWS S3 Storage:/StoragePlugin.cpp:148] AWS S3 Storage: "
_WRITING = (
    f"{_PLUGIN}error while creating object ee877c37: error while writing file ee877c37.dcm: response code = "
)
_READING = f"{_PLUGIN}failed to read object ee877c37: error while reading file ee877c37.dcm: response code = "
_DELETING = (
    f"{_PLUGIN}failed to delete object ee877c37: error while deleting file ee877c37.dcm: response code = "
)
_DECRYPTING = f"{_PLUGIN}error while decrypting object 31d816e6: "
_UNPARSED = "Unable to parse ExceptionName: "


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (f"{_WRITING}403 SignatureDoesNotMatch The request signature we calculated does not match", "secret key"),
        (f"{_WRITING}403 InvalidAccessKeyId The key does not exist", "does not know the access key"),
        (f"{_DELETING}403 AccessDenied Access Denied", "too few rights"),
        (f"{_WRITING}404 NoSuchBucket The specified bucket does not exist.", "no bucket of that name"),
        (f"{_WRITING}400 MalformedXML {_UNPARSED}MalformedXML Message: not well-formed", "in the host name"),
        (f"{_WRITING}400 AuthorizationHeaderMalformed {_UNPARSED}the region is wrong", "region of the bucket"),
        (f"{_WRITING}403 RequestTimeTooSkewed The difference is too large", "clock of the machine"),
        (f"{_READING}404 NoSuchKey The specified key does not exist.", "no object of that name"),
        (f"{_WRITING}-1  curlCode: 6, Could not resolve hostname", "does not reach the object storage"),
        (f"{_READING}-1  curlCode: 7, Could not connect to server", "does not reach the object storage"),
        (f"{_DELETING}-1  curlCode: 28, Timeout was reached", "does not reach the object storage"),
        (f"{_WRITING}-1  curlCode: 60, SSL peer certificate or SSH remote key was not OK", "does not trust"),
        (f"{_DECRYPTING}HashVerificationFilter: message hash or MAC not valid", "another key of the same number"),
        (f"{_DECRYPTING}The master key whose id is '02000000' could not be found.", "not in the configuration"),
        (f"{_PLUGIN}error while encrypting object 91db95b7: The file is too large to encrypt: 2097792 bytes.", "no file of this size"),
        ("W1128 04:26:42.515147 EncryptionConfigurator.cpp:49] Encryption: Invalid master key configuration", "without encryption"),
        ("E1128 04:26:42.515147 ServerIndex.cpp:100] Unable to remove an attachment from the storage area: 81e91861 (type: dicom)", "still in the storage"),
        (f"{_PLUGIN}The RootPath shall not start with a '/': /x", "begins with a slash"),
        ("orthanc-1  | /run/storage-keys/3 is no key of 32 bytes in base64: the files that Orthanc would encrypt with it could not be read again", "empty, too short or damaged"),
    ],
)  # fmt: skip
def test_a_line_tells_one_cause(line: str, cause: str) -> None:
    """Each line has one finding, with the cause and a remedy."""
    findings = findings_of(observe_texts({"orthanc.log": f"{line}\n"}))

    assert [cause in finding.message for finding in findings] == [True]
    assert all(finding.hint for finding in findings)
