"""Hypothesis strategies: any valid profile, and small damages to one."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,10}[a-z0-9]", fullmatch=True)
# What people write in titles, with everything in it that some file of ours could trip over.
TITLES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
    | st.sampled_from("\"'`$\\{}<>#;%&|"),
    min_size=1,
    max_size=24,
).map(lambda text: f"T{text}T")
LABELS = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
AETS = st.from_regex(r"[A-Z0-9_]{1,12}", fullmatch=True)
PATTERNS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=12
).map(lambda text: re.sub(r"\|[\s|]*", "|", f"x{text}*"))  # no alternative is empty
WORDS = (
    "view",
    "download",
    "upload",
    "send",
    "delete",
    "modify",
    "anonymize",
    "edit-labels",
    "settings",
    "everything",
    "administer",
)
TAGS = ("InstitutionName", "Modality", "StudyDescription", "0008,1010")


# Addresses that nobody asks: what a provider answers is told here.
_ENDPOINTS = {
    "authorization": "https://idp.example.org/authorize",
    "token": "https://idp.example.org/token",
    "jwks": "https://idp.example.org/keys",
}
_ENTRA_ID = {
    "tenant": "6f2c1c1e-0d2b-4a55-9a53-2d1f0c7a9b10",
    "client-secret": {"secret": "entra-secret"},
}
_OIDC = {
    "issuer": "https://idp.example.org/",
    "client-id": "orthanc",
    "client-secret": {"secret": "oidc-secret"},
}
_SAML = {
    "entity-id": "urn:x",
    "sign-on-url": "https://idp.example.org/sso",
    "metadata-url": "https://idp.example.org/m",
}
_LDAP = {
    "url": "ldaps://directory.example.org",
    "bind-dn": "cn=reader,dc=example,dc=org",
    "bind-password": {"secret": "directory-password"},
    "users-dn": "ou=people,dc=example,dc=org",
    "groups-dn": "ou=groups,dc=example,dc=org",
}


@st.composite
def sign_in(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to five ways of signing in, accounts among them: so every role can be had."""
    ways: list[dict[str, Any]] = [
        {"accounts": draw(st.sampled_from([{}, {"otp": "optional"}, {"self-registration": True}]))}
    ]
    if draw(st.booleans()):
        ways.append({"entra-id": _ENTRA_ID | {"client-id": draw(NAMES), "title": draw(TITLES)}})
    if draw(st.booleans()):
        more = draw(
            st.sampled_from(
                [{}, {"userinfo": "https://idp.example.org/me"}, {"logout": "https://idp.example.org/bye"}]
            )
        )
        ways.append({"oidc": _OIDC | {"title": draw(TITLES), "endpoints": _ENDPOINTS | more}})
    if draw(st.booleans()):
        ways.append({"saml": _SAML | {"title": draw(TITLES)}})
    if draw(st.booleans()):
        ways.append({"ldap": _LDAP | {"vendor": draw(st.sampled_from(["ad", "rhds", "other"]))}})
    return ways


_GRANTS = {
    "entra-id": "Orthanc.Reader",
    "oidc": "staff",
    "saml": "staff",
    "ldap": "readers",
}


