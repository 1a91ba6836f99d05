"""
The signature of a request to an S3 service: AWS Signature Version 4.

Source: Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header"; other services check the same.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALGORITHM = "AWS4-HMAC-SHA256"
_NO_BODY = hashlib.sha256(b"").hexdigest()
_SIGNED = "host;x-amz-content-sha256;x-amz-date"


class AccessKey(Struct, frozen=True):
    """An access key with its secret, and the region that both are used in."""

    id: str
    secret: str
    region: str

    def __repr__(self) -> str:
        """Nothing of the key."""
        return f"AccessKey(region={self.region!r})"

    def headers(self, host: str, path: str, query: Mapping[str, str], now: datetime) -> dict[str, str]:
        """
        The headers that sign a GET without a body.

        `host` is the header as it is sent, with the port where it is not the scheme's; `path` has no characters to encode; `now` is
        in UTC.
        """
        stamp = f"{now:%Y%m%dT%H%M%SZ}"
        scope = f"{now:%Y%m%d}/{self.region}/s3/aws4_request"
        canonical = "\n".join(
            (
                "GET",
                path,
                urlencode(sorted(query.items()), quote_via=quote, safe="-_.~"),
                f"host:{host}",
                f"x-amz-content-sha256:{_NO_BODY}",
                f"x-amz-date:{stamp}",
                "",
                _SIGNED,
                _NO_BODY,
            )
        )
        text = "\n".join((_ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        return {
            "x-amz-content-sha256": _NO_BODY,
            "x-amz-date": stamp,
            "Authorization": f"{_ALGORITHM} Credential={self.id}/{scope},SignedHeaders={_SIGNED},Signature={signature}",
        }
