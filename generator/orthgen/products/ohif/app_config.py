"""
OHIF's app-config.js: where the images come from, who signs in, and what a guest may not do.

The template carries the program, which is the same for everybody; what the profile says goes into it as JSON
(the only escaping there is). For the container the file replaces the image's own; for Orthanc's plugin it is the
`UserConfiguration`, to which the plugin appends its own data source. Facts: OHIF 3.11.0 to 3.13.2, plugin 1.7
and 1.8; the reasons for people are in docs/reports.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.formats.templates import render_template
from orthgen.formats.yaml_io import dump_json
from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.products.ohif.messages import texts_of

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment, OhifViewer


def ohif_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """OHIF's configuration, or nothing where the profile has no OHIF."""
    ohif = deployment.ohif
    if ohif is None:
        return ()
    text = render_template(
        "ohif/app-config.js.j2",
        header=header(deployment.source, prefix="// "),
        config=_indented(_config(deployment, ohif)),
        oidc=_indented(_oidc(deployment) if ohif.signs_in else None),
        texts=_indented(texts_of(deployment.profile.institution.languages, signs_in=ohif.signs_in)),
        saves_by_link=dump_json(ohif.saves_by_link).strip(),
        study_list=dump_json(deployment.addresses.explorer_path).strip(),
        pins_basename=not ohif.in_container,
    )
    path = "ohif/app-config.js" if ohif.in_container else "orthanc/ohif-app-config.js"
    return (Artifact(path, text),)


def _indented(value: Any) -> str:
    """JSON as the value of a constant that stands two blanks in."""
    return dump_json(value).rstrip("\n").replace("\n", "\n  ")


def _config(deployment: Deployment, ohif: OhifViewer) -> dict[str, Any]:
    """The keys of `window.config` that do not depend on who is looking (read by OHIF 3.11.0 to 3.13.2)."""
    config: dict[str, Any] = {
        "name": "orthgen",
        # Without a trailing slash: relative redirect URIs are appended to it, and with one the route that a
        # sign-in comes back to never matches.
        "routerBasename": deployment.addresses.ohif_path.rstrip("/"),
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
    if ohif.in_container:
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


def _oidc(deployment: Deployment) -> list[dict[str, Any]]:
    """OHIF's sign-in: the code flow with PKCE as a public client. OHIF reads the first entry only."""
    ohif = deployment.ohif
    in_container = ohif is not None and ohif.in_container
    return [
        {
            "authority": f"{deployment.addresses.keycloak_public}realms/{deployment.profile.identity.realm}",
            "client_id": naming.OHIF_CLIENT,
            # The plugin answers 404 for every page that it does not know, `callback` among them.
            "redirect_uri": "/callback" if in_container else "/",
            "response_type": "code",
            "scope": "openid",
            "post_logout_redirect_uri": "/",
        }
    ]
