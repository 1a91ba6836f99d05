"""
Stored patients, studies, series and instances of a decision: ids, UIDs and labels.

A small stand-in for Orthanc's database, made from a description; nothing here knows the plugin's rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct, field


class Level(StrEnum):
    """The levels the plugin checks. `system` is every path that names no resource."""

    PATIENT = "patient"
    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"
    SYSTEM = "system"


STORED_LEVELS = (Level.PATIENT, Level.STUDY, Level.SERIES, Level.INSTANCE)


class Resource(Struct, frozen=True):
    """A resource with its labels; `chain` holds its ancestors from the patient down, and itself."""

    level: Level
    orthanc_id: str
    uid: str
    labels: frozenset[str] = frozenset()
    ancestors: tuple[Resource, ...] = ()

    @property
    def chain(self) -> tuple[Resource, ...]:
        return (*self.ancestors, self)


class Resources(Struct, frozen=True):
    """Everything that is stored, found by level and id or by level and UID; looks into `below` last."""

    by_id: Mapping[tuple[Level, str], Resource] = field(default_factory=dict)
    by_uid: Mapping[tuple[Level, str], Resource] = field(default_factory=dict)
    below: Resources | None = None

    def with_id(self, level: Level, orthanc_id: str) -> Resource | None:
        resource = self.by_id.get((level, orthanc_id))
        return (
            resource if resource is not None or self.below is None else self.below.with_id(level, orthanc_id)
        )

    def with_uid(self, level: Level, uid: str) -> Resource | None:
        resource = self.by_uid.get((level, uid))
        return resource if resource is not None or self.below is None else self.below.with_uid(level, uid)

    def studies_of(self, patient: Resource) -> tuple[Resource, ...]:
        """The stored studies of a patient."""
        studies = (study for (level, _), study in self.by_id.items() if level is Level.STUDY)
        of_patient = tuple(study for study in studies if study.chain[0].orthanc_id == patient.orthanc_id)
        return of_patient if self.below is None else (*of_patient, *self.below.studies_of(patient))

    def over(self, below: Resources) -> Resources:
        """These resources in front of others."""
        return Resources(self.by_id, self.by_uid, below)


NO_RESOURCES = Resources()


def study_tree(
    ids: Mapping[Level, str], uids: Mapping[Level, str], labels: Mapping[Level, Iterable[str]]
) -> tuple[Resource, ...]:
    """A study with its patient, a series and an instance: four resources, the patient first."""
    tree: tuple[Resource, ...] = ()
    for level in STORED_LEVELS:
        tree = (
            *tree,
            Resource(level, ids[level], uids.get(level, ""), frozenset(labels.get(level, ())), tree),
        )
    return tree


def index(resources: Iterable[Resource]) -> Resources:
    """Resources that can be looked up."""
    stored = tuple(resources)
    return Resources(
        {(resource.level, resource.orthanc_id): resource for resource in stored},
        {(resource.level, resource.uid): resource for resource in stored if resource.uid},
    )
