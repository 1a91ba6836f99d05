"""Recognition of the software that a container runs, by its image, its variables, its mounts and its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.observed.service_model import ImageName, Product

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orthgen.findings import Location

# The last part of an image's name. The first pattern that fits decides.
_IMAGES = (
    # Programs beside Orthanc, which carry its name or settings about it.
    (
        Product.OTHER,
        r"(?:meddream|weasis|oviyam|dwv|u?dicom).*|(?:.*[-_])?(?:token-service|orthanc-viewer)",
    ),
    (Product.AUTH_SERVICE, r"orthanc-auth-service"),
    (Product.KEYCLOAK, r"(?:orthanc-)?keycloak(?:x)?"),
    (Product.NGINX, r"(?:orthanc-)?nginx(?:-certbot|-unprivileged|-proxy)?|openresty|swag"),
    (Product.OHIF, r"ohif.*"),
    (Product.POSTGRES, r"postgres(?:ql|-alpine)?|pgvector|postgis"),
    (Product.TRAEFIK, r"traefik"),
    (Product.CADDY, r"caddy(?:-.*)?"),
    (Product.APACHE, r"httpd|apache2?"),
    (Product.HAPROXY, r"haproxy(?:-.*)?"),
    (
        Product.ORTHANC,
        r"orthanc(?:-(?:plugins|python|debug|pre-release|full|server|builder-base))?",
    ),
)
_MOUNTS = (
    (Product.ORTHANC, r"/etc/orthanc(?:/|$)|/var/lib/orthanc(?:/|$)"),
    (Product.AUTH_SERVICE, r"/orthanc_auth_service/"),
    (Product.KEYCLOAK, r"/opt/(?:jboss/)?keycloak/"),
    (Product.OHIF, r"/app-config\.js$"),
    (Product.NGINX, r"/etc/nginx(?:/|$)"),
    (Product.POSTGRES, r"/var/lib/postgresql(?:/|$)"),
    (Product.CADDY, r"/etc/caddy(?:/|$)"),
)
_VARIABLES = (
    (
        Product.ORTHANC,
        r"ORTHANC__\w+|ORTHANC_JSON|(?!ORTHANC_(?!EXPLORER|WEB))[A-Z0-9_]+_PLUGIN_ENABLED",
    ),
    (Product.KEYCLOAK, r"KC_\w+|KEYCLOAK_ADMIN"),
    (Product.AUTH_SERVICE, r"PERMISSIONS_FILE_PATH|PUBLIC_ORTHANC_ROOT|ENABLE_KEYCLOAK_API_KEYS"),
    (Product.POSTGRES, r"POSTGRES_(?:DB|PASSWORD|USER)(?:_FILE)?|PGDATA"),
)
_NAMES = (
    (Product.AUTH_SERVICE, r".*auth-service"),
    (Product.KEYCLOAK, r"keycloak"),
    (Product.OHIF, r"ohif.*"),
    (Product.NGINX, r".*nginx.*"),
    (Product.ORTHANC, r"orthanc(?:[-_]?\d+|-for-\w+|-server|-pacs)?"),
)


def image_name(text: str, location: Location) -> ImageName:
    """The parts of an image's name; a registry's port is no tag."""
    name, _, digest = text.partition("@")
    start = name.rfind("/") + 1
    colon = name.find(":", start)
    repository, tag = (name[:colon], name[colon + 1 :]) if colon >= 0 else (name, "")
    return ImageName(repository, tag, digest, location)


def product_of(
    name: str, image: ImageName | None, environment: Mapping[str, Any], targets: Iterable[str]
) -> Product:
    """The software of a service; an image of an unknown name is judged by what it is configured with."""
    if image is not None:
        *folders, last = image.repository.lower().split("/")
        if last in {"viewer", "viewers", "app"} and folders[-1:] == ["ohif"]:
            return Product.OHIF
        for product, pattern in _IMAGES:
            if re.fullmatch(pattern, last):
                return product
    for product, pattern in _MOUNTS:
        if any(re.search(pattern, target) for target in targets):
            return product
    for product, pattern in _VARIABLES:
        if any(re.fullmatch(pattern, variable) for variable in environment):
            return product
    if image is None:
        return next(
            (product for product, pattern in _NAMES if re.fullmatch(pattern, name.lower())), Product.OTHER
        )
    return Product.OTHER


def is_orthancteam(image: ImageName | None) -> bool:
    """Whether the image reads Orthanc's settings from variables: orthancteam's, and osimis's before it."""
    return (
        image is not None
        and re.search(r"(?:^|/)(?:orthancteam|osimis)/orthanc", image.repository) is not None
    )


_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.\d+)*")


def release_of(image: ImageName | None) -> str:
    """The release that a tag names (`26.8` for `26.8.1-full`); empty for `latest` and the like."""
    match = _VERSION.match(image.tag) if image is not None else None
    return f"{match[1]}.{match[2]}" if match else ""


def version_of(image: ImageName | None) -> str:
    """The version that a tag names (`26.7.3`); empty for `latest` and the like."""
    match = _VERSION.match(image.tag) if image is not None else None
    return match[0].removeprefix("v") if match else ""
