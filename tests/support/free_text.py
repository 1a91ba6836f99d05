"""A profile with every free text of the language in it, and what somebody could write into each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args, get_origin

from orthgen.field_types import Matching
from orthgen.formats.yaml_io import parse_yaml, typed
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.profile.model_lookup import field_at, kind_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.formats.yaml_io import Path

EVERYTHING = """\
orthgen: 1
institution: {name: N, url: "https://pacs.example.org", languages: [en]}
identity:
  sign-in:
    - accounts: {people: {ada: {name: N, email: ada@example.org, roles: [reader]}}}
    - entra-id: {title: N, tenant: 6f2c1c1e-0d2b-4a55-9a53-2d1f0c7a9b10, client-id: N, client-secret: {secret: entra}}
    - oidc:
        {title: N, issuer: "https://id.example.org/realms/x", client-id: N, client-secret: {secret: oidc}, claim: N,
         scopes: [N], endpoints: {authorization: "https://id.example.org/a", token: "https://id.example.org/t",
         jwks: "https://id.example.org/j"}}
    - saml:
        {title: N, entity-id: N, sign-on-url: "https://idp.example.org/s", signing-certificate: MIIBN, attribute: N}
    - ldap:
        {url: "ldaps://dc.example.org", bind-dn: N, bind-password: {secret: ldap}, users-dn: "dc=N", groups-dn: "dc=N",
         user-name: N}
  trust: [N]
  smtp: {host: mail.example.org, sender: a@example.org, user: N, password: {secret: smtp}}
collections:
  cardio: {title: N, gather: [{called-aet: N1}, {tags: {InstitutionName: N, "0008,1010": N}}]}
  neuro: {title: N, gather: [{tags: {StudyDescription: N}}]}
roles:
  reader: {title: N, can: [view, download, share, report], collections: [cardio], granted-by: [{oidc: N}, {saml: N}]}
  other: {title: N, can: [view], collections: [neuro], granted-by: [{entra-id: N}]}
  admin: {title: N, can: [everything, administer], collections: all, granted-by: [{saml: N}]}
signed-out: {can: [upload]}
viewers: {ohif: {reports: signed-in, icon: N}, stone: {icon: N}, volview: {icon: N}, wsi: {icon: N}, stl: {icon: N}}
sharing: {viewer: ohif}
inbox: {title: N, introduction: N, anonymous: true}
archive:
  aet: N
  modalities: {ct: {aet: N2, host: 10.0.0.7}}
  storage: {files: {s3: {bucket: images, region: eu, access-key: {secret: s3a}, secret-key: {secret: s3b}}}}
interface: {title: N}
deployment: {tls: {certificate: N, key: N}}
"""

# Every one of them means something to one of the languages that a deployment's files are written in.
PAYLOADS = (
    "plain",
    "it's", 'say "x"', "a\\b", "a\\", "`id`", "a;b", "a{b}c", "}", "{", "a$b", "$host", "${HOME}", "$$", "$(id)",
    "a#b", "a #b", "# a", "a: b", "- a", "a, b", "[a]", "&a", "*a*", "!a", "!!python/x", "%a", "@a", "|", ">", "? a",
    "null", "true", "~", "12", "1e3", "0x1f", "2024-01-01", "=", "<<",
    "]]", "--[[", "--]]", "a\\nb", "\\u0041", "//x", "/*x*/", "*/", "</script>", "<script>alert(1)</script>", "<!--", "-->",
    "${x}", "{{ x }}", "{% x %}", "{# x #}", "%s", "%(x)s", "{0}",
    "[x](https://evil.example/)", "![x](https://evil.example/x.png)", "<https://evil.example/>", "https://evil.example/x",
    "www.evil.example", "mailto:x@evil.example", "x@evil.example", "<b>x</b>", "a|b", "**x**", "_x_", "~~x~~", "&lt;", "&#60;",
    "x\u00a0y", "Hôpital", "病院", "مستشفى", "\u200fx", "🩻",
)  # fmt: skip


def _word(path: Path) -> Matching | None:
    """What a text at this place has to be, in a model's field, a list or a mapping."""
    field = field_at(path)
    if field is not None:
        return next(_words(field.metadata), None) or next(_words([field.annotation]), None)
    return next(_words(get_args(kind_at(path[:-1]))[-1:]), None)


def _words(parts: Any) -> Iterator[Matching]:
    for part in parts:
        if isinstance(part, Matching):
            yield part
        elif get_origin(part) not in {list, dict}:
            yield from _words(get_args(part))


def profile_of(turn: int) -> tuple[str, dict[Path, str]]:
    """
    The profile with a text in every place that takes one, another in each, and which stands where.

    In as many turns as there are texts, every place has had every text.
    """
    tree: Any = parse_yaml(EVERYTHING, "everything.yaml")[0].value
    # A word here is a slip, and refused.
    fixed = {("institution", "languages", 0), ("institution", "url")}
    written: dict[Path, str] = {}
    for number, path in enumerate(_places(tree)):
        node = tree
        for element in path[:-1]:
            node = node[element]
        beginning = str(node[path[-1]]).partition("N")[0]
        text = f"{beginning}{PAYLOADS[(turn + number * _STEP) % len(PAYLOADS)]}{number}"
        word = _word(path)
        if path in fixed or word is None or not re.fullmatch(word.regex, text):
            continue
        # A wildcard in the title of a modality is refused.
        if path[-2:] == ("ct", "aet") and re.search(r"[*?]", text):
            continue
        # In a rule by tags, `|` stands between alternatives, and an empty one is refused.
        if "tags" in path and text.startswith("|"):
            continue
        node[path[-1]] = written[path] = text
    return dump_yaml(typed(tree)), written


# Prime to the number of texts, so that neighbours differ in kind.
_STEP = 11


def _places(tree: Any) -> list[Path]:
    """Where a text of the profile stands that can be replaced."""

    def walk(node: Any, path: Path) -> Iterator[Path]:
        if isinstance(node, dict):
            for key, value in node.items():
                yield from walk(value, (*path, key))
        elif isinstance(node, list):
            for index, value in enumerate(node):
                yield from walk(value, (*path, index))
        elif re.fullmatch("(?:dc=)?N[0-9]?", str(node)):
            yield path

    return list(walk(tree, ()))
