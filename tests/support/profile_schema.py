"""The profile's JSON Schema, made once in a process, when a test asks for it."""

from __future__ import annotations

from functools import cache

from jsonschema import Draft202012Validator

from orthgen.profile.json_schema import json_schema


@cache
def validator() -> Draft202012Validator:
    """What editors check profiles with."""
    return Draft202012Validator(json_schema())
