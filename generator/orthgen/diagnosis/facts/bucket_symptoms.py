"""
Messages of Orthanc's object storage plugin (2.5.4) that tell a known cause, as it was tried with an S3 service.

The codes are those of the Amazon S3 API Reference, "List of error codes"; the numbers are libcurl's.
"""

from __future__ import annotations

from orthgen.diagnosis.facts.symptoms import Symptom

_FILE = r"error while (?:writing|reading|deleting|tagging) file \S+: .*"

BUCKETS = (
    Symptom(
        f"{_FILE}SignatureDoesNotMatch",
        "the secret key is not that of the access key",
        "write the two parts of one access key into `AccessKey` and `SecretKey`",
    ),
    Symptom(
        f"{_FILE}InvalidAccessKeyId",
        "the object storage does not know the access key",
        "write the two parts of one access key into `AccessKey` and `SecretKey`",
    ),
    Symptom(
        f"{_FILE}AccessDenied",
        "the access key has too few rights on the bucket",
        "give it the rights to list the bucket, and to read, write and delete objects",
    ),
    Symptom(
        f"{_FILE}NoSuchBucket",
        "the object storage has no bucket of that name",
        "make the bucket, or correct `BucketName`",
    ),
    Symptom(
        f"{_FILE}MalformedXML",
        "the service does not read the bucket's name in the host name",
        'write `"VirtualAddressing": false`',
    ),
    Symptom(
        f"{_FILE}AuthorizationHeaderMalformed",
        "the region of the bucket is another one",
        "correct `Region`, which is a part of every signature",
    ),
    Symptom(
        f"{_FILE}RequestTimeTooSkewed",
        "the clock of the machine differs from that of the object storage",
        "synchronise the clock of the machine",
    ),
    Symptom(
        f"{_FILE}NoSuchKey",
        "the bucket has no object of that name",
        "a file that was encrypted ends in `.enc`: `StorageEncryption` has to be as it was when the file was stored",
    ),
    Symptom(
        f"{_FILE}curlCode: (?:6|7|28),",
        "the plugin does not reach the object storage",
        "correct `Endpoint`, which the container has to reach; after a pause of the service nothing has to be started again",
    ),
    Symptom(
        "error while decrypting object .*HashVerificationFilter",
        "the file was encrypted with another key of the same number",
        "put the old key back; a new key needs a new number, and the old one a place in `PreviousMasterKeys`",
    ),
    Symptom(
        "The master key whose id is '[0-9A-F]+' could not be found",
        "the key with which the file was encrypted is not in the configuration",
        "add it to `PreviousMasterKeys`, with its number: the first byte of the id",
    ),
    Symptom(
        "Encryption: (?:MasterKey missing|Invalid master key configuration)",
        "the plugin stores files without encryption, because it does not read one of its keys",
        'write `"MasterKey": [1, "/path/of/the/key"]`, and `PreviousMasterKeys` as a list of such pairs',
    ),
    Symptom(
        "The file is too large to (?:en|de)crypt",
        "the plugin encrypts no file of this size",
        "write the megabytes of the largest file, up to 4095, into `StorageEncryption.MaxConcurrentInputSize`",
    ),
    Symptom(
        "Unable to remove an attachment from the storage area",
        "a deleted file is still in the storage",
        "delete the objects whose names begin with the UUID in the line",
    ),
    Symptom(
        "The RootPath shall not start with a '/'",
        "`RootPath` of the object storage begins with a slash",
        "remove the slash",
    ),
    Symptom(
        r"is no key of 32 bytes in base64",
        "a master key is empty, too short or damaged",
        "put the right key back; if no file was encrypted yet, make one with `openssl rand -base64 32`",
    ),
)
