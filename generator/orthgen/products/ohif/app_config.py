"""
OHIF's app-config.js: where the images come from, who signs in, and what a guest may not do.

`templates/ohif/app-config.js` is the program, the same for every profile. What the profile says stands above it as one JSON
literal: OHIF's page loads app-config.js and no second file, and a file that the program fetched would come after OHIF has
read its configuration. For the container the file replaces the image's own; for Orthanc's plugin it is the
`UserConfiguration`, to which the plugin appends its own data source. Facts: OHIF 3.11.0 to 3.13.2, plugin 1.7
and 1.8; the reasons for people are in docs/reports.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.formats.templates import template_text
from orthgen.formats.yaml_io import dump_json
from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.products.ohif.messages import texts_of
from orthgen.viewers.ohif import OHIF, OHIF_CLIENT

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.viewers.base import Contribution


def ohif_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """OHIF's configuration, or nothing where the profile has no OHIF."""
    ohif = deployment.viewer(OHIF.name)
    if ohif is None:
        return ()
    settings = {
        "config": _config(deployment, ohif),
        "oidc": _oidc(deployment, ohif) if ohif.client is not None else None,
        "texts": texts_of(deployment.profile.institution.languages, signs_in=ohif.client is not None),
        "savesByLink": ohif.saves_by_link,
        "studyList": deployment.addresses.explorer_path,
        "pinsBasename": not ohif.container,
    }
    literal = f"const ORTHGEN_SETTINGS = {dump_json(settings).rstrip()};\n"
    parts = (header(deployment.source, prefix="// "), literal, template_text("ohif/app-config.js"))
    path = "ohif/app-config.js" if ohif.container else "orthanc/ohif-app-config.js"
    return (Artifact(path, "\n".join(parts)),)


def _config(deployment: Deployment, ohif: Contribution) -> dict[str, Any]:
    """The keys of `window.config` that do not depend on who is looking (read by OHIF 3.11.0 to 3.13.2)."""
    config: dict[str, Any] = {
        "name": "orthgen",
        # Without a trailing slash: relative redirect URIs are appended to it, and with one the route that a
        # sign-in comes back to never matches.
        "routerBasename": ohif.path.rstrip("/"),
        "extensions": [],
        "modes": [],
        "customizationService": {},
        # Orthanc Explorer 2 is the list of studies; OHIF's own would offer modes that the profile does not.
        "showStudyList": False,
        "maxNumberOfWebWorkers": 3,
        "showWarningMessageForCrossOrigin": True,
        "showCPUFallbackMessage": True,
        "showLoadingIndicator": True,
        "strictZSpacingForVolumeViewport": True,
        "investigationalUseDialog": {"option": "configure", "days": 180},
        "maxNumRequests": {"interaction": 100, "thumbnail": 75, "prefetch": 25},
        "showErrorDetails": "dev",
    }
    if ohif.container:
        config["defaultDataSourceName"] = "dicomweb"
        config["dataSources"] = [_data_source(deployment)]
    return config


def _data_source(deployment: Deployment) -> dict[str, Any]:
    """Orthanc's DICOMweb, with the settings of the plugin's own data source (app-config-system.js, 1.8)."""
    root = deployment.addresses.dicomweb_path.rstrip("/")
    return {
        "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
        "sourceName": "dicomweb",
        "configuration": {
            "friendlyName": deployment.profile.institution.name,
            "name": "orthanc",
            "wadoUriRoot": root,
            "qidoRoot": root,
            # Reports are stored below this root as well: OHIF has no setting of its own for STOW-RS.
            "wadoRoot": root,
            "qidoSupportsIncludeField": False,
            "supportsReject": False,
            "imageRendering": "wadors",
            "thumbnailRendering": "wadors",
            "enableStudyLazyLoad": True,
            "supportsFuzzyMatching": False,
            "supportsWildcard": True,
            "staticWado": True,
            "singlepart": "bulkdata,video",
            "acceptHeader": ["multipart/related; type=application/octet-stream; transfer-syntax=*"],
        },
    }


def _oidc(deployment: Deployment, ohif: Contribution) -> list[dict[str, Any]]:
    """OHIF's sign-in: the code flow with PKCE as a public client. OHIF reads the first entry only."""
    return [
        {
            "authority": f"{deployment.addresses.keycloak_public}realms/{deployment.profile.identity.realm}",
            "client_id": OHIF_CLIENT,
            # The plugin answers 404 for every page that it does not know, `callback` among them.
            "redirect_uri": "/callback" if ohif.container else "/",
            "response_type": "code",
            "scope": "openid",
            "post_logout_redirect_uri": "/",
        }
    ]
