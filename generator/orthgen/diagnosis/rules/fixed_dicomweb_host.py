"""An address for DICOMweb's links that does not follow the request."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "fixed-dicomweb-host",
    Severity.ERROR,
    summary="`DicomWeb.Host` fixes the address that DICOMweb (1.23) writes into its answers, and it is not the one that browsers use.",
    consequence="Viewers list the studies and cannot load images or PDFs: they request them from the fixed address. With "
    "`localhost` only a browser on the server itself works.",
    remedy="Remove `Host`, and `Ssl` beside it. The reverse proxy tells Orthanc the public address in `Forwarded` or `X-Forwarded-*` headers.",
    file="orthanc.json",
    example='{"DicomWeb": {"Enable": true, "Host": "localhost", "Ssl": false}}',
    counterexample='{"DicomWeb": {"Enable": true}}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """DICOMweb takes its public address from the request."""
    public = {
        (name, server.uses_tls)
        for proxy in deployment.proxies
        for server in proxy.servers
        for name in server.names
    }
    for orthanc in deployment.orthancs:
        fixed = orthanc.settings.get("DicomWeb", "Host")
        is_https = containers.is_true(orthanc.settings.get("DicomWeb", "Ssl"))
        if not fixed or (str(fixed), is_https) in public:
            continue
        has_scheme = orthanc.settings.has("DicomWeb", "Ssl")
        names = "`DicomWeb.Host` and `DicomWeb.Ssl` replace" if has_scheme else "`DicomWeb.Host` replaces"
        scheme = ((orthancs.place(orthanc, "DicomWeb", "Ssl"), "DicomWeb.Ssl"),) if has_scheme else ()
        yield Finding(
            RULE,
            f"{names} the address of the request in DICOMweb's links",
            orthancs.place(orthanc, "DicomWeb", "Host"),
            "remove it; set `Forwarded` in the reverse proxy",
            related=scheme,
        )
