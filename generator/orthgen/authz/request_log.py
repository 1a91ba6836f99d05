"""
Reader of recorded requests: the second format of `orthgen decide`, in which test systems write down what they asked.

The format names tokens by kind (`user:ROLE`, `instant-link:STUDY`) and bodies by `variant`; this module turns
both into what the model is asked. A line may also carry a JSON `body` of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from orthgen.authz.model import Request, Token, TokenKind
from orthgen.authz.resources import STORED_LEVELS, Level, Resources, index, study_tree
from orthgen.authz.stored_studies import BadLine, StoredStudies, text_at

RECORDED_KEYS = frozenset(
    {
        "method",
        "uri",
        "headers_kind",
        "token_header",
        "body",
        "variant",
        "resource",
        "resource_labels",
        "profile",
    }
    # Recorded lines also hold the answer and its circumstances.
    | {"config", "status", "allowed", "denied_by", "note"}
)
_ID_IN_PATH = re.compile(
    r"/(?:(patients|studies|series|instances)|(?:web-viewer|wsi|osimis-viewer)/[a-z-]+)/"
    r"(?:[a-z0-9]+-(?=[0-9a-f]{8}-))?([0-9a-f]{8}(?:-[0-9a-f]{8}){4})"
)
_LEVELS_BY_NAME = {
    f"{level.value.removesuffix('y')}ies" if level is Level.STUDY else f"{level.value}s": level
    for level in STORED_LEVELS
}
_LEVELS_BY_NAME["series"] = Level.SERIES
_VARIANT = re.compile(r"(find|count)-(patient|study|series|instance)(?:-(.+))?")
_BULK = re.compile(r"(?:real-)?bulk-(?:delete|modify|anonymize)-(patients|studies|series|instances)")
_USER = re.compile(r"(.*-)?user:(.*)")
_LINK = re.compile(r"([a-z-]*)(?:link|publication)(?::(.*))?")
# Words of a link's kind that say that the auth-service does not take it, and that it does not tell its studies back.
_WORTHLESS = frozenset({"expired", "forged", "foreign", "tampered", "unsigned", "invalid", "wrong"})
_UNTOLD = frozenset({"instant", "download"})


class RecordedRequestReader(Struct, frozen=True):
    """Reads lines into requests; whatever is the same in many lines is made once."""

    resources: StoredStudies
    _tokens: dict[tuple[str, str], tuple[Token, ...]] = field(default_factory=dict)

    def read(self, line: Mapping[str, Any]) -> Request:
        """The request of a line. Raises `BadLine`."""
        method, target = text_at(line, "method"), text_at(line, "uri")
        if not target.startswith("/"):
            raise BadLine(f"`uri` does not begin with a slash: `{target}`", "uri")
        variant = text_at({"variant": line.get("variant") or ""}, "variant")
        store = self._store(line, target)
        return Request(
            method,
            target,
            self._tokens_of(text_at(line, "headers_kind", "none"), text_at(line, "token_header", "none")),
            store,
            line["body"] if isinstance(line.get("body"), Mapping) else self._body(line, variant),
        )

    # ---------------------------------------------------------------------------------------------- tokens

    def _tokens_of(self, kinds: str, carriers: str) -> tuple[Token, ...]:
        tokens = self._tokens.get((kinds, carriers))
        if tokens is None:
            split = _split_kinds(kinds)
            names = carriers.split("+")
            if len(names) < len(split):
                names += [names[-1]] * (len(split) - len(names))
            parsed = (self._token(kind, name) for kind, name in zip(split, names, strict=False))
            tokens = self._tokens[kinds, carriers] = tuple(token for token in parsed if token is not None)
        return tokens

    def _token(self, kind: str, carrier: str) -> Token | None:
        if kind == "none" or carrier == "none":
            return None
        argument = carrier.startswith("get-arg ")
        name = carrier.removeprefix("get-arg ")
        user, link = _USER.fullmatch(kind), _LINK.fullmatch(kind)
        if kind in ("garbage", "empty"):
            return Token(name, TokenKind.OTHER, argument, empty=kind == "empty")
        if kind == "basic" or kind.startswith("basic:"):
            return Token(name, TokenKind.OTHER, argument, basic=True, user=kind.removeprefix("basic")[1:])
        if user is not None:
            # Whatever is said before `user` makes it a token that the auth-service does not take for a user's.
            token_kind = TokenKind.OTHER if user[1] else TokenKind.USER
            return Token(name, token_kind, argument, roles=_roles(user[2]))
        if link is None:
            raise BadLine(f"`{kind}` is not a kind of token", "headers_kind")
        parts = frozenset(link[1].split("-"))
        if parts & _WORTHLESS:
            return Token(name, TokenKind.OTHER, argument)
        studies = frozenset(self._named(link[2] or ""))
        return Token(name, TokenKind.LINK, argument, studies=studies, decodable=not parts & _UNTOLD)

    def _named(self, names: str) -> Iterable[str]:
        for name in names.split("+"):
            tree = self.resources.studies.get(name)
            if tree is not None:
                yield from (tree[1].orthanc_id, tree[1].uid)
            elif name != "unknown":
                message = f"the link names the study `{name}`, which the resources do not have"
                raise BadLine(message, "headers_kind")

    # ------------------------------------------------------------------------------------------- resources

    def _store(self, line: Mapping[str, Any], target: str) -> Resources:
        """The stored studies of this request: the log's, and a temporary one where the line has it."""
        name = line.get("resource")
        labels = line.get("resource_labels") or ()
        if not isinstance(labels, list | tuple) or not all(isinstance(label, str) for label in labels):
            raise BadLine("`resource_labels` is not a list of texts", "resource_labels")
        if not isinstance(name, str):
            return self.resources.all
        if name in self.resources.studies:
            tree = self.resources.studies[name]
            if tree[1].labels == frozenset(labels) or "resource_labels" not in line:
                return self.resources.all
            ids = {resource.level: resource.orthanc_id for resource in tree}
            uids = {resource.level: resource.uid for resource in tree}
            carried = {resource.level: resource.labels for resource in tree} | {
                Level.STUDY: frozenset(labels)
            }
            return index(study_tree(ids, uids, carried)).over(self.resources.all)
        if not name.startswith("pool:"):
            return self.resources.all
        return self._throw_away(target, frozenset(labels))

    def _throw_away(self, target: str, labels: frozenset[str]) -> Resources:
        match = _ID_IN_PATH.search(target)
        level = _LEVELS_BY_NAME.get(match[1] or "", Level.STUDY) if match else Level.STUDY
        ids = dict(_POOL)
        if match:
            ids[level] = match[2]
        return index(study_tree(ids, {}, {Level.STUDY: labels})).over(self.resources.all)

    # ---------------------------------------------------------------------------------------------- bodies

    def _body(self, line: Mapping[str, Any], variant: str) -> Mapping[str, Any] | None:
        if not variant:
            return None
        bulk = _BULK.fullmatch(variant)
        name = str(line.get("resource"))
        if bulk:
            level = _LEVELS_BY_NAME[bulk[1]]
            tree = self.resources.studies.get(name)
            listed = tree[STORED_LEVELS.index(level)].orthanc_id if tree else _POOL[level]
            return {"Resources": [listed], "Level": level.value.title()}
        search = _VARIANT.fullmatch(variant)
        return self._search(search[2], search[3] or "all", name, variant) if search else None

    def _search(self, level: str, by: str, name: str, variant: str) -> Mapping[str, Any]:
        body: dict[str, Any] = {"Level": level.title(), "Query": {}}
        tree = self.resources.studies.get(name)
        if by == "all":
            return body
        if tree is None:
            raise BadLine(f"the variant `{variant}` needs a `resource` that the resources have", "variant")
        if by in ("uid", "study-uid", "studyuid"):
            body["Query"]["StudyInstanceUID"] = tree[1].uid
        elif by in ("parentstudy", "parent-study"):
            body["ParentStudy"] = tree[1].orthanc_id
        elif by in ("parentseries", "parent-series"):
            body["ParentSeries"] = tree[2].orthanc_id
        else:
            raise BadLine(f"`{variant}` is not a known variant; give the line a `body`", "variant")
        return body


_POOL = {level: f"throw-away/{level}" for level in STORED_LEVELS}


def _split_kinds(kinds: str) -> list[str]:
    """Several tokens are joined by `+`, and so are the studies of one link."""
    split: list[str] = []
    for part in kinds.split("+"):
        starts_token = (
            ":" in part or part in ("none", "garbage", "empty", "basic") or part.startswith("expired-")
        )
        if starts_token or not split or ":" not in split[-1]:
            split.append(part)
        else:
            split[-1] += "+" + part
    return split


def _roles(names: str) -> tuple[str, ...]:
    """The role or roles of a user."""
    parts = re.split(r"[,+&|]", names)
    return (names,) if len(parts) == 1 else (names, *parts)
