"""Share links that lead to an Orthanc that asks for a password."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, routing
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "shares-ask-for-password",
    Severity.ERROR,
    summary="The path of shares leads to an Orthanc that asks for a name and a password.",
    consequence="People who get a link are asked for a password that they do not have.",
    remedy="Run a second Orthanc on the same database and files for the shares: `AuthenticationEnabled` false, the authorization plugin "
    "with `WebServiceRootUrl`.",
    file="nginx.conf",
    example="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": true,
          "RegisteredUsers": {"reception": "a-long-password-1"},
          "Authorization": {"WebServiceTokenCreationBaseUrl": "http://orthanc-auth-service:8000/tokens/"}
        }
        ==> nginx.conf <==
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            client_max_body_size 0;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
            location / {
                proxy_pass http://orthanc:8042/;
            }
            location /shares/ {
                proxy_pass http://orthanc:8042/;
            }
        }
    """,
    counterexample="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": true,
          "RegisteredUsers": {"reception": "a-long-password-1"},
          "Authorization": {"WebServiceTokenCreationBaseUrl": "http://orthanc-auth-service:8000/tokens/"}
        }
        ==> nginx.conf <==
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            client_max_body_size 0;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
            location / {
                proxy_pass http://orthanc:8042/;
            }
            location /shares/ {
                proxy_pass http://orthanc-for-shares:8042/;
            }
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Links open without a password."""
    for proxy, _, location in routing.routes(deployment, Product.ORTHANC):
        if not routing.prefix(location).startswith("/share"):
            continue
        target = routing.upstream(proxy, location)
        service = containers.service_at(deployment, target.host) if target is not None else None
        for orthanc in deployment.orthancs:
            is_target = (
                orthanc.service is service
                if service is not None
                else len(deployment.orthancs) == 1 and target is not None and "share" not in target.host
            )
            if (
                is_target
                and orthancs.authenticates(orthanc)
                and orthanc.settings.has("AuthenticationEnabled")
            ):
                yield Finding(
                    RULE,
                    f"`{location.path}` leads to an Orthanc that asks for a password",
                    location.location,
                    "run an Orthanc without passwords, with the authorization plugin, for the shares",
                    related=((orthancs.place(orthanc, "AuthenticationEnabled"), "AuthenticationEnabled"),),
                )
