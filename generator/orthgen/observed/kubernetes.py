"""Reader of Kubernetes' workloads and Ingresses: their containers as services, their paths as those of a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.formats.loose_values import mapping, mappings
from orthgen.formats.yaml_io import typed
from orthgen.observed.compose_node import Node
from orthgen.observed.config_maps import ConfigMap, mounted_files
from orthgen.observed.containers import Container
from orthgen.observed.exposed_ports import exposed_ports
from orthgen.observed.manifest import ManifestDocument
from orthgen.observed.product import image_name, product_of
from orthgen.observed.proxy_model import Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Mount, Product, Service
from orthgen.observed.settings import Layer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Path
    from orthgen.observed.container_file import ContainerFile

_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job"})
# Kinds of volumes, and the kinds of mounts that say the same.
_KINDS = {
    "emptyDir": "tmpfs",
    "configMap": "config",
    "secret": "secret",
    "projected": "secret",
    "csi": "secret",
    "hostPath": "bind",
}
_PROBES = ("livenessProbe", "startupProbe", "readinessProbe")
_ANNOTATION = "nginx.ingress.kubernetes.io/"
# What ingress-nginx tells the service behind it by itself (docs, "Custom headers" and its nginx.tmpl).
_FORWARDED = ("Host", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto")


def workload_containers(
    objects: Sequence[ManifestDocument], maps: Mapping[str, ConfigMap]
) -> Iterator[Container]:
    """The containers of the workloads, without those that run before the others."""
    for workload in objects:
        if workload.kind in _WORKLOADS:
            above: Path = ("spec",) if workload.kind == "Pod" else ("spec", "template", "spec")
            for index, _ in mappings(workload.get(*above, "containers")):
                yield _Reader(workload, objects, maps, above, index).container()


class _Reader:
    """The reader of one container."""

    def __init__(
        self,
        workload: ManifestDocument,
        objects: Sequence[ManifestDocument],
        maps: Mapping[str, ConfigMap],
        pod: Path,
        index: int,
    ) -> None:
        self.workload = workload
        self.objects = objects
        self.maps = maps
        self.pod = pod
        self.path: Path = (*pod, "containers", index)
        self.unread: list[str] = []
        """What comes from objects that are not in the files."""

    def get(self, *path: str | int) -> Any:
        return self.workload.get(*self.path, *path)

    def container(self) -> Container:
        name = str(self.get("name") or self.workload.name)
        variables = dict(self._variables())
        environment = Settings(
            (
                Layer(
                    self.workload.file.name,
                    {key: node.text for key, node in variables.items()},
                    lambda path: variables[str(path[0])].location if path else self._place(),
                ),
            )
        )
        text = self.get("image")
        place = self.workload.document.locate((*self.path, "image"))
        image = image_name(text, place) if isinstance(text, str) and text else None
        mounts, files = tuple(self._mounts()), tuple(self._files())
        product = product_of(name, image, environment.value, [mount.target for mount in mounts])
        definition = Layer(self.workload.file.name, self._definition(), self._locate)
        service = Service(
            name,
            product,
            image,
            Settings((definition,)),
            environment,
            mounts=mounts,
            configured={each.path: each.file.name for each in files},
            exposed=tuple(exposed_ports(self._services(), self.objects, _named_ports([self.get("ports")]))),
        )
        node = Node({}, self.workload.document, self.path, self.workload.file)
        unseen = (
            f"`{self.workload.name}` has {', '.join(self.unread)} from objects that are not in the files."
        )
        return Container(service, node, variables, files, (unseen,) if self.unread else ())

    def _place(self) -> Location:
        return self.workload.document.locate(self.path)

    def _locate(self, path: Path) -> Location:
        """The place of a part of the definition: of a probe, else of the container."""
        return (
            self.workload.document.locate((*self.path, *path))
            if path[:1] and path[0] in _PROBES
            else self._place()
        )

    def _definition(self) -> dict[str, Any]:
        """What rules about Compose look up, in its words; the probes under their own names."""
        labels = self.workload.get(*self.pod[:-1], "metadata", "labels")
        names = [each.name for each in self._services()]
        definition: dict[str, Any] = {
            "labels": mapping(labels) or None,
            "networks": {"default": {"aliases": names}},
            "entrypoint": typed(self.get("command")),
            "command": typed(self.get("args")),
            "deploy": {"replicas": typed(self.workload.get("spec", "replicas"))},
            "env_file": self.unread or None,
        }
        probes = {key: typed(self.get(key)) for key in _PROBES}
        return {key: value for key, value in {**definition, **probes}.items() if value is not None}

    def _services(self) -> list[ManifestDocument]:
        """The Services that lead to the pod."""
        labels = self.workload.get(*self.pod[:-1], "metadata", "labels")
        return [
            each
            for each in self.objects
            if each.kind == "Service" and _selects(each.get("spec", "selector"), labels)
        ]

    def _variables(self) -> Iterator[tuple[str, Node]]:
        for index, source in mappings(self.get("envFrom")):
            config_map = self.maps.get(str(mapping(source.get("configMapRef")).get("name")))
            if config_map is None:
                self.unread.append(f"`envFrom`, entry {index + 1}")
                continue
            yield from config_map.variables.items()
        for index, entry in mappings(self.get("env")):
            if isinstance(entry.get("name"), str):
                name, path = entry["name"], (*self.path, "env", index)
                # A value that stands elsewhere is as unknown as a variable of the shell.
                value = str(entry["value"]) if entry.get("value") is not None else f"${{{name}}}"
                place: Path = (*path, "value") if "value" in entry else path
                yield name, Node(value, self.workload.document, place, self.workload.file)

    def _volume_mounts(self) -> Iterator[tuple[dict[str, Any], dict[str, Any], Location]]:
        """The entries of `volumeMounts`, each with its volume and its place."""
        listed = mappings(self.workload.get(*self.pod, "volumes"))
        volumes = {str(volume.get("name")): volume for _, volume in listed}
        for index, mount in mappings(self.get("volumeMounts")):
            if isinstance(mount.get("mountPath"), str):
                place = self.workload.document.locate((*self.path, "volumeMounts", index))
                yield mount, volumes.get(str(mount.get("name")), {}), place

    def _mounts(self) -> Iterator[Mount]:
        for mount, volume, place in self._volume_mounts():
            kind = next((_KINDS[key] for key in _KINDS if key in volume), "volume")
            is_here = str(mapping(volume.get("configMap")).get("name")) in self.maps
            if kind == "secret" or (kind == "config" and not is_here):
                self.unread.append(f"`{mount['mountPath']}`")
            yield Mount(kind, str(mount.get("name")), mount["mountPath"], read_only=False, location=place)

    def _files(self) -> Iterator[ContainerFile]:
        for mount, volume, place in self._volume_mounts():
            yield from mounted_files(mount, volume, self.maps, place)


def _selects(selector: Any, labels: Any) -> bool:
    return isinstance(selector, dict) and isinstance(labels, dict) and selector.items() <= labels.items()


def ingress_proxies(objects: Sequence[ManifestDocument]) -> Iterator[Proxy]:
    """The Ingresses that ingress-nginx serves, each as a proxy."""
    for ingress in objects:
        annotations = mapping(ingress.get("metadata", "annotations"))
        kind = ingress.get("spec", "ingressClassName") or annotations.get("kubernetes.io/ingress.class")
        if ingress.kind == "Ingress" and (
            kind == "nginx" or any(key.startswith(_ANNOTATION) for key in annotations)
        ):
            yield Proxy(Product.INGRESS, tuple(_servers(ingress, annotations, objects)), {})


def _servers(
    ingress: ManifestDocument, annotations: Mapping[str, Any], objects: Sequence[ManifestDocument]
) -> Iterator[ProxyServer]:
    place = ingress.document.locate(("spec",))
    directives = [Directive("proxy_set_header", (name, f"${name}"), place) for name in _FORWARDED]
    for key, value in annotations.items():
        where = ingress.document.locate(("metadata", "annotations", key))
        if key == f"{_ANNOTATION}proxy-body-size":
            directives.append(Directive("client_max_body_size", (str(value),), where))
        elif key.startswith((f"{_ANNOTATION}auth-", f"{_ANNOTATION}whitelist-source-range")):
            directives.append(Directive("auth_request", (str(value),), where))
    strips = f"{_ANNOTATION}rewrite-target" in annotations
    for index, rule in mappings(ingress.get("spec", "rules")):
        locations = []
        for number, path in mappings(mapping(rule.get("http")).get("paths")):
            where = ingress.document.locate(("spec", "rules", index, "http", "paths", number))
            upstream = _upstream(path, objects) + ("/" if strips else "")
            # With `rewrite-target` a path is an expression: the part before its first group is the prefix.
            public = str(path.get("path") or "/").partition("(" if strips else "\0")[0]
            locations.append(ProxyLocation(public, "", upstream, strips, tuple(directives), where))
        names = (str(rule["host"]),) if rule.get("host") else ()
        uses_tls = bool(ingress.get("spec", "tls"))
        yield ProxyServer((), names, uses_tls, tuple(locations), tuple(directives), place)


def _upstream(path: dict[str, Any], objects: Sequence[ManifestDocument]) -> str:
    """The address of a backend, with the port of the container that the Service leads to."""
    backend = mapping(mapping(path.get("backend")).get("service"))
    name, port = str(backend.get("name") or ""), mapping(backend.get("port"))
    service = next((each for each in objects if each.kind == "Service" and each.name == name), None)
    number = port.get("number") or port.get("name")
    for _, each in mappings(service.get("spec", "ports")) if service is not None else ():
        if str(number) in {str(each.get("port")), str(each.get("name"))}:
            number = each.get("targetPort") or each.get("port")
            number = _named_ports(_ports_behind(service, objects)).get(str(number), number)
    return f"http://{name}:{number}" if str(number).isdigit() else f"http://{name}"


def _named_ports(lists: Iterable[Any]) -> dict[str, str]:
    """The numbers of the named ports of containers, whose `ports` are given."""
    named = (port for ports in lists for _, port in mappings(ports))
    return {str(port.get("name")): str(port.get("containerPort")) for port in named}


def _ports_behind(service: ManifestDocument | None, objects: Sequence[ManifestDocument]) -> Iterator[Any]:
    """The `ports` of the containers to which a Service leads."""
    for workload in objects:
        pod: Path = () if workload.kind == "Pod" else ("spec", "template")
        labels = workload.get(*pod, "metadata", "labels")
        if (
            service is not None
            and workload.kind in _WORKLOADS
            and _selects(service.get("spec", "selector"), labels)
        ):
            for _, container in mappings(workload.get(*pod, "spec", "containers")):
                yield container.get("ports")
