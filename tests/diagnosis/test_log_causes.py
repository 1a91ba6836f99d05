"""Messages of servers, of databases and of sign-ins, each with the one cause that it tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orthgen.diagnosis.check import findings_of
from orthgen.observed.read import observe, observe_texts

_NGINX = "2026/03/01 10:00:00 [error] 29#29: *7 "
_KEYCLOAK = "2026-03-01 10:00:00,000 WARN  [org.keycloak.events] (executor-thread-1) "
_START = "2026-03-01 10:00:00,000 ERROR [org.keycloak.quarkus.runtime.cli.ExecutionExceptionHandler] (main) ERROR: "
_POSTGRES = "2026-03-01 10:00:00.000 UTC [61] FATAL:  "
_ORTHANC = "E0301 10:00:00.000000 MAIN OrthancException.cpp:61] "
_PROXY = "oauth2-proxy-1  | [2026/03/01 10:00:00] [main.go:54] "
_CORS = "Access to fetch at 'https://a.example/' from origin 'https://b.example' has been blocked by CORS policy: "
_CALLBACK = "Error creating session during OAuth2 callback: "


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (
            'nginx: [emerg] cannot load certificate "/tls/crt.pem": BIO_new_file() failed',
            "no certificate where",
        ),
        (
            'nginx: [emerg] "server" directive is not allowed here in /etc/nginx/nginx.conf:1',
            "another kind of file",
        ),
        ('nginx: [emerg] no "events" section in configuration', "has no `events`"),
        (
            'nginx: [emerg] unknown directive "proxy_passs" in /etc/nginx/conf.d/a.conf:12',
            "no directive of that name",
        ),
        (
            f"{_NGINX}auth request unexpected status: 404 while sending to client",
            "question of `auth_request`",
        ),
        (f"{_NGINX}upstream sent no valid HTTP/1.0 header while reading", "speaks https or DICOM"),
        (f'{_NGINX}directory index of "/usr/share/nginx/html/" is forbidden', "no `index.html`"),
        (f'{_NGINX}open() "/srv/ohif/viewer" failed (2: No such file or directory)', "among its own files"),
        (f"{_NGINX}orthanc could not be resolved (3: Host not found)", "does not know the name"),
        (
            "2026/03/01 10:00:00 [emerg] 1#1: bind() to 0.0.0.0:80 failed (98: Address already in use)",
            "another program",
        ),
        (
            f'{_NGINX}rewrite or internal redirection cycle while internally redirecting to "/a"',
            "`try_files`",
        ),
        (
            f"{_NGINX}connect() to [::1]:8042 failed (99: Address not available) while connecting to upstream",
            "IPv6",
        ),
        (f"{_START}Provided hostname is neither a plain hostname nor a valid URL", "not a whole address"),
        (f"{_START}Failed to obtain JDBC connection", "cannot sign in at its database"),
        (
            f'{_KEYCLOAK}type="LOGIN_ERROR", reason="Missing parameter: code_challenge_method"',
            "asks for PKCE",
        ),
        (
            f'{_KEYCLOAK}type="LOGIN_ERROR", reason="Client is not allowed to initiate browser login"',
            "standard flow",
        ),
        (f'{_KEYCLOAK}type="LOGIN_ERROR", error="user_temporarily_disabled"', "locked the account"),
        (f'{_KEYCLOAK}type="CODE_TO_TOKEN_ERROR", error="client_disabled"', "is disabled in the realm"),
        (f'{_KEYCLOAK}type="REFRESH_TOKEN_ERROR", reason="Invalid token issuer"', "asked at two addresses"),
        (
            f'{_KEYCLOAK}type="CODE_TO_TOKEN_ERROR", error="invalid_client_credentials"',
            "a browser does not have",
        ),
        (
            f'{_KEYCLOAK}type="CLIENT_LOGIN_ERROR", error="invalid_client_credentials", grant_type="client_credentials"',
            "a wrong secret of its client",
        ),
        (
            f'{_KEYCLOAK}type="LOGOUT_ERROR", error="invalid_redirect_uri", redirect_uri="https://pacs.example.org/"',
            "no post-logout redirect URI",
        ),
        (
            "ERROR:root:Unable to get roles: 403 Client Error: Forbidden for url: http://k:8080/admin/realms/o/roles",
            "may not read",
        ),
        (
            "keycloak.exceptions.KeycloakError: 401: Client not enabled to retrieve service account",
            "no service account",
        ),
        (
            f"{_PROXY}invalid configuration: cookie_secret must be 16, 24, or 32 bytes to create an AES cipher",
            "wrong length",
        ),
        (
            f"{_PROXY}missing setting for email validation: email-domain or authenticated-emails-file",
            "of those who may sign in",
        ),
        (
            f"{_PROXY}{_CALLBACK}audience claims [aud] do not exist in claims: map[]",
            "the audience of the token",
        ),
        (
            f"{_PROXY}{_CALLBACK}audience from claim aud with value [account] does not match with any of allowed audiences",
            "the audience of the token",
        ),
        (
            f"{_PROXY}ERROR: oidc: issuer did not match the issuer returned by provider",
            "the issuer's address",
        ),
        (f"{_PROXY}email in id_token (ada@example.org) isn't verified", "is not verified"),
        (f'{_POSTGRES}role "keycloak" does not exist', "no user of that name"),
        (f'{_POSTGRES}role "root" does not exist', "asks as the user `root`"),
        (f'{_POSTGRES}database "orthanc" does not exist', "no database of that name"),
        (f"{_POSTGRES}sorry, too many clients already", "no free connection"),
        (f'{_POSTGRES}no pg_hba.conf entry for host "172.18.0.5", no encryption', "does not let in"),
        (f"{_POSTGRES}permission denied for schema public", "the owner of a database"),
        (f'{_POSTGRES}permission denied to create extension "pg_trgm"', "may not create the extension"),
        (
            "Error: Database is uninitialized and superuser password is not specified.",
            "no password for its first start",
        ),
        (f"{_ORTHANC}server does not support SSL, but SSL was required", "does not offer"),
        (f'{_ORTHANC}could not translate host name "index" to address', "the name of the database"),
        (f'{_ORTHANC}Unknown modality manufacturer: "Siemens"', "the manufacturer"),
        (f"{_ORTHANC}Cannot read file with own certificate for DICOM TLS: ", "a file of DICOM TLS"),
        (
            f"{_ORTHANC}libX.so: /lib/libc.so.6: version `GLIBC_2.36' not found (required by libX.so)",
            "a newer Linux",
        ),
        (
            f"{_ORTHANC}Failed to establish association (0006:031d Peer rejected: Called AE Title Not Recognized)",
            "another AE title",
        ),
        (
            f"{_ORTHANC}Association Rejected: Calling AE Title Not Recognized",
            "does not know Orthanc's AE title",
        ),
        (
            f"{_ORTHANC}Failed to establish association (0006:031c TCP Initialization Error: No route)",
            "no machine answers",
        ),
        (f"{_ORTHANC}Unknown modality for AET: READER", "does not know the modality"),
        (
            f"{_ORTHANC}libCURL error: SSL peer certificate or SSH remote key was not OK while accessing https://a",
            "trust",
        ),
        (
            f"{_ORTHANC}libCURL error: Couldn't connect to server while accessing http://localhost:8000/",
            "no program answers",
        ),
        ("exec /docker-entrypoint.sh: exec format error", "another kind of processor"),
        (
            "Error response from daemon: manifest for orthancteam/orthanc:26.99 not found: manifest unknown",
            "no image",
        ),
        ('Error: service "orthanc" refers to undefined network back', "does not define"),
        (
            "Refused to load the script because it violates the following Content Security Policy directive",
            "a policy",
        ),
        (
            "GET https://pacs.example.org/keycloak/realms/orthanc net::ERR_CERT_AUTHORITY_INVALID",
            "trust the certificate",
        ),
        ("GET https://pacs.example.org/orthanc/ui/app/ net::ERR_TOO_MANY_REDIRECTS", "back and forth"),
        ("Uncaught SyntaxError: Unexpected token '<' (at app.bundle.js:1:1)", "a page came in its place"),
        ("Error: No matching state found in storage", "at another address than it began"),
        ("Error: iat is in the future: 1772359200", "the clock of the browser"),
        (
            'nginx: [emerg] "proxy_pass" cannot have URI part in location given by regular expression in a.conf:3',
            "with an expression or a name",
        ),
        ('nginx: [emerg] unknown "public_host" variable', "does not read the environment"),
        ('nginx: [warn] conflicting server name "a.example.org" on 0.0.0.0:443, ignored', "the first one"),
        (
            'nginx: [emerg] invalid number of arguments in "proxy_set_header" directive in /etc/nginx/a.conf:11',
            "a header has no value",
        ),
        ('nginx: [emerg] duplicate location "/orthanc/" in /etc/nginx/conf.d/a.conf:9', "for one path"),
        ('2026-03-01T10:00:00Z ERR error="service \\"orthanc\\" error: port is missing"', "on which port"),
        (
            "2026-03-01T10:00:00Z ERR error: client version 1.24 is too old. Minimum supported API version is 1.44",
            "engine is newer",
        ),
        ('haproxy-1  | fe orthanc/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET /"', "no server"),
        ("HTTP Error 404.13 - Not Found", "30 MB"),
        ("HTTP Error 502.3 - Bad Gateway", "of its rule"),
        ("Cookie not found. Please make sure cookies are enabled in your browser.", "Keycloak's cookie"),
        ("HTTPS required", "takes the request for http"),
        (
            "AADSTS50011: The redirect URI 'https://sso.example.org/broker/entra/endpoint' does not match",
            "does not have the redirect URI",
        ),
        ("AADSTS50011: The reply URL does not match", "does not have the redirect URI"),
        ("AADSTS9002325: Proof Key for Code Exchange is required", "single-page application"),
        ("AADSTS7000215: Invalid client secret provided.", "id in place of its value"),
        ("AADSTS7000222: The provided client secret keys for app 'a' are expired.", "has expired"),
        ("AADSTS700016: Application with identifier 'a' was not found in the directory", "no application"),
        (f"{_START}Unknown option: '--hostname-url'", "does not have the option"),
        (
            f'{_PROXY}Get "https://sso.example.org/": dial tcp: lookup sso.example.org on 127.0.0.11:53: no such host',
            "look up",
        ),
        (
            "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer",
            "does not trust",
        ),
        (
            f"{_CORS}Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present",
            "different hosts or ports",
        ),
        (
            f"{_CORS}Response to preflight request doesn't pass access control check: Redirect is not allowed for a preflight request.",
            "gets a redirect",
        ),
        (
            f"{_CORS}The value of the header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.",
            "sends a token or a cookie",
        ),
        (
            f"{_CORS}Request header field authorization is not allowed by Access-Control-Allow-Headers in preflight response.",
            "does not allow a header",
        ),
        (
            "CompileError: WebAssembly.instantiate(): Refused to compile or instantiate WebAssembly module",
            "forbids the decoders",
        ),
    ],
)
def test_a_line_tells_one_cause(line: str, cause: str) -> None:
    """Each line has one finding, with the cause and a remedy."""
    findings = findings_of(observe_texts({"server.log": f"{line}\n"}))

    assert [cause in finding.message for finding in findings] == [True]
    assert all(finding.hint and not re.search(r"\{[a-z]+\}", finding.hint) for finding in findings)


def test_icons_that_are_not_there_tell_nothing() -> None:
    """Browsers ask every server for an icon."""
    line = f'{_NGINX}open() "/usr/share/nginx/html/favicon.ico" failed (2: No such file or directory)\n'

    assert findings_of(observe_texts({"nginx.log": line})) == []


def test_a_message_in_prose_tells_its_cause() -> None:
    """People copy what a page says, without the beginning of a log's line, between their own words."""
    text = "Hello,\nsince the update I only see this:\n  Invalid parameter: redirect_uri\nWhat can I do?\n"
    findings = findings_of(observe_texts({"mail.txt": text}))

    assert [(finding.location.line, finding.hint) for finding in findings] == [
        (3, "add the address, with its scheme, host and port")
    ]


def test_a_text_that_lies_in_the_folder_tells_nothing(tmp_path: Path) -> None:
    """A README that explains messages is no report of them."""
    (tmp_path / "README.txt").write_text("You may see: Invalid parameter: redirect_uri\n", encoding="utf-8")

    assert findings_of(observe([str(tmp_path)])) == []
    assert len(findings_of(observe([str(tmp_path / "README.txt")]))) == 1
