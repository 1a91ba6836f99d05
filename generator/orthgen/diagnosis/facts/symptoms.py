"""Messages of servers that tell a known cause, each with its cause and its remedy."""

from __future__ import annotations

from msgspec import Struct


class Symptom(Struct, frozen=True):
    """
    An expression for a message, the cause of the message, and the remedy.

    Where the expression has named groups, the remedy has their words in braces: `{url}`.
    """

    expression: str
    cause: str
    remedy: str


SERVERS = (
    Symptom(
        "upstream sent too big header",
        "the answer's headers are larger than nginx's buffer",
        "write `proxy_buffer_size 32k;`, `proxy_buffers 8 32k;`, `proxy_busy_buffers_size 64k;`",
    ),
    Symptom(
        "client intended to send too large body",
        "nginx limits the size of uploads",
        "write `client_max_body_size 0;`",
    ),
    Symptom(
        "client sent too long URI|client sent too large request|Request-URI Too Large",
        "the address with its token is longer than nginx accepts",
        "write `large_client_header_buffers 8 32k;`",
    ),
    Symptom(
        "host not found in upstream",
        "nginx knows no service of that name",
        "write the name of a service in the Compose file that is on the same network",
    ),
    Symptom(
        "Invalid audience|InvalidAudienceError",
        "the token's audience does not have `account`",
        "give the client an audience mapper for `account`",
    ),
    Symptom(
        "Unable to reach keycloak",
        "the auth-service finds no Keycloak at `KEYCLOAK_URI`",
        "write the address inside the Compose network, with the realm and a slash at the end",
    ),
    Symptom(
        "could not serialize access",
        "the PostgreSQL plugin runs serializable transactions",
        'write `"TransactionMode": "ReadCommitted"` in `PostgreSQL`',
    ),
    Symptom(
        "Key material not provided to setup HTTPS",
        "Keycloak has neither HTTP nor a certificate",
        'set `KC_HTTP_ENABLED: "true"`',
    ),
    Symptom("hostname is not configured", "Keycloak does not know its public address", "set `KC_HOSTNAME`"),
    Symptom(
        r'^(?!.*(?:CLIENT_LOGIN_ERROR|grant_type="?client_credentials)).*invalid_client_credentials',
        "the client asks for a secret, which a browser does not have",
        "turn client authentication off for this client",
    ),
    Symptom(
        r'^(?!.*LOGOUT_ERROR).*invalid_redirect_uri"?,.*\bredirect_uri="?(?P<url>https?://[^",\s]+)',
        "no redirect URI of the client allows the address of the page",
        "add `{url}` to `redirectUris` of the client; a `*` at the end allows the pages below",
    ),
    Symptom(
        "^(?!.*LOGOUT_ERROR).*(?:invalid_redirect_uri|Invalid parameter: redirect_uri)",
        "no redirect URI of the client allows the address of the page",
        "add the address, with its scheme, host and port",
    ),
    Symptom(
        "client_not_found", "the realm has no client of that name", "create the client, or correct `ClientId`"
    ),
    Symptom(
        "user_not_found.*admin|temp-admin",
        "Keycloak has another first administrator than expected",
        "set `KC_BOOTSTRAP_ADMIN_USERNAME`",
    ),
    Symptom(
        "Couldn't resolve groups from LDAP",
        "a group's parent is outside the base DN",
        'write `"preserve.group.inheritance": ["false"]`',
    ),
    Symptom(
        'Failed to parse a port from "forwarded"',
        "`X-Forwarded-For` holds something that is not an address",
        "write `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`",
    ),
    Symptom(
        "Realm '?[^'\n]*'? already exists|Not importing realm",
        "the realm exists, so that its file is not imported",
        "change the realm by the administration API",
    ),
    Symptom(
        "you may only provide one of",
        "`CheckedLevel` and `UncheckedLevels` are both set",
        "remove `UncheckedLevels`",
    ),
    Symptom(
        "insecure setup|Insecure setup",
        "Orthanc asks nobody for a password, and other machines reach it",
        "set `AuthenticationEnabled` to true, or configure the authorization plugin",
    ),
    Symptom(
        "deprecated since April 2020",
        "variables have their old names, which this image refuses",
        "write the new names",
    ),
    Symptom(
        "USERS env var is not defined",
        "the auth-service has no `USERS`",
        "set `USERS`: a JSON object of names and passwords",
    ),
    Symptom(
        r"token is not yet valid|ImmatureSignatureError",
        "the clocks of Keycloak and of the auth-service differ",
        "synchronise the clocks of the hosts (NTP)",
    ),
    Symptom(
        r"upstream timed out \(110",
        "the answer took longer than the reverse proxy waits (60 seconds by default)",
        "write `proxy_read_timeout 600s;`, for archives and slow searches",
    ),
    Symptom(
        r"connect\(\) failed \(111: Connection refused\)",
        "no program listens at the address that the reverse proxy passes requests to",
        "write the port inside the container, and look whether the service runs",
    ),
    Symptom(
        r"wrong version number",
        "a program speaks https to a port that speaks http",
        "write `http://` in the address",
    ),
    Symptom(
        r"no resolver defined to resolve",
        "nginx has no resolver for an address with a variable",
        "write `resolver 127.0.0.11;` in a container",
    ),
    Symptom(
        r"Unexpected UTF-8 BOM",
        "a configuration file begins with a byte order mark",
        "save the file as UTF-8 without a byte order mark",
    ),
    Symptom(
        r"does not have access to any labels",
        "the profile of the caller has no label: a role without `authorized-labels`, or an anonymous caller",
        'give the role `"authorized-labels": ["*"]`, or the labels that it may see',
    ),
    Symptom(
        r"SQLite: .*database is locked",
        "another Orthanc uses the same index, or the index is on a network share",
        "give each Orthanc a storage folder of its own on a local disk, or keep the index in PostgreSQL",
    ),
    Symptom(
        r"password authentication failed for user",
        "the database has another password than its client",
        "write the same password in both places; a database keeps the password that it was made with",
    ),
    Symptom(
        r"no password supplied",
        "the client of the database sends no password",
        "set `Password` in `PostgreSQL`; a variable with `_SECRET` needs a secret of that name in the container",
    ),
    Symptom(
        r"connection to server at .* failed: Connection refused|could not connect to server: Connection refused",
        "no PostgreSQL answers at the address in `PostgreSQL.Host`",
        "in a container `localhost` is the container itself: write the name of the database's service",
    ),
    Symptom(
        r'"POST /(?:user/get-profile|tokens/\S+|settings/\S+) HTTP/[0-9.]+" 401|status 401\b.*/(?:user/get-profile|tokens/|settings/)',
        "the auth-service refuses the name or the password of Orthanc, so that everybody gets 403",
        "write a name and a password of `USERS` into `WebServiceUsername` and `WebServicePassword`",
    ),
    Symptom(
        r"configuration option .* must be a|Badly formatted list of",
        "a setting has another type than Orthanc reads",
        "write true, false and numbers without quotes, lists in `[]` and objects in `{}`",
    ),
    Symptom(
        r"port is already allocated",
        "another container or program uses the port",
        "write another port in front of the colon in `ports`",
    ),
    Symptom(
        r"has no healthcheck configured",
        "a service waits for the health of one that has no health check",
        "add a `healthcheck`, or write `condition: service_started`",
    ),
    Symptom(
        "failed to install lib\\w+\\.so: Operation not permitted",
        "the image cannot install its plugins without root",
        "take 25.1.0 or newer, or mount a tmpfs at `/run/orthanc/plugins`",
    ),
    Symptom(
        r"because of a bad called AET in the request \((?P<title>[^)\s]+)",
        "the modality calls another AE title than `DicomAet`, and `DicomCheckCalledAet` is true",
        "write the title of `DicomAet` into the modality in place of `{title}`, or set `DicomCheckCalledAet` to false",
    ),
    Symptom(
        'is not listed in (?:the|configuration option) "DicomModalities"',
        "Orthanc does not know the AE title of the sender",
        "add the sender to `DicomModalities`, with its AE title in the same case",
    ),
    Symptom(
        "DICOM authorization rejected +for AET (?!.*This AET is not listed)",
        "`DicomModalities` does not allow this command, or this address, for the modality",
        "write the modality's IP address, and `AllowStore`, `AllowFind`, `AllowMove` or `AllowGet` with `true`",
    ),
    Symptom(
        "is too recent for this version of Orthanc",
        "a newer Orthanc has written the index",
        "take the newer image again, or restore the backup of before the upgrade",
    ),
    Symptom(
        'Please run Orthanc with the "--upgrade" argument',
        "an older Orthanc has written the index",
        "make a backup, and start Orthanc once with `--upgrade`",
    ),
    Symptom(
        r"stopping now: \[(?:Cannot write to file|Cannot create a directory)",
        "Orthanc may not write into its storage folder",
        "give the folder of the host to the user that runs Orthanc, or use a named volume",
    ),
    Symptom(
        "configuration file does not follow the JSON syntax",
        "a configuration file of Orthanc has an error of syntax",
        "give the file to `orthgen diagnose`, which names the line",
    ),
    Symptom(
        "TCP port of the (?:DICOM|HTTP) server is privileged or already in use",
        "another program has the port, or only root may open it",
        "write a free port above 1023 into `DicomPort` or `HttpPort`, and publish it as the usual one",
    ),
    Symptom(
        r"(?<!curlCode: 6, )(?:Couldn't|Could not) resolve host",
        "Orthanc finds no host of that name",
        "write the name of a service of the same Compose network, or the full name of the host",
    ),
    Symptom(
        "all users are considered anonymous",
        "the auth-service does not use Keycloak: `ENABLE_KEYCLOAK` is not `true`",
        'set `ENABLE_KEYCLOAK: "true"` and `KEYCLOAK_URI` on the auth-service',
    ),
    Symptom(
        "Unable to decode JWT token",
        "the auth-service refuses the token: another realm or key signed it, it has no audience `account`, it is too old, or it is not a JWT",
        "compare `iss` and `aud` of the token with `KEYCLOAK_URI`; restart the auth-service after Keycloak got new keys",
    ),
    Symptom(
        "Unable to get roles and permissions from configuration file",
        "permissions.json is not there, or is not valid",
        "mount a valid file where `PERMISSIONS_FILE_PATH` points",
    ),
    Symptom(
        "Token Validation: invalid server_id",
        "the link was made for an Orthanc with another `SERVER_ID`",
        "write the same text into `SERVER_ID` and `WebServiceIdentifier`",
    ),
    Symptom(
        r"cookie_not_found|Cookie not found\.",
        "the browser did not send Keycloak's cookie: the sign-in began at another address, or its page was open for too long",
        "use one address, with https, in `KC_HOSTNAME` and in `OrthancExplorer2.Keycloak.Url`",
    ),
    Symptom(
        r'error="?ssl_required|^\W*HTTPS required\W*$',
        "the realm asks for https, and Keycloak takes the request for http",
        "set `KC_PROXY_HEADERS: xforwarded`, and let the reverse proxy set `X-Forwarded-Proto`",
    ),
    Symptom(
        "flag was used for first ever server start",
        "Keycloak is started with `--optimized`, and was not built",
        "remove `--optimized`, or build an image with `kc.sh build`",
    ),
    Symptom(
        "not usable with pre-built image and --optimized|have values that differ from what is persisted",
        "an option of the build is set at the start, and `--optimized` ignores it",
        "remove `--optimized`, or set the option where the image is built",
    ),
    Symptom(
        "database files are incompatible with server",
        "another major version of PostgreSQL made the data",
        "take the old version again, or move the data with `pg_dump` and `psql`",
    ),
    Symptom(
        r"/var/lib/postgresql/data \(unused mount/volume\)",
        "PostgreSQL 18 keeps its data in another folder",
        "mount the volume at `/var/lib/postgresql`; move old data with `pg_dump` and `psql`",
    ),
    Symptom(
        "trying to mount a directory onto a file|not a directory: unknown",
        "the file of the host was not there, and the engine made a folder of its name",
        "remove the folder, and put the file there",
    ),
    Symptom(
        "No space left on device",
        "the disk is full",
        "free space, and look at `docker system df` and at the volumes",
    ),
    Symptom(
        r"exited with code 137\b|OOMKilled",
        "the container was killed, mostly because it needed more memory than it had",
        "raise its memory limit, or lower its caches",
    ),
    Symptom(
        "upstream prematurely closed connection",
        "the program behind the proxy ended, or closed the connection",
        "look at its log at the same time",
    ),
)
