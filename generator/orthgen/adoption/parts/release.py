"""`release`: the one that runs, or the newest of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.adoption.draft import NoteKind
from orthgen.catalogue.images import tag_of
from orthgen.catalogue.versions import parse

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment


def state_release(original: OriginalDeployment, draft: Draft) -> None:
    """State the release, and note what starts in another version."""
    release, service = original.release, original.orthanc_service
    places = [service.image.location] if service is not None and service.image is not None else []
    running = original.running_version
    next_tag = tag_of(release.images["orthanc"])
    if running is None:
        image = (
            f"`{service.image.repository}`"
            if service is not None and service.image is not None
            else "Orthanc"
        )
        remark = "the newest; the image of today names no version"
        outcome = f"the profile takes {next_tag}; look at the version that runs (`/system`) before you move"
        draft.note(NoteKind.CHANGED, f"the version of {image} is not known", outcome, *places)
    elif running == next_tag:
        remark = ""
    else:
        is_older = parse(running) < parse(next_tag)
        remark = f"image {running} today"
        way_back = "Orthanc migrates its index at the first start, and the older one may then refuse it: dump the database before"
        backwards = "this is OLDER than what runs, because the catalogue has no newer one: Orthanc may refuse its index"
        draft.note(
            NoteKind.CHANGED,
            f"Orthanc's image is {running}, the catalogue's release {release.name} has {next_tag}",
            way_back if is_older else backwards,
            *places,
        )
    draft.state(("release",), release.name, *places, remark=remark)
