"""
OHIF's published build, as the container image has it.

The build that is published is made for `/`. The image is built for `/ohif/`, and since 26.4 keeps its scripts
compressed only, with empty files in their place.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
from pathlib import Path

from tests.support.real.parts import CACHE, MissingPartError


def published(version: str) -> Path:
    """The folder of a published build."""
    folder = CACHE / f"ohif-{version}"
    if not folder.is_dir():
        raise MissingPartError(str(folder))
    return folder


def based(content: bytes, name: str, base: str) -> bytes:
    """A file of the build with its base path rewritten, wherever the build has written one down."""
    path = base.encode()
    if name.endswith(".js"):
        return content.replace(b'__webpack_require__.p = "/"', b'__webpack_require__.p = "' + path + b'"')
    if name == "index.html":
        content = re.sub(rb'(src|href)="/', rb'\1="' + path, content)
        return re.sub(rb"PUBLIC_URL ?= ?(['\"])/(['\"])", rb"PUBLIC_URL = \1" + path + rb"\2", content)
    if name.endswith(".css"):
        return content.replace(b"url(/", b"url(" + path)
    return content.replace(b'"/assets/', b'"' + path + b"assets/") if name == "manifest.json" else content


def image_site(version: str, folder: Path) -> Path:
    """What the image has in `/usr/share/nginx/html`: the build below `ohif/`, its scripts compressed."""
    site = folder / "ohif"
    shutil.copytree(published(version), site, copy_function=_linked)
    for name in ("index.html", "manifest.json", "app.bundle.css"):
        _write(site / name, based((site / name).read_bytes(), name, "/ohif/"))
    for script in site.rglob("*.js"):
        packed = gzip.compress(based(script.read_bytes(), script.name, "/ohif/"), compresslevel=1, mtime=0)
        script.with_name(f"{script.name}.gz").write_bytes(packed)
        _write(script, b"")
    return folder


def _linked(source: str, target: str) -> str:
    """The build is 200 MB: share what is not changed."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target


def _write(path: Path, content: bytes) -> None:
    """Write a new file, so that the one that it shared is left alone."""
    path.unlink()
    path.write_bytes(content)
