"""
Resources that a path touches, as the plugin reads the path.

A path names one resource, several (archives), a search (QIDO-RS), or nothing: then it is `system`. Which
resources exist is asked of `Resources`; an unknown one refuses the request, as an exception does in the plugin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from msgspec import Struct

from orthgen.authz.patterns import Pattern, translate
from orthgen.authz.permissions import single_resource_patterns
from orthgen.authz.plugin_releases import version
from orthgen.authz.request_target import RequestTarget
from orthgen.authz.resources import STORED_LEVELS, Level, Resource, Resources

_LIST = re.compile(r"/(patients|studies|series|instances)/?")
_BULK = re.compile(r"/tools/(create-archive|create-media|create-media-extended)/?")
_LEVEL_OF_FOLDER = {
    "patients": Level.PATIENT,
    "studies": Level.STUDY,
    "series": Level.SERIES,
    "instances": Level.INSTANCE,
}


class UnknownResource(Exception):
    """The path names a resource that is not stored. `name` is its id or UID."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Named(Enum):
    """The kind of name by which a path names resources."""

    ORTHANC_ID = "by Orthanc id"
    DICOM_UIDS = "by DICOM UIDs"
    PATIENT_ID = "by DICOM patient id"
    SEVERAL = "several by Orthanc id"
    NOTHING = "system"


class Touched(Struct, frozen=True):
    """The resources that a path names, stored or not. `level` is that of the last name."""

    named: Named
    level: Level = Level.SYSTEM
    names: tuple[str, ...] = ()


class Routes(Struct, frozen=True):
    """The path patterns of one release under one DICOMweb root."""

    release: tuple[int, ...]
    patterns: tuple[tuple[Pattern, Level | None, bool], ...]
    search: Pattern

    @classmethod
    def compile(cls, release: str, dicom_web_root: str) -> Routes:
        """
        The routes of a release. Raises `UnknownRelease`.

        A root that is no plain path can make a pattern that is not read here; such a pattern has a problem.
        """
        written = [translate(pattern) for pattern in single_resource_patterns(release, dicom_web_root)]
        orthanc, series, instances, osimis_series, osimis_images, osimis_studies, *dicom_web = written
        levels = (Level.STUDY, Level.SERIES, Level.INSTANCE)
        return cls(
            version(release),
            (
                (orthanc, None, False),
                (series, Level.SERIES, False),
                (instances, Level.INSTANCE, False),
                *((pattern, level, True) for pattern, level in zip(dicom_web, levels, strict=True)),
                (osimis_series, Level.SERIES, False),
                (osimis_studies, Level.STUDY, False),
                (osimis_images, Level.INSTANCE, False),
            ),
            translate(f"^{dicom_web_root.rstrip('/')}/(studies|series|instances)(|/)$"),
        )

    def touched(self, target: RequestTarget) -> Touched:
        """The resources that the path names, or the system."""
        path = target.path.encode("utf-8", "surrogateescape")
        for pattern, level, by_uid in self.patterns:
            match = pattern.compiled.fullmatch(path) if pattern.compiled else None
            if match is not None:
                groups = [group.decode("utf-8", "surrogateescape") for group in match.groups()]
                return _touched_resource(groups, level, by_uid=by_uid)
        if self.release >= (0, 6, 2) and _BULK.fullmatch(target.path):
            return Touched(Named.SEVERAL, names=self._several(target))
        if self.search.compiled is not None and self.search.compiled.fullmatch(path):
            return self._search(target)
        return Touched(Named.NOTHING, names=(target.path.rstrip("/"),))

    def _several(self, target: RequestTarget) -> tuple[str, ...]:
        return tuple(sorted({name for name in (self._argument(target, "resources")).split(",") if name}))

    def _argument(self, target: RequestTarget, *names: str) -> str:
        # Compared without case since 0.11.2; before, the spelling of the DICOM standard was wanted.
        fold = self.release >= (0, 11, 2)
        for name in names:
            expected = name.lower() if fold or self.release == (0, 11, 1) else name
            for key, value in reversed(target.arguments):
                if (key.lower() if fold else key) == expected:
                    if value:
                        return value
                    break
        return ""

    def _search(self, target: RequestTarget) -> Touched:
        """QIDO-RS: the UIDs in its arguments, wildcards not counting (0.6.1); else it is a system path."""
        patient_tag = "00100020" if self.release >= (0, 9, 2) else "00100010"
        study = self._exact(target, "0020000D", "StudyInstanceUID")
        series = self._exact(target, "0020000E", "SeriesInstanceUID")
        instance = self._exact(target, "00080018", "SOPInstanceUID")
        patient = self._exact(target, patient_tag, "PatientID")
        if study and series and instance:
            return Touched(Named.DICOM_UIDS, Level.INSTANCE, (study, series, instance))
        if study and series:
            return Touched(Named.DICOM_UIDS, Level.SERIES, (study, series))
        if study:
            return Touched(Named.DICOM_UIDS, Level.STUDY, (study,))
        if patient:
            return Touched(Named.PATIENT_ID, Level.PATIENT, (patient,))
        return Touched(Named.NOTHING, names=(target.path.rstrip("/"),))

    def _exact(self, target: RequestTarget, *names: str) -> str:
        value = self._argument(target, *names)
        return "" if "*" in value and self.release >= (0, 6, 1) else value

    def resolve(self, touched: Touched, resources: Resources) -> tuple[Resource, ...]:
        """
        The resources touched, each with its ancestors before it, in the order in which the plugin checks them.

        Raises `UnknownResource`. A patient that is not stored is no error to the plugin: nothing is touched.
        """
        if touched.named is Named.NOTHING:
            return (Resource(Level.SYSTEM, touched.names[0], ""),)
        if touched.named is Named.ORTHANC_ID:
            return with_orthanc_id(resources, touched.level, touched.names[0])
        if touched.named is Named.DICOM_UIDS:
            return _with_uids(resources, touched.names)
        if touched.named is Named.PATIENT_ID:
            patient = resources.with_uid(Level.PATIENT, touched.names[0])
            if patient is None:
                raise UnknownResource(touched.names[0])
            return (patient,)
        return tuple(self._archived(touched.names, resources))

    def _archived(self, names: tuple[str, ...], resources: Resources) -> Iterator[Resource]:
        for name in names:
            resource = of_any_level(resources, name)
            if resource is not None:
                yield from resource.chain
            elif self.release < (0, 11, 4):
                raise UnknownResource(name)


