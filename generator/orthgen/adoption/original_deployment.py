"""The deployment to adopt: its main Orthanc, and the other services by what they do."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.adoption.own_files import OwnFiles, read_own_files
from orthgen.adoption.profile_values import truth
from orthgen.catalogue import Release, newest, releases
from orthgen.catalogue import load as load_release
from orthgen.findings import Location
from orthgen.formats.yaml_io import parse_json
from orthgen.observed.model import Keycloak, ObservedDeployment, Orthanc, SourceKind
from orthgen.observed.product import version_of
from orthgen.observed.service_model import Product, Service
from orthgen.observed.settings import Settings
from orthgen.targets.kubernetes.manifest import MANAGED_BY_LABEL, MANAGER

if TYPE_CHECKING:
    from orthgen.formats.yaml_io import Document

_VARIABLE = re.compile(r"\$\{?[A-Za-z_]")


class OriginalDeployment(Struct, frozen=True, dict=True):
    """An observed deployment with the parts that adoption asks for."""

    deployment: ObservedDeployment
    orthanc: Orthanc | None

    @classmethod
    def of(cls, deployment: ObservedDeployment) -> OriginalDeployment:
        """The original; of several Orthancs, the one that the most of the profile can be about."""
        orthancs = sorted(deployment.orthancs, key=_weight, reverse=True)
        return cls(deployment, orthancs[0] if orthancs else None)

    @property
    def settings(self) -> Settings:
        """The configuration of the main Orthanc."""
        return self.orthanc.settings if self.orthanc is not None else Settings()

    def get(self, *path: str) -> Any:
        """A setting of Orthanc; None where it is not set, or is a variable that was not resolved."""
        value = self.settings.get(*path)
        return None if isinstance(value, str) and _VARIABLE.match(value) else value

    def at(self, *path: str) -> Location:
        """The place of a setting of Orthanc."""
        return self.settings.locate(path)

    def service(self, product: Product) -> Service | None:
        """The first service that runs a product."""
        return next((each for each in self.deployment.services if each.product is product), None)

    @cached_property
    def orthanc_service(self) -> Service | None:
        """The container of the main Orthanc."""
        if self.orthanc is not None and self.orthanc.service is not None:
            return self.orthanc.service
        return self.service(Product.ORTHANC)

    @cached_property
    def auth_service(self) -> Service | None:
        """The container of the auth-service."""
        services = (each.service for each in self.deployment.auth_services if each.service is not None)
        return next(services, None) or self.service(Product.AUTH_SERVICE)

    @cached_property
    def keycloak(self) -> Keycloak | None:
        """The Keycloak that the files carry."""
        return next(iter(self.deployment.keycloaks), None)

    @cached_property
    def keycloak_service(self) -> Service | None:
        """The container of Keycloak."""
        if self.keycloak is not None and self.keycloak.service is not None:
            return self.keycloak.service
        return self.service(Product.KEYCLOAK)

    @cached_property
    def realm(self) -> Document | None:
        """The export of the realm that Orthanc's people sign in to."""
        name = self.get("OrthancExplorer2", "Keycloak", "Realm")
        exports = (realm for keycloak in self.deployment.keycloaks for realm in keycloak.realms)
        realms = [export for export in exports if isinstance(export.value, dict)]
        named = [export for export in realms if export.value.get("realm") == name]
        return next(iter(named or realms), None)

    @cached_property
    def has_keycloak(self) -> bool:
        """Whether people sign in through Keycloak, be it in the files or somewhere else."""
        enabled = self.variable("ENABLE_KEYCLOAK")
        return (
            self.keycloak_service is not None
            or self.realm is not None
            or self.settings.has("OrthancExplorer2", "Keycloak")
            or (enabled is not None and truth(enabled[0]) is True)
        )

    @cached_property
    def edge(self) -> Service | None:
        """The container of the reverse proxy."""
        for product in (Product.NGINX, Product.CADDY, Product.TRAEFIK, Product.APACHE):
            if service := self.service(product):
                return service
        return None

    def secret_file(self, name: str) -> tuple[str, Location] | None:
        """The file of the host behind a Compose secret, with its place."""
        path = ("secrets", name, "file")
        file = self.deployment.compose.get(*path)
        if not isinstance(file, str):
            return None
        return file.removeprefix("./"), self.deployment.compose.locate(path)

    def variable(self, name: str) -> tuple[str, Location] | None:
        """A variable of the auth-service that has a value, with its place."""
        service = self.auth_service
        value = service.variable(name) if service is not None else None
        if service is None or not value or _VARIABLE.match(value):
            return None
        return value, service.locate_variable(name)

    @cached_property
    def permissions(self) -> tuple[Document, ...]:
        """The permissions.json of each auth-service; where the service reads none of them, those that were read."""
        in_force = (service.permissions for service in self.deployment.auth_services)
        documents = tuple(document for document in in_force if document is not None)
        if documents:
            return documents
        sources = (each for each in self.deployment.sources if each.kind is SourceKind.PERMISSIONS)
        parsed = (parse_json(self.deployment.texts.get(each.file, ""), each.file)[0] for each in sources)
        return tuple(document for document in parsed if isinstance(document.value, dict))

    @cached_property
    def own(self) -> OwnFiles:
        """What files say that only orthgen writes; nothing in the deployment of anybody else."""
        return read_own_files(self.deployment.texts)

    @cached_property
    def is_rendered(self) -> bool:
        """Whether orthgen rendered the deployment."""
        return self.service_in_cluster is not None or any(
            service.definition.has("labels", "orthgen.profile") for service in self.deployment.services
        )

    @cached_property
    def container_in_cluster(self) -> Service | None:
        """The first container of Kubernetes' manifests, whoever wrote them; None for a deployment of another kind."""
        manifests = {each.file for each in self.deployment.sources if each.kind is SourceKind.MANIFEST}
        services = self.deployment.services
        return next((each for each in services if each.definition.locate(()).file in manifests), None)

    @cached_property
    def service_in_cluster(self) -> Service | None:
        """The first container of a deployment that orthgen rendered for Kubernetes; None for every other deployment."""
        label = ("labels", MANAGED_BY_LABEL)
        return next(
            (each for each in self.deployment.services if each.definition.get(*label) == MANAGER), None
        )

    @cached_property
    def release(self) -> Release:
        """The release of the catalogue that runs, or the newest where the catalogue does not have it."""
        running = ".".join((self.running_version or "").split(".")[:2])
        return load_release(running) if running in releases() else newest()

    @property
    def running_version(self) -> str | None:
        """The version of Orthanc's image; None where its tag names none."""
        image = self.orthanc_service.image if self.orthanc_service is not None else None
        release = self.orthanc.release if self.orthanc is not None else ""
        return version_of(image) or release or None


def _weight(orthanc: Orthanc) -> tuple[bool, bool, bool, int]:
    """How much of a profile an Orthanc can be: the one that people sign in to, then the one with the most settings."""
    settings = orthanc.settings
    return (
        settings.has("OrthancExplorer2", "Keycloak"),
        bool(settings.get("RegisteredUsers")),
        settings.has("Authorization"),
        sum(len(section) if isinstance(section, dict) else 1 for section in settings.value.values()),
    )
