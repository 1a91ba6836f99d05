"""
Texts of Keycloak's pages in the institution's languages.

https://www.keycloak.org/docs/latest/server_admin/#_translations
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.messages import page_texts
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext


class PageText(ResourceKind):
    """Texts by language."""

    name = "page texts"
    recorded = "never"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        for language, texts in page_texts(deployment).items():
            yield Resource(self.name, language, texts, because="institution.languages")

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        representation.setdefault("localizationTexts", {})[resource.key] = dict(resource.fields)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        languages = [resource.key for resource in context.desired]
        answers = context.get_all(
            [context.path("localization", language) for language in languages], dict[str, str]
        )
        for language, texts in zip(languages, answers, strict=True):
            yield ExistingObject(self.name, language, texts)

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        # Keycloak adds these to the texts that are there.
        context.api.post(context.path("localization", existing.key), context.fields(resource))


KIND = PageText()
