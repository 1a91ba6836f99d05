"""
Rules of the guard for reports that people with the right `report` alone upload by DICOMweb.

The guard reads the objects of the body; a request says them as `{"Objects": [{"SOPClassUID", "StudyInstanceUID"}]}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from orthgen.authz.model import Effect, Reason, Request, Stage, Token, TokenKind

_STOW = re.compile(r"/dicom-web/studies(?:/([0-9.]+))?/?")
_UID = re.compile(r"[0-9.]+")
# Structured reports and key objects, presentation states, segmentations, RT structure sets (PS3.4 B.5).
_REPORT = re.compile(r"1\.2\.840\.10008\.5\.1\.4\.1\.1\.(?:88\.[0-9.]+|11\.[0-9.]+|66\.4|66\.7|481\.3)")
COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"


def body_of(study: str, sop_class: str = COMPREHENSIVE_SR) -> dict[str, Any]:
    """A body of one object of a study."""
    return {"Objects": [{"SOPClassUID": sop_class, "StudyInstanceUID": study}]}


def is_stow(method: str, target: str) -> bool:
    """Whether a request stores objects by DICOMweb."""
    return method == "POST" and _STOW.fullmatch(target) is not None


class Reports(Struct, frozen=True):
    """
    The roles that may save reports and nothing else.

    `roles` are those that may report, `uploaders` those that may upload as well; `by_link` is whether an instant link may.
    """

    roles: frozenset[str] = frozenset()
    uploaders: frozenset[str] = frozenset()
    by_link: bool = False

    def judged(self, request: Request) -> Request | Reason | None:
        """The guard's verdict on a DICOMweb upload: the request to hand on, or a refusal; None for other requests."""
        match = _STOW.fullmatch(request.target)
        if match is None or request.method != "POST":
            return None
        token = request.tokens[0] if len(request.tokens) == 1 else _NO_TOKEN
        linked = self._study_of(token)
        if not self._is_reporter(token) and linked is None:
            # The slash at the end is the guard's own sign of a report that it has judged.
            return replace(request, target=request.target.rstrip("/"))
        objects = _objects(request.body)
        other_classes = [sop_class for sop_class, _ in objects if not _REPORT.fullmatch(sop_class)]
        studies = {study for _, study in objects} | {uid for uid in (match[1], linked) if uid}
        if not objects or other_classes:
            found = f"SOP class {other_classes[0]}" if other_classes else "no object"
            return _refusal(
                "reports: structured reports, key objects, presentation states, segmentations", found
            )
        if len(studies) != 1:
            return _refusal("reports of one study, and of that which the request names", "several studies")
        return replace(request, target=f"/dicom-web/studies/{studies.pop()}/")

    def _is_reporter(self, token: Token) -> bool:
        """Whether the one token is of somebody who may report; who may upload too is the plugin's business."""
        is_header = token.kind is TokenKind.USER and not token.argument
        roles = frozenset(token.roles)
        return is_header and not self.roles.isdisjoint(roles) and self.uploaders.isdisjoint(roles)

    def _study_of(self, token: Token) -> str | None:
        """The one study of an instant link that saves."""
        uids = [name for name in token.studies if _UID.fullmatch(name)]
        saves = self.by_link and token.kind is TokenKind.LINK and not token.decodable and not token.elsewhere
        return uids[0] if saves and len(uids) == 1 else None


_NO_TOKEN = Token("", TokenKind.OTHER)


def _objects(body: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    listed = body.get("Objects") if isinstance(body, Mapping) else None
    objects = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    return [(str(item.get("SOPClassUID")), str(item.get("StudyInstanceUID"))) for item in objects]


def _refusal(needed: str, found: str) -> Reason:
    remedy = "save reports from the viewer, or give the role `upload`"
    return Reason(Stage.GUARD, Effect.DENIED, needed, found, None, remedy)
