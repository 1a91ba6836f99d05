"""An anonymous profile that lets everybody upload or see studies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import containers, identity
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "anonymous-upload",
    Severity.ERROR,
    summary="The anonymous profile has permissions. The one in the auth-service's image, from 25.8.0 on, has `upload`.",
    consequence="Everybody who reaches Orthanc uploads images, without a sign-in and into any patient (authorization plugin "
    "0.10.0 and newer).",
    remedy="Mount an empty profile at `/orthanc_auth_service/anonymous-profile.json`: "
    '`{"name": "Anonymous", "authorized-labels": [], "permissions": [], "groups": [], "validity": 60}`.',
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:26.4.1
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
    """,
    counterexample="""
        ==> docker-compose.yml <==
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:26.4.1
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
            volumes: ["./anonymous-profile.json:/orthanc_auth_service/anonymous-profile.json:ro"]
        ==> anonymous-profile.json <==
        {"name": "Anonymous", "authorized-labels": [], "permissions": [], "groups": [], "validity": 60}
    """,
    is_about_absence=True,
)
_SHIPPED = "/orthanc_auth_service/anonymous-profile.json"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """People who are not signed in have no permission."""
    if any(orthancs.plugin_is_before(orthanc, "0.10.0") for orthanc in deployment.orthancs):
        return  # these do not ask for an anonymous profile
    if deployment.orthancs and not any(orthancs.filters(orthanc) for orthanc in deployment.orthancs):
        return
    for auth_service in deployment.auth_services:
        service, profile = auth_service.service, auth_service.anonymous_profile
        if profile is not None and isinstance(profile.value, Mapping):
            permissions = [str(name) for name in as_list(profile.value.get("permissions"))]
            if permissions and {"name", "validity"} <= profile.value.keys():
                names = ", ".join(f"`{name}`" for name in permissions)
                yield Finding(
                    RULE,
                    f"everybody has {names} without a sign-in",
                    profile.locate(("permissions",)),
                    "write `[]`",
                    replacement="[]",
                )
            continue
        if (
            service is None
            or service.environment.has("ANONYMOUS_PROFILE_FILE_PATH")
            or any(containers.mounts_at(service, _SHIPPED))
        ):
            continue
        if identity.auth_service_is_at_least(auth_service, "25.8.0"):
            yield Finding(
                RULE,
                f"the image's anonymous profile lets everybody upload: nothing replaces `{_SHIPPED}`",
                service.image_place,
                "mount an empty anonymous profile there",
            )
