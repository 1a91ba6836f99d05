"""Every check, in the order in which they are asked and told."""

from __future__ import annotations

from orthgen.probe.checks.keycloak import KEYCLOAK
from orthgen.probe.checks.limited_user import LIMITED_USER
from orthgen.probe.checks.link import LINK
from orthgen.probe.checks.signed_out import SIGNED_OUT
from orthgen.probe.checks.transport import KNOWN, TRANSPORT

CHECKS = (*TRANSPORT, *SIGNED_OUT, *LINK, *LIMITED_USER, *KNOWN, *KEYCLOAK)
