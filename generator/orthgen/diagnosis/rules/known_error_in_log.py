"""Lines of logs that tell a known cause."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment


class Symptom(Struct, frozen=True):
    """What a line of a log looks like, its cause, and the remedy."""

    line: re.Pattern[str]
    cause: str
    remedy: str


def _symptom(pattern: str, cause: str, remedy: str) -> Symptom:
    return Symptom(re.compile(pattern, re.IGNORECASE), cause, remedy)


_SYMPTOMS = (
    _symptom(
        "upstream sent too big header",
        "the answer's headers are larger than nginx's buffer",
        "write `proxy_buffer_size 32k;`, `proxy_buffers 8 32k;`, `proxy_busy_buffers_size 64k;`",
    ),
    _symptom(
        "client intended to send too large body",
        "nginx limits the size of uploads",
        "write `client_max_body_size 0;`",
    ),
    _symptom(
        "client sent too long URI|client sent too large request|Request-URI Too Large",
        "the address with its token is longer than nginx accepts",
        "write `large_client_header_buffers 8 32k;`",
    ),
    _symptom(
        "host not found in upstream",
        "nginx knows no service of that name",
        "write the name of a service in the Compose file that is on the same network",
    ),
    _symptom(
        "Invalid audience|InvalidAudienceError",
        "the token's audience does not have `account`",
        "give the client an audience mapper for `account`",
    ),
    _symptom(
        "Unable to reach keycloak",
        "the auth-service finds no Keycloak at `KEYCLOAK_URI`",
        "write the address inside the Compose network, with the realm and a slash at the end",
    ),
    _symptom(
        "could not serialize access",
        "the PostgreSQL plugin runs serializable transactions",
        'write `"TransactionMode": "ReadCommitted"` in `PostgreSQL`',
    ),
    _symptom(
        "Key material not provided to setup HTTPS",
        "Keycloak has neither HTTP nor a certificate",
        'set `KC_HTTP_ENABLED: "true"`',
    ),
    _symptom("hostname is not configured", "Keycloak does not know its public address", "set `KC_HOSTNAME`"),
    _symptom(
        "invalid_client_credentials",
        "the client asks for a secret, which a browser does not have",
        "turn client authentication off for this client",
    ),
    _symptom(
        "invalid_redirect_uri|Invalid parameter: redirect_uri",
        "no redirect URI of the client allows the address of the page",
        "add the address, with its scheme, host and port",
    ),
    _symptom(
        "client_not_found", "the realm has no client of that name", "create the client, or correct `ClientId`"
    ),
    _symptom(
        "user_not_found.*admin|temp-admin",
        "Keycloak has another first administrator than expected",
        "set `KC_BOOTSTRAP_ADMIN_USERNAME`",
    ),
    _symptom(
        "Couldn't resolve groups from LDAP",
        "a group's parent is outside the base DN",
        'write `"preserve.group.inheritance": ["false"]`',
    ),
    _symptom(
        'Failed to parse a port from "forwarded"',
        "`X-Forwarded-For` holds something that is not an address",
        "write `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`",
    ),
    _symptom(
        "Realm '?[^']*'? already exists|Not importing realm",
        "the realm exists, so that its file is not imported",
        "change the realm by the administration API",
    ),
    _symptom(
        "you may only provide one of",
        "`CheckedLevel` and `UncheckedLevels` are both set",
        "remove `UncheckedLevels`",
    ),
    _symptom(
        "insecure setup|Insecure setup",
        "Orthanc asks nobody for a password, and other machines reach it",
        "set `AuthenticationEnabled` to true, or configure the authorization plugin",
    ),
    _symptom(
        "deprecated since April 2020",
        "variables have their old names, which this image refuses",
        "write the new names",
    ),
    _symptom(
        "USERS env var is not defined",
        "the auth-service has no `USERS`",
        "set `USERS`: a JSON object of names and passwords",
    ),
    _symptom(
        r"token is not yet valid|ImmatureSignatureError",
        "the clocks of Keycloak and of the auth-service differ",
        "synchronise the clocks of the hosts (NTP)",
    ),
    _symptom(
        r"upstream timed out \(110",
        "the answer took longer than the reverse proxy waits (60 seconds by default)",
        "write `proxy_read_timeout 600s;`, for archives and slow searches",
    ),
    _symptom(
        r"connect\(\) failed \(111: Connection refused\)",
        "no program listens at the address that the reverse proxy passes requests to",
        "write the port inside the container, and look whether the service runs",
    ),
    _symptom(
        r"wrong version number",
        "a program speaks https to a port that speaks http",
        "write `http://` in the address",
    ),
    _symptom(
        r"no resolver defined to resolve",
        "nginx has no resolver for an address with a variable",
        "write `resolver 127.0.0.11;` in a container",
    ),
    _symptom(
        r"Unexpected UTF-8 BOM",
        "a configuration file begins with a byte order mark",
        "save the file as UTF-8 without a byte order mark",
    ),
    _symptom(
        r"does not have access to any labels",
        "the profile of the caller has no label: a role without `authorized-labels`, or an anonymous caller",
        'give the role `"authorized-labels": ["*"]`, or the labels that it may see',
    ),
    _symptom(
        r"SQLite: database is locked",
        "another Orthanc uses the same index",
        "give each Orthanc a storage folder of its own, or keep the index in PostgreSQL",
    ),
    _symptom(
        r"password authentication failed for user",
        "the database has another password than its client",
        "write the same password in both places; a database keeps the password that it was made with",
    ),
    _symptom(
        r"configuration option .* must be a|Badly formatted list of",
        "a setting has another type than Orthanc reads",
        "write true, false and numbers without quotes, lists in `[]` and objects in `{}`",
    ),
    _symptom(
        r"port is already allocated",
        "another container or program uses the port",
        "write another port in front of the colon in `ports`",
    ),
    _symptom(
        r"has no healthcheck configured",
        "a service waits for the health of one that has no health check",
        "add a `healthcheck`, or write `condition: service_started`",
    ),
    _symptom(
        "failed to install lib\\w+\\.so: Operation not permitted",
        "the image cannot install its plugins without root",
        "take 25.1.0 or newer, or mount a tmpfs at `/run/orthanc/plugins`",
    ),
)
RULE = Rule(
    "known-error-in-log",
    Severity.WARNING,
    summary="A line of a log tells a known cause.",
    consequence="What the line says failed: an upload, a sign-in, a start.",
    remedy="The finding names the cause and what to write.",
    file="nginx.log",
    example="""
        2026/03/01 10:00:00 [error] 29#29: *7 client intended to send too large body: 4829184 bytes, client: 10.0.0.7, server: pacs.example.org, request: "POST /instances HTTP/1.1", host: "pacs.example.org"
    """,
    counterexample="""
        2026/03/01 10:00:00 [notice] 1#1: start worker processes
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Each known cause once."""
    seen: set[str] = set()
    for line in deployment.log_lines:
        for symptom in _SYMPTOMS:
            if symptom.cause not in seen and symptom.line.search(line.message):
                seen.add(symptom.cause)
                yield Finding(
                    RULE, f"the line tells the cause: {symptom.cause}", line.location, symptom.remedy
                )
