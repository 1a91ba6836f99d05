"""Names that two files have to agree on, each defined once."""

from __future__ import annotations

# Compose services, which are also the host names on the internal networks.
NGINX = "nginx"
ORTHANC = "orthanc"
AUTH_SERVICE = "orthanc-auth-service"
KEYCLOAK = "keycloak"
OHIF = "ohif"
ORTHANC_DB = "orthanc-db"
KEYCLOAK_DB = "keycloak-db"
CERTBOT = "certbot"

# The readers; the name of each service of them ends in its number.
READER = "orthanc-reader"

# The ports on which they listen inside the deployment.
PORTS = {
    ORTHANC: 8042,
    READER: 8042,
    AUTH_SERVICE: 8000,
    KEYCLOAK: 8080,
    OHIF: 80,
    ORTHANC_DB: 5432,
    KEYCLOAK_DB: 5432,
}

# DICOM inside the deployment, whatever ports the host publishes: Orthanc runs without the right to open a
# port below 1024. Every title of a collection has a port of its own, counted up from the second.
DICOM_PORT = 4242
COLLECTIONS_DICOM_PORT = 4243

# Keycloak clients. The auth-service's id is fixed in its source (25.8 to 26.4.1): it signs in as `admin-cli`.
ORTHANC_CLIENT = "orthanc"
AUTH_SERVICE_CLIENT = "admin-cli"

# What the realm has beside clients and roles. A flow's name is followed by its version: `orthgen sign-in v1`.
SIGN_IN_FLOW = "orthgen sign-in"
AFTER_PROVIDER_FLOW = "orthgen after a provider"
FIRST_SIGN_IN_FLOW = "orthgen first sign-in"
LINKING_FLOW = "orthgen first sign-in by e-mail"
NEW_PASSWORD_FLOW = "orthgen new password"  # noqa: S105 - the name of a flow
# The user attribute that says which provider vouches for somebody.
PROVIDER_ATTRIBUTE = "identity-provider"
# Realm attributes in which provisioning keeps what it made, what it took over, and who changed the realm last.
OWNED_ATTRIBUTE = "orthgen.owned"
ADOPTED_ATTRIBUTE = "orthgen.adopted"
REVISION_ATTRIBUTE = "orthgen.revision"

# Orthanc's user at the auth-service, and the identifier that both call this Orthanc by (SERVER_ID,
# WebServiceIdentifier).
AUTH_SERVICE_USER = "orthanc"
SERVER_ID = "orthanc"

# DicomWeb.Root: the plugin keeps `/dicom-web` protected whatever the section says (authorization 0.11.4), so
# no other root is ever rendered. OrthancExplorer2.Root: the unchecked folders are literal.
DICOMWEB_ROOT = "/dicom-web/"
EXPLORER_ROOT = "/ui/"

# Where Orthanc Explorer 2's inbox posts when an upload is done and to ask how its processing goes, below Orthanc's
# root; the proxy answers both.
INBOX_COMMIT = "inbox/commit"
INBOX_PROGRESS = "inbox/progress"

# The header in which programs send an API key (auth-service 24.2 and later).
API_KEY_HEADER = "api-key"

# Keycloak's first administrator, made at its first start.
KEYCLOAK_ADMIN = "admin"

# The file in a folder of the host that shows that the folder is the storage, and not an empty mount point.
STORAGE_MARK = ".orthgen-storage"

# Databases and their users.
ORTHANC_DATABASE = "orthanc"
KEYCLOAK_DATABASE = "keycloak"

# The user (uid and gid) that every container with a secret runs as. Orthanc's and PostgreSQL's images bring it
# along and keep their data under it; the others do not mind. One reader for all: files of mode 0600 that belong
# to it serve every container, and compose cannot change the owner of a secret that comes from a file.
CONTAINER_USER = 999

# Secrets: the name of the file below secrets/ and of the compose secret.
ORTHANC_DB_PASSWORD = "orthanc-db-password"  # noqa: S105 - the names of secrets are not secrets
KEYCLOAK_DB_PASSWORD = "keycloak-db-password"  # noqa: S105
KEYCLOAK_ADMIN_PASSWORD = "keycloak-admin-password"  # noqa: S105
AUTH_SERVICE_PASSWORD = "auth-service-password"  # noqa: S105
AUTH_SERVICE_SECRET_KEY = "auth-service-secret-key"  # noqa: S105
KEYCLOAK_CLIENT_SECRET = "keycloak-client-secret"  # noqa: S105

# Files of TLS in secrets/: nginx's certificate chain and key by their compose secrets, the own authority and its key.
TLS_CERTIFICATE = "tls-certificate"
TLS_KEY = "tls-key"
TLS_AUTHORITY = "tls-authority.crt"
TLS_AUTHORITY_KEY = "tls-authority.key"


def reader(number: int) -> str:
    """The service of a reader; they count from 1."""
    return f"{READER}-{number}"


def port_of(service: str) -> int:
    """The port on which a service listens inside the deployment."""
    return PORTS[READER if is_reader(service) else service]


def is_reader(service: str) -> bool:
    """Whether a service is a reader: one of a host, or all of a cluster."""
    return service == READER or service.startswith(f"{READER}-")


def first_password(user_name: str) -> str:
    """The secret with the first password of an account, where `orthgen secrets` makes it."""
    return f"first-password-{user_name}"
