"""A deployment that orthgen rendered for a Kubernetes cluster: its profile is among its files, or `deployment.kubernetes` is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.formats.yaml_io import typed
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.formats.yaml_io import Document, Path

_CLUSTER = ("deployment", "kubernetes")


def state_rendered_profile(draft: Draft, profile: Document) -> None:
    """State each value of the profile that the Job reads which provisions Keycloak."""
    for path, value in _values((), typed(profile.value)):
        draft.state(path, value, profile.locate(path))
    draft.note(
        NoteKind.CHANGED,
        f"the profile is the one in `{profile.file}`, from which the Job provisions Keycloak",
        "edits of the other rendered files are not in it: `orthgen render --diff` shows them",
        profile.locate(()),
    )
    if not draft.has(_CLUSTER):
        draft.state(_CLUSTER, {}, remark="the files are those of a cluster")


def _values(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """The values of a tree that are no mappings and no lists of mappings, with their paths."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _values((*path, key), item)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value):
            yield from _values((*path, index), item)
    else:
        yield path, value


def state_cluster(original: OriginalDeployment, draft: Draft) -> None:
    """State the cluster and its Ingress; its other settings are in objects that are not read."""
    service = original.container_in_cluster
    if service is None:
        return
    place = service.definition.locate(())
    ingress = next((each for each in original.deployment.proxies if each.product is Product.INGRESS), None)
    if ingress is None or original.service_in_cluster is not None:
        draft.state(_CLUSTER, {}, place)
    else:
        places = [server.location for server in ingress.servers[:1]]
        draft.state((*_CLUSTER, "entry", "ingress", "class"), "nginx", *places)
    draft.note(
        NoteKind.CHANGED,
        "the deployment is one for a Kubernetes cluster",
        "write the keys of `deployment.kubernetes` that differ from the defaults: namespace, certificate, secrets, volumes and databases "
        "are not read from the objects, and of the ways into the cluster only an Ingress of ingress-nginx is",
        place,
    )
