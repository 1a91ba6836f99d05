"""A reverse proxy that speaks http to an Orthanc with https, or https to one without."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import routing
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    ==> orthanc.json <==
    {"RegisteredUsers": {"reception": "a-long-password-1"}, "RemoteAccessAllowed": true, "SslEnabled": ENABLED, "SslCertificate": "/etc/orthanc/cert.pem"}
    ==> nginx.conf <==
    server {
        listen 443 ssl;
        server_name pacs.example.org;
        client_max_body_size 0;
        location / {
            proxy_pass http://orthanc:8042;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
        }
    }
"""
RULE = Rule(
    "orthanc-scheme-differs",
    Severity.ERROR,
    summary="The reverse proxy speaks http to an Orthanc that speaks https (`SslEnabled`), or https to one that speaks http.",
    consequence="The reverse proxy answers 502: `wrong version number`, or Orthanc closes the connection.",
    remedy='Let the reverse proxy serve https, and write `"SslEnabled": false` and `http://` in `proxy_pass`.',
    file="nginx.conf",
    example=_FILES.replace("ENABLED", "true"),
    counterexample=_FILES.replace("ENABLED", "false"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The reverse proxy speaks what Orthanc speaks."""
    if len(deployment.orthancs) != 1:
        return
    orthanc = deployment.orthancs[0]
    is_tls = orthancs.is_on(orthanc, "SslEnabled", default=False)
    if not is_tls and not orthanc.is_complete:
        return
    for proxy, _, location in routing.routes(deployment, Product.ORTHANC):
        target = routing.upstream(proxy, location)
        if target is None or routing.is_built_in(proxy) or (target.scheme == "https") == is_tls:
            continue
        yield Finding(
            RULE,
            f"the reverse proxy speaks {target.scheme} to Orthanc, which speaks {'https' if is_tls else 'http'}",
            location.location,
            'write `"SslEnabled": false`, or `https://` in the address of Orthanc'
            if is_tls
            else "write `http://` in the address of Orthanc",
            related=((orthancs.place(orthanc, "SslEnabled"), "SslEnabled"),) if is_tls else (),
            confidence=Confidence.CERTAIN
            if target.port == orthancs.http_port(orthanc)
            else Confidence.LIKELY,
        )
        return
