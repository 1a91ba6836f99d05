"""ACCESS.md: rights by person and collection, in sentences and tables, for those who approve them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.authz.actions import ACTIONS
from orthgen.authz.summary import Allowed, summary
from orthgen.deployment.guard_settings import longest_life, saves_by_link
from orthgen.formats.markdown import escaped
from orthgen.formats.templates import render_template
from orthgen.products.access_page.languages import texts_for
from orthgen.products.access_page.sentences import action_meaning, link_life, listed, person_title, sentences
from orthgen.products.access_page.tables import studies_in_rows, studies_in_tables, whole_archive
from orthgen.products.artifact import Artifact
from orthgen.products.header import render_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.authz.policy import Policy
    from orthgen.deployment.model import Deployment
    from orthgen.products.access_page.languages.words import AccessTexts

ACCESS_PATH = "ACCESS.md"


def access_file(deployment: Deployment, policy: Policy) -> Artifact:
    """ACCESS.md of a deployment, as the model sees it, in the institution's first language."""
    texts = texts_for(deployment.profile.institution.languages)
    allowed = summary(policy)
    tables = studies_in_tables(policy, allowed, texts)
    text = render_template(
        f"{ACCESS_PATH}.j2",
        texts=texts,
        institution=escaped(deployment.profile.institution.name),
        made_from=texts.made_from.format(source=deployment.source, command=render_command(deployment.source)),
        purpose=texts.purpose.format(plugin=deployment.release.components["authorization"]),
        sentences=sentences(policy, allowed, texts),
        tables=tables,
        rows=studies_in_rows(policy, allowed, texts) if tables is None else (),
        whole=whole_archive(policy, allowed, texts),
        actions=[action_meaning(action, texts) for action in ACTIONS],
        has_openings=any(rights.otherwise for rights in allowed),
        knowledge=remarks(deployment, policy, allowed, texts),
    )
    return Artifact(ACCESS_PATH, text)


def remarks(
    deployment: Deployment, policy: Policy, allowed: Sequence[Allowed], texts: AccessTexts
) -> list[str]:
    """Sentences about links, viewers that fetch files, uploads and edits of rights, in Markdown."""
    saves = saves_by_link(deployment)
    is_edited = deployment.profile.identity.permission_editor
    instant = texts.instant_link.format(life=link_life(deployment.instant_link_seconds, texts))
    return [
        f"{instant} {texts.link_saves if saves else texts.link_reads}",
        _share_links(deployment, texts),
        *_viewers_of_files(deployment, policy, allowed, texts),
        texts.uploads,
        *([texts.permission_editor] if is_edited else []),
    ]


def _share_links(deployment: Deployment, texts: AccessTexts) -> str:
    """A sentence about the longest life of a share link."""
    sharing = deployment.profile.sharing
    if sharing is None:
        return texts.no_sharing
    life = longest_life(deployment).get(deployment.share_type or "", sharing.expires_after)
    return texts.share_link.format(life=link_life(life, texts)) if life else texts.share_link_for_ever


def _viewers_of_files(
    deployment: Deployment, policy: Policy, allowed: Sequence[Allowed], texts: AccessTexts
) -> list[str]:
    """A sentence for each viewer that fetches files: to which of the roles that may view it is refused."""
    places = {(rights.principal.name, rights.action.name): rights.places for rights in allowed}
    refused = [
        person_title(role, texts)
        for role in policy.roles
        if places[role.name, "view"] and not places[role.name, "download"]
    ]
    viewers = [viewer.name for viewer, _ in deployment.profile.viewers.enabled() if viewer.fetches_files]
    role_list = listed(refused, texts) if refused else ""
    return [texts.fetches_files.format(viewer=name, refused=role_list) for name in viewers if refused]
