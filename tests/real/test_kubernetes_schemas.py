"""Every object of a cluster, by the schemas of six minor versions of Kubernetes."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.clusters import NAMES, Object, deployment_of, manifests
from tests.support.real import parts

MINORS = ("1.32", "1.33", "1.34", "1.35", "1.36", "1.37")

OPERATORS = {
    "cert-manager.io",
    "external-secrets.io",
    "gateway.networking.k8s.io",
    "postgresql.cnpg.io",
}
"""The groups of custom resources, which Kubernetes does not know by itself."""


@cache
def every_object() -> list[Object]:
    """The objects of all deployments, each once, without custom resources."""
    objects = [each for name in NAMES for each in manifests(deployment_of(name))]
    distinct = {json.dumps(each, sort_keys=True): each for each in objects}
    return [each for each in distinct.values() if each["apiVersion"].partition("/")[0] not in OPERATORS]


class Schemas:
    """The schemas of a minor version, in which a field that Kubernetes does not know is an error."""

    def __init__(self, minor: str) -> None:
        whole = json.loads(parts.kubernetes_schemas(minor).read_text(encoding="utf-8"))
        self.validators = {
            (kind["group"], kind["version"], kind["kind"]): Draft202012Validator(
                {"$ref": f"#/$defs/{name}", "$defs": whole["$defs"]}
            )
            for name, schema in whole["$defs"].items()
            for kind in schema.get("x-kubernetes-group-version-kind", ())
        }

    def errors(self, content: Object) -> list[str]:
        """What is wrong with an object."""
        group, _, version = content["apiVersion"].rpartition("/")
        errors: Any = self.validators[group, version, content["kind"]].iter_errors(content)
        return [f"{content['kind']} {content['metadata']['name']}{error.json_path[1:]}" for error in errors]


@pytest.mark.parametrize("minor", MINORS)
def test_every_object_is_valid(minor: str) -> None:
    """Each kind is in its version of the API, and has no field that this Kubernetes does not know."""
    schemas = Schemas(minor)

    assert [error for each in every_object() for error in schemas.errors(each)] == []
    deployment = deepcopy(next(each for each in every_object() if each["kind"] == "Deployment"))
    deployment["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    assert schemas.errors(deployment) == [
        f"Deployment {deployment['metadata']['name']}.spec.template.spec.containers[0]"
    ]
