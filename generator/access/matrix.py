"""The table of who can do what where: every person, every action, every collection, each with its decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from generator.access.actions import ACTIONS, Action, Step, filled
from generator.access.model import Decision
from generator.access.view import NO_COLLECTION, AccessView, Person, Place


class Answer(Struct, frozen=True):
    """Whether somebody can do something with the studies of a collection, and every request that it took."""

    person: Person
    action: Action
    place: Place
    steps: tuple[tuple[Step, Decision], ...]

    @property
    def can(self) -> bool:
        """Whether every request is granted."""
        return all(decision.granted for _, decision in self.steps)

    @property
    def decisive(self) -> tuple[Step, Decision]:
        """The first request that is refused, or the last one."""
        return next(
            ((step, decision) for step, decision in self.steps if not decision.granted), self.steps[-1]
        )

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.person.name, self.action.name, self.place.name)


class Difference(Struct, frozen=True):
    """What changed for one person, action and collection between two states of a deployment."""

    answer: Answer
    gained: bool


def asked(view: AccessView, person: Person, action: Action, place: Place) -> Iterator[tuple[Step, Decision]]:
    """Every request that an action takes on a collection, with its decision. Raises `UndecidablePattern`."""
    study = view.study_of(place)
    names = {
        **study.names,
        "share": view.share or "ohif-viewer-publication",
        "label": min(place.labels, default="label"),
        "modality": "modality",
        "worklist": "worklist",
    }
    for step in action.by_link if person.holds_link else action.steps:
        one = filled(step, names)
        yield one, view.ask(person, study, one.method, one.target, one.body)


def can(view: AccessView, person: Person, action: Action, place: Place) -> Answer:
    """Whether somebody can do something on a collection. Raises `UndecidablePattern`."""
    return Answer(person, action, place, tuple(asked(view, person, action, place)))


def matrix(view: AccessView) -> tuple[Answer, ...]:
    """
    Every answer, by person, then action, then collection, in the order of each.

    An action that names no study is asked once, for the studies of no collection.
    """
    return tuple(_answers(view, view.people))


def _answers(view: AccessView, people: Iterable[Person]) -> Iterable[Answer]:
    for person in people:
        for action in ACTIONS:
            for place in view.places if action.per_study else (NO_COLLECTION,):
                yield can(view, person, action, place)


def difference(old: Iterable[Answer], new: Iterable[Answer]) -> tuple[Difference, ...]:
    """
    What the new state gives and takes, in its order; what only the old one had comes last.

    Somebody or something that is new can do nothing before, and what is gone can do nothing after.
    """
    before = {answer.key: answer for answer in old}
    after = {answer.key: answer for answer in new}
    changed = []
    for key, answer in after.items():
        was = key in before and before[key].can
        if answer.can != was:
            changed.append(Difference(answer, gained=answer.can))
    changed += [
        Difference(answer, gained=False) for key, answer in before.items() if key not in after and answer.can
    ]
    return tuple(changed)