@st.composite
def _granted_by(draw: st.DrawFn, ways: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Rules of the ways that are there."""
    kinds = [kind for way in ways for kind in way if kind in _GRANTS]
    chosen = draw(st.lists(st.sampled_from(kinds), unique=True)) if kinds else []
    return [{kind: draw(st.sampled_from([_GRANTS[kind], "another"]))} for kind in chosen]


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """The tree of a valid profile."""
    collections = draw(_collections())
    viewers = draw(st.lists(st.sampled_from(["ohif", "stone", "volview", "wsi", "stl"]), unique=True))
    institution = draw(_institution())
    ways = draw(sign_in())
    tree: dict[str, Any] = {
        "orthgen": 1,
        "institution": institution,
        "identity": {
            "sign-in": ways,
            # Where administrators grant the roles that no rule grants.
            "keycloak": draw(st.sampled_from([{"local-port": 8081}, {"server": "https://sso.example.org"}])),
            **draw(_smtp()),
            "api-keys": draw(st.booleans()),
            "permission-editor": draw(st.booleans()),
        },
        "collections": collections,
        "roles": draw(_roles(ways, sorted(collections))),
        "viewers": {name: draw(_options(name)) for name in viewers},
        "archive": {
            "aet": "ORTHGEN-MAIN",
            "storage": {"database": draw(st.sampled_from(["postgresql", "sqlite"]))},
            "modalities": draw(
                st.dictionaries(
                    NAMES, st.fixed_dictionaries({"aet": AETS, "host": st.just("10.0.0.7")}), max_size=2
                )
            ),
        },
    }
    if institution["url"].startswith("https"):
        tls = st.sampled_from([{"certificate": "c.pem", "key": "k.pem"}, {"terminated-by": "proxy"}])
        tree["deployment"] = {"tls": draw(tls)}
    shareable = [name for name in viewers if name in {"ohif", "stone", "volview"}]
    if shareable and draw(st.sampled_from([False, True])):
        tree["sharing"] = {
            "viewer": draw(st.sampled_from(shareable)),
            "expires-after": "7d",
            "at-most": "30d",
        }
    return tree


def _institution() -> st.SearchStrategy[dict[str, Any]]:
    addresses = ("https://pacs.example.org", "https://pacs.example.org:8443")
    on_this_machine = ("http://localhost", "http://localhost:8080")
    return st.fixed_dictionaries(
        {
            "name": TITLES,
            "url": st.sampled_from([*addresses, *on_this_machine]),
            "languages": st.lists(st.sampled_from(["en", "fr", "de"]), min_size=1, unique=True),
            "paths": st.fixed_dictionaries(
                {"orthanc": st.sampled_from(["/", "/orthanc/", "/imaging/pacs/"])}
            ),
        }
    )


@st.composite
def _collections(draw: st.DrawFn) -> dict[str, Any]:
    """Up to four collections, each with a label and perhaps an AET of its own."""
    titles = draw(st.dictionaries(NAMES, TITLES, max_size=4))
    labels = draw(st.lists(LABELS, min_size=len(titles), max_size=len(titles), unique=True))
    aets = draw(st.lists(AETS, min_size=len(titles), max_size=len(titles), unique=True))
    return {
        name: {"title": title, "label": label, "gather": draw(_gather(aet))}
        for (name, title), label, aet in zip(titles.items(), labels, aets, strict=True)
    }


@st.composite
def _roles(draw: st.DrawFn, ways: list[dict[str, Any]], collections: list[str]) -> dict[str, Any]:
    """Up to four roles, for all collections or some."""
    of_some = st.lists(st.sampled_from(collections), unique=True) if collections else st.nothing()
    return {
        role: {
            "title": draw(TITLES),
            "granted-by": draw(_granted_by(ways)),
            "can": draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5, unique=True)),
            "collections": draw(st.just("all") | of_some),
        }
        for role in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    }


def _smtp() -> st.SearchStrategy[dict[str, Any]]:
    user = {"user": "orthanc", "password": {"secret": "mail-password"}}
    servers = [{"host": "mail.example.org", "sender": "pacs@example.org"} | more for more in ({}, user)]
    return st.just({}) | st.sampled_from([{"smtp": server} for server in servers])


@st.composite
def _gather(draw: st.DrawFn, aet: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    if draw(st.booleans()):
        rules.append({"called-aet": aet})
    if draw(st.booleans()):
        rules.append({"tags": draw(st.dictionaries(st.sampled_from(TAGS), PATTERNS, min_size=1, max_size=2))})
    return rules


def _options(viewer: str) -> st.SearchStrategy[dict[str, Any]]:
    if viewer != "ohif":
        return st.just({})
    return st.fixed_dictionaries(
        {
            "reports": st.sampled_from(["off", "signed-in"]),
            "modes": st.lists(st.sampled_from(["viewer", "volume", "segmentation"]), min_size=1, unique=True),
            "serve": st.sampled_from(["container", "plugin"]),
        }
    )


_JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.just([])
    | st.just({})
    | st.just([{}])
)


@st.composite
def damaged(draw: st.DrawFn, trees: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """A valid profile in which one to three places hold something else, or are gone, or have a new key."""
    tree: Any = draw(trees)
    for _ in range(draw(st.integers(1, 3))):
        tree = _damage(draw, tree)
    return tree if isinstance(tree, dict) else {"orthgen": tree}


def _damage(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(sorted(value)))
        kind = draw(st.sampled_from(["below", "below", "below", "gone", "new", "junk", "renamed"]))
        if kind == "below":
            return {**value, key: _damage(draw, value[key])}
        if kind == "gone":
            return {name: item for name, item in value.items() if name != key}
        if kind == "new":
            return {**value, draw(st.text(min_size=1, max_size=8)): draw(_JUNK)}
        if kind == "renamed":
            return {(f"{name}s" if name == key else name): item for name, item in value.items()}
        return {**value, key: draw(_JUNK)}
    if isinstance(value, list) and value and draw(st.booleans()):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], _damage(draw, value[index]), *value[index + 1 :]]
    return draw(_JUNK)
