"""Stored resources of a decision, and those of one request in front of them."""

from __future__ import annotations

from orthgen.authz.resources import STORED_LEVELS, Level, Resource, index, study_tree


def tree(name: str, label: str) -> tuple[Resource, ...]:
    """A study with its patient, series and instance."""
    ids = {level: f"{name}-{level}" for level in STORED_LEVELS}
    uids = {level: f"uid of {name}-{level}" for level in STORED_LEVELS}
    return study_tree(ids, uids, {Level.STUDY: (label,)})


def test_resources_in_front_hide_those_below() -> None:
    """Both ways of looking up take the first, and reach below where the first has nothing; patients have the studies of both."""
    stored = index((*tree("a", "stored"), *tree("b", "stored")))
    resources = index(tree("a", "request")).over(stored)

    for level in STORED_LEVELS:
        for name in ("a", "b"):
            by_id = resources.with_id(level, f"{name}-{level}")
            by_uid = resources.with_uid(level, f"uid of {name}-{level}")
            assert by_id is not None
            assert by_id == by_uid
            if level is Level.STUDY:
                assert by_id.labels == {"request" if name == "a" else "stored"}
    assert resources.with_id(Level.STUDY, "c-study") is None
    assert resources.with_uid(Level.STUDY, "uid of c-study") is None
    patient = tree("a", "request")[0]
    assert [study.labels for study in resources.studies_of(patient)] == [{"request"}, {"stored"}]
