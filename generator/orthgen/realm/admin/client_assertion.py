"""Sign-in of a client by its private key (RFC 7523, `private_key_jwt`)."""

from __future__ import annotations

import json
import secrets
import time

from jwcrypto.common import JWException  # type: ignore[import-untyped]
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from jwcrypto.jwt import JWT  # type: ignore[import-untyped]

from orthgen.errors import OrthgenError

_LIFETIME = 60


def client_assertion(client: str, audience: str, private_key: str) -> str:
    """A signed statement that this is `client`, good for a minute; RS256 or ES256 by the kind of key (PEM)."""
    try:
        key = JWK.from_pem(private_key.encode())
    except (JWException, ValueError) as error:
        raise OrthgenError(
            "the client's private key cannot be read", hint="it has to be PEM text, without a passphrase"
        ) from error
    now = int(time.time())
    claims = {
        "iss": client,
        "sub": client,
        "aud": audience,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + _LIFETIME,
    }
    algorithm = "ES256" if key["kty"] == "EC" else "RS256"
    token = JWT(header=json.dumps({"alg": algorithm, "typ": "JWT"}), claims=json.dumps(claims))
    token.make_signed_token(key)
    return str(token.serialize())
