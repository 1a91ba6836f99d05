"""
Render pipeline: the phases from a profile's path to its artifacts.

Reads the profile (and the lock of image digests beside it); writes nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.catalogue import load as load_release
from orthgen.catalogue import releases
from orthgen.catalogue.digest_lock import read_lock
from orthgen.consistency.check import inconsistencies
from orthgen.deployment.resolve import name_of, resolve
from orthgen.errors import InternalInconsistency, ProfileError
from orthgen.findings import Finding, Rule, Severity
from orthgen.products.access_page.model import access_policy, expectation_findings
from orthgen.products.access_page.page import access_file
from orthgen.profile.load import load
from orthgen.profile.sources import STANDARD_INPUT
from orthgen.targets import TARGETS
from orthgen.workspace.manifest import rendered_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.authz.policy import Policy
    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact
    from orthgen.profile.load import LoadedProfile


STORAGE_IN_DEPLOYMENT = Rule(
    "storage-in-deployment",
    Severity.ERROR,
    summary="The folder with the DICOM files is in the folder of the deployment, which `render` replaces as a whole.",
    remedy="Choose a folder elsewhere, such as `/srv/dicom`.",
    example="""
        archive: {storage: {files: {path: /srv/deployment/files}}}
    """,
)
NAMELESS_DEPLOYMENT = Rule(
    "nameless-deployment",
    Severity.ERROR,
    summary="The name of the file cannot name the deployment, and two deployments without a name would share their volumes.",
    remedy="Write `deployment: {name: …}`, or give the file a name of letters, digits and dashes.",
    file="病院.yaml",
    example="""
        viewers: {stone: {}}
    """,
)


class Rendered(Struct, frozen=True):
    """A deployment and its files, with what is worth a warning."""

    deployment: Deployment
    artifacts: tuple[Artifact, ...]
    loaded: LoadedProfile

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings that do not stop the work."""
        return self.loaded.warnings


def resolve_profile(
    path: str,
    *,
    read: Callable[[str], bytes] | None = None,
    folder: Path | None = None,
    with_lock: bool = True,
    target: str | None = None,
) -> tuple[Deployment, LoadedProfile]:
    """
    The deployment that the profile at `path` implies, whether or not it meets its expectations.

    A profile from standard input has the name of the deployment's `folder`, where the command has one. Without the lock,
    the images have no digests. `target` is the command's, by default the profile's.
    """
    loaded = load(path, read=read, target=target)
    if folder is not None:
        _require_storage_outside(path, loaded, folder)
    name_source = folder.resolve().name if path == STANDARD_INPUT and folder is not None else loaded.name
    name = _required_name(path, loaded, name_source)
    release = load_release(loaded.profile.release or releases()[0])
    lock = read_lock(Path(path).parent) if with_lock else None
    if lock is None:
        return resolve(loaded.profile, release, loaded.name, name=name), loaded.with_unused_silences()
    deployment = resolve(loaded.profile, release, loaded.name, lock.digests, name=name)
    stale = lock.check(deployment.images, release.name)
    return deployment, loaded.with_warnings(stale, lock.document).with_unused_silences()


def resolve_rendered(path: str, folder: Path) -> tuple[Deployment, LoadedProfile]:
    """The deployment of a profile as `folder` was rendered: one profile can serve a host and a cluster."""
    return resolve_profile(path, folder=folder, target=rendered_target(folder))


def _require_storage_outside(path: str, loaded: LoadedProfile, folder: Path) -> None:
    """Raise ProfileError where the storage is in the deployment's folder, which a render replaces as a whole."""
    storage = loaded.profile.archive.storage.files.path
    if storage is not None and Path(storage).is_relative_to(folder.resolve()):
        place = loaded.sources.locate(("archive", "storage", "files", "path"))
        message = f"`{storage}` is in the deployment's folder, which `render` replaces as a whole"
        finding = Finding(
            STORAGE_IN_DEPLOYMENT, message, place, "write a folder elsewhere, such as `/srv/dicom`"
        )
        raise ProfileError(f"`{path}` is not valid", [finding], texts=loaded.sources.texts)


def _required_name(path: str, loaded: LoadedProfile, source: str) -> str:
    """The deployment's name; without one of its own, two deployments would share their volumes."""
    name = loaded.profile.deployment.name or name_of(source)
    if name is None:
        finding = Finding(
            NAMELESS_DEPLOYMENT,
            f"`{source}` gives the deployment no name: a name begins with a letter and has only letters of a to z, digits "
            "and dashes",
            loaded.sources.locate(("deployment",)),
            f"write `deployment: {{name: …}}`, or call the {'file' if source == loaded.name else 'folder'} otherwise",
        )
        raise ProfileError(f"`{path}` is not valid", [finding], texts=loaded.sources.texts)
    return name


def check_expectations(path: str, loaded: LoadedProfile, policy: Policy) -> None:
    """Raise ProfileError with each expectation that the deployment does not meet, and the reasons."""
    findings = expectation_findings(loaded, policy)
    if findings:
        message = f"the deployment of `{path}` does not fulfil the profile's `expectations`"
        raise ProfileError(message, findings, texts=loaded.sources.texts)


def render_profile(path: str, target: str | None = None, *, folder: Path | None = None) -> Rendered:
    """The files of the deployment that the profile at `path` implies, checked against each other."""
    deployment, loaded = resolve_profile(path, folder=folder, target=target)
    policy = access_policy(deployment, loaded)
    check_expectations(path, loaded, policy)
    target_of_profile = TARGETS[deployment.target]
    artifacts = (*target_of_profile.render(deployment), access_file(deployment, policy))
    findings = inconsistencies((*artifacts, *target_of_profile.describe(deployment)))
    if findings:
        texts = {artifact.path: artifact.text for artifact in artifacts}
        message = f"the deployment of `{path}` has inconsistent files; nothing was written"
        raise InternalInconsistency(
            message, findings, texts=texts, hint="this is a bug of orthgen: please report it with the profile"
        )
    return Rendered(deployment, artifacts, loaded)
