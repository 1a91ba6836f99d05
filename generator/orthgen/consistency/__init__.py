"""
The facts that have to agree across the files of a deployment, one function for each.

Each reads the rendered files only, never the profile: it would notice a template that somebody broke. A file
that a deployment does not have (no realm of its own, no OHIF container) has nothing to agree with; a value
that is missing from a file that is there does not agree.
"""

from __future__ import annotations

from orthgen.consistency import addresses, identity, rights, services, viewers

AGREEMENTS = (
    addresses.public_origin,
    addresses.dicomweb_root,
    addresses.share_links,
    identity.realm,
    identity.clients,
    identity.auth_service_credentials,
    identity.server_id,
    rights.roles,
    rights.labels,
    rights.gathered_labels,
    viewers.standard_configurations,
    viewers.plugins_and_sections,
    viewers.ohif_base,
    services.upstreams_exist,
    services.service_names,
    services.secrets,
    services.mounted_files,
    services.images_and_keys,
)
