"""Public addresses that lead every browser to its own machine."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "localhost-address",
    Severity.WARNING,
    summary="An address that browsers are given is on `localhost`, while other machines reach the deployment.",
    consequence="It works on the server itself. On every other machine the sign-in stays blank, and links and viewers do not open.",
    remedy="Write the public address of the deployment, with https, in every place that the finding names.",
    file="orthanc.json",
    example='{"OrthancExplorer2": {"UiOptions": {"OhifViewer3PublicRoot": "http://localhost/ohif/"}}}',
    counterexample='{"OrthancExplorer2": {"UiOptions": {"OhifViewer3PublicRoot": "https://pacs.example.org/ohif/"}}}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Browsers are given addresses that lead to the deployment."""
    public = [
        *addresses.public_addresses(deployment),
        *addresses.sign_in_addresses(deployment),
        # `ohif-on-other-origin` says more about the port of Orthanc.
        *(
            each
            for each in addresses.source_addresses(deployment)
            if not _is_port_of_orthanc(deployment, each)
        ),
    ]
    local = [each for each in public if addresses.is_loopback(each.host) and _is_open(deployment, each)]
    if not local:
        return
    first, *others = local
    yield Finding(
        RULE,
        f"`{first.name}` is `{addresses.origin(first.url)}`, which is each browser's own machine",
        first.location,
        "write the public address of the deployment",
        related=tuple((other.location, other.name) for other in others),
        confidence=Confidence.CERTAIN if len(local) < len(public) else Confidence.LIKELY,
    )


def _is_open(deployment: ObservedDeployment, address: addresses.Address) -> bool:
    """Whether other machines reach the port of an address, or no Compose file tells."""
    published = [
        port
        for service in deployment.services
        for port in service.ports
        if port.published == str(addresses.port_of(address.url))
    ]
    if published:
        return any(not containers.is_local(port) for port in published)
    return containers.is_published(deployment)


def _is_port_of_orthanc(deployment: ObservedDeployment, address: addresses.Address) -> bool:
    service = deployment.publishers.get(str(addresses.port_of(address.url)))
    return service is not None and service.product is Product.ORTHANC
