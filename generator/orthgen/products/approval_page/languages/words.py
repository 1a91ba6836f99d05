"""The texts that the page for approvers needs in each language, beside those of ACCESS.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.deployment.connections import Encryption
    from orthgen.products.approval_page.risks import Risk


class ApprovalTexts(Struct, frozen=True, kw_only=True):
    """The words in one language; `language` is its tag. What stands in braces is filled in."""

    language: str
    title: str
    made_from: str
    contents: str
    reason: str
    reasons_heading: str
    reasons_intro: str
    reasons: Mapping[str, str]
    risks_heading: str
    risks: Mapping[Risk, str]
    roles_heading: str
    role: str
    granted_by: str
    by_provider: str
    by_group: str
    by_administrator: str
    first_accounts: str
    connections_heading: str
    drawing: str
    unencrypted: str
    all_encrypted: str
    source: str
    target: str
    protocol: str
    address: str
    protection: str
    protections: Mapping[Encryption, str]
    devices: str
    parts: Mapping[str, str]
    on_host: str
    changes_heading: str
    changes_since: str
    no_changes: str
    change: str
    right: str
    gains: str
    loses: str
    is_called: str
    formerly: str
    digest_heading: str
    digest: str
    signatures_heading: str
    signature_columns: tuple[str, str, str, str]
