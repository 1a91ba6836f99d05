"""Images of OHIF that cannot do what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "ohif-image-too-old",
    Severity.ERROR,
    summary="The image of OHIF is too old for links with a token, or does not read `PUBLIC_URL`.",
    consequence="Share links show a sign-in or nothing, or all files of OHIF answer 404 below its path.",
    remedy="Take `orthancteam/ohif-v3`, which serves below `/ohif/` and reads tokens; `ohif/app` from 3.10 on reads `PUBLIC_URL` at "
    "its start.",
    file="docker-compose.yml",
    example="""
        services:
          ohif:
            image: ohif/viewer:v3.9.1
            environment: {PUBLIC_URL: /ohif/}
    """,
    counterexample="""
        services:
          ohif:
            image: ohif/app:v3.12.0
            environment: {PUBLIC_URL: /ohif/}
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """OHIF is new enough."""
    shares = [
        path
        for orthanc in deployment.orthancs
        if str(orthanc.settings.get("OrthancExplorer2", "Tokens", "ShareType") or "").startswith("ohif")
        for path in (orthanc.settings.locate(("OrthancExplorer2", "Tokens", "ShareType")),)
    ]
    for service in deployment.services:
        if containers.repository(service) not in {"ohif/viewer", "ohif/app"}:
            continue
        tag = containers.version(service)
        is_old = containers.repository(service) == "ohif/viewer" or (tag and not at_least(tag, "3.10"))
        if service.environment.has("PUBLIC_URL"):
            url = service.variable("PUBLIC_URL") or ""
            if is_old and not (tag and at_least(tag, "3.10")):
                yield Finding(
                    RULE,
                    f"`{containers.repository(service)}` {tag or 'of this tag'} read `PUBLIC_URL` when it was built, not now",
                    service.locate_variable("PUBLIC_URL"),
                    "take `orthancteam/ohif-v3`, or `ohif/app` 3.10 or newer",
                )
            elif not (url.startswith("/") and url.endswith("/")) and "$" not in url:
                yield Finding(
                    RULE,
                    f"`PUBLIC_URL` `{url}` needs a slash at both ends",
                    service.locate_variable("PUBLIC_URL"),
                    f"write `/{url.strip('/')}/`",
                    replacement=f"/{url.strip('/')}/",
                )
        if shares and tag and not at_least(tag, "3.6"):
            yield Finding(
                RULE,
                f"OHIF {tag} does not read a token from the address",
                service.image_place,
                "take 3.7 or newer",
                related=((shares[0], "ShareType"),),
            )
