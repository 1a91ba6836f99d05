"""What is stored in Orthanc, looked up when the model asks for it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from typing import Any

from orthgen.authz.resources import Level, Resource, Resources

_FOLDERS = {
    Level.PATIENT: "patients",
    Level.STUDY: "studies",
    Level.SERIES: "series",
    Level.INSTANCE: "instances",
}
_PARENTS = {
    Level.STUDY: ("ParentPatient", Level.PATIENT),
    Level.SERIES: ("ParentStudy", Level.STUDY),
    Level.INSTANCE: ("ParentSeries", Level.SERIES),
}
_UIDS = {
    Level.PATIENT: "PatientID",
    Level.STUDY: "StudyInstanceUID",
    Level.SERIES: "SeriesInstanceUID",
    Level.INSTANCE: "SOPInstanceUID",
}
_TYPES = {"Patient": Level.PATIENT, "Study": Level.STUDY, "Series": Level.SERIES, "Instance": Level.INSTANCE}


class Archive:
    """Orthanc's REST interface behind the filter."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The JSON that Orthanc answers, or None where it answers an error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            text = body if isinstance(body, str) or body is None else json.dumps(body)
            connection.request(method, path, body=text)
            answer = connection.getresponse()
            content = answer.read()
            return json.loads(content) if answer.status == 200 else None
        finally:
            connection.close()

    def resource(self, level: Level, orthanc_id: str) -> Resource | None:
        """A stored resource with its ancestors and labels."""
        found = self.ask("GET", f"/{_FOLDERS[level]}/{orthanc_id}") if level in _FOLDERS else None
        if not found:
            return None
        ancestors: tuple[Resource, ...] = ()
        if level in _PARENTS:
            key, above = _PARENTS[level]
            parent = self.resource(above, found[key])
            ancestors = parent.chain if parent is not None else ()
        uid = found["MainDicomTags"].get(_UIDS[level], "")
        return Resource(level, orthanc_id, uid, frozenset(found.get("Labels", ())), ancestors)

    def with_uid(self, level: Level, uid: str) -> Resource | None:
        """The one resource with this UID."""
        hits = [hit for hit in self.ask("POST", "/tools/lookup", uid) or () if _TYPES[hit["Type"]] is level]
        return self.resource(level, hits[0]["ID"]) if len(hits) == 1 else None

    def studies(self, labels: frozenset[str] | None = None) -> list[dict[str, Any]]:
        """The studies with one of these labels, or all."""
        query: dict[str, Any] = {"Level": "Study", "Query": {}, "Expand": True}
        if labels is not None:
            query |= {"Labels": sorted(labels), "LabelsConstraint": "Any"}
        return list(self.ask("POST", "/tools/find", query) or ())

    def resources(self) -> Resources:
        """All that is stored, for the model."""
        return Resources(_ById(self), _ByUid(self))


class _ById(Mapping[tuple[Level, str], Resource]):
    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def __getitem__(self, key: tuple[Level, str]) -> Resource:
        found = self._find(*key)
        if found is None:
            raise KeyError(key)
        return found

    def _find(self, level: Level, value: str) -> Resource | None:
        return self._archive.resource(level, value)

    def __iter__(self) -> Iterator[tuple[Level, str]]:
        return ((Level.STUDY, study["ID"]) for study in self._archive.studies())

    def __len__(self) -> int:
        return len(self._archive.studies())


class _ByUid(_ById):
    def _find(self, level: Level, value: str) -> Resource | None:
        return self._archive.with_uid(level, value)
