"""
The lock of image digests: `orthgen.lock` beside the profiles, one line `image:tag: sha256:…` each.

An image that the lock names is rendered as `image:tag@sha256:…`, so that what was tested is what runs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.errors import InputError
from generator.findings import Finding, Location
from generator.yaml_io import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOCK = "orthgen.lock"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def read_lock(folder: Path) -> Mapping[str, str]:
    """Image to digest, as the lock in `folder` says; empty without one. Raises InputError where it is malformed."""
    path = folder / LOCK
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read `{path}`", [Finding("lock", str(error), Location(str(path), 1, 1))]
        ) from error
    document, findings = parse_yaml(text, str(path))
    if not findings and not isinstance(document.value, dict):
        findings = [
            Finding("lock", "a lock is a mapping", Location(str(path), 1, 1), "write `image:tag: sha256:…`")
        ]
    for image, digest in (document.value or {}).items() if not findings else ():
        if not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
            hint = "a digest is `sha256:` and 64 hexadecimal digits"
            findings.append(Finding("lock", f"`{image}` has no digest", document.locate((image,)), hint))
    if findings:
        raise InputError(f"`{path}` is not a lock of image digests", findings, texts={str(path): text})
    return {str(image): str(digest) for image, digest in document.value.items()}
