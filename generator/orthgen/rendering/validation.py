"""Validation of a profile: the findings of a render, without writing a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.errors import FindingsError, OrthgenError
from orthgen.products.access_page.model import access_policy
from orthgen.rendering.pipeline import check_expectations, resolve_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orthgen.findings import Finding


class Validation(Struct, frozen=True):
    """The outcome for one profile: valid, or `error` says why not."""

    profile: str
    findings: tuple[Finding, ...] = ()
    """Every finding, silenced ones included."""
    texts: Mapping[str, str] = {}
    """The files, for excerpts."""
    release: str = ""
    expectations: int = 0
    """How many sentences of `expectations` hold."""
    error: OrthgenError | None = None


def validate_profile(
    path: str, *, read: Callable[[str], bytes] | None = None, with_lock: bool = True
) -> Validation:
    """
    Check the profile at `path`: shape, references, what the release can do, every expectation.

    `read` delivers a file's bytes (by default from the disk). Without the lock, images need no digests.
    """
    try:
        deployment, loaded = resolve_profile(path, read=read, with_lock=with_lock)
        check_expectations(path, loaded, access_policy(deployment, loaded))
    except FindingsError as error:
        return Validation(path, error.findings, error.texts, error=error)
    except OrthgenError as error:
        return Validation(path, error=error)
    return Validation(
        path,
        loaded.warnings,
        loaded.sources.texts,
        deployment.release.name,
        len(deployment.profile.expectations),
    )
