"""Resolution of a profile into a deployment: names, addresses, rights and viewers."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import urlsplit

from orthgen.deployment import naming
from orthgen.deployment.model import (
    Addresses,
    Anonymous,
    CollectionAet,
    Deployment,
    Grant,
    LabelCollection,
    Origin,
    RoleRights,
    TagRule,
)
from orthgen.deployment.required_secrets import secrets_of
from orthgen.profile.first_accounts import first_accounts
from orthgen.profile.host_ports import STANDARD_PORTS, host_ports
from orthgen.profile.rights import EVERY_STUDY, PERMISSIONS_OF
from orthgen.profile.sharing import INSTANT_LINK_SECONDS
from orthgen.viewers.context import ViewerContext

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orthgen.catalogue import Release
    from orthgen.profile.rights import Collection, Role
    from orthgen.profile.root import Profile


def resolve(
    profile: Profile, release: Release, source: str, lock: Mapping[str, str] | None = None, *, name: str = ""
) -> Deployment:
    """
    The deployment that `profile` implies on `release`.

    `source` is the profile's file name, `name` the deployment's where neither profile nor file gives one, `lock` leads from an image to the digest that it is pinned to.
    """
    origin = origin_of(profile)
    addresses = _addresses(profile, origin)
    enabled = profile.viewers.enabled()
    context = ViewerContext(origin.url, addresses.orthanc_path, profile.institution.paths.of_viewers())
    viewers = tuple(viewer.contribution(options, context) for viewer, options in enabled)
    collections = tuple(_collection(name, collection) for name, collection in profile.collections.items())
    labels = {collection.name: collection.label for collection in collections}
    signed_out = profile.signed_out
    return Deployment(
        source=source,
        profile=profile,
        release=release,
        origin=origin,
        addresses=addresses,
        collections=collections,
        roles=tuple(_role(name, role, labels) for name, role in profile.roles.items()),
        anonymous=Anonymous(permissions_of(signed_out.can), _labels(signed_out.collections, labels)),
        viewers=viewers,
        share_type=_share_type(profile, {viewer.name: viewer.share_type for viewer, _ in enabled}),
        instant_link_seconds=(
            profile.sharing.instant_links if profile.sharing is not None else INSTANT_LINK_SECONDS
        ),
        host_ports=host_ports(profile),
        collection_aets=_collection_aets(collections),
        first_accounts=first_accounts(profile),
        secrets=secrets_of(profile),
        project=profile.deployment.name or name or name_of(source) or "",
        lock=lock or {},
    )


def origin_of(profile: Profile) -> Origin:
    """The public origin that the profile names."""
    parts = urlsplit(profile.institution.url)
    scheme = cast('Literal["http", "https"]', parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return Origin(scheme, host, parts.port or STANDARD_PORTS[scheme])


def _addresses(profile: Profile, origin: Origin) -> Addresses:
    paths = profile.institution.paths
    external = profile.identity.keycloak.server
    orthanc_root = origin.url + paths.orthanc
    keycloak = external.rstrip("/") + "/" if external is not None else origin.url + paths.keycloak
    internal = (
        keycloak if external is not None else f"http://{naming.KEYCLOAK}:{naming.PORTS[naming.KEYCLOAK]}/"
    )
    local_port = profile.identity.keycloak.local_port
    return Addresses(
        orthanc_path=paths.orthanc,
        keycloak_path=paths.keycloak,
        orthanc_root=orthanc_root,
        landing_page=orthanc_root.rstrip("/") + naming.EXPLORER_ROOT + "app/token-landing.html",
        keycloak_public=keycloak,
        keycloak_admin=f"http://127.0.0.1:{local_port}/" if local_port is not None else keycloak,
        keycloak_internal=internal,
    )


def permissions_of(rights: Iterable[str]) -> tuple[str, ...]:
    """The auth-service's permissions that the words of a profile stand for, each once, in the words' order."""
    permissions = dict.fromkeys(
        permission for right in rights for permission in PERMISSIONS_OF.get(right, (right,))
    )
    return tuple(permissions)


def _labels(collections: Sequence[str], labels: dict[str, str]) -> tuple[str, ...]:
    return tuple(name if name == EVERY_STUDY else labels[name] for name in collections)


def _role(name: str, role: Role, labels: dict[str, str]) -> RoleRights:
    grants = tuple(Grant(source, value) for grant in role.granted_by for source, value in grant.items())
    title = role.title or name.replace("-", " ").capitalize()
    return RoleRights(
        name,
        title,
        permissions_of(role.can),
        _labels(role.collections, labels),
        grants,
        reports="report" in role.can,
        renamed_from=role.renamed_from or "",
    )


def _collection(name: str, collection: Collection) -> LabelCollection:
    return LabelCollection(
        name=name,
        title=collection.title or name,
        label=collection.label_by(name),
        called_aets=tuple(rule.called_aet for rule in collection.gather if rule.called_aet is not None),
        tag_rules=tuple(
            TagRule(tuple(rule.tags.items())) for rule in collection.gather if rule.tags is not None
        ),
    )


def _collection_aets(collections: Sequence[LabelCollection]) -> tuple[CollectionAet, ...]:
    labels: dict[str, list[str]] = {}
    for collection in collections:
        for aet in collection.called_aets:
            labels.setdefault(aet, []).append(collection.label)
    return tuple(
        CollectionAet(aet, tuple(dict.fromkeys(names)), naming.COLLECTIONS_DICOM_PORT + index)
        for index, (aet, names) in enumerate(labels.items())
    )


def _share_type(profile: Profile, types: dict[str, str | None]) -> str | None:
    return types.get(profile.sharing.viewer) if profile.sharing is not None else None


def name_of(source: str) -> str | None:
    """
    The name of a deployment whose profile is the file `source`; None where the file's name does not give one.

    Letters that a compose project cannot have would be lost, and two files could come to the same name.
    """
    stem = source.removesuffix(".yaml").removesuffix(".yml").casefold()
    plain = "".join(char for char in unicodedata.normalize("NFKD", stem) if not unicodedata.combining(char))
    if not plain.isascii():
        return None
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return name if re.fullmatch(r"[a-z][a-z0-9-]{0,62}", name) else None
