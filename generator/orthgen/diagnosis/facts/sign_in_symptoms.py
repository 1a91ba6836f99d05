"""
Messages about a sign-in that tell a known cause.

Of Keycloak (26.7), oauth2-proxy (7.15), OHIF's sign-in (oidc-client 1.11) and Entra ID ("Microsoft Entra authentication and
authorization error codes").
"""

from __future__ import annotations

from orthgen.diagnosis.facts.symptoms import Symptom

SIGN_INS = (
    Symptom(
        "Provided hostname is neither|hostname must be set to a URL when|hostname-backchannel-dynamic must be set to false",
        "`KC_HOSTNAME` is not a whole address",
        "write the scheme, the host and the path, as `https://pacs.example.org/keycloak`",
    ),
    Symptom(
        "Missing parameter: code_challenge_method",
        "the client asks for PKCE, and the program that signs in does not send it",
        "turn PKCE on in the program, or off for this client",
    ),
    Symptom(
        "Client is not allowed to initiate browser login|Bearer-only applications are not allowed",
        "the standard flow of the client is off",
        'write `"standardFlowEnabled": true` and `"bearerOnly": false`',
    ),
    Symptom(
        "user_temporarily_(?:disabled|locked)",
        "Keycloak has locked the account after wrong passwords",
        "wait some minutes, or unlock it below *Users* in Keycloak's administration",
    ),
    Symptom("client_disabled", "the client is disabled in the realm", "enable it below *Clients*"),
    Symptom(
        "LOGOUT_ERROR.*invalid_redirect_uri",
        "no post-logout redirect URI of the client allows the address of the page",
        "add it to `post.logout.redirect.uris` of the client; `+` stands for its redirect URIs",
    ),
    Symptom(
        r'CLIENT_LOGIN_ERROR.*invalid_client_credentials|invalid_client_credentials.*grant_type="?client_credentials',
        "a program signs in with a wrong secret of its client",
        "write the secret of the client in Keycloak into `KEYCLOAK_CLIENT_SECRET`",
    ),
    Symptom(
        "Client not enabled to retrieve service account",
        "the client has no service account, with which programs sign in",
        "turn *Service accounts roles* on for this client",
    ),
    Symptom(
        r"403\b.*Forbidden.*/admin/realms/",
        "the service account of the client may not read the realm",
        "give it the roles of the client `realm-management` that the program needs, as `view-users`",
    ),
    Symptom(
        "Invalid token issuer",
        "Keycloak is asked at two addresses, and writes each into tokens as their issuer",
        "set `KC_HOSTNAME` to one public address",
    ),
    Symptom(
        "Failed to obtain JDBC connection",
        "Keycloak cannot sign in at its database",
        "compare `KC_DB_URL`, `KC_DB_USERNAME` and `KC_DB_PASSWORD` with the database",
    ),
    Symptom(
        "cookie_secret (?:from file )?must be 16, 24, or 32 bytes",
        "the cookie secret of oauth2-proxy has a wrong length",
        "make it by `openssl rand -hex 16`",
    ),
    Symptom(
        "missing setting for email validation",
        "oauth2-proxy has no list of those who may sign in",
        "set `OAUTH2_PROXY_EMAIL_DOMAINS`, as `example.org`, or `*` for everybody of the realm",
    ),
    Symptom(
        r"audience claims \S+ do not exist in claims|does not match with any of allowed audiences",
        "the audience of the token does not have the client of oauth2-proxy",
        "give the client an audience mapper with its own id in Keycloak",
    ),
    Symptom(
        "issuer did not match the issuer returned by provider",
        "the issuer's address of oauth2-proxy is not the one that Keycloak writes into tokens",
        "write the public address into `OAUTH2_PROXY_OIDC_ISSUER_URL`; for another way inside, skip the discovery and name each address",
    ),
    Symptom(
        r"email in id_token .* isn't verified",
        "the address of the person is not verified in Keycloak",
        "turn *Email verified* on for the person, or accept it with `OAUTH2_PROXY_INSECURE_OIDC_ALLOW_UNVERIFIED_EMAIL`",
    ),
    Symptom(
        "No matching state found in storage",
        "the sign-in ended at another address than it began, or its page was opened a second time",
        "use one address, with its scheme, host and port, for OHIF and in its `redirect_uri`",
    ),
    Symptom(
        "iat is in the future",
        "the clock of the browser's machine differs from Keycloak's",
        "synchronise both clocks (NTP)",
    ),
    Symptom(
        r"AADSTS50011\b.*?'(?P<url>https?://[^']+)'",
        "the application in Entra ID does not have the redirect URI",
        "add `{url}` in Entra ID below *Authentication*, for the platform *Web*",
    ),
    Symptom(
        r"AADSTS50011\b",
        "the application in Entra ID does not have the redirect URI",
        "add the address of Keycloak that ends in `/broker/ALIAS/endpoint` in Entra ID below *Authentication*, for the platform *Web*",
    ),
    Symptom(
        r"AADSTS9002325\b",
        "the redirect URI is registered in Entra ID for a single-page application, and Keycloak is a server",
        "move the redirect URI to the platform *Web*",
    ),
    Symptom(
        r"AADSTS7000215\b",
        "the client secret of the application in Entra ID is wrong; often it is the secret's id in place of its value",
        "make a new secret in Entra ID, and copy its *Value*",
    ),
    Symptom(
        r"AADSTS7000222\b",
        "the client secret of the application in Entra ID has expired",
        "make a new secret in Entra ID, and write it into the identity provider in Keycloak",
    ),
    Symptom(
        r"AADSTS700016\b",
        "the directory in Entra ID has no application of that id",
        "compare the client id and the id of the directory with the application's *Overview*",
    ),
    Symptom(
        r"Unknown option: '--(?P<name>[\w-]+)'",
        "this version of Keycloak does not have the option",
        "remove `--{name}`; from Keycloak 25 on `--hostname` takes the whole address",
    ),
    Symptom(
        r"dial tcp: lookup (?P<name>\S+) on \S+: no such host",
        "the container cannot look up a name",
        "correct `{name}`, or give the container a name server that knows it",
    ),
    Symptom(
        r"x509: certificate signed by unknown authority|CERTIFICATE_VERIFY_FAILED|PKIX path building failed",
        "a program does not trust the certificate of the server that it asks",
        "give the program the certificate of the authority, or ask by http inside the network of the containers",
    ),
    Symptom(
        r"Invalid scopes: (?P<scopes>[^\"\n]+)",
        "the client in Keycloak has not all of these scopes",
        "remove those of `{scopes}` that the client does not have from the request, or assign them to the client",
    ),
    Symptom(
        "Account is not fully set up",
        "Keycloak still asks the person for something, such as a new password, and the program does not show Keycloak's pages",
        "sign in once at Keycloak's account page, or remove the *Required user actions* of the person",
    ),
    Symptom(
        "Unexpected error when authenticating with identity provider|Could not fetch access token|IDENTITY_PROVIDER_LOGIN_ERROR",
        "Keycloak does not get a token from the identity provider",
        "read the lines above in Keycloak's log: a wrong client secret, a certificate that Keycloak does not trust, or an address that it "
        "does not reach",
    ),
)
