"""What the services of a deployment log that an operator would have to explain."""

from __future__ import annotations

import re

from orthgen.deployment import naming
from orthgen.deployment.databases import CHECK_SUFFIX
from tests.support.real.orthanc import NOTICES, read_log

_ORTHANC_NOTICES = (
    # About Debian's build of the plugins, which is older than the image's.
    r"Orthanc does not support ExtendedFind",
    r"Trying to enable trigram matching",
    r"Trigram index has been created",
    r"Using a custom (?:database|storage area) from plugins",
    r"Storage directory: ",
    r"HTTPS will use the CA certificates from this file",
    r"Orthanc Explorer UI is disabled",
    r"The DICOM server is disabled",
    r"WADO-URI support is disabled",
    r"Support of IIIF is disabled",
    r"The whole-slide imaging plugin will use at most \d+ threads",
    r"The PostgreSQL storage area is currently disabled",
    r"The index plugin will use \d+ connection",
    # At each start but the first.
    r"Reloading the jobs from the last execution of Orthanc",
    # Each reader: what it does not do.
    r"READ-ONLY SYSTEM: ",
)
_COMPLAINTS = {
    naming.KEYCLOAK: r" (?:WARN|ERROR|FATAL) |^WARNING",
    naming.NGINX: r"\[(?:warn|error|crit|alert|emerg)\]",
    naming.AUTH_SERVICE: r"WARNING|ERROR|Traceback",
    naming.CERTBOT: r"(?i)warn|error|fail|cannot|no certificate",
    naming.ORTHANC_DB: r" (?:WARNING|ERROR|FATAL|PANIC):",
}
# The start script of a check prints its errors only.
_COMPLAINTS |= {f"{name}{CHECK_SUFFIX}": "." for name in (naming.ORTHANC_DB, naming.KEYCLOAK_DB)}
_COMPLAINTS |= {naming.OHIF: _COMPLAINTS[naming.NGINX], naming.KEYCLOAK_DB: _COMPLAINTS[naming.ORTHANC_DB]}
_EXPLAINED = (
    # Keycloak 26.7 about features that it enables by itself.
    r"Deprecated features .* enabled by default",
    # Keycloak 26.7 about realms that an older Keycloak has stored.
    r"WebAuthn policy option 'requireResidentKey' is deprecated",
    # Keycloak and Liquibase look for their tables this way before they make them.
    r'relation "(?:public\.)?(?:migration_model|databasechangelog(?:lock)?)" does not exist',
)


def complaints(service: str, text: str) -> list[str]:
    """The lines of a service's log that say that something is not as it should be."""
    if service == naming.ORTHANC or naming.is_reader(service):
        ordinary = re.compile("|".join(f"(?:{pattern})" for pattern in (*NOTICES, *_ORTHANC_NOTICES)))
        told = (line for line in read_log(text) if line.level in "EW" and line.message)
        return [line.message for line in told if not ordinary.match(line.message)]
    serious, explained = re.compile(_COMPLAINTS[service]), re.compile("|".join(_EXPLAINED))
    return [line for line in text.splitlines() if serious.search(line) and not explained.search(line)]
