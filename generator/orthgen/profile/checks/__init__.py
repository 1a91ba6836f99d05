"""
Checks of a profile beyond its schema: references, addresses, grants, features of the release.

One function for each question, listed in CHECKS. They run on what is well-formed, even where other parts
are not; a name whose definition is malformed still counts as defined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.profile.checks import (
    addresses,
    cluster,
    databases,
    effects,
    features,
    first_accounts,
    gathering,
    limits,
    links,
    lists,
    loopback,
    modalities,
    ports,
    providers,
    raw_settings,
    references,
    replicas,
    rights,
    sessions,
    setting_values,
    sign_in,
    signed_out,
    subnets,
)
from orthgen.profile.checks.context import CheckContext

if TYPE_CHECKING:
    from orthgen.findings import Finding

__all__ = ["CHECKS", "CHECK_MODULES", "CheckContext", "check"]

CHECK_MODULES = (
    addresses,
    cluster,
    databases,
    effects,
    features,
    first_accounts,
    gathering,
    limits,
    links,
    lists,
    loopback,
    modalities,
    ports,
    providers,
    raw_settings,
    references,
    replicas,
    rights,
    sessions,
    setting_values,
    sign_in,
    signed_out,
    subnets,
)
CHECKS = (
    references.collections_exist,
    references.names_have_one_meaning,
    references.expectations_are_about_something,
    references.viewers_are_enabled,
    references.people_hold_existing_roles,
    references.renamed_roles_had_their_name_alone,
    sign_in.somebody_can_sign_in,
    sign_in.aliases_are_distinct,
    first_accounts.people_have_addresses_of_their_own,
    sign_in.addresses_that_link_are_verified,
    sign_in.realm_is_not_keycloaks_own,
    sign_in.grants_name_a_sign_in_method,
    sign_in.every_role_can_have_a_holder,
    sign_in.mail_credentials_are_whole,
    sessions.sessions_last_a_working_day,
    sessions.administration_is_not_public,
    providers.issuers_have_endpoints,
    providers.nothing_secret_is_in_the_clear,
    rights.roles_can_something,
    rights.labels_are_distinct,
    rights.overwriting_roles_see_every_study,
    rights.called_aets_are_distinct,
    rights.somebody_can_send_to_called_aets,
    rights.tags_are_dicom_keywords,
    gathering.alternatives_have_text,
    gathering.tags_have_text,
    gathering.patterns_can_match,
    gathering.dates_are_written_as_in_dicom,
    rights.deployment_offers_the_rights_of_roles,
    rights.viewers_can_be_used,
    limits.limited_roles_reach_no_further,
    limits.merged_roles_reach_no_further,
    rights.inbox_matches_who_may_upload,
    signed_out.everybody_can_do_little,
    addresses.the_origin_is_encrypted,
    addresses.proxies_are_known,
    addresses.paths_do_not_overlap,
    addresses.viewers_have_the_paths_of_their_images,
    ports.local_port_is_for_an_own_keycloak,
    ports.ports_are_distinct,
    databases.databases_are_used,
    databases.sqlite_is_on_a_disk,
    databases.databases_are_reachable,
    databases.databases_are_encrypted,
    databases.databases_are_distinct,
    databases.connections_suffice,
    databases.audit_log_has_a_database,
    loopback.servers_are_reachable,
    replicas.readers_share_a_database,
    replicas.autoscalers_add_readers,
    links.links_have_lives,
    cluster.certificates_have_an_issuer,
    cluster.entries_have_names,
    cluster.namespaces_are_free,
    cluster.databases_are_used,
    cluster.files_are_in_the_cluster,
    modalities.modalities_have_addresses_of_their_own,
    modalities.modalities_have_rights_of_their_own,
    modalities.dicom_is_published_on_ipv4,
    subnets.subnets_are_nobody_elses,
    features.release_is_catalogued,
    features.release_has_no_known_weakness,
    features.release_has_the_needed_features,
    raw_settings.settings_are_read,
    raw_settings.settings_are_of_their_kind,
    setting_values.values_are_accepted,
    setting_values.settings_fit_the_profile,
    setting_values.tags_of_settings_exist,
    setting_values.private_tags_are_defined,
    raw_settings.settings_can_work,
    raw_settings.settings_hold_no_secret,
    features.languages_are_spoken,
    effects.keys_have_an_effect,
    lists.items_are_distinct,
)


def check(context: CheckContext) -> list[Finding]:
    """Every finding of every check."""
    return [finding for question in CHECKS for finding in question(context)]
