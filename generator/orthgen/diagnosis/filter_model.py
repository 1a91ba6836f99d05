"""
The model of the authorization (`orthgen.authz`) for an observed deployment: its plugin, its auth-service, its people.

What was not seen is replaced by what the images ship, and the model says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.authz.auth_service import (
    EVERY_LABEL,
    SHIPPED_ANONYMOUS_PROFILE,
    SHIPPED_ROLES,
    AuthService,
    Locate,
)
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.plugin_releases import releases
from orthgen.authz.policy import Place, Policy, Principal, PrincipalKind
from orthgen.catalogue import image_versions
from orthgen.catalogue.versions import at_least
from orthgen.errors import InputError
from orthgen.formats.merging import merged

if TYPE_CHECKING:
    from orthgen.findings import Location
    from orthgen.observed.model import AuthService as ObservedAuthService
    from orthgen.observed.model import ObservedDeployment, Orthanc
    from orthgen.observed.service_model import Service
    from orthgen.observed.settings import Settings

_NO_ONE: Mapping[str, Any] = {"name": "Anonymous", "authorized-labels": [], "permissions": [], "validity": 60}
# The auth-service's image has an anonymous profile with `upload` from this tag on.
_SHIPS_ANONYMOUS_UPLOAD = "25.8.0"


class PluginVersion(Struct, frozen=True):
    """A version of the authorization plugin, and the reason to assume it; `is_known` where an image's tag states it."""

    release: str
    reason: str
    is_known: bool


class ObservedFilter(Struct, frozen=True):
    """The plugin of an observed Orthanc, compiled with the auth-service beside it."""

    orthanc: Orthanc
    version: PluginVersion
    configuration: PluginConfiguration
    service: AuthService
    has_roles: bool
    has_anonymous_profile: bool
    has_shipped_roles: bool = False
    """Whether the roles are those of the image's own permissions.json."""
    takes_authentication_as_off: bool = False
    """Whether an excerpt does not say if Orthanc asks for passwords, too."""


def orthanc_of_people(deployment: ObservedDeployment) -> Orthanc | None:
    """The Orthanc that people are let into: one with the plugin, else one that was read whole and lets in everybody alike."""
    whole = (each for each in deployment.orthancs if each.is_complete)
    return orthanc_with_filter(deployment) or next(whole, None)


def orthanc_with_filter(deployment: ObservedDeployment) -> Orthanc | None:
    """The first Orthanc whose configuration has the plugin's section; None where no file shows one."""
    return next((each for each in deployment.orthancs if each.settings.has("Authorization")), None)


def plugin_version(orthanc: Orthanc, date: str = "") -> PluginVersion:
    """
    The plugin's version by the image's tag; else the newest of a day (`2024-12-17`), else the newest.

    Tags of orthancteam/orthanc are year, month and number.
    """
    image = orthanc.service.image if orthanc.service is not None else None
    if image is not None:
        contained = image.components.get("authorization", "")
        if contained:
            reason = f"`{image.repository}:{image.tag}` contains it"
            return PluginVersion(_modelled(contained), reason, is_known=True)
    day = re.match(r"20([0-9]{2})-([0-9]{2})", date)
    if day is not None:
        tag = f"{int(day[1])}.{int(day[2])}.99"
        contained = image_versions.components(image_versions.ORTHANC_IMAGE, tag).get("authorization", "")
        if contained:
            return PluginVersion(_modelled(contained), f"the newest on {date}", is_known=False)
    return PluginVersion(releases()[-1], "the newest that orthgen knows", is_known=False)


def _modelled(version: str) -> str:
    """The newest release of the model that is not newer than a version; the oldest for one before it."""
    return next((release for release in reversed(releases()) if at_least(version, release)), releases()[0])


def filter_of(deployment: ObservedDeployment, orthanc: Orthanc, date: str) -> ObservedFilter:
    """
    The filter of an Orthanc. Raises `InputError` where Orthanc does not start.

    A version that was only guessed gives way to the newest one where Orthanc would not start with it.
    """
    version = plugin_version(orthanc, date)
    try:
        return _compiled(deployment, orthanc, version)
    except InputError:
        newest = plugin_version(orthanc)
        if version.is_known or newest == version:
            raise
        return _compiled(deployment, orthanc, newest)


