"""The running research archive, and what people had in it under the older release."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.real import dicom
from tests.support.real.people import People
from tests.support.real.stage import Stage


@dataclass
class Archive:
    """The deployment, and what people had in it under the older release."""

    stage: Stage
    people: People
    """Gives tokens: people sign in at Entra ID, which is not there."""
    cardio: dict[str, Any] = field(default_factory=dict)
    neuro: dict[str, Any] = field(default_factory=dict)
    """A study of each collection, as Orthanc describes it."""
    contents: dict[str, tuple[list[str], list[bytes]]] = field(default_factory=dict)
    profile: str = ""
    """The profile of that time."""
    session: dict[str, Any] = field(default_factory=dict)
    """The tokens of a radiologist."""
    link: str = ""
    """The token of a share link to the study of the first collection."""

    def fill(self) -> None:
        """Store a study in each collection, sign somebody in, share a study."""
        administrator = self.people("pacs-admin")
        self.cardio, self.neuro = (self.send(administrator, label) for label in ("cardio", "neuro"))
        self.contents = self.stage.contents(administrator)
        self.profile = self.stage.profile.read_text(encoding="utf-8")
        self.session = self.people.sign_in("radiologist")
        self.link = self.share(administrator, "ohif-viewer-publication", seconds=86400)

    def send(self, token: str, label: str) -> dict[str, Any]:
        """Store a study, label it, and describe it."""
        for instance in dicom.study(size=2):
            answer = self.stage.request("POST", "/instances", token=token, body=dicom.encode(instance))
            assert answer.status == 200, answer.text
        path = f"/studies/{answer.json()['ParentStudy']}"
        assert self.stage.request("PUT", f"{path}/labels/{label}", token=token, body=b"").status == 200
        return dict(self.stage.request("GET", path, token=token).json())

    def share(self, token: str, kind: str, *, seconds: int | None = 600, below: str = "") -> str:
        """The token of a link to the study of the first collection, for ever or a time; `below` is Orthanc's path."""
        uid = self.cardio["MainDicomTags"]["StudyInstanceUID"]
        resource = {"OrthancId": self.cardio["ID"], "DicomUid": uid, "Level": "study"}
        asked: dict[str, Any] = {"ID": "test", "Resources": [resource], "Type": kind}
        if seconds is not None:
            asked["ValidityDuration"] = seconds
        answer = self.stage.request("PUT", f"{below}/auth/tokens/{kind}", token=token, json_body=asked)
        return str(answer.json()["Token"])

    def renew(self) -> str:
        """An access token of the session that began under the older release."""
        self.session = self.people.renew(self.session)
        return str(self.session["access_token"])
