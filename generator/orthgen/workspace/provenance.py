"""
Provenance of a deployment, from its manifest, and objections to a render over it.

A folder belongs to one deployment: the containers find their data by its name, and by the release that wrote them. So
another profile, another name and another release are refused without the operator's consent. People see studies by
labels, so the loss of a label is refused, too, and a label that goes to another collection; and Orthanc's index names files, which stay where they are, with their keys.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.profile.rights import EVERY_STUDY
from orthgen.workspace.dicom_files_place import how_to_move, key_numbers, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.deployment.model import Deployment


_TARGETS = {"compose": "Docker Compose", "kubernetes": "Kubernetes"}
_REMOVALS = {
    "compose": "`docker compose down` the old one first",
    "kubernetes": "delete the old namespace first",
}


class Consent(StrEnum):
    """Consent of an operator; the value is the command's option."""

    REPLACE = "--replace"
    START_EMPTY = "--start-empty"
    UPGRADE = "--upgrade"
    HIDE_STUDIES = "--hide-studies"
    EXCHANGE_LABELS = "--exchange-labels"
    LEAVE_FILES = "--leave-files"


class Provenance(Struct, frozen=True):
    """
    The manifest's members beside `files`.

    `profile` is a path below what it shares with the deployment's folder. By `labels` people see studies who do not see
    all of them; `collections` are the labels of all collections by name. `place` is the place of the DICOM files, `keys` are the numbers of the master keys that encrypt them there.
    """

    deployment: str
    release: str
    institution: str
    url: str
    profile: str
    labels: tuple[str, ...] = ()
    target: str = "compose"
    place: str = ""
    keys: tuple[str, ...] = ()
    collections: Mapping[str, str] = {}

    @classmethod
    def of(cls, deployment: Deployment, profile: str, folder: Path) -> Provenance:
        """The provenance of a deployment that is rendered into `folder`."""
        institution = deployment.profile.institution
        label_sets = [*(role.labels for role in deployment.roles), deployment.anonymous.labels]
        return cls(
            deployment.project,
            deployment.release.name,
            institution.name,
            institution.url,
            _relative_profile(Path(profile), folder),
            tuple(sorted({label for labels in label_sets if EVERY_STUDY not in labels for label in labels})),
            deployment.target,
            place_of(deployment.profile.archive.storage.files),
            key_numbers(deployment.profile.archive.storage.files),
            {collection.name: collection.label for collection in deployment.collections},
        )

    @classmethod
    def read(cls, content: Any) -> Provenance | None:
        """The provenance in a manifest; None where it has none."""
        values = {name: content.get(name) for name in cls.__struct_fields__}
        labels, keys, collections = values.pop("labels"), values.pop("keys"), values.pop("collections")
        if not isinstance(labels, list) or not isinstance(keys, list) or not isinstance(collections, dict):
            return None
        texts = (*values.values(), *labels, *keys, *collections.values())
        if not all(isinstance(text, str) for text in texts):
            return None
        return cls(**values, labels=tuple(labels), keys=tuple(keys), collections=collections)

    def described(self) -> dict[str, Any]:
        """The members for the manifest."""
        return {name: getattr(self, name) for name in self.__struct_fields__}

    def is_of_another_profile(self, other: Provenance) -> bool:
        """Whether `other` is another profile: its path, and its institution or address, differ."""
        institution = (self.institution, self.url)
        return self.profile != other.profile and institution != (other.institution, other.url)


def _relative_profile(profile: Path, folder: Path) -> str:
    """The profile's path below the folder that it shares with the deployment: the same wherever that folder is."""
    path = Path(os.path.relpath(os.path.realpath(profile), os.path.realpath(folder)))
    return "/".join(part for part in path.parts if part != os.pardir)


class Objection(Struct, frozen=True):
    """Reason against a render over the existing deployment, with remedy and the option that allows it."""

    message: str
    hint: str
    consent: Consent


