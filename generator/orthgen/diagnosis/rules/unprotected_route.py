"""A public path to an Orthanc that asks for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, routing
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "unprotected-route",
    Severity.ERROR,
    summary="The reverse proxy passes requests to an Orthanc that asks for nothing, and asks for nothing itself.",
    consequence="Everybody who reaches the proxy reads, changes and deletes every study.",
    remedy="Let Orthanc ask for passwords (`AuthenticationEnabled`), or configure the authorization plugin, or let the proxy ask "
    "(`auth_basic`, `auth_request`).",
    file="nginx.conf",
    example="""
        ==> orthanc.json <==
        {"AuthenticationEnabled": false, "RemoteAccessAllowed": true}
        ==> nginx.conf <==
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            location / {
                proxy_pass http://orthanc:8042;
                proxy_set_header Host $http_host;
                proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
                client_max_body_size 0;
            }
        }
    """,
    counterexample="""
        ==> orthanc.json <==
        {"AuthenticationEnabled": false, "RemoteAccessAllowed": true}
        ==> nginx.conf <==
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            location / {
                auth_basic "pacs";
                auth_basic_user_file /etc/nginx/users;
                proxy_pass http://orthanc:8042;
                proxy_set_header Host $http_host;
                proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
                client_max_body_size 0;
            }
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Somebody asks who sends a request."""
    open_ones = [
        orthanc
        for orthanc in deployment.orthancs
        if not orthancs.authenticates(orthanc)
        and not orthancs.filters(orthanc)
        and not orthancs.section(orthanc, "Authorization")
    ]
    if not open_ones or len(open_ones) != len(deployment.orthancs):
        return
    if not containers.is_published(deployment):
        return
    orthanc = open_ones[0]
    for _, server, location in routing.routes(deployment, Product.ORTHANC):
        if routing.asks_for_sign_in(location) or server.is_local:
            continue
        yield Finding(
            RULE,
            f"`{location.path}` leads to Orthanc, and neither asks for a password",
            location.location,
            "set `AuthenticationEnabled` to true, or add `auth_basic` here",
            related=((orthancs.place(orthanc, "AuthenticationEnabled"), "AuthenticationEnabled"),),
        )
        return
