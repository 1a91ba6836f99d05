"""
The release catalogue: every fact about a release of the stack, as data.

`releases/` names the images and component versions of each release; `keys/` lists the configuration keys
that a component reads from a version on; `plugins/` says how the orthancteam image enables its plugins;
`images.json` what a compose file has to know of each image; `features.json` which version brought what;
`superseded.json` the keys that people still write and nobody reads. A new release is a file in `releases/`,
and a file in `keys/` for each component whose keys changed. Nothing here prints or decides.
"""

from __future__ import annotations

from orthgen.catalogue.configuration_keys import KeyPath, UnknownKey, UnreadReason
from orthgen.catalogue.images import HealthCheck, Image, Secrets, WritablePath
from orthgen.catalogue.release import (
    Lack,
    Plugin,
    Release,
    UnknownFeatureError,
    UnknownReleaseError,
    Weakness,
    features,
    load,
    newest,
    releases,
)
from orthgen.catalogue.versions import at_least

__all__ = [
    "HealthCheck",
    "Image",
    "KeyPath",
    "Lack",
    "Plugin",
    "Release",
    "Secrets",
    "UnknownFeatureError",
    "UnknownKey",
    "UnknownReleaseError",
    "UnreadReason",
    "Weakness",
    "WritablePath",
    "at_least",
    "features",
    "load",
    "newest",
    "releases",
]
