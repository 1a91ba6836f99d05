"""Properties of the platform that runs the containers, which configuration files of services state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.deployment import naming

if TYPE_CHECKING:
    from collections.abc import Mapping


class Platform(Struct, frozen=True):
    """
    A platform of containers.

    `resolver` is the address of its name server; empty where the address of a service never changes, so that nginx resolves
    each name once. `ports` are those of the services; `http_port` and `https_port` are nginx's. nginx answers health checks at
    `health_address`. `certificate_folder` has `fullchain.pem` and `privkey.pem`, which change while nginx runs; empty where
    nginx reads the secrets of its certificate. `keycloak_cache` is Keycloak's option `cache`.
    """

    resolver: str
    ports: Mapping[str, int]
    http_port: int
    https_port: int
    health_address: str
    certificate_folder: str
    keycloak_cache: str


# A port that only root may open becomes one above: 80 becomes 8080.
_LAST_RESERVED_PORT = 1023
_ABOVE = 8000

COMPOSE_PLATFORM = Platform(
    # Docker's name server. A container that is created again has another address.
    resolver="127.0.0.11",
    ports=naming.PORTS,
    http_port=80,
    https_port=443,
    health_address="127.0.0.1:8081",
    certificate_folder="",
    keycloak_cache="local",
)

KUBERNETES_PLATFORM = Platform(
    # A Service keeps its address until it is deleted. nginx knows no search domains, and the name of the cluster's name server
    # differs from one distribution to the next.
    resolver="",
    # A container without capabilities opens no port below 1024, unless the container runtime allows it.
    ports={
        name: port if port > _LAST_RESERVED_PORT else port + _ABOVE for name, port in naming.PORTS.items()
    },
    http_port=8080,
    https_port=8443,
    # The kubelet asks from outside the pod.
    health_address="8081",
    certificate_folder="/run/tls",
    # The pods find each other through the database (jdbc-ping, the default stack since Keycloak 26.1).
    keycloak_cache="ispn",
)

DATABASE_OPERATOR_PORT = 8000
"""The port at which the operator CloudNativePG (1.24) asks the instances of a database for their state."""