def objections(before: Provenance, now: Provenance, folder: Path, steps: int) -> Iterator[Objection]:
    """Objections to rendering `now` over `before`; `steps` is how many steps the change of releases takes."""
    if before.is_of_another_profile(now):
        yield Objection(
            f"`{folder}` holds the deployment of another profile: `{before.profile}` "
            f"({before.institution}, {before.url})",
            f"render into a folder of its own (`--out`, `--parent`); `{Consent.REPLACE}` replaces what is there",
            Consent.REPLACE,
        )
    if before.target != now.target:
        yield Objection(
            f"`{folder}` holds files for {_TARGETS[before.target]}, and the render is for {_TARGETS[now.target]}",
            f"render into a folder of its own (`--out`); `{Consent.REPLACE}` replaces what is there",
            Consent.REPLACE,
        )
    if before.deployment != now.deployment:
        yield Objection(
            f"the deployment in `{folder}` is called `{before.deployment}`, and would be called `{now.deployment}`: "
            f"{_TARGETS[now.target]} would start it with empty volumes, beside the old containers",
            f"to keep the data, write `deployment: {{name: {before.deployment}}}` into the profile; "
            f"`{Consent.START_EMPTY}` begins with an empty archive ({_REMOVALS[now.target]})",
            Consent.START_EMPTY,
        )
    if before.release != now.release and steps:
        yield Objection(
            f"`{folder}` is on release {before.release}, the profile on {now.release}: "
            f"stored data has to be migrated, in {steps} steps",
            f"`orthgen upgrade PROFILE` says which, and what cannot be undone; to stay, write `release: "
            f'"{before.release}"` into the profile; `{Consent.UPGRADE}` renders the new release',
            Consent.UPGRADE,
        )
    if now.labels:
        yield from _lost_labels(before, now)
        yield from _exchanged_labels(before, now)
    yield from _left_files(before, now)


def _lost_labels(before: Provenance, now: Provenance) -> Iterator[Objection]:
    """The objection to studies that nobody who is limited to collections sees any more."""
    lost_labels = [label for label in before.labels if label not in now.collections.values()]
    if lost_labels:
        several = len(lost_labels) > 1
        named = " and ".join(f"`{label}`" for label in lost_labels)
        yield Objection(
            f"studies that carry the label{'s' if several else ''} {named} would become invisible to people who are limited "
            f"to collections: no collection has {'these labels' if several else 'this label'} any more",
            f"a collection that was renamed keeps its studies with `renamed-from: {lost_labels[0]}`, or `label: {lost_labels[0]}`; "
            f"`{Consent.HIDE_STUDIES}` renders without the label{'s' if several else ''}",
            Consent.HIDE_STUDIES,
        )


def _exchanged_labels(before: Provenance, now: Provenance) -> Iterator[Objection]:
    """The objection to a collection with the label of another one: its people would see the other's studies."""
    owners = {label: name for name, label in before.collections.items()}
    for name, label in now.collections.items():
        if before.collections.get(name, label) != label and label in owners:
            yield Objection(
                f"people who are limited to `{name}` would see the studies of `{owners[label]}`: its label was "
                f"`{before.collections[name]}` and would be `{label}`, the label of `{owners[label]}` so far",
                f"to keep the studies, write `label: {before.collections[name]}` for `{name}`; "
                f"`{Consent.EXCHANGE_LABELS}` renders the other label, and `orthgen access --diff` shows who gains and loses",
                Consent.EXCHANGE_LABELS,
            )
            return


def _left_files(before: Provenance, now: Provenance) -> Iterator[Objection]:
    """The objection to another place of the DICOM files, or to other keys there."""
    option = f"`{Consent.LEAVE_FILES}` renders all the same"
    if before.place != now.place:
        yield Objection(
            f"Orthanc would look for the DICOM files in {now.place}, and those that it has are in {before.place}",
            f"{how_to_move(before.place, now.place)}; {option}",
            Consent.LEAVE_FILES,
        )
        return
    lost = [number for number in before.keys if number not in now.keys]
    if lost:
        yield Objection(
            f"files that were encrypted with master key {' or '.join(lost)} could not be read",
            f"keep the key below `encryption.previous`, with its number (docs/storage.md); {option}",
            Consent.LEAVE_FILES,
        )
    elif now.keys and not before.keys:
        yield Objection(
            "files that are in the bucket without encryption could not be read",
            f"encrypt from the beginning, in an empty bucket (docs/storage.md); {option}",
            Consent.LEAVE_FILES,
        )
