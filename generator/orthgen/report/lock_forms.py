"""The JSON of `orthgen lock`."""

from __future__ import annotations

from typing import Annotated, Literal

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class LockedImageForm(Form, frozen=True):
    """One image of a lock."""

    image: Annotated[str, _is("the image with its tag")]
    state: Annotated[
        Literal["added", "updated", "kept", "missing", "stale", "removed"],
        _is("`missing`: no digest was asked for; `stale`: no release of the profiles has the image"),
    ]
    digest: Annotated[str | None, _is("the digest in the lock, null for `missing` and `removed`")]
    before: Annotated[str | None, _is("the digest before")]


class LockForm(Form, frozen=True):
    """`lock`: one object for each lock, in a list."""

    path: Annotated[str, _is("the lock's path")]
    current: Annotated[bool, _is("whether the file needs no change")]
    images: Annotated[tuple[LockedImageForm, ...], _is("every image of the lock and of the deployments")]