def _touched_resource(groups: list[str], level: Level | None, *, by_uid: bool) -> Touched:
    if by_uid:
        count = STORED_LEVELS.index(level or Level.STUDY)
        return Touched(Named.DICOM_UIDS, level or Level.STUDY, tuple(groups[:count]))
    if level is None:
        return Touched(Named.ORTHANC_ID, _LEVEL_OF_FOLDER[groups[0]], (groups[1],))
    # The id is the last group but the rest of the path, which only the web viewer's instances lack.
    identifier = groups[0] if len(groups) == 1 else groups[-2]
    return Touched(Named.ORTHANC_ID, level, (identifier,))


def with_orthanc_id(resources: Resources, level: Level, orthanc_id: str) -> tuple[Resource, ...]:
    """A resource after its ancestors. Raises `UnknownResource`, except for a patient."""
    resource = resources.with_id(level, orthanc_id)
    if resource is None:
        if level is Level.PATIENT:
            return ()
        raise UnknownResource(orthanc_id)
    return resource.chain


def of_any_level(resources: Resources, orthanc_id: str) -> Resource | None:
    """The resource with this id, at whatever level, in the plugin's order of looking."""
    for level in (Level.STUDY, Level.PATIENT, Level.SERIES, Level.INSTANCE):
        resource = resources.with_id(level, orthanc_id)
        if resource is not None:
            return resource
    return None


def _with_uids(resources: Resources, uids: tuple[str, ...]) -> tuple[Resource, ...]:
    """The study's patient and study, then series and instance. The plugin does not ask whose series it is."""
    resources_below = []
    for level, uid in zip(STORED_LEVELS[1:], uids, strict=False):
        resource = resources.with_uid(level, uid)
        if resource is None:
            raise UnknownResource(uid)
        resources_below.append(resource)
    return (*resources_below[0].ancestors, *resources_below)


def is_list_of_resources(path: str) -> bool:
    """Whether the path is one of the four whole lists (`/studies` and so on)."""
    return _LIST.fullmatch(path) is not None
