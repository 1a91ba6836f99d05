"""The key `archive.storage.files` of the profile: the place of the DICOM files."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from orthgen.field_types import FilePath, HostName, Matching, Model, Secret, WebUrl, invalid_value

_FOLDERS = r"(?!.*/\.{1,2}(?:/|$))(?:/[^\s\x00-\x1f\x22'`$\\;:,{}<>|*?/]+)+"
HostFolder = Annotated[
    str,
    Matching(
        rf"(?!/(?:bin|boot|dev|etc|lib|lib64|proc|run|sbin|sys|tmp|usr)(?:/|$)){_FOLDERS}",
        "a folder for files",
        "write the whole path of a folder, without `..`, `:` or blanks, and not one of the system's: `/srv/dicom`",
        example="/srv/dicom",
    ),
]
ExportedFolder = Annotated[
    str,
    Matching(
        _FOLDERS,
        "an exported folder",
        "write its whole path at the server: `/export/dicom`",
        example="/export",
    ),
]
NfsOptions = Annotated[
    str,
    Matching(
        r"(?!(?:.*,)?addr=)[a-z0-9_]+(?:=[A-Za-z0-9._:/-]+)?(?:,[a-z0-9_]+(?:=[A-Za-z0-9._:/-]+)?)*",
        "a list of mount options",
        "write options of nfs(5), separated by commas: `nfsvers=4.1,hard`; the address is that of `server`",
    ),
]

BucketName = Annotated[
    str,
    Matching(
        # Amazon's older buckets, and other services, also have capital letters and `_`.
        r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]",
        "the name of a bucket",
        "write 3 to 255 letters, digits, `-`, `.` and `_`, without the address of the service: `hospital-images`",
        example="bucket",
    ),
]
Region = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?",
        "the name of a region",
        "write letters, digits and dashes: `eu-central-1`",
        example="region",
    ),
]


class MasterKey(Model):
    """A key of 32 bytes with which Orthanc encrypts the key of each file, and the number that each file names it by."""

    number: int = Field(1, ge=1, le=2**32 - 1, description="Its number, which no other key ever has.")
    key: Secret = Field(description="The key in base64, by its name. `openssl rand -base64 32` makes one.")


class ObjectEncryption(MasterKey):
    """Encryption of the files by Orthanc, before they leave for the bucket. Without the keys the files are lost."""

    previous: list[MasterKey] = Field(
        [], description="Earlier keys, with which Orthanc reads the files that were encrypted with them."
    )

    @property
    def keys(self) -> tuple[MasterKey, ...]:
        """The present key, then the earlier ones."""
        return (self, *self.previous)

    @model_validator(mode="after")
    def _numbers_differ(self) -> Self:
        numbers = [key.number for key in self.keys]
        if len(set(numbers)) < len(numbers):
            raise invalid_value(
                "two master keys have the same number", "a new key has a number that no earlier key had"
            )
        return self


class S3(Model):
    """An S3 bucket for the DICOM files (Orthanc's object storage plugin)."""

    bucket: BucketName = Field(description="The bucket.")
    region: Region = Field(description="Its region.")
    endpoint: WebUrl | None = Field(None, description="The address of an S3 service that is not Amazon's.")
    authority: FilePath | None = Field(
        None,
        description="The certificate (PEM, a path on the host) of the authority that signed the certificate of `endpoint`, where "
        "it is not a public one.",
    )
    access_key: Secret = Field(description="The access key id, by its name.")
    secret_key: Secret = Field(description="The secret access key, by its name.")
    path_style: bool = Field(False, description="Whether the bucket is in the path instead of the host name.")
    encryption: ObjectEncryption | None = Field(
        None,
        description="Encryption of the files by Orthanc (AES-256). Only for a bucket that is empty, or whose files are all "
        "encrypted: the plugin cannot read both.",
    )

    @property
    def url(self) -> str:
        """The address of the service: `endpoint`, by default Amazon's of the region."""
        return self.endpoint or f"https://s3.{self.region}.amazonaws.com"

    @model_validator(mode="after")
    def _authority_has_an_endpoint(self) -> Self:
        if self.authority is not None and not (self.endpoint or "").startswith("https://"):
            raise invalid_value(
                "an authority is named, and no `endpoint` with `https://` that it could have certified",
                "write `endpoint: https://…`, or remove `authority`",
            )
        return self


class Nfs(Model):
    """A folder that a file server exports by NFS. The container engine mounts it, and starts nothing without it."""

    server: HostName = Field(description="The file server.")
    path: ExportedFolder = Field(
        description="The exported folder. It belongs to user 999, or 999 may write there."
    )
    options: NfsOptions = Field("nfsvers=4,hard", description="The options of the mount (nfs(5)).")


class Files(Model):
    """The place of the DICOM files: `volume`, or one of the keys."""

    path: HostFolder | None = Field(
        None,
        description="A folder of the host, also a mounted one, that belongs to user 999. It needs a file `.orthgen-storage`: "
        "without it, as in the mount point of a file server that is not mounted, Orthanc does not start (docs/storage.md).",
    )
    nfs: Nfs | None = Field(None, description="A folder of a file server.")
    s3: S3 | None = Field(None, description="An S3 bucket.")

    @model_validator(mode="before")
    @classmethod
    def _is_one_place(cls, value: Any) -> Any:
        if value == "volume":
            return {}
        if isinstance(value, str):
            if value.startswith("/"):
                raise invalid_value(f"`{value}` is not a place for files", f"write `{{path: {value}}}`")
            raise invalid_value(
                f"`{value}` is not a place for files",
                "a volume of the deployment is `volume`; a folder, a file server and a bucket are `{path: …}`, `{nfs: …}` and `{s3: …}`",
            )
        if isinstance(value, dict) and len(value) > 1 and set(value) <= {"path", "nfs", "s3"}:
            keys = " and ".join(f"`{key}`" for key in value)
            raise invalid_value(f"files are in one place: {keys}", "remove all keys but one")
        return value
