"""Every check, in the order in which they are asked and told."""

from __future__ import annotations

from generator.verification.checks.keycloak import KEYCLOAK
from generator.verification.checks.limited_user import LIMITED_USER
from generator.verification.checks.link import LINK
from generator.verification.checks.signed_out import SIGNED_OUT
from generator.verification.checks.transport import KNOWN, TRANSPORT

CHECKS = (*TRANSPORT, *SIGNED_OUT, *LINK, *LIMITED_USER, *KNOWN, *KEYCLOAK)
