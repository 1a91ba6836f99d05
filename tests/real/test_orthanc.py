"""
What is rendered for Orthanc, on a real one: it starts without a complaint, and the collections gather studies.

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

import pytest
from msgspec.structs import replace
from pydicom import Dataset, Sequence, dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless

from orthgen.catalogue import load as load_release
from orthgen.deployment.model import Deployment
from orthgen.products.orthanc import orthanc_files, orthanc_mounts
from tests.support.builders import EXAMPLES, example, make_deployment
from tests.support.real import commented, dicom, parts
from tests.support.real.container import Confinement, Mount
from tests.support.real.orthanc import OPEN_WITHOUT_AUTHORIZATION, Orthanc, RunningOrthanc, wait_for_port

CALLING = "TESTMODALITY"
LACKING = ("PostgreSQL", "AwsS3Storage", "Worklists")

# The release whose Orthanc is the one of the Debian, or the nearest newer one (1.13.0; 1.12.7 for 1.12.9).
RELEASES = {"forky": "26.8", "trixie": "25.8"}

IN_FORCE = (
    OPEN_WITHOUT_AUTHORIZATION,
    r"WADO-URI support is disabled",
    r"Orthanc Explorer UI is disabled",
    r"The DICOM server is disabled",
    r"Support of IIIF is disabled in the whole-slide imaging plugin",
    r"The whole-slide imaging plugin will use at most \d+ threads",
)
"""What Orthanc says where a safe setting is in force, and (the first) of the absent authorization plugin's task."""

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


