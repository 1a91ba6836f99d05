"""Parts of a JSON Web Token (RFC 7519), without a check of its signature."""

from __future__ import annotations

from typing import cast

from jwcrypto.common import base64url_decode  # type: ignore[import-untyped]


def unverified_parts(token: str) -> tuple[bytes, bytes]:
    """The header and the payload as JSON text; raises ValueError where the text is no signed token."""
    header, payload, _ = token.split(".")
    return cast("tuple[bytes, bytes]", (base64url_decode(header), base64url_decode(payload)))
