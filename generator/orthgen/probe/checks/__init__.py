"""All checks, in the order of the requests and of the report."""

from __future__ import annotations

from orthgen.probe.checks.keycloak import KEYCLOAK
from orthgen.probe.checks.limited_user import LIMITED_USER
from orthgen.probe.checks.link import LINK
from orthgen.probe.checks.signed_out import SIGNED_OUT
from orthgen.probe.checks.transport import DISCOVERED, TRANSPORT

CHECKS = (*TRANSPORT, *SIGNED_OUT, *LINK, *LIMITED_USER, *DISCOVERED, *KEYCLOAK)
