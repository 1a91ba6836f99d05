"""What raw settings need: every key of the catalogue is judged, and the image can be given any secret."""

from __future__ import annotations

from string import ascii_letters, digits
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthgen.catalogue import data
from orthgen.catalogue.named_secrets import secret_file
from orthgen.catalogue.prerequisites import PrerequisiteKind, needs, reaches_out, rules
from orthgen.protected_settings import PROTECTED_SETTINGS

# A number or a switch needs nothing, unless a rule says so.
_PLAIN = {"flag", "number"}


def _leaves(tree: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    if isinstance(tree, list):
        return _leaves(tree[0], path)
    if isinstance(tree, dict) and tree:
        return [leaf for name, below in tree.items() for leaf in _leaves(below, (*path, name))]
    return [(path, tree if isinstance(tree, str) else "section")]


LEAVES = {
    leaf
    for file in data.names("configuration_keys")
    for leaf in _leaves(data.read(f"configuration_keys/{file}")["keys"])
}


def _covers(key: str, path: tuple[str, ...]) -> bool:
    parts = key.split(".")
    return len(parts) <= len(path) and all(
        part in {"*", name} for part, name in zip(parts, path, strict=False)
    )


def test_every_key_is_judged() -> None:
    """A key that a component reads has a rule or is protected; a new one has to be thought about."""
    judged = [key for rule in rules() for key in rule.keys]
    judged += [key for setting in PROTECTED_SETTINGS for key in setting.keys]

    unjudged = [
        ".".join(path)
        for path, kind in sorted(LEAVES)
        if kind not in _PLAIN and not any(_covers(key, path) for key in judged)
    ]

    assert unjudged == []


def test_no_rule_is_about_a_key_that_nobody_reads() -> None:
    """Each key of a rule is one of the catalogue's, or a section of keys."""
    paths = [path for path, _ in LEAVES]

    strangers = [
        key
        for rule in rules()
        for key in rule.keys
        if not any(_covers(key, path) or _covers(".".join(path), tuple(key.split("."))) for path in paths)
    ]

    assert strangers == []


def test_a_rule_that_refuses_says_why_and_what_to_do() -> None:
    """In words that finish the message; the others say nothing."""
    for rule in rules():
        is_silent = rule.need in {PrerequisiteKind.SECRET, PrerequisiteKind.NETWORK, PrerequisiteKind.NOTHING}
        assert bool(rule.why) == bool(rule.instead) == (not is_silent), rule.keys
        assert bool(rule.part) == (rule.need is PrerequisiteKind.PART)


def test_a_need_is_found_wherever_people_gave_the_name() -> None:
    """`*` is any name, and what lies below a key belongs to it."""
    config = {"OrthancPeers": {"lyon": {"Password": "x"}}, "Name": "no need"}

    found = {(rule.need, ".".join(path)) for rule, path, _ in needs(config)}

    assert found == {
        (PrerequisiteKind.SECRET, "OrthancPeers.lyon.Password"),
        (PrerequisiteKind.NETWORK, "OrthancPeers.lyon"),
    }


@pytest.mark.parametrize(
    ("config", "reaches"),
    [
        ({"OrthancPeers": {"lyon": {"Url": "https://lyon.example.org"}}}, True),
        ({"DicomWeb": {"Servers": {"lyon": {"Url": "https://lyon.example.org"}}}}, True),
        ({"OrthancExplorer2": {"Emails": {"Server": {"Url": "https://mail.example.org"}}}}, True),
        ({"OrthancPeers": {}, "DicomWeb": {"SeriesMetadata": "Full"}}, False),
    ],
)
def test_other_servers_take_a_network(config: dict[str, Any], *, reaches: bool) -> None:
    """Peers, DICOMweb servers and the mail service are elsewhere."""
    assert reaches_out(config) is reaches


def _read_by_the_image(file: str) -> tuple[str, ...]:
    """The key that the image makes of a file's name (orthanc-builder 26.8.1, docker/orthanc/helpers.py)."""
    words = [part.split("_") for part in file.removeprefix("ORTHANC__").split("__")]
    return tuple("".join(word[0] + word.lower()[1:] for word in part) for part in words)


@given(st.lists(st.text(ascii_letters + digits + "-", min_size=1, max_size=12), min_size=1, max_size=4))
def test_any_key_can_be_given_a_secret(path: list[str]) -> None:
    """The image reads the file's name as the key that it was made of."""
    file = secret_file(path)

    assert file is not None
    assert file.startswith("ORTHANC__")
    assert _read_by_the_image(file) == tuple(path)


@pytest.mark.parametrize("name", ["a_b", "a.b", "a/b", "", "été"])
def test_a_key_that_the_image_cannot_name_is_told(name: str) -> None:
    """Its name would be cut, or name another file."""
    assert secret_file(["OrthancPeers", name, "Password"]) is None
