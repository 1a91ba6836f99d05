"""A password of the reverse proxy in front of an Orthanc that reads tokens."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    ==> orthanc.json <==
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
      "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
    }
    ==> nginx.conf <==
    server {
        listen 443 ssl;
        server_name pacs.example.org;
        client_max_body_size 0;
        large_client_header_buffers 8 32k;
        location / {
            PASSWORD
            proxy_pass http://orthanc:8042;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
        }
    }
"""
RULE = Rule(
    "proxy-password-refuses-tokens",
    Severity.ERROR,
    summary="The reverse proxy asks for a password (`auth_basic`) on the way to an Orthanc whose users sign in at Keycloak.",
    consequence="The browser asks for a password again and again: a request has one `Authorization` header, and Orthanc Explorer 2 "
    "writes the token into it.",
    remedy="Remove `auth_basic`: the authorization plugin decides on requests.",
    file="nginx.conf",
    example=_FILES.replace("PASSWORD", 'auth_basic "PACS";'),
    counterexample=_FILES.replace("PASSWORD", "auth_basic off;"),
)
_NAMES = frozenset({"auth_basic", "basic_auth", "basicauth", "authtype"})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Only one part of the deployment uses the header `Authorization`."""
    signing_in = [
        orthanc
        for orthanc in deployment.orthancs
        if orthancs.is_on(orthanc, "OrthancExplorer2", "Keycloak", "Enable", default=False)
    ]
    if not signing_in or len(signing_in) != len(deployment.orthancs):
        return
    for _, _, location in routing.routes(deployment, Product.ORTHANC):
        asking = [
            each
            for each in location.directives
            if each.name in _NAMES and each.arguments[:1] not in {("off",), ("None",)}
        ]
        if asking:
            place = orthancs.place(signing_in[0], "OrthancExplorer2", "Keycloak", "Enable")
            yield Finding(
                RULE,
                f"`{location.path}` asks for a password, and Orthanc Explorer 2 sends a token in its place",
                asking[0].location,
                "remove it",
                related=((place, "the sign-in at Keycloak"),),
            )
            return
