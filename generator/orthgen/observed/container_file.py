"""A text in a container where a product reads its configuration: a mounted file, a copied one, a text of the Compose file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.findings import Location
from orthgen.observed.files import TextFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.observed.compose_node import Node

# Where the products read their configuration; nothing else that is mounted is opened.
_CONFIGURATION = re.compile(
    r"/etc/orthanc(?:/|$)|/run/secrets/|/orthanc_auth_service/|\.json(?:c)?$|/data/import(?:/|$)|/etc/nginx(?:/|$)"
    r"|app-config\.js$|Caddyfile$|/etc/caddy(?:/|$)|/apache2(?:/|$)|/etc/httpd(?:/|$)|haproxy\.cfg$|/haproxy(?:/|$)|/etc/traefik(?:/|$)"
)
# Files beside the configuration that are none.
_OTHER_FILES = re.compile(r"\.(?:lua|py|pem|crt|key|sh|html|css|so|dcm|jar|ldif)$")
_ASSIGNED = re.compile(r"(?<=[ \n])[A-Za-z_]\w*=(?=\s*[{\[\"])")


class ContainerFile(Struct, frozen=True):
    """A text in a container: its path there, the text, and where it is mounted."""

    path: str
    file: TextFile
    location: Location
    is_secret: bool = False
    fixed: Location | None = None
    """The place of everything in the text, where the text has none of its own."""


def is_configuration(path: str) -> bool:
    """Whether a product reads its configuration at a path of its container; nothing else is opened."""
    return _CONFIGURATION.search(path) is not None and not _OTHER_FILES.search(path)


def embedded_file(node: Node, interpolate: Callable[[str], str]) -> tuple[TextFile, Location | None]:
    """
    A text that stands in a Compose file, as a file whose places are those of the Compose file.

    Where the text does not stand there as it is, the place of all of it is returned too.
    """
    shown = node.document.embedded(node.path)
    if shown is None:
        return TextFile(node.document.file, node.text), node.location
    # In a list, `NAME=` stands in front.
    shown = _ASSIGNED.sub(lambda match: " " * len(match[0]), shown, count=1)
    return TextFile(node.document.file, interpolate(shown)), None