@pytest.fixture(params=parts.suites())
def start(orthanc: Orthanc, tmp_path: Path, request: pytest.FixtureRequest) -> Start:
    """Starts the Orthanc of a deployment, on each Debian that is installed."""
    orthanc.suite = request.param
    release = load_release(RELEASES[request.param])

    def run(
        deployment: Deployment, storage: Path | None = None, *, confined: bool = False, **settings: Any
    ) -> Archive:
        deployment = replace(deployment, release=release)
        texts = {file.path: file.text for file in orthanc_files(deployment)}
        configuration = commented.loads(texts["orthanc/orthanc.json"])
        mounts = {}
        for source, target in orthanc_mounts(deployment):
            mounts[target] = tmp_path / Path(source).name
            mounts[target].write_text(texts[source], encoding="utf-8")
        del mounts["/etc/orthanc/orthanc.json"]
        kept = {key: value for key, value in configuration.items() if key not in LACKING}
        return Archive(
            orthanc.start(
                kept,
                mounts=mounts,
                settings=settings,
                storage=storage,
                **(as_in_its_container(deployment, tmp_path, mounts) if confined else {}),
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


def test_an_object_larger_than_the_memory_for_temporary_files_is_taken(
    start: Start, orthanc: Orthanc
) -> None:
    """Orthanc 1.13.0 writes the bodies of uploads to a temporary file first, and archives as well: on the volume."""
    archive = start(make_deployment(), confined=True, **modality(orthanc))
    size = 600 * 1024 * 1024
    made = dicom.encode(dicom.instance(PixelData=b"\0" * size, Rows=24576, Columns=25600))

    answer = archive.orthanc.request("POST", "/instances", body=made, seconds=120)
    assert answer.status == 200
    study = answer.json()["ParentStudy"]
    job = archive.orthanc.post(f"/studies/{study}/archive", {"Synchronous": False})["ID"]
    archive.orthanc.wait_until(
        lambda: archive.orthanc.get(f"/jobs/{job}")["State"] in {"Success", "Failure"},
        seconds=120,
        what="the archive",
    )

    assert archive.orthanc.get(f"/jobs/{job}")["State"] == "Success"


def test_images_are_compressed_without_loss_where_the_profile_says_so(start: Start, orthanc: Orthanc) -> None:
    """Whatever way an image comes, it is kept as JPEG-LS with its UIDs and pixels; an object without pixels loses nothing."""
    archive = start(make_deployment(archive="{transcode: jpeg-ls, dicom: {}}"), **modality(orthanc))
    side = 256
    pixels = bytes((row + column) // 4 for row in range(side) for column in range(side))
    images = [dicom.instance(PixelData=pixels, Rows=side, Columns=side) for _ in range(3)]
    report = dicom.instance()
    del report.PixelData

    archive.upload([images[0], report])
    archive.stow([images[1]])
    archive.c_store([images[2]])

    for image in images:
        kept, decoded = archive.stored(image)
        assert kept.file_meta.TransferSyntaxUID == JPEGLSLossless
        assert len(kept.PixelData) < len(pixels) / 3
        assert (decoded.SOPInstanceUID, decoded.PixelData) == (image.SOPInstanceUID, pixels)
    kept, _ = archive.stored(report)
    assert {element.tag: element.value for element in kept} == {
        element.tag: element.value for element in report
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_starts_without_a_complaint(start: Start, name: str) -> None:
    """Nothing that is rendered makes Orthanc warn, of 1.12.7 as of 1.13.0."""
    archive = start(example(name))

    assert archive.orthanc.complaints(allowed=IN_FORCE) == []


def test_rules_gather_studies_in_whatever_way_they_come(start: Start, orthanc: Orthanc) -> None:
    """Tags and called AETs bring their labels by C-STORE, STOW-RS and the REST interface; without a rule there is none."""
    archive = start(gathering(), **modality(orthanc))
    fits: dict[str, Any] = {"InstitutionName": "IUCPQ Québec", "Modality": "US"}
    stored, stowed, uploaded = dicom.study(**fits), dicom.study(**fits), dicom.study(**fits)
    called, both, other = (
        dicom.study(),
        dicom.study(StudyDescription="Cerebral MR"),
        dicom.study(Modality="US"),
    )

    archive.c_store(stored)
    archive.stow(stowed)
    archive.upload(uploaded)
    archive.c_store_to("NEURO", called)
    archive.c_store_to("CARDIO", both)
    archive.upload(other)

    assert archive.gathered(stored, stowed, uploaded, called, both, other) == [
        {"cardio"},
        {"cardio"},
        {"cardio"},
        {"neuro"},
        {"cardio", "neuro"},
        set(),
    ]


def test_a_study_that_comes_twice_ends_the_same(start: Start, orthanc: Orthanc) -> None:
    """The same study again, by the same ways, has the same labels, and the log says so once."""
    archive = start(gathering(), **modality(orthanc))
    study = dicom.study(**FITS)
    archive.c_store(study)
    first = archive.gathered(study)

    archive.c_store(study)
    archive.stow(study)
    archive.upload(study)
    second = archive.gathered(study)

    assert first == second == [{"cardio"}]


def test_what_a_person_did_to_labels_stays(start: Start, orthanc: Orthanc) -> None:
    """A label that a person took away does not come back with more images, and one that a person put on stays."""
    archive = start(gathering(), **modality(orthanc))
    study = dicom.study(**FITS)
    archive.upload(study)
    archive.gathered(study)
    path = archive.path_of(study)
    archive.orthanc.request("DELETE", f"{path}/labels/cardio")
    archive.orthanc.request("PUT", f"{path}/labels/by-hand", body=b"")

    archive.upload(dicom.study(StudyInstanceUID=study[0].StudyInstanceUID, **FITS))

    assert archive.gathered(study) == [{"by-hand"}]


def test_more_of_a_study_can_bring_a_label(start: Start, orthanc: Orthanc) -> None:
    """A series that a modality sends later and that fits a rule labels the study that it joins, however that came."""
    archive = start(gathering(), **modality(orthanc))
    study = dicom.study(Modality="OT")
    archive.upload(study)
    before = archive.gathered(study)

    archive.c_store(dicom.study(StudyInstanceUID=study[0].StudyInstanceUID, **FITS))

    assert (before, archive.gathered(study)) == ([set()], [{"cardio"}])


def test_what_comes_first_over_the_web_can_bring_labels_by_each_of_its_series(
    start: Start, orthanc: Orthanc
) -> None:
    """A study that is handed in over the web is read whole, in however many requests it comes."""
    archive = start(gathering(stable_after=4), **modality(orthanc))
    study = dicom.study(Modality="OT")
    archive.upload(study)
    archive.stow(dicom.study(StudyInstanceUID=study[0].StudyInstanceUID, **FITS))

    assert archive.gathered(study) == [{"cardio"}]


def test_an_object_that_is_added_over_the_web_chooses_no_label(start: Start, orthanc: Orthanc) -> None:
    """Anybody who may upload, report or modify cannot bring a study of others into a collection by its tags."""
    archive = start(gathering(), **modality(orthanc))
    studies = {
        f"{came}, then {added}": dicom.study()
        for came in ("c_store", "upload", "stow", "named")
        for added in ("upload", "stow", "modify", "series")
    }
    for name, study in studies.items():
        came = name.split(",")[0]
        if came == "named":
            archive.c_store_to("NEURO", study)
        else:
            getattr(archive, came)(study)
    before = archive.gathered(*studies.values())

    for name, study in studies.items():
        archive.add(name.rpartition(" ")[2], study)

    found = dict(zip(studies, archive.gathered(*studies.values()), strict=True))
    assert found == dict(zip(studies, before, strict=True))
    assert {frozenset(labels) for labels in before} == {frozenset(), frozenset({"neuro"})}


def test_an_object_of_others_among_those_of_a_modality_chooses_no_label(
    start: Start, orthanc: Orthanc
) -> None:
    """Also while the study arrives, and before; what the modality sends counts."""
    archive = start(gathering(stable_after=4), **modality(orthanc))
    during, fitting = dicom.study(), dicom.study(**FITS)
    for study in (during, fitting):
        archive.c_store(study[:1])
        archive.add("upload", study)
        archive.c_store(study[1:])

    assert archive.gathered(during, fitting) == [set(), {"cardio"}]


def test_a_study_that_was_arriving_at_a_stop_is_gathered_after_the_start(
    start: Start, orthanc: Orthanc, tmp_path: Path
) -> None:
    """Orthanc forgets what was not yet complete; the script looks for it when Orthanc starts again."""
    deployment = gathering(stable_after=600)
    study = dicom.study(**FITS)
    first = start(deployment, storage=tmp_path / "kept", **modality(orthanc))
    first.upload(study)
    first.orthanc.stop(politely=20)

    second = start(deployment, storage=tmp_path / "kept", **modality(orthanc))

    assert second.gathered(study) == [{"cardio"}]


PATTERNS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "small letters": ({"InstitutionName": "iucpq", "Modality": "US"}, {"cardio"}),
    "accented capitals": ({"InstitutionName": "HÔPITAL LAVAL", "Modality": "US"}, {"cardio"}),
    "blanks around": ({"InstitutionName": " IUCPQ ", "Modality": "US"}, {"cardio"}),
    "not from the beginning": ({"InstitutionName": "The IUCPQ", "Modality": "US"}, set()),
    "not to the end": ({"InstitutionName": "Hôpital Laval 2", "Modality": "US"}, set()),
    "one tag of two": ({"InstitutionName": "IUCPQ", "Modality": "CT"}, set()),
    "a tag is missing": ({"Modality": "US"}, set()),
    "a tag is empty": ({"InstitutionName": "", "Modality": "US"}, set()),
    "one character": ({"StudyDescription": "Çerebral"}, {"neuro"}),
    "no character": ({"StudyDescription": "erebral"}, set()),
    "two characters": ({"StudyDescription": "A cerebral"}, set()),
    "one of several values": ({"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]}, {"primary"}),
    "none of several values": ({"ImageType": ["DERIVED", "SECONDARY"]}, set()),
    "any text": ({"AccessionNumber": "A1"}, {"numbered"}),
    "no text": ({"AccessionNumber": ["", ""]}, set()),
}


@pytest.mark.parametrize("charset", ["ISO_IR 192", "ISO_IR 100", "unsaid"])
def test_patterns_fit_whole_values_in_any_case_and_character_set(
    start: Start, orthanc: Orthanc, charset: str
) -> None:
    """Letters are the same in any case, a question mark is one letter in any encoding; unsaid means Latin-1."""
    archive = start(gathering(), **modality(orthanc))
    studies = {name: _encoded(charset, tags) for name, (tags, _) in PATTERNS.items()}

    for study in studies.values():
        archive.upload(study)

    found = dict(zip(studies, archive.gathered(*studies.values()), strict=True))
    assert found == {name: expected for name, (_, expected) in PATTERNS.items()}


def _encoded(charset: str, tags: dict[str, Any]) -> list[Dataset]:
    """A study of one image in the character set; `unsaid` writes Latin-1 and does not say so."""
    written = "ISO_IR 100" if charset == "unsaid" else charset
    study = dicom.study(1, SpecificCharacterSet=written, **tags)
    if charset == "unsaid":
        # Read back, its values stay the bytes that they are.
        study = [dcmread(io.BytesIO(dicom.encode(image))) for image in study]
        del study[0].SpecificCharacterSet
    return study


@pytest.mark.parametrize("depth", [20, 40])
def test_tags_within_tags_are_looked_past(start: Start, orthanc: Orthanc, depth: int) -> None:
    """A structured report has items in items, and anybody who may send can send more of them; texts have brackets, too."""
    archive = start(gathering(), **modality(orthanc))
    nested = Dataset()
    nested.TextValue = 'a "}]} \\ {["'
    for _ in range(depth):
        outer = Dataset()
        outer.ContentSequence = Sequence([nested, Dataset()])
        nested = outer
    study = dicom.study(1, **FITS, ContentSequence=Sequence([nested]), StudyDescription='{[ "Cerebral" ]}')

    archive.upload(study)

    assert archive.gathered(study) == [{"cardio"}]


def test_nothing_in_a_profile_gets_out_of_its_lua_string(start: Start, orthanc: Orthanc) -> None:
    """Quotes, backslashes, brackets and comments in names, patterns and the profile's own path are data."""
    nasty = '"]] .. os.exit() --\\'
    collections = {
        "cardio": {"gather": [{"tags": {"StudyDescription": f"*{nasty}", "Modality": "'*'"}}]},
        "neuro": {"gather": [{"tags": {"StudyDescription": f"{nasty}"}}]},
    }
    archive = start(gathering(collections, source="a--]]b.yaml"), **modality(orthanc))
    # LT may hold a backslash; StudyDescription (LO) uses it between values.
    study = dicom.study(StudyDescription=['"]] .. os.exit() --', ""])
    archive.upload(study)

    assert archive.gathered(study) == [{"neuro"}]


def test_only_named_modalities_get_in(start: Start, orthanc: Orthanc) -> None:
    """A stranger's title, a title that nobody answers to, and a known title from another address are refused."""
    archive = start(gathering(), **modality(orthanc))
    wait_for_port(archive.orthanc.host, 4243)
    host, study = archive.orthanc.host, dicom.study()

    attempts = [("ORTHANC", 4242, "STRANGER"), ("OTHER", 4242, CALLING), ("NEURO", 4243, CALLING)]

    for called, port, calling in attempts:
        with pytest.raises(ConnectionRefusedError):
            dicom.c_store(study, host=host, port=port, called=called, calling=calling)


def test_orthanc_shows_no_text_that_a_refused_pattern_could_match(start: Start, orthanc: Orthanc) -> None:
    """A value of 256 bytes of UTF-8 is shown, a longer one is not: no pattern of more bytes matches anything."""
    archive = start(gathering(), **modality(orthanc))
    image = dicom.instance(ImageComments="b" * 256, PatientComments="c" * 257, AcquisitionComments="é" * 129)
    image.SpecificCharacterSet = "ISO_IR 100"

    made = archive.orthanc.request("POST", "/instances", body=dicom.encode(image)).json()
    tags = archive.orthanc.get(f"/instances/{made['ID']}/tags")

    types = [tags[number]["Type"] for number in ("0020,4000", "0010,4000", "0018,4000")]
    assert types == ["String", "TooLong", "TooLong"]


def test_modalities_of_one_title_and_address_have_the_rights_of_both(start: Start, orthanc: Orthanc) -> None:
    """Titles are equal in any case: what may only echo stores by the entry of another, so a profile has one entry for both."""
    peers = modality(orthanc)["DicomModalities"]
    echoes = {**peers["tests"], "AllowStore": False}
    stores = {**peers["tests"], "AET": CALLING.lower()}
    study = dicom.study()

    archive = start(gathering(), DicomModalities={"echoes": echoes, "stores": stores})
    archive.c_store(study)

    assert archive.path_of(study)
