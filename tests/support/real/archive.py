"""
What is rendered for Orthanc, on a real one: its start, and the ways in which studies reach it.

Only what the test machine lacks is changed. Debian carries neither the authorization plugin nor Orthanc Explorer 2,
OHIF, Stone, VolView, STL and S3: nobody reads their sections. The index is SQLite instead of PostgreSQL, and the
sections of PostgreSQL, S3 and the worklists (Debian's plugin is another one) are taken out. Paths of storage and
plugins are Debian's. The tests join the profile's modalities, and a study is complete after one second.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian

from orthgen.catalogue import load as load_release
from orthgen.deployment.model import Deployment
from orthgen.products.orthanc import orthanc_files, orthanc_mounts
from tests.support.builders import make_deployment
from tests.support.real import commented, dicom
from tests.support.real.container import Confinement, Mount
from tests.support.real.orthanc import Orthanc, RunningOrthanc, wait_for_port

CALLING = "TESTMODALITY"

LACKING = ("PostgreSQL", "AwsS3Storage", "Worklists")

# The release whose Orthanc is the one of the Debian, or the nearest newer one (1.13.0; 1.12.7 for 1.12.9).
RELEASES = {"forky": "26.8", "trixie": "25.8"}

GATHERING = """
  cardio:
    gather:
      - {called-aet: CARDIO}
      - {tags: {InstitutionName: "IUCPQ*|Hôpital Laval", Modality: US}}
  neuro:
    gather:
      - {called-aet: NEURO}
      - {tags: {"0008,1030": "?erebral*"}}
  primary:
    gather:
      - {tags: {ImageType: PRIMARY}}
  numbered:
    gather:
      - {tags: {AccessionNumber: "*"}}
"""

FITS: dict[str, Any] = {"InstitutionName": "IUCPQ", "Modality": "US"}
"""Tags by which a study is of `cardio`."""


@dataclass
class Archive:
    """A running Orthanc with the files of a deployment."""

    orthanc: RunningOrthanc
    deployment: Deployment

    def c_store(self, study: list[Dataset]) -> None:
        """Send by C-STORE to Orthanc's own AET."""
        self._c_store(study, self.deployment.profile.archive.aet, self.orthanc.dicom_port)

    def c_store_to(self, aet: str, study: list[Dataset]) -> None:
        """Send by C-STORE to the AET of a collection."""
        port = next(server.port for server in self.deployment.collection_aets if server.aet == aet)
        wait_for_port(self.orthanc.host, port)
        self._c_store(study, aet, port)

    def _c_store(self, study: list[Dataset], aet: str, port: int) -> None:
        statuses = dicom.c_store(study, host=self.orthanc.host, port=port, called=aet, calling=CALLING)
        assert statuses == [0] * len(study)

    def stow(self, study: list[Dataset]) -> None:
        """Send by STOW-RS, as OHIF does."""
        assert dicom.stow(f"{self.orthanc.url}/dicom-web/studies", study).status == 200

    def upload(self, study: list[Dataset]) -> None:
        """Send by the REST interface, as the web page does."""
        assert {answer.status for answer in dicom.upload(self.orthanc.url, study)} == {200}

    def add(self, way: str, study: list[Dataset]) -> None:
        """Add an object to the study whose tags are those of `cardio`, as somebody may who knows the study's UIDs."""
        names = {"StudyInstanceUID": study[0].StudyInstanceUID, "PatientID": study[0].PatientID}
        if way == "series":
            # Of a series one instance is read: the smallest id is tried for.
            series = study[0].SeriesInstanceUID
            self.upload([dicom.instance(SeriesInstanceUID=series, **names, **FITS) for _ in range(8)])
        elif way == "modify":
            own = dicom.study(1, **FITS)
            self.upload(own)
            series = self.orthanc.get(self.path_of(own))["Series"][0]
            self.orthanc.post(
                f"/series/{series}/modify",
                {"Replace": names, "Force": True, "KeepSource": False, "Synchronous": True},
            )
        else:
            {"upload": self.upload, "stow": self.stow}[way](dicom.study(1, **names, **FITS))

    def path_of(self, study: list[Dataset]) -> str:
        """The study in the REST interface."""
        uid = study[0].StudyInstanceUID.encode()
        found: list[dict[str, str]] = self.orthanc.request("POST", "/tools/lookup", body=uid).json()
        return found[0]["Path"]

    def stored(self, instance: Dataset) -> tuple[Dataset, Dataset]:
        """The file of an instance as Orthanc keeps it, and the same without compression."""
        uid = instance.SOPInstanceUID.encode()
        path: str = self.orthanc.request("POST", "/tools/lookup", body=uid).json()[0]["Path"]
        plain = {"Transcode": ExplicitVRLittleEndian, "Keep": ["SOPInstanceUID"], "Force": True}
        answers = (
            self.orthanc.request("GET", f"{path}/file"),
            self.orthanc.request("POST", f"{path}/modify", body=json.dumps(plain).encode()),
        )
        kept, decoded = (dcmread(io.BytesIO(answer.body)) for answer in answers)
        return kept, decoded

    def labels(self, study: list[Dataset]) -> set[str]:
        """The labels that the study has now."""
        return set(self.orthanc.get(f"{self.path_of(study)}/labels"))

    def gathered(self, *studies: list[Dataset]) -> list[set[str]]:
        """The labels of the studies once the script has looked at what they are now."""
        self.orthanc.wait_until(lambda: all(self._is_looked_at(study) for study in studies), what="a look")
        return [self.labels(study) for study in studies]

    def _is_looked_at(self, study: list[Dataset]) -> bool:
        metadata = self.orthanc.get(f"{self.path_of(study)}/metadata?expand")
        noted: str = metadata.get("GatheredLabels", "")
        return noted.startswith(f"{metadata['LastUpdate']} ")


