"""The page for approvers: every language whole, reasons and risks in the cells, connections, changes, the digest."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import msgspec
import pytest

from orthgen.authz.actions import ACTIONS
from orthgen.authz.difference import NOTHING_RENAMED, RightsDifference, difference
from orthgen.authz.summary import summary
from orthgen.deployment import connections as parts
from orthgen.deployment.connections import Connection, Encryption, connections
from orthgen.deployment.model import Deployment
from orthgen.products.access_page.languages import TEXTS
from orthgen.products.access_page.model import access_policy
from orthgen.products.approval_page.changes import Changes
from orthgen.products.approval_page.languages import APPROVAL_TEXTS
from orthgen.products.approval_page.page import approval_page, page_language
from orthgen.products.approval_page.reasons import REASON_KINDS
from orthgen.products.approval_page.risks import Risk
from orthgen.products.approval_page.topology import drawing
from tests.support.builders import make_deployment

READER = {"can": ["view"], "collections": ["cardio"], "title": "Reader"}
ADMIN = {"can": ["everything", "administer"], "collections": "all", "title": "Administrator"}
ROLES = {"reader": READER, "admin": ADMIN}
URL = "https://pacs.example.org"


def page_of(language: str = "en", changes: Changes | None = None, **profile: Any) -> str:
    """The page of the smallest profile with these parts."""
    deployment = make_deployment(**{"roles": ROLES, **profile})
    return approval_page(deployment, access_policy(deployment), language, changes)


def shown(page: str) -> str:
    """The text of a page, without tags, in one line."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def cells(page: str, person: str) -> list[list[tuple[str, str]]]:
    """The class and the text of the cells of a person, in each table."""
    rows = re.findall(rf'<tr><th scope="row">{person}</th>(.*?)</tr>', page, re.DOTALL)
    return [
        [
            (kind, shown(text).split(" reason ")[0].strip())
            for kind, text in re.findall(r'<td class="([^"]*)">(.*?)</td>', row, re.DOTALL)
        ]
        for row in rows
    ]


def test_every_language_has_every_word() -> None:
    """A sentence for each reason and each harm, a name for each part; the same placeholders as in English."""
    assert APPROVAL_TEXTS.keys() == TEXTS.keys()
    english = msgspec.to_builtins(APPROVAL_TEXTS["en"])
    for texts in APPROVAL_TEXTS.values():
        assert tuple(texts.reasons) == REASON_KINDS
        assert tuple(texts.risks) == tuple(Risk)
        assert tuple(texts.protections) == tuple(Encryption)
        assert texts.parts.keys() == APPROVAL_TEXTS["en"].parts.keys()
        for key, text in msgspec.to_builtins(texts).items():
            if isinstance(text, str):
                assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", english[key]), key


@pytest.mark.parametrize("language", sorted(APPROVAL_TEXTS))
def test_a_page_has_its_language_and_no_reference_to_a_missing_place(language: str) -> None:
    """The page says its language, every link leads to a place of the page, and every place exists once."""
    page = page_of(language)

    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert f'<html lang="{language}">' in page
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids.keys()
    assert set(re.findall(r'aria-labelledby="([^"]+)"', page)) <= ids.keys()
    assert max(ids.values()) == 1
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == []


def in_languages(*languages: str) -> Deployment:
    return make_deployment(institution={"name": "A", "url": URL, "languages": list(languages)})


def test_the_language_is_the_institutions_first_one_with_a_page() -> None:
    """English without any; a language without texts is refused by name."""
    assert page_language(in_languages("es", "fr-CA", "de"), None) == "fr"
    assert page_language(in_languages("es"), None) == "en"
    assert page_language(make_deployment(), "NL") == "nl"


def test_a_cell_says_the_right_its_harm_and_its_reason() -> None:
    """Of the reader: one collection to view. Of the administrator: everything, with its harm marked."""
    page = page_of()

    view = [row[0] for row in cells(page, "Reader") if row]
    assert view[:3] == [("granted", "yes"), ("refused", "–"), ("refused", "–")]
    admin = dict(
        zip(
            re.findall(r'<abbr title="[^"]*">([\w-]+)</abbr>', page),
            cells(page, "Administrator")[0],
            strict=False,
        )
    )
    assert admin["view"] == ("granted", "yes")
    assert admin["delete"] == ("granted risk changes", "yes&nbsp;✎")
    assert admin["download"] == ("granted risk leaves", "yes&nbsp;↗")
    assert admin["edit-labels"] == ("granted risk gives-rights", "yes&nbsp;★")
    text = shown(page)
    assert "Refused: the collection is not one of the role’s." in text
    assert "Refused: the study is in no collection" in text
    assert "DELETE /studies/{study}: needs `all` or `delete`" in text


def test_people_without_an_account_are_marked_whatever_they_may() -> None:
    """A right of everybody who finds the address is the first thing to look at."""
    page = page_of(signed_out={"can": ["view"], "collections": ["cardio"]})

    assert cells(page, "Not signed in")[0][0] == ("granted risk without-account", "yes&nbsp;!")


def test_names_of_people_are_text() -> None:
    """A title with tags, Markdown or an address becomes no markup and no link."""
    reader = {**READER, "title": "<b>R&D</b> *team* www.example.org <script>x</script>"}
    page = page_of(
        roles={"reader": reader, "admin": ADMIN}, institution={"name": "A <i>clinic</i> & more", "url": URL}
    )

    assert "<script" not in page
    assert "<i>clinic" not in page
    assert "&lt;b&gt;R&amp;D&lt;/b&gt; *team* www.example.org &lt;script&gt;x&lt;/script&gt;" in page


