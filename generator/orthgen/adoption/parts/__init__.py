"""The parts of a profile: one module each, in the order of the profile's keys."""

from __future__ import annotations

from collections.abc import Callable

from orthgen.adoption.draft import Draft
from orthgen.adoption.original_deployment import OriginalDeployment
from orthgen.adoption.parts import (
    archive,
    cluster,
    collections,
    compose,
    data,
    databases,
    grants,
    guarded_rights,
    identity,
    inbox,
    institution,
    interface,
    other_services,
    release,
    roles,
    secrets,
    sharing,
    sign_in,
    storage,
    tls,
    viewers,
)

# A part may read what the parts before it have stated.
PARTS: tuple[Callable[[OriginalDeployment, Draft], None], ...] = (
    institution.state_institution,
    cluster.state_cluster,
    release.state_release,
    identity.state_identity,
    sign_in.state_sign_in,
    collections.state_collections,
    roles.state_roles,
    guarded_rights.note_guarded_rights,
    grants.state_grants,
    grants.state_console,
    viewers.state_viewers,
    sharing.state_sharing,
    inbox.state_inbox,
    archive.state_archive,
    storage.state_storage,
    databases.state_databases,
    interface.state_interface,
    tls.state_tls,
    compose.state_compose,
    secrets.note_secrets,
    data.note_data,
    other_services.note_other_services,
)
