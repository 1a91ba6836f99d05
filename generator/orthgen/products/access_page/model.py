"""
Access policy of a deployment, its expectations, and the input of ACCESS.md.

The view is made from the very documents that are rendered (orthanc.json, permissions.json, the anonymous
profile) and from the guard's paths, so that what it says is what the files do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.authz.auth_service import AuthService
from orthgen.authz.expectations import Expectation, unmet
from orthgen.authz.guard_model import Guard
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.policy import Place, Policy, Principal, PrincipalKind
from orthgen.authz.report_uploads import Reports
from orthgen.deployment.guard_settings import longest_life, reporters, saves_by_link, uploaders
from orthgen.products.auth_service.permissions import anonymous_profile, permissions
from orthgen.products.nginx.paths import files_pattern, listing_pattern, public_pattern, whole_archive_pattern
from orthgen.products.orthanc.files import orthanc_settings

if TYPE_CHECKING:
    from orthgen.authz.auth_service import Locate
    from orthgen.deployment.model import Deployment
    from orthgen.findings import Finding, Location
    from orthgen.formats.yaml_io import Path
    from orthgen.profile.load import LoadedProfile

# Where the parts of the auth-service's files come from in a profile.
_PROFILE_KEYS = {"permissions": "can", "authorized-labels": "collections"}


def access_policy(deployment: Deployment, loaded: LoadedProfile | None = None) -> Policy:
    """
    The model of a deployment, behind its guard.

    With the loaded profile, reasons name its lines. Raises `InputError` where raw settings keep Orthanc from
    starting.
    """
    orthanc, roles, anonymous = _places(loaded) if loaded is not None else (None, None, None)
    return Policy(
        PluginConfiguration.compile(
            orthanc_settings(deployment), deployment.release.components["authorization"], orthanc
        ),
        AuthService.compile(
            permissions(deployment), anonymous_profile(deployment), locate=roles, locate_anonymous=anonymous
        ),
        tuple(Principal(PrincipalKind.ROLE, role.name, role.title) for role in deployment.roles),
        places_of(deployment),
        guard_of(deployment),
        deployment.share_type,
        # The auth-service changes roles only where it has a client for Keycloak's administration.
        edits_roles=deployment.needs_admin_client,
    )


def places_of(deployment: Deployment) -> tuple[Place, ...]:
    """The collections of a deployment, as the model asks about them."""
    return tuple(
        Place(collection.name, collection.title, frozenset({collection.label}))
        for collection in deployment.collections
    )


def guard_of(deployment: Deployment) -> Guard:
    """The model of the guard that the deployment's nginx has."""
    return Guard(
        deployment.addresses.orthanc_path,
        re.compile(public_pattern(deployment)),
        re.compile(listing_pattern(deployment)),
        re.compile(whole_archive_pattern(deployment)),
        re.compile(files_pattern(deployment)),
        frozenset(longest_life(deployment)),
        reports=Reports(
            frozenset(reporters(deployment)),
            frozenset(uploaders(deployment)),
            saves_by_link(deployment),
        ),
    )


def _places(loaded: LoadedProfile) -> tuple[Locate, Locate, Locate]:
    """The profile's positions for parts of orthanc.json, of permissions.json and of the anonymous profile."""

    def at(path: Path) -> Location | None:
        sources = loaded.sources
        return (
            sources.locate(path)
            if max(document.depth(path) for document in sources.documents) == len(path)
            else None
        )

    def orthanc(path: Path) -> Location | None:
        return at(("archive", "settings", *path))

    def roles(path: Path) -> Location | None:
        return at((*path[:-1], _PROFILE_KEYS.get(str(path[-1]), str(path[-1])))) or at(path[:-1])

    def anonymous(path: Path) -> Location | None:
        return at(("signed-out", *(_PROFILE_KEYS.get(str(part), str(part)) for part in path))) or at(
            ("signed-out",)
        )

    return orthanc, roles, anonymous


def expectation_findings(loaded: LoadedProfile, policy: Policy) -> tuple[Finding, ...]:
    """A finding for each of the profile's expectations that the deployment does not meet, at its line."""
    expectations = [
        Expectation(
            principal=expectation.role or expectation.anyone or "",
            action=expectation.can or expectation.cannot or "",
            expected=expectation.can is not None,
            place=expectation.on or "",
            location=loaded.sources.locate(
                ("expectations", index, "can" if expectation.can is not None else "cannot"), key=True
            ),
        )
        for index, expectation in enumerate(loaded.profile.expectations)
    ]
    return unmet(policy, expectations)
