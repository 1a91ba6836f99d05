"""Assembly of a deployment from recognised files: which configuration belongs to which container."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from orthgen.observed.compose_project import projects
from orthgen.observed.config_maps import config_maps
from orthgen.observed.container_file import ContainerFile
from orthgen.observed.containers import Container, containers
from orthgen.observed.helm import has_variables
from orthgen.observed.kubernetes import ingress_proxies, workload_containers
from orthgen.observed.manifest import manifests
from orthgen.observed.model import (
    AuthService,
    Keycloak,
    ObservedDeployment,
    Ohif,
    Orthanc,
    Source,
    SourceKind,
)
from orthgen.observed.ohif import read_ohif
from orthgen.observed.orthanc import orthanc_of, orthancs_of_files
from orthgen.observed.product import release_of, version_of
from orthgen.observed.proxies import PROXY_KINDS, loose_proxies, proxies_of_container
from orthgen.observed.proxy_model import MAX_INHERITED, Proxy
from orthgen.observed.recognise import Recognised, recognise
from orthgen.observed.recording_model import Exchange, LogLine, ObservedToken, Question
from orthgen.observed.secrets import secrets_in, secrets_in_proxy
from orthgen.observed.service_model import Product
from orthgen.observed.settings import Layer, Settings
from orthgen.observed.shown_texts import ShownTexts
from orthgen.observed.traefik import traefik_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from orthgen.findings import Finding, Location
    from orthgen.formats.yaml_io import Document
    from orthgen.observed.files import Files, TextFile
    from orthgen.observed.text import TextParts

_PERMISSIONS = ("PERMISSIONS_FILE_PATH", "/orthanc_auth_service/permissions.json")
_UNSEEN = {
    SourceKind.DOCKERFILE: "is read with the Compose file that builds it",
    SourceKind.EMPTY: "is empty",
}
_ANONYMOUS = ("ANONYMOUS_PROFILE_FILE_PATH", "/orthanc_auth_service/anonymous-profile.json")


class Assembly:
    """The parts of a deployment while it is put together."""

    def __init__(self, files: Files, recognised: Sequence[Recognised]) -> None:
        self.files = files
        self.recognised = {id(each.file): each for each in recognised}
        self.loose = list(recognised)
        self.findings: list[Finding] = [*files.findings]
        self.unseen: list[str] = [*files.unseen]
        self.sources: list[Source] = []
        self.texts: dict[str, str] = {}
        self.containers: list[tuple[Callable[[str], str], Container]] = []
        self.counts: Counter[Product] = Counter()
        self.orthancs: list[Orthanc] = []
        self.auth_services: list[AuthService] = []
        self.keycloaks: list[Keycloak] = []
        self.proxies: list[Proxy] = []
        self.ohifs: list[Ohif] = []
        self.exchanges: list[Exchange] = []
        self.tokens: list[ObservedToken] = []
        self.log_lines: list[LogLine] = []
        self.prose: list[LogLine] = []
        self.questions: list[Question] = []
        self.rendered_profile: Document | None = None

    def deployment(self) -> ObservedDeployment:
        """The whole deployment."""
        composed = self._compose()
        self._read_manifests()
        for interpolate, container in self.containers:
            self._read_container(interpolate, container)
        traefik = traefik_proxy([container for _, container in self.containers])
        if traefik is not None:
            self.proxies.append(traefik)
        self._read_loose()
        self.unseen += [
            f"`{server.location}` has more than {MAX_INHERITED} directives. Of these, its locations have the last {MAX_INHERITED}."
            for proxy in self.proxies
            for server in proxy.servers
            if len(server.directives) >= MAX_INHERITED
        ]
        return ObservedDeployment(
            sources=tuple(self.sources),
            texts=ShownTexts(self.texts, self._secrets),
            compose=composed,
            services=tuple(each.service for _, each in self.containers),
            orthancs=tuple(self.orthancs),
            auth_services=tuple(self.auth_services),
            keycloaks=tuple(self.keycloaks),
            proxies=tuple(self.proxies),
            ohifs=tuple(self.ohifs),
            exchanges=tuple(self.exchanges),
            tokens=tuple(self.tokens),
            log_lines=tuple(self.log_lines),
            prose=tuple(self.prose),
            questions=tuple(self.questions),
            rendered_profile=self.rendered_profile,
            findings=tuple(dict.fromkeys(self.findings)),
            unseen=tuple(dict.fromkeys(self.unseen)),
        )

    def _secrets(self) -> Iterator[tuple[Location, str]]:
        """The secrets of every part, with their places."""
        for settings in (
            *(orthanc.settings for orthanc in self.orthancs),
            *(each.service.environment for _, each in self.containers),
        ):
            yield from secrets_in(settings)
        for proxy in self.proxies:
            yield from secrets_in_proxy(proxy)

    def note(self, each: Recognised) -> None:
        """Note a file as a source, with its problems."""
        self.sources.append(Source(each.file.name, each.kind, each.file.first_line, each.is_complete))
        # The text of a part has blank lines in place of the others.
        self.texts[each.file.name] = max(self.texts.get(each.file.name, ""), each.file.text, key=len)
        self.findings += each.findings

    # ---------------------------------------------------------------------------------------------- Compose

    def _compose(self) -> Settings:
        """Read the Compose projects and their containers; a file that is mounted is no loose file any more."""
        files = [each for each in self.loose if each.kind is SourceKind.COMPOSE]
        parsed = [
            each for each in files if each.document is not None and isinstance(each.document.value, dict)
        ]
        read, unread = projects(self.files, parsed)
        self.loose = [each for each in self.loose if each not in unread]
        self._claim(SourceKind.COMPOSE)
        layers = []
        self.unseen += [
            f"`{each.file.name}` was not read: `docker compose` reads it with `-f` only. Name it behind the files that it changes."
            for each in unread
        ]
        for project in read:
            layers.append(Layer(project.file.name, project.root.plain(), project.root.locate))
            self.findings += project.findings
            self.unseen += project.unseen
            for container in containers(project, self.files):
                self.containers.append((project.interpolate, container))
                self.counts[container.service.product] += 1
                self.unseen += container.unseen
                self._note_dockerfile(container)
                self._note_mounted(container)
        return Settings(tuple(layers))

    def _read_manifests(self) -> None:
        """Read the workloads and Ingresses of Kubernetes' manifests."""
        objects = manifests([each.file for each in self.loose if each.kind is SourceKind.MANIFEST])
        maps = config_maps(objects, self.files, [each.file for each in self.loose])
        for container in workload_containers(objects, maps):
            self.containers.append((str, container))  # there are no variables of Compose in it
            self.counts[container.service.product] += 1
            self.unseen += container.unseen
            self._note_mounted(container)
        self.proxies += ingress_proxies(objects)

    def _note_dockerfile(self, container: Container) -> None:
        file = container.dockerfile
        if file is None:
            return
        self.loose = [each for each in self.loose if each.file is not file]
        if not any(source.file == file.name for source in self.sources):
            self.note(Recognised(file, SourceKind.DOCKERFILE))

    def _note_mounted(self, container: Container) -> None:
        for content in container.files:
            self.loose = [each for each in self.loose if each.file is not content.file]
            is_noted = any(source.file == content.file.name for source in self.sources)
            if is_noted or content.fixed is not None or not content.file.text:
                continue
            if content.is_secret:
                # The kind is shown, and nothing of the text.
                is_orthanc = self._recognised(content.file).kind is SourceKind.ORTHANC
                kind = SourceKind.ORTHANC if is_orthanc else SourceKind.SECRET
                self.sources.append(Source(content.file.name, kind))
            elif (each := self._recognised(content.file)).kind is not SourceKind.UNKNOWN:
                self.note(each)
            else:
                self.texts.setdefault(content.file.name, content.file.text)

    def _recognised(self, file: TextFile) -> Recognised:
        if id(file) not in self.recognised:
            self.recognised[id(file)] = recognise(file)
        return self.recognised[id(file)]

    def _claim(self, kind: SourceKind) -> list[Recognised]:
        """Take the loose files of a kind."""
        claimed = [each for each in self.loose if each.kind is kind]
        self.loose = [each for each in self.loose if each.kind is not kind]
        for each in claimed:
            self.note(each)
        return claimed

    def _claim_for(self, product: Product, kind: SourceKind) -> list[Recognised]:
        """Take the loose files of a kind for the only container of a product."""
        return self._claim(kind) if self.counts[product] == 1 else []

    # ------------------------------------------------------------------------------------------- containers

    def _read_container(self, interpolate: Callable[[str], str], container: Container) -> None:
        match container.service.product:
            case Product.ORTHANC:
                self._read_orthanc(interpolate, container)
            case Product.AUTH_SERVICE:
                self._read_auth_service(container)
            case Product.KEYCLOAK:
                self._read_keycloak(container)
            case Product.OHIF:
                self._read_ohif(container)
            case _:
                pass
        self._read_proxies(container)

    def _read_orthanc(self, interpolate: Callable[[str], str], container: Container) -> None:
        extra: list[Recognised] = []
        if not any(each.path.startswith("/etc/orthanc") for each in container.files):
            extra = self._claim_for(Product.ORTHANC, SourceKind.ORTHANC)
        orthanc, findings = orthanc_of(container, extra, interpolate)
        self.orthancs.append(orthanc)
        self.findings += findings
        self._drop_user_configuration(orthanc)

    def _drop_user_configuration(self, orthanc: Orthanc) -> None:
        """
        Read OHIF's configuration of the plugin as no OHIF of its own.

        The plugin (OHIF plugin 1.8, Sources/app-config-system.js) replaces its paths and its sources of data.
        """
        name = PurePosixPath(str(orthanc.settings.get("OHIF", "UserConfiguration") or "")).name
        named = [
            each
            for each in self.loose
            if each.kind is SourceKind.OHIF and PurePosixPath(each.file.name).name == name
        ]
        self.loose = [each for each in self.loose if each not in named]
        for each in named:
            self.note(each)

    def _read_auth_service(self, container: Container) -> None:
        service = container.service
        read = []
        for (variable, default), kind in (
            (_PERMISSIONS, SourceKind.PERMISSIONS),
            (_ANONYMOUS, SourceKind.ANONYMOUS_PROFILE),
        ):
            path = service.variable(variable) or default
            mounted = self._documents(each for each in container.files if each.path == path)
            claimed = self._claim_for(Product.AUTH_SERVICE, kind) if not mounted else []
            documents = mounted or [each.document for each in claimed if each.document is not None]
            read.append(documents[0] if documents else None)
        self.auth_services.append(AuthService(service, release_of(service.image), read[0], read[1]))

    def _read_keycloak(self, container: Container) -> None:
        service = container.service
        realms = self._documents(each for each in container.files if each.path.endswith(".json"))
        if not realms:
            claimed = self._claim_for(Product.KEYCLOAK, SourceKind.REALM)
            realms = [each.document for each in claimed if each.document is not None]
        self.keycloaks.append(Keycloak(service, version_of(service.image), tuple(realms)))

    def _documents(self, contents: Iterable[ContainerFile]) -> list[Document]:
        read = [self._recognised(each.file).document for each in contents]
        return [each for each in read if each is not None and each.value is not None]

    def _read_ohif(self, container: Container) -> None:
        service = container.service
        mounted = [
            self._recognised(each.file) for each in container.files if each.path.endswith("app-config.js")
        ]
        configured = mounted or self._claim_for(Product.OHIF, SourceKind.OHIF)
        settings, findings = read_ohif(configured[0].file) if configured else (Settings(), [])
        self.ohifs.append(Ohif(settings, service))
        self.findings += findings

    def _read_proxies(self, container: Container) -> None:
        proxies, findings = proxies_of_container(container, self._recognised, self._claim_for)
        self.proxies += proxies
        self.findings += findings

    # ------------------------------------------------------------------------------------------ loose files

    def _read_loose(self) -> None:
        """Read the files that belong to no container."""
        self.orthancs += orthancs_of_files(self._claim(SourceKind.ORTHANC))
        permissions = _first(self._claim(SourceKind.PERMISSIONS))
        anonymous = _first(self._claim(SourceKind.ANONYMOUS_PROFILE))
        if permissions is not None or anonymous is not None:
            self.auth_services.append(AuthService(permissions=permissions, anonymous_profile=anonymous))
        realms = [each.document for each in self._claim(SourceKind.REALM) if each.document is not None]
        if realms:
            self.keycloaks.append(Keycloak(realms=tuple(realms)))
        for each in self._claim(SourceKind.OHIF):
            settings, findings = read_ohif(each.file)
            self.ohifs.append(Ohif(settings))
            self.findings += findings
        proxies, findings = loose_proxies([each for kind in PROXY_KINDS for each in self._claim(kind)])
        self.proxies += proxies
        self.findings += findings
        self._claim(SourceKind.ENVIRONMENT)
        self._claim(SourceKind.MANIFEST)
        self.rendered_profile = _first(self._claim(SourceKind.ORTHGEN))
        self.unseen += [
            f"`{each.file.name}` sets variables of containers. Of the values of a chart, configuration files are read, and no variables."
            for each in self._claim(SourceKind.HELM)
            if each.document is not None and has_variables(each.document.value)
        ]
        for each in [each for each in self.loose if each.file.is_named]:
            self.note(each)
            reason = _UNSEEN.get(each.kind, "was not recognised as a part of a deployment")
            self.unseen.append(f"`{each.file.name}` {reason}.")

    def add_parts(self, file: TextFile, parts: TextParts) -> None:
        """Add what stands in a pasted text beside configuration."""
        if parts.is_shown:
            self.texts[file.name] = file.text
        self.sources += parts.sources
        self.findings += parts.findings
        self.exchanges += parts.exchanges
        self.tokens += parts.tokens
        self.log_lines += parts.log_lines
        self.prose += parts.prose
        self.questions += parts.questions
        self.unseen += parts.unseen


def _first(read: Sequence[Recognised]) -> Document | None:
    return next((each.document for each in read if each.document is not None), None)
