"""The page for approvers: one HTML file without scripts, in one language, for the screen and for paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

import orthgen
from orthgen.authz.actions import ACTIONS, ACTIONS_BY_NAME
from orthgen.authz.matrix import can
from orthgen.authz.summary import summary
from orthgen.deployment.connections import PROVIDER, Encryption, connections
from orthgen.errors import OrthgenError
from orthgen.formats.markdown import to_html
from orthgen.formats.templates import render_html
from orthgen.products.access_page.languages import TEXTS
from orthgen.products.access_page.page import remarks
from orthgen.products.access_page.sentences import action_meaning, listed, sentences
from orthgen.products.access_page.tables import NO, studies_in_rows, studies_in_tables, whole_archive
from orthgen.products.approval_page.changes import change_rows
from orthgen.products.approval_page.digest import digest_of
from orthgen.products.approval_page.languages import APPROVAL_TEXTS
from orthgen.products.approval_page.reasons import CellReason, Reasons
from orthgen.products.approval_page.risks import Risk, risk_of
from orthgen.products.approval_page.topology import drawing
from orthgen.products.languages import first_available

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from orthgen.authz.policy import Place, Policy
    from orthgen.deployment.model import Deployment, RoleRights
    from orthgen.products.access_page.languages.words import AccessTexts
    from orthgen.products.access_page.tables import Row, Table
    from orthgen.products.approval_page.changes import Changes
    from orthgen.products.approval_page.languages.words import ApprovalTexts

_TEMPLATE = "access.html.j2"

RISK_SIGNS = {
    Risk.LEAVES: "↗",
    Risk.CHANGES: "✎",
    Risk.GIVES_RIGHTS: "★",
    Risk.WITHOUT_ACCOUNT: "!",
}
"""The sign of each kind of harm, so that nobody has to tell colours apart."""


class Cell(Struct, frozen=True):
    """A cell of a table of rights: the mark, the harm that it can do, the reason where one person is meant."""

    mark: str
    granted: bool
    risk: Risk | None = None
    reason: CellReason | None = None


class RightsRow(Struct, frozen=True):
    """A person with a cell for each action."""

    title: Markup
    cells: tuple[Cell, ...]


class RightsTable(Struct, frozen=True):
    """Rights on collections that are alike, with the title of each action."""

    title: Markup
    places: Markup
    columns: tuple[tuple[str, str], ...]
    rows: tuple[RightsRow, ...]


def approval_page(
    deployment: Deployment, policy: Policy, language: str, changes: Changes | None = None
) -> str:
    """
    The page of a deployment in a language of `APPROVAL_TEXTS`.

    `changes` are the differences from what was approved before; without them the page has no such part.
    Raises `UndecidablePattern`.
    """
    texts, words = APPROVAL_TEXTS[language], TEXTS[language]
    allowed = summary(policy)
    reasons = Reasons(policy, texts)
    tables = studies_in_tables(policy, allowed, words)
    lines = connections(deployment)
    values = {
        "tables": [_rights_table(table, policy, reasons, words) for table in tables or ()],
        "rows": _markup_rows(studies_in_rows(policy, allowed, words)) if tables is None else (),
        "whole": _rights_table(whole_archive(policy, allowed, words), policy, reasons, words),
    }
    return render_html(
        _TEMPLATE,
        texts=texts,
        words=words,
        deployment=deployment,
        made_from=texts.made_from.format(
            version=orthgen.__version__, source=deployment.source, release=deployment.release.name
        ),
        purpose=words.purpose.format(plugin=deployment.release.components["authorization"]),
        sentences=[to_html(sentence) for sentence in sentences(policy, allowed, words)],
        actions=[to_html(action_meaning(action, words)) for action in ACTIONS],
        legend=to_html(words.legend) if any(rights.otherwise for rights in allowed) else None,
        remarks=[to_html(remark) for remark in remarks(deployment, policy, allowed, words)],
        grants=list(_grants(deployment, texts)),
        accounts=_accounts(deployment, words),
        connections=lines,
        unencrypted=[line for line in lines if line.encryption is Encryption.NONE],
        drawing=drawing(lines),
        part_title=lambda name: _part_title(name, deployment, texts),
        signs=RISK_SIGNS,
        changes=changes,
        change_rows=change_rows(changes, texts, words) if changes is not None else (),
        digest=digest_of(allowed, deployment, lines),
        reasons=reasons,
        **values,
    )


def _rights_table(table: Table, policy: Policy, reasons: Reasons, words: AccessTexts) -> RightsTable:
    columns = tuple((name, words.actions[name][0]) for name in table.columns)
    rows = tuple(_rights_row(row, table, policy, reasons) for row in table.rows)
    return RightsTable(to_html(table.title), to_html(table.places), columns, rows)


def _rights_row(row: Row, table: Table, policy: Policy, reasons: Reasons) -> RightsRow:
    cells = tuple(
        _cell(mark, name, row, table.example, policy, reasons)
        for name, mark in zip(table.columns, row.cells, strict=True)
    )
    return RightsRow(to_html(row.title), cells)


def _cell(  # noqa: PLR0913, PLR0917 - what a cell is about
    mark: str, action: str, row: Row, place: Place, policy: Policy, reasons: Reasons
) -> Cell:
    granted = mark != NO
    if row.principal is None:
        return Cell(mark, granted)
    answer = can(policy, row.principal, ACTIONS_BY_NAME[action], place)
    risk = risk_of(policy, row.principal, action, place) if granted else None
    return Cell(mark, granted, risk, reasons.of(answer))


def _markup_rows(rows: Sequence[Row]) -> list[tuple[Markup, Markup]]:
    return [(to_html(row.title), to_html(row.cells[0])) for row in rows]


def _grants(deployment: Deployment, texts: ApprovalTexts) -> Iterator[tuple[str, list[str]]]:
    """Each role with the rules that give it."""
    for role in deployment.roles:
        yield role.title, [_grant_text(role, index, deployment, texts) for index in range(len(role.grants))]


def _grant_text(role: RoleRights, index: int, deployment: Deployment, texts: ApprovalTexts) -> str:
    grant = role.grants[index]
    if grant.source == "group":
        return texts.by_group.format(value=grant.value)
    return texts.by_provider.format(provider=_provider_title(grant.source, deployment), value=grant.value)


def _provider_title(alias: str, deployment: Deployment) -> str:
    for method in deployment.profile.identity.sign_in:
        if method.alias == alias and method.brokered is not None:
            return method.brokered.title or alias
    return alias


def _accounts(deployment: Deployment, words: AccessTexts) -> list[str]:
    titles = {role.name: role.title for role in deployment.roles}
    return [
        words.colon.join(
            (
                account.user_name,
                listed([titles[name] for name in account.roles], words) if account.roles else words.nothing,
            )
        )
        for account in deployment.first_accounts
    ]


def _part_title(name: str, deployment: Deployment, texts: ApprovalTexts) -> str:
    """A part of the drawing as people call it; a service by its name in the compose file."""
    if name.startswith(PROVIDER):
        return _provider_title(name.removeprefix(PROVIDER), deployment)
    return texts.parts.get(name, name)


def page_language(deployment: Deployment, language: str | None) -> str:
    """
    The language to make the page in: the given one, or the institution's first one that there are texts for.

    Raises `OrthgenError` for a language without texts.
    """
    if language is not None:
        primary = language.split("-")[0].lower()
        if primary not in APPROVAL_TEXTS:
            raise OrthgenError(
                f"there is no page in the language `{language}`",
                hint=f"the languages are {', '.join(APPROVAL_TEXTS)}",
            )
        return primary
    return first_available(deployment.profile.institution.languages, APPROVAL_TEXTS)
