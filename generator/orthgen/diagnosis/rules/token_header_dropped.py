"""Headers with tokens that nginx ignores because of their names."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    ==> orthanc.json <==
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "StandardConfigurations": ["orthanc-explorer-2"],
        "TokenHttpHeaders": ["HEADER"],
        "CheckedLevel": "studies"
      }
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
        }
    }
"""
RULE = Rule(
    "token-header-dropped",
    Severity.ERROR,
    summary="A header of `TokenHttpHeaders` has an underscore, and nginx drops such headers.",
    consequence="The token never reaches Orthanc: the caller is anonymous, and gets 403.",
    remedy="Give the header a name with `-`, or write `underscores_in_headers on;` in nginx's server.",
    file="orthanc.json",
    example=_FILES.replace("HEADER", "api_key"),
    counterexample=_FILES.replace("HEADER", "api-key"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The headers that carry tokens pass nginx."""
    nginx = next(
        (
            location.location
            for proxy, _, location in routing.routes(deployment, Product.ORTHANC)
            if proxy.product is Product.NGINX
            and not any(each.arguments == ("on",) for each in location.directive("underscores_in_headers"))
        ),
        None,
    )
    if nginx is None:
        return
    for orthanc in deployment.orthancs:
        path = ("Authorization", "TokenHttpHeaders")
        for index, name in enumerate(as_list(orthanc.settings.get(*path))):
            if "_" in str(name):
                yield Finding(
                    RULE,
                    f"nginx drops the header `{name}`, because its name has an underscore",
                    orthanc.settings.locate((*path, index)),
                    f"write `{str(name).replace('_', '-')}`, here and in the programs that send it",
                    related=((nginx, "nginx"),),
                )
