"""Services and networks of the Compose files that the profile has no word for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.adoption.draft import NoteKind
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment

_TAKEN_OVER = {
    Product.ORTHANC,
    Product.AUTH_SERVICE,
    Product.KEYCLOAK,
    Product.OHIF,
    Product.POSTGRES,
    Product.NGINX,
}
_PROXIES = {Product.CADDY: "Caddy", Product.TRAEFIK: "Traefik", Product.APACHE: "Apache"}


def note_other_services(original: OriginalDeployment, draft: Draft) -> None:
    """Note each further container, and the proxies that nginx takes the place of."""
    _note_further_orthancs(original, draft)
    for service in original.deployment.services:
        place = service.definition.locate(())
        image = service.image.repository if service.image is not None else "an image built here"
        if service.product in _PROXIES:
            draft.note(
                NoteKind.CHANGED,
                f"{_PROXIES[service.product]} (`{service.name}`) is the reverse proxy",
                "nginx takes its place; sites of other applications that it serves need a proxy of their own, with "
                "`deployment: {tls: {terminated-by: proxy}}` here",
                place,
            )
        elif (
            service.product not in _TAKEN_OVER and "certbot" not in image and not original.service_in_cluster
        ):
            draft.note(
                NoteKind.LEFT_OUT,
                f"the service `{service.name}` ({image})",
                "orthgen's compose file does not have it: keep it in a compose file of its own, and let it reach Orthanc "
                "through the public address, with an API key (`identity: {api-keys: true}`)",
                place,
            )
    for service in original.deployment.services:
        for port in service.ports:
            if service.product in {
                Product.ORTHANC,
                Product.AUTH_SERVICE,
                Product.POSTGRES,
            } and port.target in {"8042", "8000", "5432"}:
                draft.note(
                    NoteKind.CHANGED,
                    f"port {port.target} of `{service.name}` is published",
                    "it is reached from inside the deployment alone; programs use the public address",
                    port.location,
                )


def _note_further_orthancs(original: OriginalDeployment, draft: Draft) -> None:
    for orthanc in original.deployment.orthancs:
        if orthanc is not original.orthanc:
            place = (
                orthanc.service.definition.locate(())
                if orthanc.service is not None
                else orthanc.settings.locate(())
            )
            draft.note(
                NoteKind.LEFT_OUT,
                f"a further Orthanc, `{orthanc.name}`",
                "a profile has one Orthanc. One that serves share links or programs alone is not needed any more: links and "
                "API keys go to the same one. One with studies of its own becomes a profile of its own",
                place,
            )
