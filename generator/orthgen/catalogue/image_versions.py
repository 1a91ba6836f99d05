"""Versions inside images that people run: what a tag of `orthancteam/orthanc` or of an image beside it contains."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from orthgen.catalogue import data
from orthgen.catalogue.versions import at_least, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBERED = re.compile(r"v?(?P<version>[0-9]+(?:\.[0-9]+){1,2})(?:[-+].*)?")
ORTHANC_IMAGE = "orthancteam/orthanc"
# Images that are released together, by one tag.
COMPANION_IMAGES = frozenset(
    {
        "orthancteam/orthanc-auth-service",
        "orthancteam/orthanc-keycloak",
        "orthancteam/orthanc-nginx",
        "orthancteam/orthanc-nginx-certbot",
        "orthancteam/ohif-v3",
    }
)


def numbered(tag: str) -> str:
    """The version in a tag, without `v` and what follows the numbers; empty for `latest`, `main` and the like."""
    match = _NUMBERED.fullmatch(tag)
    return match["version"] if match else ""


@lru_cache(maxsize=1024)
def components(repository: str, tag: str) -> Mapping[str, str]:
    """The versions that an image of this tag contains; empty where the tag names no version, or one before the table."""
    version = numbered(tag)
    group = "companions" if repository in COMPANION_IMAGES else repository
    tags = _tags().get(group, ())
    contained = [versions for since, versions in tags if version and at_least(version, since)]
    return contained[-1] if contained else {}


def is_before_table(repository: str, tag: str) -> bool:
    """Whether a tag names a version that is older than every one in the table."""
    version, tags = numbered(tag), _tags().get(repository)
    return bool(version) and tags is not None and not at_least(version, tags[0][0])


def oldest_components(repository: str) -> Mapping[str, str]:
    """The versions in the oldest image of the table."""
    return _tags()[repository][0][1]


@cache
def _tags() -> dict[str, list[tuple[str, Mapping[str, str]]]]:
    """By image: each tag with its versions, the oldest first."""
    return {
        name: sorted(facts["tags"].items(), key=lambda entry: parse(entry[0]))
        for name, facts in data.read("image_versions").items()
    }
