"""The reverse proxies of a deployment: of its containers, and of files without one."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from orthgen.observed.apache import apache_proxy
from orthgen.observed.caddy import caddy_proxy
from orthgen.observed.haproxy import haproxy_proxy
from orthgen.observed.iis import iis_proxy
from orthgen.observed.image_proxy import proxy_of_image
from orthgen.observed.inclusion import ContainerFiles, LooseFiles
from orthgen.observed.model import SourceKind
from orthgen.observed.nginx import ContainerNginxFiles, proxy_of
from orthgen.observed.proxy_model import Proxy
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orthgen.findings import Finding
    from orthgen.observed.containers import Container
    from orthgen.observed.files import TextFile
    from orthgen.observed.recognise import Recognised
    from orthgen.observed.service_model import Service

_READERS = {
    SourceKind.CADDY: (Product.CADDY, caddy_proxy),
    SourceKind.APACHE: (Product.APACHE, apache_proxy),
    SourceKind.HAPROXY: (Product.HAPROXY, haproxy_proxy),
    SourceKind.IIS: (Product.IIS, iis_proxy),
}
# The files that include others, and the folders from which the paths in Apache's files start.
_MAIN = frozenset({"Caddyfile", "httpd.conf", "apache2.conf"})
_ROOTS = {Product.APACHE: "/usr/local/apache2"}
_KINDS = {Product.NGINX: SourceKind.NGINX, **{product: kind for kind, (product, _) in _READERS.items()}}
# In the order in which the files of each kind are read.
PROXY_KINDS = tuple(_KINDS.values())


def proxies_of_container(
    container: Container,
    recognised: Callable[[TextFile], Recognised],
    claim: Callable[[Product, SourceKind], Sequence[Recognised]],
) -> tuple[list[Proxy], list[Finding]]:
    """
    The proxies in a container, from the files that are mounted into it.

    `claim` takes files that nobody mounts but that belong to the only container of a product.
    """
    service = container.service
    nginx = ContainerNginxFiles(container.files)
    others = [recognised(each.file) for each in container.files if not each.is_secret and each.fixed is None]
    read = [each for each in others if each.kind in _READERS and service.product is _READERS[each.kind][0]]
    is_own_image = proxy_of_image(service) is not None
    is_mounted = bool(nginx.entries())
    if not is_mounted and not read and service.product in _KINDS and not is_own_image:
        claimed = claim(service.product, _KINDS[service.product])
        for each in claimed:
            nginx.add(f"/etc/nginx/conf.d/{PurePath(each.file.name).stem}.conf", each.file)
        read = [each for each in claimed if each.kind in _READERS]
    proxies, findings = _proxies(
        read, ContainerFiles(container.files, _ROOTS.get(service.product, "")), service
    )
    is_other = service.product in _KINDS and service.product is not Product.NGINX
    if not is_other and (entries := nginx.entries()):
        # The image writes its templates into this folder, from which nginx may read its main file.
        is_known = is_mounted and not service.environment.has("NGINX_ENVSUBST_OUTPUT_DIR")
        is_main = nginx.has_main if is_known and service.product is Product.NGINX else None
        proxy, problems = proxy_of(entries, nginx, service, is_main=is_main)
        return [*proxies, proxy], [*findings, *problems]
    made = proxy_of_image(service)
    return [*proxies, made] if made is not None else proxies, findings


def _proxies(
    recognised: Sequence[Recognised], files: ContainerFiles | LooseFiles, service: Service | None
) -> tuple[list[Proxy], list[Finding]]:
    """The proxies of files other than nginx's; a file that another one includes is none of its own."""
    proxies = {}
    findings = []
    for each in sorted(recognised, key=lambda each: PurePath(each.file.name).name not in _MAIN):
        if each.file.name not in files.included_names:
            proxies[each.file.name], problems = _READERS[each.kind][1](each.file, service, files)
            findings += problems
    return [proxy for name, proxy in proxies.items() if name not in files.included_names], findings


def loose_proxies(recognised: Sequence[Recognised]) -> tuple[list[Proxy], list[Finding]]:
    """The proxies of files without a container."""
    blocks = [each for each in recognised if each.kind in _READERS]
    proxies, findings = _proxies(blocks, LooseFiles([each.file for each in blocks]), None)
    files = [each.file for each in recognised if each.kind is SourceKind.NGINX]
    opener = LooseFiles(files)
    for main in sorted(files, key=lambda file: PurePath(file.name).name != "nginx.conf"):
        if main.name not in opener.included_names:
            proxy, problems = proxy_of([main], opener, None)
            proxies.append(proxy)
            findings += problems
    return proxies, findings