def _compiled(deployment: ObservedDeployment, orthanc: Orthanc, version: PluginVersion) -> ObservedFilter:
    service = next(iter(deployment.auth_services), None)
    return ObservedFilter(
        orthanc,
        version,
        PluginConfiguration.compile(_effective(orthanc), version.release, _locate(orthanc.settings)),
        _service(service, version.release),
        has_roles=service is not None and (service.permissions is not None or service.has_shipped_roles),
        has_anonymous_profile=service is not None and service.anonymous_profile is not None,
        has_shipped_roles=service is not None and service.has_shipped_roles,
        takes_authentication_as_off=_lacks_authentication(orthanc),
    )


def _effective(orthanc: Orthanc) -> Mapping[str, Any]:
    """The settings, with the defaults that the image adds; of an excerpt with the plugin, the plugin alone decides."""
    settings: Mapping[str, Any] = merged(orthanc.defaults.value, orthanc.settings.value)
    return {"AuthenticationEnabled": False, **settings} if _lacks_authentication(orthanc) else settings


def _lacks_authentication(orthanc: Orthanc) -> bool:
    """Whether an excerpt with the plugin's section does not say if Orthanc asks for passwords, too."""
    settings = orthanc.settings
    is_said = settings.has("AuthenticationEnabled")
    return not orthanc.is_complete and settings.has("Authorization") and not is_said


def _service(observed: ObservedAuthService | None, plugin_release: str) -> AuthService:
    permissions = observed.permissions if observed is not None else None
    anonymous = observed.anonymous_profile if observed is not None else None
    shipped = SHIPPED_ROLES if observed is not None and observed.has_shipped_roles else {}
    roles = (
        permissions.value
        if permissions is not None and isinstance(permissions.value, Mapping)
        else {"roles": shipped}
    )
    profile: Mapping[str, Any]
    if anonymous is not None and isinstance(anonymous.value, Mapping):
        profile = anonymous.value
    else:
        profile = SHIPPED_ANONYMOUS_PROFILE if _ships_upload(observed, plugin_release) else _NO_ONE
    service = AuthService.compile(
        roles,
        profile,
        locate=permissions.locate if permissions is not None else None,
        locate_anonymous=anonymous.locate if anonymous is not None else None,
    )
    return service if service.starts else service.stopped()


def _ships_upload(observed: ObservedAuthService | None, plugin_release: str) -> bool:
    """Whether the auth-service's image has an anonymous profile of its own; by the plugin's age where no tag is known."""
    if observed is not None and observed.release:
        return at_least(observed.release, _SHIPS_ANONYMOUS_UPLOAD)
    return at_least(plugin_release, "0.10.0")


def _locate(settings: Settings) -> Locate:
    def locate(path: tuple[str | int, ...]) -> Location | None:
        return settings.locate(path) if settings.layers else None

    return locate


def policy_of(deployment: ObservedDeployment, orthanc: Orthanc, date: str = "") -> Policy:
    """People, collections and answers of an observed deployment: a collection for each label that a role names."""
    observed = filter_of(deployment, orthanc, date)
    # JSON can write half of a character, which neither a token nor a label of Orthanc has.
    roles = {name: role for name, role in observed.service.roles.items() if _is_text(name)}
    named = {label for role in roles.values() for label in role.labels if _is_text(label)}
    labels = sorted(named - {EVERY_LABEL})
    share = orthanc.settings.get("OrthancExplorer2", "Tokens", "ShareType")
    has_shares = orthanc.settings.get("OrthancExplorer2", "UiOptions", "EnableShares") is True
    return Policy(
        observed.configuration,
        observed.service,
        tuple(Principal(PrincipalKind.ROLE, name, name) for name in roles),
        tuple(Place(label, label, frozenset({label})) for label in labels),
        share=(str(share) if share else "stone-viewer-publication") if has_shares else None,
        edits_roles=_edits_roles(deployment),
    )


def _is_text(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _edits_roles(deployment: ObservedDeployment) -> bool:
    """Whether the auth-service has a client of Keycloak's administration, so that people can change roles."""
    services = (service.service for service in deployment.auth_services)
    return any(service is not None and _has_value(service, "KEYCLOAK_CLIENT_SECRET") for service in services)


def _has_value(service: Service, name: str) -> bool:
    """Whether a container has a variable, or a secret of that name."""
    is_mounted = any(
        mount.kind == "secret" and mount.target.rpartition("/")[2] == name for mount in service.mounts
    )
    return is_mounted or service.variable(name) is not None
