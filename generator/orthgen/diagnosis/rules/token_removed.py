"""A reverse proxy that takes the token out of requests."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import routing
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    ==> orthanc.json <==
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
      "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
    }
    ==> nginx.conf <==
    server {
        listen 443 ssl;
        server_name pacs.example.org;
        large_client_header_buffers 8 32k;
        client_max_body_size 0;
        location / {
            proxy_pass http://orthanc:8042;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
            proxy_set_header token VALUE;
        }
    }
"""
RULE = Rule(
    "token-removed",
    Severity.ERROR,
    summary="The reverse proxy removes a header in which tokens are sent: `token` by Orthanc Explorer 2, `Authorization` by OHIF, the "
    "Stone Web Viewer and programs.",
    consequence="The caller is anonymous to Orthanc, and gets 403.",
    remedy="Remove the line: nginx passes the header on without it.",
    file="nginx.conf",
    example=_FILES.replace("VALUE", '""'),
    counterexample=_FILES.replace("VALUE", "$http_token"),
)


# Orthanc Explorer 2 1.14.1 (`orthancApi.js`), and the headers that orthanc-authorization 0.11.4 reads by default.
_SENDERS = {
    "token": "Orthanc Explorer 2 sends",
    "Authorization": "OHIF, the Stone Web Viewer and programs send",
}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Tokens reach Orthanc."""
    if not any(map(orthancs.knows_users, deployment.orthancs)):
        return
    for header, sender in _SENDERS.items():
        for _, server, location in routing.routes(deployment, Product.ORTHANC):
            removing = routing.header(location, header)
            if (
                removing is None
                or routing.header_value(location, header)
                or routing.asks_for_sign_in(location)
                or routing.is_guarded(server)
            ):
                continue
            yield Finding(
                RULE,
                f"the reverse proxy removes the header `{header}`, in which {sender} the token",
                removing.location,
                "remove the line",
                confidence=Confidence.CERTAIN if header == "token" else Confidence.LIKELY,
            )
            break
