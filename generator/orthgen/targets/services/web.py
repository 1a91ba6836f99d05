"""Web services: nginx, containers of viewers, and certbot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.catalogue import HealthCheck
from orthgen.deployment import naming
from orthgen.products.certbot import certbot_environment
from orthgen.products.services import Limits, PublishedPort, SecretMount, Volume, VolumeMount
from orthgen.targets.services.context import reader
from orthgen.targets.services.files import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Service
    from orthgen.profile.deployment import LetsEncrypt
    from orthgen.targets.services.context import ServiceContext

_CERTIFICATES = Volume("letsencrypt", "The account at Let's Encrypt, and the certificates.")
# Apart: certbot keeps a certificate until it expires, whichever authority signed it.
_STAGING = Volume(
    "letsencrypt-staging", "The account at Let's Encrypt's test authority, and its certificates."
)
_CHALLENGES = Volume("acme-challenges", "Answers to the questions of Let's Encrypt.")


def web_services(context: ServiceContext) -> Iterator[Service]:
    """OHIF's container and the companion where there are such, and nginx."""
    deployment = context.deployment
    if naming.OHIF in deployment.viewer_containers:
        yield _ohif(context)
    after = [naming.ORTHANC, naming.AUTH_SERVICE]
    after += [naming.KEYCLOAK] if deployment.has_own_keycloak else []
    after += deployment.viewer_containers
    yield _nginx(context, tuple(after))
    letsencrypt = deployment.letsencrypt
    if letsencrypt is not None:
        yield _certbot(context, letsencrypt)


def _ohif(context: ServiceContext) -> Service:
    memory = context.deployment.memory
    return context.service(
        naming.OHIF,
        "ohif",
        purpose="OHIF: static files of the viewer.",
        user=context.deployment.release.image("ohif").user,
        limits=Limits(memory.ohif, "1", 64),
    )


def _nginx(context: ServiceContext, after: tuple[str, ...]) -> Service:
    deployment = context.deployment
    image = deployment.release.image("nginx")
    volumes: tuple[VolumeMount, ...] = ()
    letsencrypt = deployment.letsencrypt
    if letsencrypt is not None:
        companion = deployment.release.image("certbot")
        volumes = (
            VolumeMount(_certificates(letsencrypt), companion.volume or "", read_only=True),
            VolumeMount(_CHALLENGES, companion.paths["webroot"], read_only=True),
        )
    names = image.secrets.names
    return context.service(
        naming.NGINX,
        "nginx",
        purpose="nginx: the only service that browsers reach.",
        user=reader(image),
        # The image's own start scripts want to change files of the root, which is read-only.
        entrypoint=("nginx", "-g", "daemon off;"),
        secrets=tuple(SecretMount(name, names[name]) for name in certificate_secrets(deployment)),
        volumes=volumes,
        ports=tuple(_ports(deployment)),
        after=after,
        limits=Limits(deployment.memory.nginx, "1", 64),
        # Downloads under way are finished.
        stop_seconds=30,
    )


def _ports(deployment: Deployment) -> Iterator[PublishedPort]:
    """Inside, 80 and, where nginx ends TLS itself, 443; the host's ports are the origin's or the profile's."""
    inner, ports = deployment.release.image("nginx").ports, deployment.host_ports
    yield PublishedPort(ports.http.port, inner["http"], ports.http.address)
    if ports.https is not None:
        yield PublishedPort(ports.https.port, inner["https"], ports.https.address)


def certificate_secrets(deployment: Deployment) -> Mapping[str, str]:
    """The certificate and its key by the names of their secrets, with their paths on the host; else empty."""
    tls = deployment.profile.deployment.tls
    if deployment.kubernetes is not None:
        return {}
    if tls is not None and tls.own_authority is not None:
        return {name: f"./secrets/{name}" for name in (naming.TLS_CERTIFICATE, naming.TLS_KEY)}
    if tls is None or tls.certificate is None or tls.key is None:
        return {}
    return {naming.TLS_CERTIFICATE: tls.certificate, naming.TLS_KEY: tls.key}


def _certificates(letsencrypt: LetsEncrypt) -> Volume:
    return _STAGING if letsencrypt.staging else _CERTIFICATES


def _certbot(context: ServiceContext, letsencrypt: LetsEncrypt) -> Service:
    image = context.deployment.release.image("certbot")
    return context.service(
        naming.CERTBOT,
        "certbot",
        purpose="certbot: gets the certificate from Let's Encrypt, and renews it.",
        # The image's own user, root: new volumes belong to it. All that is left of its power is giving files away.
        user=None,
        entrypoint=("sh", f"{SCRIPTS}/renew.sh"),
        environment={**image.environment, **certbot_environment(context.deployment, letsencrypt)},
        volumes=(
            VolumeMount(_certificates(letsencrypt), image.volume or ""),
            VolumeMount(_CHALLENGES, image.paths["webroot"]),
        ),
        # The authority asks nginx.
        after=(naming.NGINX,),
        limits=Limits("256m", "0.5", 64),
        health=HealthCheck(
            ("CMD", "sh", f"{SCRIPTS}/renew.sh", "health"),
            "120s",
            "the certificate is there; what the script says of a failure is shown in either case",
        ),
    )
