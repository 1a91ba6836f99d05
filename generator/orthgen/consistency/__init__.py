"""
Consistency of a rendered deployment: one check for each fact that several files state.

Each check reads the rendered files only, never the profile, so that it notices a changed template. A file that a
deployment does not have (no realm, no OHIF container) is consistent; a value that is missing from a file is not.
"""

from __future__ import annotations

from orthgen.consistency import identity, mounted_keys, public_addresses, rights, services, viewers

CHECKS = (
    public_addresses.public_origin,
    public_addresses.dicomweb_root,
    public_addresses.share_links,
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
    mounted_keys.mounted_keys,
)
