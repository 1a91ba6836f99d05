"""Values of other files in the words of the profile language."""

from __future__ import annotations

from typing import Any

import pytest

from orthgen.adoption.profile_values import (
    megabytes,
    memory_size,
    name_like,
    plain_text,
    time_span,
    truth,
    whole_number,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("admin-role", "admin-role"),
        ("External_Reader", "external-reader"),
        ("Médecins du Sud", "medecins-du-sud"),
        ("7T", "x-7t"),
        ("ct--1-h-z", "ct--1-h-z"),
        ("CT - 1", "ct-1"),
        ("医師", "x"),
        ("a" * 80, "a" * 63),
    ],
)
def test_a_name_is_like_the_one_in_the_file(text: str, name: str) -> None:
    """Small letters, digits and dashes, beginning with a letter."""
    assert name_like(text) == name


def test_a_text_is_one_line_in_the_order_that_people_see() -> None:
    """Without the characters that a profile refuses."""
    assert plain_text("\u2066Heart\u2069\r\n and\u202e lung ") == "Heart and lung"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "never"), (45, "45s"), (90, "90s"), (600, "10m"), (3600, "1h"), (1296000, "15d")],
)
def test_a_time_span_has_its_largest_whole_unit(seconds: int, words: str) -> None:
    """As people write it."""
    assert time_span(seconds) == words


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("4g", 4096),
        ("512m", 512),
        ("1.5G", 1536),
        ("2gb", 2048),
        (1073741824, 1024),
        ("x", None),
        (None, None),
    ],
)
def test_memory_is_read_as_compose_writes_it(value: Any, amount: int | None) -> None:
    """With any of Compose's units; a number is bytes."""
    assert megabytes(value) == amount


def test_memory_is_written_in_the_profiles_words() -> None:
    """Whole gigabytes as such."""
    assert (memory_size(4096), memory_size(1536)) == ("4g", "1536m")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), ("true", True), ("Yes", True), ("0", False), ("maybe", None), (None, None), (1, None)],
)
def test_a_truth_value_may_be_a_text(value: Any, expected: object) -> None:
    """Variables of an environment are texts."""
    assert truth(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [(104, 104), ("104", 104), (True, None), ("1e3", None), (None, None)]
)
def test_a_number_may_be_a_text(value: Any, expected: int | None) -> None:
    """Variables of an environment are texts."""
    assert whole_number(value) == expected