Start = Callable[..., Archive]


def starter(orthanc: Orthanc, folder: Path, suite: str) -> Start:
    """Starts the Orthanc of a deployment, as the Debian `suite` has it."""
    orthanc.suite = suite
    release = load_release(RELEASES[suite])

    def run(
        deployment: Deployment, storage: Path | None = None, *, confined: bool = False, **settings: Any
    ) -> Archive:
        deployment = replace(deployment, release=release)
        texts = {file.path: file.text for file in orthanc_files(deployment)}
        configuration = commented.loads(texts["orthanc/orthanc.json"])
        mounts = {}
        for source, target in orthanc_mounts(deployment):
            mounts[target] = folder / Path(source).name
            mounts[target].write_text(texts[source], encoding="utf-8")
        del mounts["/etc/orthanc/orthanc.json"]
        kept = {key: value for key, value in configuration.items() if key not in LACKING}
        return Archive(
            orthanc.start(
                kept,
                mounts=mounts,
                settings=settings,
                storage=storage,
                **(as_in_its_container(deployment, folder, mounts) if confined else {}),
            ),
            deployment,
        )

    return run


def as_in_its_container(deployment: Deployment, folder: Path, mounts: dict[str, Any]) -> dict[str, Any]:
    """A read-only root with the memory, the environment and the volume that the image is rendered with."""
    image = deployment.release.image("orthanc")
    volume = folder / "volume"
    volume.mkdir()
    mounts[str(image.volume)] = Mount(volume, writable=True)
    return {
        "confinement": Confinement(read_only=True, tmpfs=image.tmpfs),
        "environment": image.environment,
    }


def gathering(collections: object = GATHERING, stable_after: int = 1, **changes: Any) -> Deployment:
    """A deployment with the collections, in which studies are complete soon."""
    return make_deployment(collections=collections, archive=f"{{stable-after: {stable_after}s}}", **changes)


def modality(orthanc: Orthanc) -> Mapping[str, Any]:
    """The tests as a modality that may store."""
    may = {
        f"Allow{command}": command in {"Echo", "Store"}
        for command in ("Echo", "Find", "Get", "Move", "Store")
    }
    host = orthanc.network.service("orthanc")
    return {"DicomModalities": {"tests": {"AET": CALLING, "Host": host, "Port": 104, **may}}}
