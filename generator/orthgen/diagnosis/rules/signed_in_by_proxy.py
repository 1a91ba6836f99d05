"""A password for Orthanc that the reverse proxy adds to every request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    server {
        listen 443 ssl;
        server_name pacs.example.org;
        client_max_body_size 0;
        location / {
            SIGN_IN
            proxy_pass http://orthanc:8042;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
            proxy_set_header Authorization "Basic ${orthanc_password}";
        }
    }
"""
RULE = Rule(
    "signed-in-by-proxy",
    Severity.ERROR,
    summary="The reverse proxy signs every request in at Orthanc (`proxy_set_header Authorization`), and does not ask who sends it.",
    consequence="Everybody who reaches the reverse proxy is signed in, and reads and deletes every study.",
    remedy="Remove the header, or ask for a sign-in at the same location: `auth_basic`, `auth_request`, a client's certificate.",
    file="nginx.conf",
    example=_FILES.replace("SIGN_IN", "# no sign-in"),
    counterexample=_FILES.replace("SIGN_IN", 'auth_basic "PACS";'),
)
_BASIC = r"(?i)basic\s"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A location that signs requests in asks who sends them."""
    for _, _, location in routing.routes(deployment, Product.ORTHANC):
        header = routing.header(location, "Authorization")
        value = routing.header_value(location, "Authorization")
        if header is not None and re.match(_BASIC, value) and not routing.asks_for_sign_in(location):
            yield Finding(
                RULE,
                f"every request to `{location.path}` is signed in at Orthanc, and the proxy does not ask who sends it",
                header.location,
                "ask for a sign-in here: `auth_basic` or `auth_request`",
                is_sensitive=True,
            )