def test_a_role_names_the_rules_that_give_it() -> None:
    """A claim of a provider by the title of its button, or an administrator where no rule does."""
    page = page_of(
        identity={"sign-in": [
            {"oidc": {"issuer": "https://id.example.org", "client-id": "c", "client-secret": {"secret": "s"},
                      "title": "Staff account", "endpoints": {
                          "authorization": "https://id.example.org/a", "token": "https://id.example.org/t",
                          "jwks": "https://id.example.org/j"}}}
        ]},
        roles={"reader": {**READER, "granted-by": [{"oidc": "Readers"}]}, "admin": ADMIN},
    )  # fmt: skip

    text = shown(page)
    assert "Reader Staff account: Readers" in text
    assert "Administrator an administrator, in Keycloak" in text


def kinds(*lines: Connection) -> set[tuple[str, str, str]]:
    return {(line.source, line.target, line.encryption.value) for line in lines}


def test_data_without_encryption_is_named() -> None:
    """DICOM, LDAP without TLS and mail without TLS leave the host in the clear; S3 and https do not."""
    deployment = make_deployment(
        archive={
            "modalities": {"ct": {"aet": "CT", "host": "10.0.0.7"}},
            "storage": {"files": {"s3": {"bucket": "images", "region": "r", "access-key": {"secret": "k"}, "secret-key": {"secret": "l"}}}},
        },
        identity={
            "sign-in": [
                {"ldap": {"url": "ldap://dc.example.org", "bind-dn": "cn=x", "bind-password": {"secret": "p"}, "users-dn": "ou=y"}},
            ],
            "smtp": {"host": "mail.example.org", "sender": "a@example.org", "encryption": "none"},
        },
    )  # fmt: skip
    open_lines = [line for line in connections(deployment) if line.encryption is Encryption.NONE]

    assert kinds(*open_lines) == {
        (parts.DICOM_DEVICES, "orthanc", "none"),
        ("orthanc", parts.DICOM_DEVICES, "none"),
        ("keycloak", "provider:ldap", "none"),
        ("keycloak", parts.MAIL_SERVER, "none"),
    }
    assert ("orthanc", parts.OBJECT_STORAGE, "encrypted") in kinds(*connections(deployment))


def test_every_part_is_drawn_once_and_no_box_lies_on_another() -> None:
    """Each end of each connection has a box, and boxes do not touch."""
    viewer = Connection("nginx", "another-viewer", "HTTP", "", Encryption.ON_HOST)
    lines = (*connections(make_deployment(archive={"dicom": {}}, viewers={"ohif": {}})), viewer)
    drawn = drawing(lines)

    assert {box.name for box in drawn.boxes} == {
        name for line in lines for name in (line.source, line.target)
    }
    for box in drawn.boxes:
        assert box.y + box.height <= drawn.height
        assert box.x + box.width <= drawn.width
        for other in drawn.boxes:
            apart = abs(box.x - other.x) >= box.width or abs(box.y - other.y) >= box.height
            assert box is other or apart


def test_changes_since_the_last_approval_stand_first() -> None:
    """Gains, then losses, in people's words; without an earlier state there is no such part."""
    before = make_deployment(roles=ROLES)
    after = make_deployment(roles={"reader": {**READER, "collections": ["neuro"]}, "admin": ADMIN})
    policy = access_policy(after)
    found = difference(summary(access_policy(before)), summary(policy))
    page = shown(approval_page(after, policy, "en", Changes("v1", found, NOTHING_RENAMED)))

    assert "Compared with v1." in page
    assert page.index("gains Reader view on neuro") < page.index("loses Reader view on cardio")
    assert "Changes since" not in shown(page_of())
    unchanged = approval_page(before, access_policy(before), "en", Changes("v1", (), NOTHING_RENAMED))
    assert "No change: everybody can do what they could do before." in shown(unchanged)


def test_a_right_in_part_or_by_another_one_says_so() -> None:
    """The words of the table: a part of the right itself, or what another right brings."""
    after = make_deployment(roles=ROLES)
    policy = access_policy(after)
    reader = next(role for role in policy.roles if role.name == "reader")
    view = next(action for action in ACTIONS if action.name == "view")
    found = tuple(
        RightsDifference(reader, view, policy.collections[0], gained=True, by=by)
        for by in ("", "view", "download")
    )
    page = shown(approval_page(after, policy, "en", Changes("v1", found, NOTHING_RENAMED)))

    place = policy.collections[0].title
    assert re.findall(rf"gains Reader view on {place}((?: \([a-z ]+\))?)", page) == [
        "",
        " (in part)",
        " (by download)",
    ]


def digest(page: str) -> str:
    return re.findall(r'class="digest">([0-9a-f ]+)<', page)[0]


def test_the_digest_is_that_of_the_rights() -> None:
    """The same in every language and whatever the titles; another one if a right, a rule or a line changes."""
    first = digest(page_of())

    assert digest(page_of("fr")) == first
    assert digest(page_of(institution={"name": "Other", "url": URL})) == first
    others = [
        page_of(roles={"reader": {**READER, "can": ["view", "download"]}, "admin": ADMIN}),
        page_of(archive={"dicom": {}}),
        page_of(collections={"cardio": {}, "neuro": {"label": "N"}}),
    ]
    assert len({first, *map(digest, others)}) == 4
    assert len(first.replace(" ", "")) == 64


def test_many_collections_stand_in_rows() -> None:
    """Where tables would be too many, a row for each collection says who can do what."""
    roles: dict[str, Any] = {
        f"reader-{number}": {"can": ["view"], "collections": [f"project-{number}"]} for number in range(12)
    }
    page = page_of(
        collections={f"project-{number}": {} for number in range(12)}, roles={**roles, "admin": ADMIN}
    )

    assert "project-7 ( project-7 ) Reader 7: view" in shown(page)
