"""What the tests of nginx ask, on which nginx: the paths that are public, those that are private, and bytes over TLS."""

from __future__ import annotations

import socket
import ssl

import pytest

from tests.support.rendered_nginx import Edge, every_nginx

EVERY_NGINX = [pytest.param(nginx, id=str(nginx)) for nginx in every_nginx()]

SUB_PATHS = {
    "institution": "{name: T, url: 'https://pacs.example.org:8443', paths: {orthanc: /orthanc/}}",
    "viewers": "{ohif: {}, stone: {}, stl: {}}",
}

PUBLIC = [
    # path at the root, the service, the path that it sees
    ("/ui/app/", "orthanc", "/ui/app/"),
    ("/ui/app/token-landing.html?token=abc", "orthanc", "/ui/app/token-landing.html?token=abc"),
    ("/ui/api/configuration", "orthanc", "/ui/api/configuration"),
    ("/studies/6b9e19d9?expand", "orthanc", "/studies/6b9e19d9?expand"),
    ("/studies/6b9e19d9/archive", "orthanc", "/studies/6b9e19d9/archive"),
    ("/tools/now", "orthanc", "/tools/now"),
    ("/plugins/delayed-deletion/status", "orthanc", "/plugins/delayed-deletion/status"),
    (
        "/dicom-web/studies?limit=101&00100010=*A%20B*",
        "orthanc",
        "/dicom-web/studies?limit=101&00100010=*A%20B*",
    ),
    (
        "/dicom-web/studies/1.2/series/1.3/instances/1.4/frames/1,2",
        "orthanc",
        "/dicom-web/studies/1.2/series/1.3/instances/1.4/frames/1,2",
    ),
    ("/auth/user/profile", "orthanc", "/auth/user/profile"),
    ("/volview/index.html", "orthanc", "/volview/index.html"),
    ("/wsi/app/viewer.html?series=1", "orthanc", "/wsi/app/viewer.html?series=1"),
    ("/modalities/a%20b/echo", "orthanc", "/modalities/a%20b/echo"),
    ("/instances/x/content/0040-a730/0/a%3fb", "orthanc", "/instances/x/content/0040-a730/0/a%3Fb"),
    ("/studies/%c3%a9?x=%2f%3f", "orthanc", "/studies/%C3%A9?x=%2f%3f"),
    ("/studies//x/./y/../z", "orthanc", "/studies/x/z"),
    ("/ohif/viewer?StudyInstanceUIDs=1.2&token=abc", "ohif", "/ohif/viewer"),
    ("/ohif/callback?code=abc", "ohif", "/ohif/callback"),
    (
        "/keycloak/realms/orthanc/protocol/openid-connect/auth?client_id=orthanc",
        "keycloak",
        "/realms/orthanc/protocol/openid-connect/auth?client_id=orthanc",
    ),
    (
        "/keycloak/realms/orthanc/login-actions/authenticate?a=b",
        "keycloak",
        "/realms/orthanc/login-actions/authenticate?a=b",
    ),
    (
        "/keycloak/realms/orthanc/broker/entra-id/endpoint?code=c",
        "keycloak",
        "/realms/orthanc/broker/entra-id/endpoint?code=c",
    ),
    ("/keycloak/realms/orthanc/account", "keycloak", "/realms/orthanc/account"),
    (
        "/keycloak/realms/orthanc/.well-known/openid-configuration",
        "keycloak",
        "/realms/orthanc/.well-known/openid-configuration",
    ),
    ("/keycloak/resources/abc/login/style.css", "keycloak", "/resources/abc/login/style.css"),
]

PRIVATE = [
    ("/app/explorer.html", "the legacy explorer"),
    ("/webdav/", "WebDAV"),
    ("/tools/execute-script", "runs Lua"),
    ("/tools/reset", "restarts Orthanc"),
    ("/tools/shutdown", "stops Orthanc"),
    ("/plugins/postgresql/audit-logs", "the audit log"),
    ("/tools/reset/", "a trailing slash"),
    ("//tools//reset", "doubled slashes"),
    ("/./tools/./reset", "dots"),
    ("/tools/x/../reset", "going up"),
    ("/dicom-web/../tools/shutdown", "going up from a public folder"),
    ("/studies/%2e%2e/tools/reset", "encoded dots"),
    ("/studies/..%2ftools/reset", "an encoded slash"),
    ("/tools%2freset", "an encoded slash in between"),
    ("/tools/%72eset", "an encoded letter"),
    ("/tools/reset;x", "a parameter in the path"),
    ("/TOOLS/RESET", "upper case"),
    ("/SYSTEM", "a public name in upper case: a map of nginx would take it for the same"),
    ("/tools/Find", "the same for a tool"),
    ("/systems", "a public name with more behind it"),
    ("/tools/find/more", "a path below a tool"),
    ("/tools/reset%20", "a blank at the end"),
    ("/tools/reset%3f", "an encoded question mark"),
    ("/tools/metrics", "no tool that the pages use"),
    ("/instances/6b9e19d9/export", "Orthanc writes a file"),
    ("/instances/6b9e19d9/%65xport", "the same, encoded"),
    ("/instances//6b9e19d9//export/", "the same, doubled"),
    ("/studies/6b9e19d9/export", "a study's"),
    ("/wado?requestType=WADO", "the old WADO, which the plugin does not know"),
    ("/tools./reset", "a dot that Orthanc's web server takes off"),
    ("/tools/reset.", "the same at the end"),
    ("/studies/a\\..\\..\\tools\\reset", "backslashes, which it takes for slashes"),
    ("/studies/a%5c..%5ctools%5creset", "the same, encoded"),
    ("/auth-service/", "the auth-service"),
    ("/tokens/validate", "the auth-service's own path"),
    ("/metrics", "somebody's metrics"),
    ("/keycloak/", "Keycloak's welcome page"),
    ("/keycloak/admin/", "the admin console"),
    ("/keycloak/admin/realms/orthanc/users", "the admin API"),
    ("/keycloak/realms/master/protocol/openid-connect/token", "another realm"),
    ("/keycloak/realms/orthanc/../master/protocol/openid-connect/token", "another realm, going up"),
    ("/keycloak/realms/orthanc/clients-registrations/default", "client registration"),
    ("/keycloak/realms/orthanc;a/clients-registrations;b/default", "the same with matrix parameters"),
    (
        "/keycloak/realms/orthanc/protocol/openid-connect/..;/..;/..;/..;/admin/",
        "going up behind a semicolon",
    ),
    ("/keycloak/metrics", "Keycloak's metrics"),
    ("/keycloak/health", "Keycloak's health"),
    ("/.git/config", "a dot file"),
    ("/ui/app/.env", "a dot file in a public folder"),
    ("/ohif/../.env", "a dot file, going up"),
    ("/nginx_status", "nothing"),
    ("/healthz", "the health check is another server's"),
]


def over_tls(
    raw: socket.socket, running: Edge, host: str | None = None, *, http2: bool = False
) -> ssl.SSLSocket:
    """A connection under TLS to the port of `raw`, for the origin's host or another one; its certificate is not checked."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    return context.wrap_socket(raw, server_hostname=host or running.deployment.origin.host)
